/**
 * Collection by the clock. On every banking day: at opening, what the bank has sent is taken in,
 * and the files end whose last day it was; at the cut-off, and in each same-day window, a file is
 * made of what is due. One run at a time; what a run could not do, the next one does.
 */
import {
  addBankingDays,
  type BankDate,
  bankDateAt,
  instantOf,
} from "../../actors/banking-calendar.ts";
import type { AchFileId } from "../../actors/ids.ts";
import type { SameDayWindow } from "../rails/ach/odfi-profile.ts";
import type { CancelWake } from "../runtime/clock.ts";
import { abandon, type CutOffResult, cutOff, handOver, makeFiles } from "./cut-off.ts";
import { type ShownRecord, showException } from "./exception-shown.ts";
import { takeInbound } from "./inbound.ts";
import type { CollectionParts } from "./parts.ts";
import { sameDayPlans, timeOf } from "./plans.ts";
import { Progress, type RunKind, type RunProgress } from "./progress.ts";
import { takeReturns } from "./return-file.ts";
import { endFiles } from "./window.ts";

/** When the bank's files of the day are there (docs/money.md): statement and returns. */
const OPENING = { hour: 8, minute: 45 } as const;

interface Due {
  readonly kind: "opening" | "cut_off";
  readonly atMs: number;
  /** Null at the regular cut-off, and at the opening. */
  readonly window: SameDayWindow | null;
}

/** The process is about to end: the run that was asked for does not begin. */
export class CollectionStopped extends Error {
  override readonly name = "CollectionStopped";
  constructor() {
    super("the collection has stopped");
  }
}

export class Collections {
  #running: Promise<void> = Promise.resolve();
  #cancel: CancelWake | undefined;
  /** The next run; while it is under way, its own time. */
  #nextAtMs = Infinity;
  /** The run whose time has come, until it is over. */
  #dueRun: Promise<void> | undefined;
  #isStopped = false;
  #progress: Progress | undefined;

  constructor(
    private readonly parts: CollectionParts,
    private readonly report: (error: unknown, where: string) => void,
    private readonly mode: "by_clock" | "by_hand" = "by_clock",
  ) {}

  /** Goes on with what an earlier process left, and waits for the next time. */
  async start(): Promise<void> {
    if (this.mode === "by_hand") return;
    const startMs = this.parts.clock.nowMs();
    await this.#due({ kind: "opening", window: null });
    this.#schedule(startMs);
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
      // The clock wakes it in a moment, where it has not yet.
      await (this.#dueRun ?? new Promise(setImmediate));
    }
    await this.#running;
  }

  get nextAtMs(): number {
    return this.#nextAtMs;
  }

  /** False: it runs when an operator says so. */
  get isByClock(): boolean {
    return this.mode === "by_clock";
  }

  /** First eight digits of the originating bank: our own traces begin with them. */
  get odfi(): string {
    return this.parts.profile.odfi;
  }

  /** How far the present run has come; undefined while none is under way. */
  get progress(): RunProgress | undefined {
    return this.#progress?.now;
  }

  /** What the bank has sent is taken in out of turn, by an operator. */
  async openNow(): Promise<void> {
    await this.#alone("opening", (parts) => this.#open(parts));
  }

  /** A cut-off out of turn, by an operator. */
  async cutOffNow(): Promise<CutOffResult> {
    return await this.#alone("cut_off", cutOff);
  }

  /** A file that was built and not handed over; false for one at another stage. */
  async handOverNow(fileId: AchFileId): Promise<boolean> {
    return await this.#alone("hand_over", (parts) => handOver(parts, fileId));
  }

  /** A file that was not handed over is given up; false for one at another stage. */
  async abandonNow(fileId: AchFileId, note: string): Promise<boolean> {
    return await this.#alone("abandon", (parts) => abandon(parts, fileId, note));
  }

  /**
   * Before people's word that the bank has not got it: nobody carries it there afterwards. A run
   * that is under way may be handing it over at this moment.
   */
  async withdrawNow(fileId: AchFileId): Promise<void> {
    await this.#running;
    await this.parts.gateway.withdraw(fileId);
  }

  /** A file of returns that came another way than from the bank's own line. */
  async importNow(bytes: Uint8Array): Promise<void> {
    await this.#alone("import", (parts) => takeReturns(parts, bytes));
  }

  /** What the sealed bytes of an exception show: no bank account, and no name. */
  async shown(inbound: string, sealed: string): Promise<readonly ShownRecord[]> {
    return await showException(this.parts, inbound, sealed);
  }

  /** Whoever has something in a file that the bank took back whole has it again. */
  async endNow(): Promise<void> {
    await this.#now("end", (parts) => endFiles(parts, undefined));
  }

  /** `doneMs`: the time of the run before, which may have taken long. */
  #schedule(doneMs: number): void {
    if (this.#isStopped) return;
    const due = this.#next(doneMs);
    this.#nextAtMs = due.atMs;
    this.#cancel = this.parts.clock.wakeAt(due.atMs, () => {
      this.#dueRun = this.#due(due).then(() => {
        this.#dueRun = undefined;
        this.#schedule(due.atMs);
      });
    });
  }

  async #due({ kind, window }: Omit<Due, "atMs">): Promise<void> {
    const work = (parts: CollectionParts): Promise<unknown> => {
      if (kind === "opening") return this.#open(parts);
      return window === null ? cutOff(parts) : makeFiles(parts, sameDayPlans(parts, window));
    };
    await this.#now(kind, work);
  }

  /** A run that nobody waits for: what goes wrong is an alarm. */
  async #now(kind: RunKind, work: (parts: CollectionParts) => Promise<unknown>): Promise<void> {
    try {
      await this.#alone(kind, work);
    } catch (error) {
      if (!(error instanceof CollectionStopped)) this.report(error, `collection, ${kind}`);
    }
  }

  /** One run at a time, in the order in which they were asked for. */
  async #alone<Result>(
    kind: RunKind,
    work: (parts: CollectionParts) => Promise<Result>,
  ): Promise<Result> {
    const run = this.#running.then(async () => {
      if (this.#isStopped) throw new CollectionStopped();
      const progress = new Progress(kind, this.parts.clock.nowMs());
      this.#progress = progress;
      try {
        return await work({ ...this.parts, progress });
      } finally {
        this.#progress = undefined;
      }
    });
    this.#running = run.then(
      () => {},
      () => {},
    );
    return await run;
  }

  async #open(parts: CollectionParts): Promise<void> {
    const { clock, progress } = parts;
    progress?.step("taking_in");
    const areReturnsRead = await takeInbound(parts, this.report);
    const nowMs = clock.nowMs();
    const today = bankDateAt(nowMs);
    const isRead = areReturnsRead && nowMs >= openingOf(today);
    progress?.step("ending_files");
    await endFiles(parts, isRead ? today : undefined);
  }

  #next(doneMs: number): Due {
    const nowMs = this.parts.clock.nowMs();
    const today = addBankingDays(bankDateAt(nowMs), 0);
    const days = [today, addBankingDays(today, 1)];
    const { profile } = this.parts;
    const windows = profile.sameDay ? profile.sameDayWindows : [];
    const all = days.flatMap((day): Due[] => [
      { kind: "opening", atMs: openingOf(day), window: null },
      { kind: "cut_off", atMs: instantOf(day, ...timeOf(profile.cutOff)), window: null },
      ...windows.map((window): Due => {
        return { kind: "cut_off", atMs: instantOf(day, ...timeOf(window.cutOff)), window };
      }),
    ]);
    // A cut-off whose time came while the run before was under way is late, and not left out: its
    // file still goes on this day. What a window has missed goes with it.
    const isNext = ({ kind, atMs, window }: Due): boolean =>
      atMs > nowMs || (atMs > doneMs && kind === "cut_off" && window === null);
    const next = all.toSorted((a, b) => a.atMs - b.atMs).find(isNext);
    if (next === undefined) throw new Error("a banking day has an opening and a cut-off");
    return next;
  }
}

function openingOf(day: BankDate): number {
  return instantOf(day, OPENING.hour, OPENING.minute);
}
