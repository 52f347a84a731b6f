/**
 * The outbox: sends that could not be decided in the sender's own turn, and sends to the outside
 * world. They left with the sender's commit and are delivered at least once; actors recognise a
 * repeat by its command id, outlets by the item's id.
 */
import type { Message } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import type { Clock } from "./clock.ts";
import type { EventLog, OutboxItem } from "./event-log.ts";
import type { Fault } from "./fault.ts";
import { type Root, SWITCH } from "./turn.ts";

/** An adapter to the outside. `id` is the idempotency key, made before the first attempt. */
export interface Outlet {
  deliver(id: string, target: string, command: Message): Promise<void>;
}

export type Deliver = (root: Omit<Root, "attempts">) => void;

const ITEMS_MAX = 256;
const DELAY_MS_MIN = 100;
const DELAY_MS_MAX = 60_000;

export class Outbox {
  readonly #busy = new Set<string>();
  readonly #delays = new Map<string, number>();
  #pumping = false;
  #again = false;
  #stopped = false;

  constructor(
    private readonly log: EventLog,
    private readonly clock: Clock,
    private readonly outlets: Readonly<Record<string, Outlet>>,
    private readonly deliver: Deliver,
    private readonly report: (error: unknown, where: string) => void,
  ) {}

  /** Items that failed at least once and are waiting for their next attempt. */
  get troubled(): number {
    return this.#delays.size;
  }

  async start(): Promise<void> {
    await this.#pump();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    while (this.#busy.size > 0 || this.#pumping) await Bun.sleep(1);
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
      while (this.#again && !this.#stopped) {
        this.#again = false;
        const items = await this.log.outboxNext(ITEMS_MAX + this.#busy.size + this.#delays.size);
        for (const item of items) {
          if (this.#busy.has(item.id) || this.#delays.has(item.id)) continue;
          this.#begin(item);
        }
      }
    } catch (error) {
      this.report(error, "outbox");
    } finally {
      this.#pumping = false;
    }
  }

  #begin(item: OutboxItem): void {
    assert(!this.#busy.has(item.id), "an item is delivered once at a time");
    this.#busy.add(item.id);
    const command = JSON.parse(item.command) as Message;
    const outlet = this.outlets[item.to.kind];
    const delivered =
      outlet === undefined ? this.#toActor(item, command) : this.#out(item, command);
    delivered.then(
      () => {
        this.#busy.delete(item.id);
        this.#delays.delete(item.id);
        // A full page may have hidden more.
        if (!this.#stopped) void this.#pump();
      },
      (error: unknown) => this.#postpone(item, error),
    );
  }

  /** The receiver's commit removes the item and remembers its id. */
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

  async #out(item: OutboxItem, command: Message): Promise<void> {
    const outlet = this.outlets[item.to.kind];
    assert(outlet !== undefined, "the outlet exists");
    await outlet.deliver(item.id, item.to.id, command);
    await this.log.outboxDone([item.id]);
  }

  /** A world that does not answer is tried again, ever more slowly, until it does. */
  #postpone(item: OutboxItem, error: unknown): void {
    this.#busy.delete(item.id);
    this.report(error, `outbox ${item.to.kind}`);
    if (this.#stopped) return;
    const delayMs = Math.min((this.#delays.get(item.id) ?? DELAY_MS_MIN / 2) * 2, DELAY_MS_MAX);
    this.#delays.set(item.id, delayMs);
    this.clock.wakeAt(this.clock.nowMs() + delayMs, () => {
      if (this.#stopped || this.#busy.has(item.id)) return;
      this.#begin(item);
    });
  }
}
