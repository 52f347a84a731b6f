/** The trial balance: zero at every prefix, and what the view of the balances says. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { HOUSE_ACCOUNTS } from "../../actors/ledger.ts";
import { BrokenBooks } from "../../src/books/booked-event.ts";
import { BalanceFold } from "../../src/books/trial-balance.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { allBalances, entryCount, ledgerBalances } from "../../src/views/ledger-balances.ts";
import { moneySteps } from "../invariants/money-steps.ts";
import { parameters } from "../invariants/seeds.ts";
import { viewOf } from "../views/history.ts";
import { ACTORS, logOf } from "./recorded-log.ts";

const RUNS = 40;
const LENGTH = 60;

function fold(events: readonly StoredEvent[]): BalanceFold {
  const balances = new BalanceFold(ACTORS);
  for (const event of events) balances.hear(event);
  return balances;
}

describe("after any life", () => {
  test("the trial balance is zero at every prefix, and the view's at the end", () => {
    let entries = 0;
    const property = fc.property(moneySteps(LENGTH), fc.nat(), (steps, cut) => {
      const events = logOf(steps, 1);
      const balances = new BalanceFold(ACTORS);
      for (const event of events) {
        balances.hear(event);
        expect(Number(balances.sumCents)).toBe(0);
      }
      entries += balances.entries;
      for (const part of [events, events.slice(0, cut % events.length)]) {
        const view = viewOf(ledgerBalances, part);
        expect(new Map(allBalances(view))).toEqual(fold(part).balances);
        expect(fold(part).entries).toBe(entryCount(view));
      }
    });
    fc.assert(property, parameters(RUNS));
    expect(entries).toBeGreaterThan(RUNS * 10);
  }, 120_000);

  test("both columns are the same, by kind and account by account", () => {
    const property = fc.property(moneySteps(LENGTH), (steps) => {
      const balances = fold(logOf(steps, 2));
      for (const isAll of [false, true]) {
        const told = balances.trialBalance(isAll);
        expect(told.debitCents).toBe(told.creditCents);
        expect(told.rows.reduce((sum, row) => sum + row.accounts, 0)).toBe(balances.balances.size);
        if (isAll) expect(told.rows.every(({ accounts }) => accounts === 1)).toBe(true);
      }
    });
    fc.assert(property, parameters(RUNS / 4));
  }, 60_000);
});

const posting = (account: string, side: "debit" | "credit", amountCents: number) => {
  return { account, side, amountCents };
};

function booked(...postings: ReturnType<typeof posting>[]): StoredEvent {
  const event = { kind: "FileSettled", entry: { name: "file_settled", postings } };
  return {
    ...{ position: 1, ref: { kind: "ach-file", id: "ach_20261123_A" }, seq: 1, previous: 0 },
    ...{ kind: event.kind, version: 1, atMs: 1_000, principal: "test", commandId: "c" },
    data: JSON.stringify(event),
  };
}

describe("a row", () => {
  test("stands on the side on which its account grows, and says when it is below zero", () => {
    const one = posting("merch:1:receivable", "credit", 5);
    const other = posting("cust:per_1:refund_payable", "debit", 5);
    const { rows } = fold([booked(one, other)]).trialBalance(true);
    expect(rows.map(({ account, side, balanceCents }) => [account, side, +balanceCents])).toEqual([
      ["cust:per_1:refund_payable", "credit", -5],
      ["merch:1:receivable", "debit", -5],
    ]);
  });

  test("of what is in suspense stands where it is", () => {
    const [debit, credit] = [
      posting("ach:suspense", "credit", 5),
      posting("cash:bank", "debit", 5),
    ];
    const { rows } = fold([booked(debit, credit)]).trialBalance(false);
    expect(rows.map(({ account, side }) => `${account} ${side}`)).toEqual([
      "ach:suspense credit",
      "cash:bank debit",
    ]);
  });

  test("sums a kind of many, and leaves the accounts of the house alone", () => {
    const many = ["cust:per_1:due", "cust:per_2:due", "p2p:t1:payable", "partner:x:receivable"];
    const postings = [...many, ...HOUSE_ACCOUNTS].flatMap((account) => {
      return [posting(account, "debit", 3), posting(account, "credit", 3)];
    });
    const { rows } = fold([booked(...postings)]).trialBalance(false);
    const kinds = ["cust:*:due", "p2p:*:payable", "partner:*:receivable", ...HOUSE_ACCOUNTS];
    expect(rows.map(({ account }) => account)).toEqual(kinds.sort());
    expect(rows.find(({ account }) => account === "cust:*:due")?.accounts).toBe(2);
  });
});

test("an empty log has a balance of nothing", () => {
  const { position, atMs, rows } = fold([]).trialBalance(false);
  expect({ position, atMs, rows }).toEqual({ position: 0, atMs: null, rows: [] });
});

describe("what is no journal entry is named with its place:", () => {
  const good = booked(posting("cash:bank", "debit", 5), posting("ach:out", "credit", 5));
  const place = "event 1 (FileSettled, number 1 of ach-file:ach_20261123_A)";

  test.each([
    ["one that does not balance", { data: good.data.replace("5", "6") }, "is unbalanced"],
    ["no JSON", { data: '{"entry":' }, "JSON"],
    ["an event of a newer version", { version: 99 }, "not of a newer version"],
    ["an amount that is none", { data: good.data.replaceAll(":5", ":0.5") }, "safe integer"],
  ])("%s", (_, change, says) => {
    expect(() => fold([{ ...good, ...change }])).toThrow(BrokenBooks);
    expect(() => fold([{ ...good, ...change }])).toThrow(place);
    expect(() => fold([{ ...good, ...change }])).toThrow(says);
  });

  test("an actor that nobody knows", () => {
    expect(() => fold([{ ...good, ref: { kind: "x", id: "1" } }])).toThrow("no such kind of actor");
  });
});
