/**
 * The actor host: it gives every actor one turn at a time, commits turns in groups, and answers only
 * what is durable. Group commit clocks itself: one commit is in flight, and what arrives meanwhile is
 * the next group. If a commit fails, the provisional state that stood on it is thrown away, and the
 * commands are decided again or their callers told; nothing had been said.
 */
import type { ActorRef, AnyActor, Message } from "../../actors/actor.ts";
import { assert, present } from "../../actors/assert.ts";
import { type Cell, Cells, cellFrom, isOverridden } from "./cells.ts";
import type { Clock } from "./clock.ts";
import { CommitGroup, type CommittedGroup } from "./commit-group.ts";
import { type EventLog, type LoadedActor, LogFailure, refKey } from "./event-log.ts";
import { Fault } from "./fault.ts";
import { Feed } from "./feed.ts";
import { Outbox, type Outlet } from "./outbox.ts";
import { Timers } from "./timers.ts";
import { isLater, type Root, takeTurn, type Unit, waitKeyOf } from "./turn.ts";

export interface HostOptions {
  readonly actors: readonly AnyActor[];
  readonly log: EventLog;
  readonly clock: Clock;
  /** Where sends to kinds that are not actors go: SMS, e-mail. */
  readonly outlets?: Readonly<Record<string, Outlet>>;
  /** Told of bugs and faults; must not throw. Default: nothing is told. */
  readonly report?: (error: unknown, where: string) => void;
  readonly limits?: Partial<HostLimits>;
}

export interface HostLimits {
  /** Actors kept in memory. */
  readonly cellsMax: number;
  /** Units in one commit. */
  readonly groupUnitsMax: number;
  /** Commands that wait for the next group, over all actors. */
  readonly waitingMax: number;
  /** Commands that wait for one actor to be loaded. */
  readonly mailboxMax: number;
  /** Times a command is decided again after a conflict. */
  readonly attemptsMax: number;
  /** How long a caller waits for a promised answer, in real milliseconds. */
  readonly laterMsMax: number;
}

export const HOST_LIMITS: HostLimits = {
  cellsMax: 50_000,
  groupUnitsMax: 2_048,
  waitingMax: 16_384,
  mailboxMax: 1_024,
  attemptsMax: 8,
  laterMsMax: 30_000,
};

export interface AskOptions {
  readonly principal: string;
  /** Left out: the command is not repeated by anyone, and no repeat is recognised. */
  readonly commandId?: string;
  readonly requestId?: string;
}

/** The answer to a command that may be repeated under its id. */
export type OnceAnswer =
  | {
      readonly kind: "answered";
      readonly reply: Message;
      readonly replayed: boolean;
      /** The request that produced the reply: an earlier one, when replayed. */
      readonly requestId: string;
    }
  /** The id was used for another command. Nothing was decided. */
  | { readonly kind: "mismatch" };

/** Decides the command under the id of the call, and remembers its reply. */
export type AskFirst = (ref: ActorRef, command: Message) => Promise<Message>;

export type OnceOptions = AskOptions & {
  readonly commandId: string;
  /** Tells a repeat from another command under the same id. */
  readonly fingerprint: string;
};

interface Running {
  readonly fingerprint: string;
  readonly answer: Promise<OnceAnswer>;
}

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
  readonly #mailboxes = new Map<string, Root[]>();
  readonly #waiting: Root[] = [];
  readonly #waiters = new Map<string, Set<Root>>();
  readonly #running = new Map<string, Running>();
  #failed: Fault | undefined;
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
    this.#group = new CommitGroup(options.log, this.limits.groupUnitsMax, (group) =>
      this.#settle(group),
    );
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
  async once(options: OnceOptions, run: (ask: AskFirst) => Promise<Message>): Promise<OnceAnswer> {
    const { commandId, fingerprint } = options;
    const running = this.#running.get(commandId);
    if (running !== undefined) {
      if (running.fingerprint !== fingerprint) return { kind: "mismatch" };
      const answer = await running.answer;
      return answer.kind === "answered" ? { ...answer, replayed: true } : answer;
    }
    const answer = this.#first(options, run);
    this.#running.set(commandId, { fingerprint, answer });
    try {
      return await answer;
    } finally {
      this.#running.delete(commandId);
    }
  }

  async #first(
    options: OnceOptions,
    run: (ask: AskFirst) => Promise<Message>,
  ): Promise<OnceAnswer> {
    const { commandId, fingerprint, requestId = "" } = options;
    const recalled = this.#log.recall(commandId);
    const known = recalled instanceof Promise ? await recalled : recalled;
    if (known !== undefined) {
      if (known.fingerprint !== fingerprint) return { kind: "mismatch" };
      const reply = JSON.parse(known.reply) as Message;
      return { kind: "answered", reply, replayed: true, requestId: known.requestId };
    }
    const ask: AskFirst = (ref, command) => this.#run(ref, command, options, fingerprint);
    return { kind: "answered", reply: await run(ask), replayed: false, requestId };
  }

  /** Refuses new commands and waits until all that was taken up is durable or refused. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.timers.stop();
    await this.outbox.stop();
    while (this.#group.isBusy || this.#waiting.length > 0) await Bun.sleep(1);
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /** Why the host acknowledges nothing any more; undefined while it works. */
  get failure(): Fault | undefined {
    return this.#failed;
  }

  /** Figures for metrics. */
  figures(): { cells: number; waiting: number; running: number; groupUnits: number } {
    return {
      cells: this.#cells.size,
      waiting: this.#waiting.length,
      running: this.#running.size,
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
    if (this.#failed !== undefined) root.reject(this.#failed);
    else if (this.#waiting.length === 0 && !this.#group.isFull) this.#begin(root);
    else if (this.#waiting.length < this.limits.waitingMax) this.#waiting.push(root);
    else root.reject(new Fault("busy"));
  }

  /** Gives the actor its turn now, or puts the command into the mailbox of an actor being loaded. */
  #begin(root: Root): void {
    const key = refKey(root.ref);
    const mailbox = this.#mailboxes.get(key);
    const cell = this.#cells.get(key);
    if (cell !== undefined) this.#turn(root, cell);
    else if (mailbox === undefined) this.#load(root, key);
    else if (mailbox.length < this.limits.mailboxMax) mailbox.push(root);
    else root.reject(new Fault("busy"));
  }

  #load(root: Root, key: string): void {
    const actor = this.#actors.get(root.ref.kind);
    if (actor === undefined) {
      root.reject(new Fault("bug", "no such kind of actor"));
      return;
    }
    try {
      const loaded = this.#log.load([root.ref]);
      if (loaded instanceof Promise) this.#loadLater(root, actor, loaded);
      else this.#turn(root, this.#admit(actor, root.ref, loaded));
    } catch (error) {
      this.#report(error, key);
      root.reject(new Fault("bug", "the actor could not be loaded"));
    }
  }

  #loadLater(root: Root, actor: AnyActor, loading: Promise<readonly LoadedActor[]>): void {
    const key = refKey(root.ref);
    const mailbox = [root];
    this.#mailboxes.set(key, mailbox);
    loading.then(
      (loaded) => {
        this.#mailboxes.delete(key);
        this.#admit(actor, root.ref, loaded);
        for (const waiting of mailbox) this.#submit(waiting);
      },
      (error: unknown) => {
        this.#mailboxes.delete(key);
        this.#report(error, key);
        for (const waiting of mailbox) waiting.reject(new Fault("busy", "not loaded"));
      },
    );
  }

  #admit(actor: AnyActor, ref: ActorRef, loaded: readonly LoadedActor[]): Cell {
    const cell = cellFrom(actor, ref, present(loaded[0], "one answer per actor asked for"));
    this.#cells.put(cell);
    this.#cells.evict();
    return cell;
  }

  #turn(root: Root, cell: Cell): void {
    if (root.firedTimer !== undefined && isOverridden(cell, root.firedTimer)) {
      // Cancelled or set anew by a turn that is on its way to the log: this firing is void.
      root.resolve({ kind: "timer_overridden" });
      return;
    }
    const unit = takeTurn(root, cell, this.#nowMs(), {
      cellAtHand: (ref) => this.#cellAtHand(ref),
      isActor: (kind) => this.#actors.has(kind),
      waitersOf: (key) => [...(this.#waiters.get(key) ?? [])],
      report: (error, ref) => this.#report(error, refKey(ref)),
    });
    const rests = unit.drafts.some((draft) => draft.cell.uncommitted > 0);
    if (unit.bug !== undefined) root.reject(new Fault("bug"));
    else if (rests || !this.#group.isEmptyUnit(unit)) this.#group.add(unit);
    else this.#conclude(unit);
  }

  /** Never throws: an actor that cannot be had now gets its command through the outbox. */
  #cellAtHand(ref: ActorRef): Cell | undefined {
    const key = refKey(ref);
    const cell = this.#cells.get(key);
    const actor = this.#actors.get(ref.kind);
    if (cell !== undefined || actor === undefined || this.#mailboxes.has(key)) return cell;
    try {
      const loaded = this.#log.load([ref]);
      return loaded instanceof Promise ? undefined : this.#admit(actor, ref, loaded);
    } catch (error) {
      this.#report(error, key);
      return undefined;
    }
  }

  /** Time as actors see it never runs backwards. */
  #nowMs(): number {
    this.#lastNowMs = Math.max(this.#lastNowMs, this.#clock.nowMs());
    return this.#lastNowMs;
  }

  /** A group came back from the log. */
  #settle(group: CommittedGroup): void {
    if (group.failure !== undefined) this.#fail(group, group.failure);
    else if (group.rejected.length > 0) this.#rewind(group);
    else for (const unit of group.accepted) this.#conclude(unit);
    this.feed.publish(group.events);
    if (group.hasOutbox) this.outbox.wake();
    if (group.nextTimerMs !== undefined) this.timers.wakeBy(group.nextTimerMs);
    this.#cells.evict();
    const waiting = this.#waiting.splice(0, this.limits.groupUnitsMax);
    for (const [at, root] of waiting.entries()) {
      if (this.#group.isFull) {
        this.#waiting.unshift(...waiting.slice(at));
        break;
      }
      this.#begin(root);
    }
  }

  /** The unit is durable: its caller is answered, or begins to wait for the promised answer. */
  #conclude(unit: Unit): void {
    const { root, reply } = unit;
    if (isLater(reply)) this.#wait(root, waitKeyOf(refKey(root.ref), reply.key));
    else root.resolve(reply);
    for (const { waitKey, reply: answer } of unit.answers) {
      const waiters = this.#waiters.get(waitKey);
      this.#waiters.delete(waitKey);
      for (const waiter of waiters ?? []) waiter.resolve(answer);
    }
  }

  #wait(root: Root, waitKey: string): void {
    const waiters = this.#waiters.get(waitKey) ?? new Set();
    this.#waiters.set(waitKey, waiters);
    const deadline = setTimeout(() => {
      waiters.delete(root);
      if (waiters.size === 0 && this.#waiters.get(waitKey) === waiters) {
        this.#waiters.delete(waitKey);
      }
      root.reject(new Fault("timeout"));
    }, this.limits.laterMsMax);
    const { resolve } = root;
    waiters.add(root);
    root.resolve = (reply) => {
      clearTimeout(deadline);
      resolve(reply);
    };
  }

  /** Some units lost: they, and all that was decided since, are decided again on fresh state. */
  #rewind(group: CommittedGroup): void {
    for (const unit of group.accepted) this.#conclude(unit);
    const again = [...group.rejected, ...this.#group.takeWaiting()];
    for (const unit of again) for (const draft of unit.drafts) this.#cells.drop(draft.cell);
    for (const { root } of again) {
      root.attempts++;
      if (root.attempts > this.limits.attemptsMax) root.reject(new Fault("conflict"));
      else this.#retry(root);
    }
  }

  /** A command whose id was remembered meanwhile has its answer already. */
  async #retry(root: Root): Promise<void> {
    try {
      const known =
        root.fingerprint === undefined ? undefined : await this.#log.recall(root.commandId);
      if (known === undefined) {
        this.#submit(root);
        return;
      }
      if (root.delivered !== undefined) await this.#log.outboxDone([root.delivered]);
      root.resolve(JSON.parse(known.reply) as Message);
    } catch (error) {
      this.#report(error, refKey(root.ref));
      root.reject(new Fault("conflict"));
    }
  }

  /** Nothing of the group was written. Unless it was lack of room, nothing is acknowledged again. */
  #fail(group: CommittedGroup, failure: unknown): void {
    this.#report(failure, "event log");
    const isFull = failure instanceof LogFailure && failure.kind === "full";
    const fault = new Fault(isFull ? "storage_full" : "storage_failed");
    if (!isFull) this.#failed = fault;
    const lost = [...group.rejected, ...this.#group.takeWaiting()];
    for (const unit of lost) for (const draft of unit.drafts) this.#cells.drop(draft.cell);
    for (const unit of lost) unit.root.reject(fault);
    if (this.#failed !== undefined) for (const root of this.#waiting.splice(0)) root.reject(fault);
  }
}
