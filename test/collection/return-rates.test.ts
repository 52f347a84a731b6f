/** Return rates: what is counted when, at every edge of a threshold and of the sixty days. */
import { describe, expect, test } from "bun:test";
import { addDays, type BankDate, instantOf } from "../../actors/banking-calendar.ts";
import {
  RATE_DAYS,
  type RateLevel,
  rateFrom,
  ratesFrom,
  ratesToWatch,
  recentReturns,
} from "../../src/collection/return-rates.ts";
import { VirtualClock } from "../../src/runtime/clock.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import type { ViewStore } from "../../src/runtime/view.ts";
import {
  daysOfReturns,
  merchantsWithReturns,
  NO_RETURNS,
  type RateClass,
  returnRates,
} from "../../src/views/return-rates.ts";
import { MemoryTable } from "../views/history.ts";

const TODAY = "2026-11-23" as BankDate;

describe("a rate", () => {
  const CASES: readonly (readonly [RateClass, number, number, number | null, RateLevel])[] = [
    ["unauthorised", 0, 0, null, "good"],
    ["unauthorised", 0, 200, 0, "good"],
    // Of 401 debits one is just below half of 0.5 %, of 400 it is half.
    ["unauthorised", 1, 401, 24, "good"],
    ["unauthorised", 1, 400, 25, "watch"],
    ["unauthorised", 1, 200, 50, "watch"],
    ["unauthorised", 1, 199, 50, "above"],
    ["administrative", 3, 201, 149, "good"],
    ["administrative", 3, 200, 150, "watch"],
    ["administrative", 3, 100, 300, "watch"],
    ["administrative", 3, 99, 303, "above"],
    ["overall", 15, 201, 746, "good"],
    ["overall", 15, 200, 750, "watch"],
    ["overall", 15, 100, 1_500, "watch"],
    ["overall", 15, 99, 1_515, "above"],
    // What came back of debits that were originated before those sixty days.
    ["overall", 1, 0, null, "above"],
  ];

  test.each(CASES)("%s: %d of %d", (kind, returned, originated, basisPoints, level) => {
    const rate = rateFrom(kind, { ...NO_RETURNS, originated, [kind]: returned });
    expect(rate).toMatchObject({ kind, returned, basisPoints, level });
  });

  test("has its threshold, and all three are told", () => {
    const told = ratesFrom(NO_RETURNS).map(({ kind, thresholdBasisPoints }) => {
      return [kind, thresholdBasisPoints];
    });
    expect(told).toEqual([
      ["unauthorised", 50],
      ["administrative", 300],
      ["overall", 1_500],
    ]);
  });
});

/** A log of a few events, each on a day of its own choosing. */
class Log {
  readonly table = new MemoryTable();
  readonly views = { table: () => this.table } as unknown as ViewStore;
  #position = 0;

  add(on: BankDate, kind: string, id: string, body: { readonly kind: string }): this {
    const event = {
      ...{ ref: { kind, id }, position: ++this.#position, atMs: instantOf(on, 12) },
      ...{ kind: body.kind, data: JSON.stringify(body) },
    };
    returnRates.apply([event as StoredEvent], this.table);
    return this;
  }

  /** Debits of these merchants, by trace from 1, in a file that the bank takes. */
  file(on: BankDate, merchants: readonly number[], isTaken = true): string {
    const fileId = fileOf(on);
    const debits = merchants.map((merchantNumber, at) => ({ merchantNumber, trace: at + 1 }));
    this.add(on, "account", "acc_1", { kind: "DebitsFiled", fileId, debits } as never);
    if (isTaken) this.add(on, "ach-file", fileId, { kind: "FileAcknowledged" });
    return fileId;
  }

  comesBack(on: BankDate, fileId: string, trace: number, code: string, doubt?: string): this {
    const kind = doubt === undefined ? "ReturnReceived" : "ReturnDoubted";
    const body = { kind, code, ...(doubt === undefined ? {} : { doubt }) };
    return this.add(on, "ach-entry", `${fileId}/${trace}`, body);
  }

  counts(today = TODAY, merchantNumber?: number): readonly number[] {
    const counts = recentReturns(this.views, today, merchantNumber);
    return [counts.originated, counts.unauthorised, counts.administrative, counts.overall];
  }
}

const fileOf = (on: BankDate): string => `ach_${on.replaceAll("-", "")}_A`;

describe("what is counted", () => {
  test("is every debit that the bank took, and each one that came back, once", () => {
    const log = new Log();
    const file = log.file(TODAY, [1, 1, 2, 2, 2, 3]);
    log.comesBack(TODAY, file, 1, "R10").comesBack(TODAY, file, 3, "R03");
    log.comesBack(TODAY, file, 4, "R01").comesBack(TODAY, file, 6, "R51", "unknown_code");
    expect(log.counts()).toEqual([6, 2, 1, 4]);
    expect([1, 2, 3, 4].map((merchant) => log.counts(TODAY, merchant))).toEqual([
      [2, 1, 0, 1],
      [3, 0, 1, 2],
      [1, 1, 0, 1],
      [0, 0, 0, 0],
    ]);
    expect(merchantsWithReturns(log.table, TODAY, RATE_DAYS, 10)).toEqual([1, 2, 3]);
    expect(merchantsWithReturns(log.table, TODAY, RATE_DAYS, 2)).toEqual([1, 2]);
    // Another word on the same debit, and ones that are of no debit.
    log.comesBack(TODAY, file, 1, "R07", "possible_duplicate").comesBack(TODAY, file, 1, "R07");
    log.comesBack(TODAY, file, 7, "R03").comesBack(TODAY, "unknown", 1, "R03", "unmatched");
    log.comesBack(TODAY, file, 5, "R03", "direction_differs");
    expect(log.counts()).toEqual([6, 2, 1, 4]);
  });

  test("is a return fee, too: it is a debit of ours", () => {
    const log = new Log();
    const fileId = log.file(TODAY, [1], false);
    const fees = [{ merchantNumber: 2, trace: 2 }];
    log.add(TODAY, "account", "acc_1", { kind: "FeesFiled", fileId, fees } as never);
    log.add(TODAY, "ach-file", fileId, { kind: "FileAcknowledged" });
    log.comesBack(TODAY, fileId, 2, "R10");
    expect([log.counts(), log.counts(TODAY, 2)]).toEqual([
      [2, 1, 0, 1],
      [1, 1, 0, 1],
    ]);
  });

  test("is a return that nobody could act on, too", () => {
    const log = new Log();
    const file = log.file(TODAY, [1, 1, 1, 1]);
    log.comesBack(TODAY, file, 1, "R97", "unknown_code");
    log.comesBack(TODAY, file, 2, "R02", "amount_differs");
    log.comesBack(TODAY, file, 3, "R01", "too_late");
    expect(log.counts()).toEqual([4, 0, 1, 3]);
  });

  test("is no file that the bank did not take, or gave back whole", () => {
    const log = new Log();
    const file = log.file(TODAY, [1, 2], false);
    expect(log.counts()).toEqual([0, 0, 0, 0]);
    log.add(TODAY, "ach-file", file, { kind: "FileRejected" });
    expect(log.counts()).toEqual([0, 0, 0, 0]);
    const other = log.file(addDays(TODAY, -1), [1, 2]);
    expect(log.counts()).toEqual([2, 0, 0, 0]);
    // First taken, then not after all.
    log.add(TODAY, "ach-file", other, { kind: "FileRejected" });
    expect(log.counts()).toEqual([0, 0, 0, 0]);
    expect(log.counts(TODAY, 2)).toEqual([0, 0, 0, 0]);
  });

  test("is kept by day when the file has come to its end", () => {
    const log = new Log();
    const file = log.file(TODAY, [1, 2]);
    log.add(TODAY, "ach-file", file, { kind: "FileClosed" });
    // A late return of a consumer comes weeks after.
    log.comesBack(addDays(TODAY, 40), file, 2, "R10");
    expect(log.counts(addDays(TODAY, 40))).toEqual([2, 1, 0, 1]);
    const days = daysOfReturns(log.table, addDays(TODAY, 40), RATE_DAYS, 2);
    expect(days.map(({ day, originated, overall }) => [day, originated, overall])).toEqual([
      [TODAY, 1, 0],
      [addDays(TODAY, 40), 0, 1],
    ]);
  });
});

test("sixty days have a first and a last", () => {
  const log = new Log();
  const file = log.file(TODAY, [1]);
  log.comesBack(TODAY, file, 1, "R10");
  expect(log.counts(addDays(TODAY, RATE_DAYS - 1))).toEqual([1, 1, 0, 1]);
  expect(log.counts(addDays(TODAY, RATE_DAYS))).toEqual([0, 0, 0, 0]);
  expect(log.counts(addDays(TODAY, -1))).toEqual([0, 0, 0, 0]);
  const with0 = (days: number) => merchantsWithReturns(log.table, addDays(TODAY, days), 60, 10);
  expect([with0(RATE_DAYS - 1), with0(RATE_DAYS)]).toEqual([[1], []]);
});

test("whoever watches hears of a rate while it is too high", () => {
  const log = new Log();
  const clock = new VirtualClock(instantOf(TODAY, 12), "frozen");
  const file = log.file(TODAY, [1, 1, 1, 1]);
  expect(ratesToWatch(log.views, clock)).toEqual([]);
  log.comesBack(TODAY, file, 1, "R10");
  expect(ratesToWatch(log.views, clock)).toEqual(["unauthorised", "overall"]);
  clock.advanceTo(instantOf(addDays(TODAY, RATE_DAYS), 12));
  expect(ratesToWatch(log.views, clock)).toEqual([]);
});
