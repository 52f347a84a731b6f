/** A bank twin on a clock of its own, and what came in as our own reader sees it. */
import { type BankDate, instantOf } from "../../../actors/banking-calendar.ts";
import type { InboundItem } from "../../../src/collection/bank-gateway.ts";
import type { AchItem, CorrectionItem, ReturnItem } from "../../../src/rails/ach/items.ts";
import { readInbound } from "../../../src/rails/ach/reader.ts";
import { BankTwin, type BankTwinOptions } from "../../../src/rails/bank-twin/bank-twin.ts";
import { VirtualClock } from "../../../src/runtime/clock.ts";
import { BANK, type BatchWish, type EntryWish, type FileWish, fileOf } from "./file-maker.ts";

/** Monday 2026-11-23, 16:00 in New York. Thursday the 26th is Thanksgiving. */
export const MONDAY = "2026-11-23" as BankDate;
export const TUESDAY = "2026-11-24" as BankDate;
export const WEDNESDAY = "2026-11-25" as BankDate;
export const FRIDAY = "2026-11-27" as BankDate;
export const NEXT_MONDAY = "2026-11-30" as BankDate;
export const NEXT_TUESDAY = "2026-12-01" as BankDate;
export const NEXT_WEDNESDAY = "2026-12-02" as BankDate;
export const START_MS = instantOf(MONDAY, 16);

export class Rig {
  readonly clock = new VirtualClock(START_MS);
  readonly bank: BankTwin;
  #sequence = 1;
  #modifier = 0;

  constructor(options: Omit<BankTwinOptions, "bankNumber"> = {}) {
    this.bank = new BankTwin(this.clock, { bankNumber: BANK, ...options });
  }

  /** Hands over a valid file with traces of its own. */
  async send(batches: readonly BatchWish[], more: Partial<FileWish> = {}) {
    const nowMs = this.clock.nowMs();
    const modifier = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".charAt(this.#modifier++ % 26);
    const from = this.#sequence;
    this.#sequence += batches.reduce((sum, { entries }) => sum + entries.length, 0);
    const file = fileOf({ nowMs, modifier, from, batches, ...more });
    const outcome = await this.bank.handOver(file.name, [file.bytes]);
    return { ...file, outcome, from };
  }

  /** One batch of WEB debits. */
  sendEntries(...entries: readonly EntryWish[]) {
    return this.send([{ entries }]);
  }

  /** To 08:30 of that day. */
  openingOf(date: BankDate): void {
    this.clock.advanceTo(instantOf(date, 8, 30));
  }

  /** Everything that waits now is taken. */
  async take(): Promise<readonly InboundItem[]> {
    const all: InboundItem[] = [];
    for (;;) {
      const items = await this.bank.inbound();
      if (items.length === 0) return all;
      all.push(...items);
      for (const { id } of items) await this.bank.taken(id);
    }
  }

  /** Returns and corrections that came since the last time, one text each. */
  async takeAnswers(): Promise<readonly string[]> {
    const answers: string[] = [];
    for (const item of await this.take()) {
      if (item.kind === "returns") answers.push(...(await answersIn(item.bytes)));
    }
    return answers;
  }
}

/** Returns, changes, and what is odd about the file. */
export async function answersIn(bytes: Uint8Array): Promise<readonly string[]> {
  return (await itemsIn(bytes)).flatMap((item) => {
    if (item.kind === "return") return returnOf(item);
    if (item.kind === "correction") return changeOf(item);
    if (item.kind === "exception") return `exception: ${item.reason}`;
    return item.kind === "fault" ? `fault: ${item.fault.reason}` : [];
  });
}

export async function itemsIn(bytes: Uint8Array): Promise<readonly AchItem[]> {
  return await Array.fromAsync(readInbound([bytes]));
}

/** `R01 26 1299 of 1 by 02100002 0000001`: code, entry code, cents, sequences of both traces. */
function returnOf({ records, entry }: ReturnItem): string {
  const [{ code, originalTrace, traceNumber }] = records;
  const amount = `${entry?.transactionCode} ${entry?.amountCents}`;
  return `${code} ${amount} of ${sequenceIn(originalTrace)} by ${sequenceIn(traceNumber)}`;
}

function changeOf({ record, entry, corrected }: CorrectionItem): string {
  const parts = corrected.kind === "known" ? Object.values(corrected.parts) : [corrected.kind];
  const texts = parts.map((value) => (typeof value === "string" ? value : value.expose()));
  const amount = `${entry?.transactionCode} ${entry?.amountCents}`;
  const of = `${sequenceIn(record.originalTrace)}: ${texts.join(", ")}`;
  return `${record.changeCode} ${amount} of ${of}`;
}

function sequenceIn(trace: string | undefined): number {
  return Number(trace?.slice(8));
}
