/**
 * Collection by the clock. On every banking day: at opening, what the bank has sent is taken in,
 * and the files end whose last day it was; at the cut-off, a file is made of what is due. One run
 * at a time; what a run could not do, the next one does.
 */
import {
  addBankingDays,
  type BankDate,
  bankDateAt,
  instantOf,
} from "../../actors/banking-calendar.ts";
import type { CancelWake } from "../runtime/clock.ts";
import { type CutOffResult, cutOff } from "./cut-off.ts";
import { takeItem } from "./inbound.ts";
import type { CollectionParts } from "./parts.ts";
import { endFiles } from "./window.ts";

/** When the bank's files of the day are there (docs/money.md): statement and returns. */
const OPENING = { hour: 8, minute: 45 } as const;

export type RunKind = "opening" | "cut_off";

interface Due {
  readonly kind: RunKind;
  readonly atMs: number;
}

export class Collections {
  #running: Promise<void> = Promise.resolve();
  #cancel: CancelWake | undefined;
  /** The next run; while it is under way, its own time. */
  #nextAtMs = Infinity;
  #isStopped = false;

  constructor(
    private readonly parts: CollectionParts,
    private readonly report: (error: unknown, where: string) => void,
    private readonly mode: "by_clock" | "by_hand" = "by_clock",
  ) {}

  /** Goes on with what an earlier process left, and waits for the next time. */
  async start(): Promise<void> {
    if (this.mode === "by_hand") return;
    await this.#now("opening");
    this.#schedule();
  }

  /** Lets the present run finish; no other begins. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#running;
  }

  /** When every run is done whose time has come. */
  async caughtUp(): Promise<void> {
    while (!this.#isStopped && this.#nextAtMs <= this.parts.clock.nowMs()) {
      await new Promise(setImmediate);
    }
    await this.#running;
  }

  get nextAtMs(): number {
    return this.#nextAtMs;
  }

  /** What the bank has sent is taken in out of turn, by an operator. */
  async openNow(): Promise<void> {
    await this.#alone(() => this.#open());
  }

  /** A cut-off out of turn, by an operator. */
  async cutOffNow(): Promise<CutOffResult> {
    let result: CutOffResult | undefined;
    await this.#alone(async () => {
      result = await cutOff(this.parts);
    });
    if (result === undefined) throw new Error("collection has stopped");
    return result;
  }

  #schedule(): void {
    if (this.#isStopped) return;
    const { kind, atMs } = this.#next();
    this.#nextAtMs = atMs;
    this.#cancel = this.parts.clock.wakeAt(atMs, () => {
      void this.#now(kind).then(() => this.#schedule());
    });
  }

  async #now(kind: RunKind): Promise<void> {
    try {
      await this.#alone(() => (kind === "opening" ? this.#open() : cutOff(this.parts)));
    } catch (error) {
      this.report(error, `collection, ${kind}`);
    }
  }

  async #alone(work: () => Promise<unknown>): Promise<void> {
    const before = this.#running;
    const run = before.then(async () => {
      if (!this.#isStopped) await work();
    });
    this.#running = run.catch(() => {});
    await run;
  }

  async #open(): Promise<void> {
    const { gateway, clock } = this.parts;
    for (;;) {
      const items = await gateway.inbound();
      let done = 0;
      for (const item of items) {
        if ((await takeItem(this.parts, item)) === "waiting") continue;
        await gateway.taken(item.id);
        done++;
      }
      if (done === 0) break;
    }
    const nowMs = clock.nowMs();
    const today = bankDateAt(nowMs);
    const isRead = nowMs >= openingOf(today);
    await endFiles(this.parts, isRead ? today : undefined);
  }

  #next(): Due {
    const nowMs = this.parts.clock.nowMs();
    const today = addBankingDays(bankDateAt(nowMs), 0);
    const days = [today, addBankingDays(today, 1)];
    const all = days.flatMap((day): Due[] => [
      { kind: "opening", atMs: openingOf(day) },
      { kind: "cut_off", atMs: this.#cutOffOf(day) },
    ]);
    const next = all.find(({ atMs }) => atMs > nowMs);
    if (next === undefined) throw new Error("a banking day has an opening and a cut-off");
    return next;
  }

  #cutOffOf(day: BankDate): number {
    const { cutOff: time } = this.parts.profile;
    return instantOf(day, Number(time.slice(0, 2)), Number(time.slice(2)));
  }
}

function openingOf(day: BankDate): number {
  return instantOf(day, OPENING.hour, OPENING.minute);
}
