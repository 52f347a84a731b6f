/**
 * The actor host: it gives every actor one turn at a time, commits turns in groups, and answers
 * only what is durable. Group commit clocks itself: one commit is in flight, and what arrives
 * meanwhile is the next group. If a commit fails, the provisional state that stood on it is thrown
 * away, and the commands are decided again or their callers told; nothing had been said.
 */
import type { ActorRef, AnyActor, Message } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import { type Cell, Cells, isOverridden } from "./cells.ts";
import type { Clock } from "./clock.ts";
import { CommitGroup } from "./commit-group.ts";
import { type Awaitable, type EventLog, LogFailure, type Remembered, refKey } from "./event-log.ts";
import { Fault } from "./fault.ts";
import { Feed } from "./feed.ts";
import { Forgetting } from "./forgetting.ts";
import type { CommittedGroup } from "./group-outcome.ts";
import {
  type AskFirst,
  type AskOptions,
  HOST_LIMITS,
  type HostLimits,
  type HostOptions,
  type OnceOptions,
} from "./host-options.ts";
import { Loader } from "./loader.ts";
import { Mismatch, type OnceAnswer, OnceCalls } from "./once.ts";
import { Outbox } from "./outbox.ts";
import { Timers } from "./timers.ts";
import {
  awaits,
  HOPS_MAX,
  type Root,
  TIMER_VOID,
  type TurnHost,
  takeTurn,
  type Unit,
  waitKeyOf,
} from "./turn.ts";
import { Waiters } from "./waiters.ts";
import { WaitingRoom } from "./waiting-room.ts";

export { type AskFirst, HOST_LIMITS, type HostLimits, type HostOptions } from "./host-options.ts";
export type { OnceAnswer } from "./once.ts";

/** A firing that is decided again so often finds its timer gone. */
const FIRING_ATTEMPTS_MAX = 2;
/** Cells looked at for eviction after a turn, which brings few into memory, and after a group. */
const TURN_LOOKS_MAX = 2 * HOPS_MAX;
const GROUP_LOOKS_MAX = 16_384;
/** Ids with these marks are made by the host alone: sends and timers. */
const DERIVED_ID = /^$|^timer\/|>|\n/;

export class Host {
  readonly feed: Feed;
  readonly limits: HostLimits;
  readonly timers: Timers;
  readonly outbox: Outbox;
  readonly #actors: ReadonlyMap<string, AnyActor>;
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #report: (error: unknown, where: string) => void;
  readonly #cells: Cells;
  readonly #group: CommitGroup;
  readonly #loader: Loader;
  readonly #waiting = new WaitingRoom();
  readonly #waiters: Waiters;
  readonly #calls: OnceCalls;
  readonly #forgetting: Forgetting;
  readonly #turnHost: TurnHost;
  /** Rewinds that still look up which of their commands have been answered. */
  #rewinding = 0;
  #failed: Fault | undefined;
  #isFull = false;
  #draining = false;
  #lastNowMs = 0;
  /** Keeps the ids of unnamed commands apart from those of an earlier run. */
  readonly #boot = Bun.randomUUIDv7("base64url");
  #askNumber = 0;

  constructor(options: HostOptions) {
    this.#actors = new Map(options.actors.map((actor) => [actor.kind, actor]));
    this.#log = options.log;
    this.#clock = options.clock;
    this.#report = options.report ?? (() => {});
    this.limits = { ...HOST_LIMITS, ...options.limits };
    this.#cells = new Cells(this.limits.cellsMax);
    this.feed = new Feed(options.log);
    this.#group = new CommitGroup(options.log, this.limits, (group) => this.#settle(group));
    this.#loader = new Loader({
      log: options.log,
      actors: this.#actors,
      cells: this.#cells,
      mailboxMax: this.limits.mailboxMax,
      arrive: (roots) => this.#arrive(roots),
      report: this.#report,
    });
    this.#waiters = new Waiters(this.limits);
    this.#calls = new OnceCalls(options.log, this.#report);
    this.#forgetting = new Forgetting(options.log, options.clock, this.#report);
    this.#turnHost = {
      cellAtHand: (ref) => this.#loader.atHand(ref),
      isActor: (kind) => this.#actors.has(kind),
      waitersOf: (key) => this.#waiters.of(key),
      report: (error, ref) => this.#report(error, refKey(ref)),
    };
    const deliver = (root: Omit<Root, "attempts">): void => this.#submit({ ...root, attempts: 0 });
    const outlets = options.outlets ?? {};
    for (const kind of Object.keys(outlets)) {
      assert(!this.#actors.has(kind), "an outlet is not an actor");
    }
    this.outbox = new Outbox(options.log, options.clock, outlets, deliver, this.#report);
    this.timers = new Timers(options.log, options.clock, deliver, this.#report);
  }

  /** Takes up what an earlier run left: undelivered sends and overdue timers. */
  async start(): Promise<void> {
    await this.outbox.start();
    await this.timers.start();
    this.#forgetting.start();
  }

  /** Decides `command` and answers when it, and all it rests on, is durable. Throws Fault. */
  ask(ref: ActorRef, command: Message, options: AskOptions): Promise<Message> {
    const commandId = options.commandId ?? `ask/${this.#boot}/${this.#askNumber++}`;
    return this.#run(ref, command, { ...options, commandId }, undefined);
  }

  /** The same, once per command id: a repeat gets the first reply. See `once`. */
  askOnce(ref: ActorRef, command: Message, options: OnceOptions): Promise<OnceAnswer> {
    return this.once(options, (ask) => ask(ref, command));
  }

  /**
   * Runs `run` once per command id: a repeat gets the first reply, a call in flight is joined, and
   * another command under the same id is told so. `run` prepares the command (it may look things up
   * and check signatures) and gives it to `ask`, at most once; or it replies without asking, and
   * then nothing is remembered.
   */
  once(options: OnceOptions, run: (ask: AskFirst) => Promise<Message>): Promise<OnceAnswer> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed);
    const ask: AskFirst = (ref, command) => this.#run(ref, command, options, options.fingerprint);
    return this.#calls.call(options, () => run(ask));
  }

  /** Refuses new commands and waits until all that was taken up is durable or refused. */
  async drain(): Promise<void> {
    this.#draining = true;
    const deadlineMs = performance.now() + this.limits.drainMsMax;
    // A payment that has begun is given the time to end.
    while (this.#isBusy || !this.#waiters.isEmpty) {
      if (performance.now() >= deadlineMs) break;
      await Bun.sleep(1);
    }
    this.timers.stop();
    await this.#forgetting.stop();
    await this.outbox.stop(Math.max(deadlineMs - performance.now(), 0));
    while (this.#isBusy) await Bun.sleep(1);
    // What they were promised is durable: the same command ids ask again in the next life.
    this.#waiters.rejectAll(new Fault("timeout"));
  }

  get #isBusy(): boolean {
    const isTaken = this.#waiting.size > 0 || !this.#loader.isIdle || this.#rewinding > 0;
    return isTaken || this.#group.isBusy;
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /** Why the host acknowledges nothing any more; undefined while it works. */
  get failure(): Fault | undefined {
    return this.#failed;
  }

  /** The last commit found no room in the log; the next one that does says otherwise. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Figures for metrics. */
  figures(): { cells: number; waiting: number; running: number; groupUnits: number } {
    return {
      cells: this.#cells.size,
      waiting: this.#waiting.size,
      running: this.#calls.size,
      groupUnits: this.#group.units,
    };
  }

  #run(
    ref: ActorRef,
    command: Message,
    options: AskOptions & { readonly commandId: string },
    fingerprint: string | undefined,
  ): Promise<Message> {
    if (this.#draining) return Promise.reject(new Fault("draining"));
    const { commandId, principal, requestId = "" } = options;
    if (DERIVED_ID.test(commandId) || principal.includes("\n")) {
      return Promise.reject(new Fault("bug", "not an id or a principal of a caller"));
    }
    return new Promise((resolve, reject) => {
      this.#submit({
        ref,
        command,
        commandId,
        principal,
        requestId,
        fingerprint,
        delivered: undefined,
        firedTimer: undefined,
        attempts: 0,
        resolve,
        reject,
      });
    });
  }

  #submit(root: Root): void {
    const waiting = this.#waiting.size + this.#loader.waiting;
    if (this.#failed !== undefined) root.reject(this.#failed);
    else if (waiting >= this.limits.waitingMax) root.reject(new Fault("busy"));
    else if (this.#waiting.size === 0 && this.#isOpen) this.#begin(root);
    else this.#waiting.push(root);
  }

  get #isOpen(): boolean {
    return this.#rewinding === 0 && !this.#group.isFull;
  }

  /** Lets in who waits, as far as there is room. */
  #pump(): void {
    while (this.#waiting.size > 0 && this.#isOpen) this.#begin(this.#waiting.shift());
  }

  /** Gives the actor its turn now, or when it has been read from the log. */
  #begin(root: Root): void {
    const cell = this.#loader.bring(root);
    if (cell !== undefined) this.#turn(root, cell);
  }

  /** Actors are there, and whoever waited for one came before all others who want it. */
  #arrive(roots: readonly Root[]): void {
    this.#admit(roots);
    this.#pump();
    this.#cells.evict(TURN_LOOKS_MAX);
  }

  #admit(first: readonly Root[]): void {
    if (this.#failed === undefined) this.#waiting.putFirst(first);
    else for (const root of first) root.reject(this.#failed);
  }

  #turn(root: Root, cell: Cell): void {
    if (root.firedTimer !== undefined && isOverridden(cell, root.firedTimer.id)) {
      // Cancelled or set anew by a turn that is on its way to the log.
      root.resolve(TIMER_VOID);
      return;
    }
    const unit = takeTurn(root, cell, this.#nowMs(), this.#turnHost);
    if (unit.bug !== undefined) root.reject(new Fault("bug"));
    else if (this.#group.needsCommit(unit)) this.#group.add(unit);
    else this.#conclude(unit);
    this.#cells.evict(TURN_LOOKS_MAX);
  }

  /** Time as actors see it never runs backwards. */
  #nowMs(): number {
    this.#lastNowMs = Math.max(this.#lastNowMs, this.#clock.nowMs());
    return this.#lastNowMs;
  }

  /** A group came back from the log. */
  #settle(group: CommittedGroup): void {
    this.#isFull = false;
    for (const unit of group.accepted) this.#conclude(unit);
    if (group.failure !== undefined) this.#fail(group);
    else if (group.rejected.length > 0) this.#rewind(group.rejected);
    this.feed.publish(group.events);
    if (group.hasOutbox) this.outbox.wake();
    if (group.nextTimerMs !== undefined) this.timers.wakeBy(group.nextTimerMs);
    this.#pump();
    this.#cells.evict(GROUP_LOOKS_MAX);
  }

  /** The unit is durable: its caller is answered, or begins to wait for the promised answer. */
  #conclude(unit: Unit): void {
    const { root, reply } = unit;
    if (awaits(root, reply)) this.#keepPromise(unit, waitKeyOf(refKey(root.ref), reply.key));
    else root.resolve(reply);
    for (const { answers } of unit.drafts) {
      for (const { waitKey, reply: answer } of answers) this.#waiters.answer(waitKey, answer);
    }
  }

  /** Most promises are kept in the unit that makes them; for the others the caller waits. */
  #keepPromise({ root, drafts }: Unit, waitKey: string): void {
    for (const { answers } of drafts) {
      const kept = answers.find((answer) => answer.waitKey === waitKey);
      if (kept === undefined) continue;
      root.resolve(kept.reply);
      return;
    }
    this.#waiters.wait(root, waitKey);
  }

  /** Units that lost, and all that was decided on them since, are decided again on fresh state. */
  #rewind(rejected: readonly Unit[]): void {
    const again = [...rejected, ...this.#group.takeBack(rejected)];
    this.#forget(again);
    for (const { root } of rejected) root.attempts++;
    const roots = again.map(({ root }) => root).filter((root) => this.#mayTryAgain(root));
    const recalled = roots.map((root) => this.#recallAnswer(root));
    if (!recalled.some((answer) => answer instanceof Promise)) {
      this.#again(roots, recalled as readonly (Remembered | undefined)[]);
      return;
    }
    this.#rewinding++;
    Promise.all(recalled)
      .then((answers) => this.#again(roots, answers))
      .finally(() => {
        this.#rewinding--;
        this.#pump();
      });
  }

  #forget(units: readonly Unit[]): void {
    for (const unit of units) for (const { cell } of unit.drafts) this.#cells.drop(cell);
  }

  #mayTryAgain(root: Root): boolean {
    const isFiring = root.firedTimer !== undefined;
    if (root.attempts <= (isFiring ? FIRING_ATTEMPTS_MAX : this.limits.attemptsMax)) return true;
    if (isFiring) root.resolve(TIMER_VOID);
    else root.reject(new Fault("conflict"));
    return false;
  }

  /** What a repeat of the command is told already; a log that cannot say so says it on commit. */
  #recallAnswer(root: Root): Awaitable<Remembered | undefined> {
    if (root.fingerprint === undefined) return undefined;
    const unknown = (error: unknown): undefined => {
      this.#report(error, "recall");
      return undefined;
    };
    try {
      const known = this.#log.recall(root.commandId);
      return known instanceof Promise ? known.catch(unknown) : known;
    } catch (error) {
      return unknown(error);
    }
  }

  /** Those without an answer go first into the waiting room: all who wait came after them. */
  #again(roots: readonly Root[], answers: readonly (Remembered | undefined)[]): void {
    assert(roots.length === answers.length, "an answer or none for each command");
    const open = roots.filter((root, at) => {
      const known = answers[at];
      if (known !== undefined) void this.#answerKnown(root, known);
      return known === undefined;
    });
    this.#admit(open);
  }

  /** A command whose id was remembered meanwhile has its answer already. */
  async #answerKnown(root: Root, known: Remembered): Promise<void> {
    if (known.fingerprint !== root.fingerprint) {
      root.reject(new Mismatch());
      return;
    }
    try {
      if (root.delivered !== undefined) await this.#log.outboxDone([root.delivered]);
      root.resolve(JSON.parse(known.reply) as Message);
    } catch (error) {
      this.#report(error, refKey(root.ref));
      root.reject(new Fault("busy"));
    }
  }

  /** Nothing of the group is acknowledged; unless it was lack of room, nothing ever again. */
  #fail({ rejected, failure }: CommittedGroup): void {
    this.#report(failure, "event log");
    const isFull = failure instanceof LogFailure && failure.kind === "full";
    const fault = new Fault(isFull ? "storage_full" : "storage_failed");
    const rest = isFull ? this.#group.takeBack(rejected) : this.#group.takeAll();
    this.#forget([...rejected, ...rest]);
    for (const { root } of [...rejected, ...rest]) root.reject(fault);
    this.#isFull = isFull;
    if (isFull) return;
    this.#failed = fault;
    for (const root of this.#waiting.takeAll()) root.reject(fault);
    this.#waiters.rejectAll(fault);
  }
}
