/**
 * The outbox: sends that could not be decided in the sender's own turn, and sends to the outside
 * world. They left with the sender's commit and are delivered at least once; actors recognise a
 * repeat by its command id, outlets by the item's id. What fails waits for its next attempt and
 * holds up nobody else.
 */
import type { Message } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import type { CancelWake, Clock } from "./clock.ts";
import type { EventLog, OutboxItem } from "./event-log.ts";
import { Fault } from "./fault.ts";
import { type Root, SWITCH } from "./turn.ts";

/** An adapter to the outside. `id` is the idempotency key, made before the first attempt. */
export interface Outlet {
  deliver(id: string, target: string, command: Message): Promise<void>;
}

export type Deliver = (root: Omit<Root, "attempts">) => void;

/** Items on their way at once. */
export const UNDER_WAY_MAX = 256;
/** Items in memory at once, resting ones included; what is beyond waits in the log. */
export const TAKEN_MAX = 8_192;
const DELAY_MS_MIN = 100;
const DELAY_MS_MAX = 60_000;
/** While the host itself is in trouble: as soon as it is over, messages go on. */
const SHARED_DELAY_MS_MAX = 1_000;

/** An item that was taken up and is not delivered yet. */
interface Taken {
  readonly item: OutboxItem;
  isUnderWay: boolean;
  /** How long it waited after its last failure; 0 while it has none. */
  delayMs: number;
  cancelWake: CancelWake | undefined;
}

export class Outbox {
  readonly #taken = new Map<string, Taken>();
  /** Ids in the order they were taken up; some of them are delivered. */
  #order: string[] = [];
  /** Items whose time has come again, and that wait for room. */
  readonly #rested: Taken[] = [];
  readonly #done: PromiseWithResolvers<void>[] = [];
  readonly #doneIds: string[] = [];
  #underWay = 0;
  #troubled = 0;
  #pumping = false;
  #again = false;
  #stopped = false;
  #cancelPump: CancelWake | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly clock: Clock,
    private readonly outlets: Readonly<Record<string, Outlet>>,
    private readonly deliver: Deliver,
    private readonly report: (error: unknown, where: string) => void,
  ) {}

  /** Items that failed at least once and are not delivered yet. */
  get troubled(): number {
    return this.#troubled;
  }

  /** Items in memory: on their way, or resting after a failure. */
  get held(): number {
    return this.#taken.size;
  }

  async start(): Promise<void> {
    await this.#pump();
  }

  /** Takes up nothing more, and waits for what is under way, at most so long. */
  async stop(waitMsMax = Number.POSITIVE_INFINITY): Promise<void> {
    this.#stopped = true;
    this.#cancelPump?.();
    for (const { cancelWake } of this.#taken.values()) cancelWake?.();
    const deadlineMs = performance.now() + waitMsMax;
    while (this.#underWay > 0 || this.#pumping) {
      if (performance.now() > deadlineMs) return;
      await Bun.sleep(1);
    }
  }

  /** New items were committed. */
  wake(): void {
    void this.#pump();
  }

  async #pump(): Promise<void> {
    this.#again = true;
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#again && this.#hasRoom) {
        this.#again = false;
        await this.#takeUpNew();
      }
    } catch (error) {
      this.report(error, "outbox");
      this.#pumpLater();
    } finally {
      this.#pumping = false;
    }
  }

  get #hasRoom(): boolean {
    const isRoom = this.#underWay < UNDER_WAY_MAX && this.#taken.size < TAKEN_MAX;
    return isRoom && !this.#stopped;
  }

  /** A full page may hide more, also one of items that are all taken up. */
  async #takeUpNew(): Promise<void> {
    let after = this.#newestTaken();
    for (;;) {
      const page = await this.log.outboxNext(UNDER_WAY_MAX, after);
      this.#takeUp(page);
      if (page.length < UNDER_WAY_MAX || this.#again) return;
      after = page.at(-1)?.id;
    }
  }

  /** The new ones of the page are under way; where room ends, the rest is read again. */
  #takeUp(page: readonly OutboxItem[]): void {
    for (const item of page) {
      if (this.#taken.has(item.id)) continue;
      if (!this.#hasRoom) {
        this.#again = true;
        return;
      }
      const taken: Taken = { item, isUnderWay: false, delayMs: 0, cancelWake: undefined };
      this.#taken.set(item.id, taken);
      this.#order.push(item.id);
      this.#begin(taken);
    }
  }

  /** Everything older than it is taken up or delivered. */
  #newestTaken(): string | undefined {
    if (this.#order.length > 2 * TAKEN_MAX) {
      this.#order = this.#order.filter((id) => this.#taken.has(id));
    }
    for (;;) {
      const id = this.#order.at(-1);
      if (id === undefined || this.#taken.has(id)) return id;
      this.#order.pop();
    }
  }

  #pumpLater(): void {
    this.#cancelPump?.();
    if (this.#stopped) return;
    const atMs = this.clock.nowMs() + DELAY_MS_MIN;
    this.#cancelPump = this.clock.wakeAt(atMs, () => void this.#pump());
  }

  #begin(taken: Taken): void {
    assert(!taken.isUnderWay, "an item is delivered once at a time");
    taken.isUnderWay = true;
    taken.cancelWake = undefined;
    this.#underWay++;
    this.#send(taken.item).then(
      () => this.#settle(taken),
      (error: unknown) => this.#postpone(taken, error),
    );
  }

  async #send(item: OutboxItem): Promise<void> {
    const command = JSON.parse(item.command) as Message;
    const outlet = this.outlets[item.to.kind];
    if (outlet === undefined) {
      // The receiver's commit removes the item and remembers its id.
      await this.#toActor(item, command);
    } else {
      await outlet.deliver(item.id, item.to.id, command);
      await this.#remove(item.id);
    }
  }

  #settle(taken: Taken): void {
    this.#taken.delete(taken.item.id);
    if (taken.delayMs > 0) this.#troubled--;
    this.#end(taken);
  }

  /** There is room again for what had to stay behind. */
  #end(taken: Taken): void {
    assert(taken.isUnderWay, "what ends was under way");
    assert(this.#underWay > 0, "items under way are counted");
    taken.isUnderWay = false;
    this.#underWay--;
    this.#beginRested();
    const mayPump = this.#again && this.#underWay <= UNDER_WAY_MAX / 2;
    if (mayPump && this.#hasRoom) void this.#pump();
  }

  #toActor(item: OutboxItem, command: Message): Promise<unknown> {
    return new Promise((resolve, reject: (fault: Fault) => void) => {
      this.deliver({
        ref: item.to,
        command,
        commandId: item.id,
        principal: SWITCH,
        requestId: "",
        fingerprint: "",
        delivered: item.id,
        firedTimer: undefined,
        resolve,
        reject,
      });
    });
  }

  /** Removals of one turn of the event loop are one write. */
  #remove(id: string): Promise<void> {
    const removed = Promise.withResolvers<void>();
    this.#doneIds.push(id);
    this.#done.push(removed);
    if (this.#done.length === 1) setImmediate(() => void this.#removeAll());
    return removed.promise;
  }

  async #removeAll(): Promise<void> {
    const ids = this.#doneIds.splice(0);
    const waiting = this.#done.splice(0);
    assert(ids.length === waiting.length, "somebody waits for each removal");
    try {
      await this.log.outboxDone(ids);
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  /** A world that does not answer is tried again, ever more slowly, until it does. */
  #postpone(taken: Taken, error: unknown): void {
    const { item } = taken;
    this.report(error, `outbox ${item.to.kind}`);
    if (taken.delayMs === 0) this.#troubled++;
    const isShared = error instanceof Fault && error.isShared;
    const delayMsMax = isShared ? SHARED_DELAY_MS_MAX : DELAY_MS_MAX;
    taken.delayMs = Math.min(Math.max(taken.delayMs * 2, DELAY_MS_MIN), delayMsMax);
    this.#end(taken);
    if (this.#stopped) return;
    taken.cancelWake = this.clock.wakeAt(this.clock.nowMs() + taken.delayMs, () => {
      this.#rested.push(taken);
      this.#beginRested();
    });
  }

  #beginRested(): void {
    while (!this.#stopped && this.#underWay < UNDER_WAY_MAX) {
      const taken = this.#rested.shift();
      if (taken === undefined) return;
      this.#begin(taken);
    }
  }
}
