/**
 * Brings actors from the log into memory. While one is on its way its commands wait in a mailbox. A
 * stored state is a cache made by some version of its actor: another version does not believe it
 * and folds the events from the first one.
 */
import type { ActorRef, AnyActor } from "../../actors/actor.ts";
import { AssertionFailed, assert, present } from "../../actors/assert.ts";
import { type Cell, type Cells, cellFrom } from "./cells.ts";
import { assertRef } from "./commit-plan.ts";
import { type Awaitable, type EventLog, type LoadedActor, refKey } from "./event-log.ts";
import { Fault } from "./fault.ts";
import type { Root } from "./turn.ts";

export interface LoaderOptions {
  readonly log: EventLog;
  readonly actors: ReadonlyMap<string, AnyActor>;
  readonly cells: Cells;
  /** Commands that wait for one actor to be loaded. */
  readonly mailboxMax: number;
  /** An actor is there; these commands waited for it, in this order. */
  readonly arrive: (roots: readonly Root[]) => void;
  readonly report: (error: unknown, where: string) => void;
}

export class Loader {
  readonly #mailboxes = new Map<string, Root[]>();
  #waiting = 0;

  constructor(private readonly options: LoaderOptions) {
    assert(options.mailboxMax >= 1, "a mailbox has room for a command");
  }

  /** True when nobody waits for an actor. */
  get isIdle(): boolean {
    return this.#mailboxes.size === 0;
  }

  /** Commands in all mailboxes. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The actor, when it is there at once; else `root` waits for it, or is told that it cannot. */
  bring(root: Root): Cell | undefined {
    const key = refKey(root.ref);
    const cell = this.options.cells.get(key);
    if (cell !== undefined) return cell;
    const mailbox = this.#mailboxes.get(key);
    if (mailbox !== undefined) {
      if (mailbox.length < this.options.mailboxMax) {
        mailbox.push(root);
        this.#waiting++;
      } else {
        root.reject(new Fault("busy"));
      }
      return undefined;
    }
    const actor = this.options.actors.get(root.ref.kind);
    if (actor === undefined) {
      root.reject(new Fault("bug", "no such kind of actor"));
      return undefined;
    }
    try {
      assertRef(root.ref);
      return this.#fetch(actor, root.ref, key, [root]);
    } catch (error) {
      this.#fail([root], key, error);
      return undefined;
    }
  }

  /**
   * The actor, when it is there at once. Never throws: else its command goes through the outbox.
   */
  atHand(ref: ActorRef): Cell | undefined {
    const key = refKey(ref);
    const cell = this.options.cells.get(key);
    const actor = this.options.actors.get(ref.kind);
    if (cell !== undefined || actor === undefined || this.#mailboxes.has(key)) return cell;
    try {
      return this.#fetch(actor, ref, key, []);
    } catch (error) {
      this.options.report(error, key);
      return undefined;
    }
  }

  /** The actor from the log, or undefined while it is on its way: `mailbox` is for it then. */
  #fetch(actor: AnyActor, ref: ActorRef, key: string, mailbox: Root[]): Cell | undefined {
    const loading = loadCell(this.options.log, actor, ref);
    if (!(loading instanceof Promise)) {
      this.options.cells.put(loading);
      return loading;
    }
    this.#mailboxes.set(key, mailbox);
    this.#waiting += mailbox.length;
    loading.then(
      (cell) => {
        this.options.cells.put(cell);
        this.options.arrive(this.#close(key));
      },
      (error: unknown) => this.#fail(this.#close(key), key, error),
    );
    return undefined;
  }

  #close(key: string): readonly Root[] {
    const mailbox = present(this.#mailboxes.get(key), "the mailbox of an actor being loaded");
    this.#mailboxes.delete(key);
    this.#waiting -= mailbox.length;
    assert(this.#waiting >= 0, "commands in mailboxes are counted");
    return mailbox;
  }

  /** A failed assertion is a bug, such as an event of an unknown version; the rest may pass. */
  #fail(roots: readonly Root[], key: string, error: unknown): void {
    this.options.report(error, key);
    const fault =
      error instanceof AssertionFailed
        ? new Fault("bug", "the actor could not be loaded")
        : new Fault("busy", "the actor could not be read");
    for (const root of roots) root.reject(fault);
  }
}

/** At once where the log answers at once. Throws what the log throws, and AssertionFailed. */
export function loadCell(log: EventLog, actor: AnyActor, ref: ActorRef): Awaitable<Cell> {
  assert(actor.kind === ref.kind, "an actor is read by its own definition");
  const loaded = log.load([ref]);
  return loaded instanceof Promise
    ? loaded.then((answers) => cellOf(log, actor, ref, answers))
    : cellOf(log, actor, ref, loaded);
}

function cellOf(
  log: EventLog,
  actor: AnyActor,
  ref: ActorRef,
  answers: readonly LoadedActor[],
): Awaitable<Cell> {
  const loaded = present(answers[0], "one answer per actor asked for");
  if (loaded.state === undefined || loaded.state.version === actor.schemaVersion) {
    return cellFrom(actor, ref, loaded);
  }
  const newestFirst = log.history(ref, loaded.lastPosition + 1, loaded.seq);
  const fold = (events: LoadedActor["events"]): Cell =>
    cellFrom(actor, ref, { ...loaded, state: undefined, events: events.toReversed() });
  return newestFirst instanceof Promise ? newestFirst.then(fold) : fold(newestFirst);
}
