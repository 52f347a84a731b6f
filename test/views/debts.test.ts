/** The queue of debts says what the accounts say, whatever happens to their money. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { AccountState } from "../../actors/account-state.ts";
import type { Message, Meta } from "../../actors/actor.ts";
import { feesCents } from "../../actors/collection-state.ts";
import type { AccountId, PersonId } from "../../actors/ids.ts";
import { cents } from "../../actors/money.ts";
import { debitReturned } from "../../actors/postings.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { complianceQueue, frozenAccounts } from "../../src/views/compliance-queue.ts";
import { debtQueue, debts, findDebt, type OpenDebit } from "../../src/views/debts.ts";
import { MoneyRun } from "../invariants/money-run.ts";
import { moneySteps } from "../invariants/money-steps.ts";
import { type MoneyRare, type MoneyTown, REAL_MONEY } from "../invariants/money-town.ts";
import { Rare } from "../invariants/rare.ts";
import { parameters } from "../invariants/seeds.ts";
import { MemoryTable } from "./history.ts";

const RUNS = 160;
const LENGTH = 200;

/** What is not collected of an account, the plain way. */
function owedBy(state: AccountState) {
  if (state.kind === "vacant") return undefined;
  const { collection } = state.customer;
  const { purchases, fees, bankAccount } = collection;
  const { ended } = state.customer.mandate;
  type Open = Pick<OpenDebit, "paymentId" | "amountCents" | "stage">;
  const open = purchases.flatMap((purchase): Open[] => {
    const { paymentId, amountCents, stage } = purchase;
    if (stage === "due") return [];
    if (stage !== "in_flight") return [{ paymentId, amountCents, stage }];
    return purchase.sent.attempt === 1
      ? []
      : [{ paymentId, amountCents, stage: "presented_again" }];
  });
  const bankAccountCode = bankAccount.kind === "invalid" ? bankAccount.code : null;
  const mandateEndedCode = ended?.code ?? null;
  const isOver = bankAccountCode !== null || mandateEndedCode !== null;
  const stopped = collection.refunds.filter(({ stage }) => stage === "stopped");
  if (open.length + fees.length + stopped.length === 0 && !isOver) return undefined;
  const feesSent = fees.flatMap(({ paymentId, amountCents, sent }) => {
    return sent === null ? [] : [{ paymentId, fileId: sent.fileId, amountCents }];
  });
  return {
    ...{ open, feesCents: feesCents(collection), feesSent, bankAccountCode, mandateEndedCode },
    stopped: stopped.map(({ refundId, amountCents, reverses }) => {
      return { refundId, leftCents: reverses === undefined ? amountCents : null };
    }),
  };
}

interface Watched {
  readonly table: MemoryTable;
  readonly frozen: MemoryTable;
  readonly seen: Set<string>;
}

/** Views that hear each decision of an account, and are held against its state. */
function watched(town: MoneyTown, { table, frozen, seen }: Watched): MoneyTown {
  let position = 0;
  return (retriesMax) => {
    const actors = town(retriesMax);
    const { account } = actors;
    return {
      ...actors,
      account: {
        ...account,
        decide(state, command, meta: Meta) {
          const decision = account.decide(state, command, meta);
          const events = (decision.events as readonly Message[]).map((event) => {
            const data = JSON.stringify(event);
            const of = { ref: meta.actor, atMs: meta.nowMs, principal: meta.principal };
            return { ...of, position: ++position, kind: event.kind, data } as StoredEvent;
          });
          for (const view of [debts, complianceQueue]) {
            view.apply(events, view === debts ? table : frozen);
          }
          const after = decision.events.reduce(account.apply, state);
          hold(meta.actor.id as AccountId, after, table, seen);
          const isFrozen =
            after.kind === "blocked" && after.blocks.some(({ reason }) => reason === "compliance");
          const all = frozenAccounts(frozen, 100) ?? [];
          expect(all.some((one) => one.accountId === meta.actor.id)).toBe(isFrozen);
          if (isFrozen) seen.add("frozen");
          return decision;
        },
      },
    };
  };
}

function hold(id: AccountId, state: AccountState, table: MemoryTable, seen: Set<string>): void {
  const owed = owedBy(state);
  const row = findDebt(table, id);
  const queued = (debtQueue(table, 100) ?? []).filter(({ accountId }) => accountId === id);
  expect(queued).toEqual(row === undefined ? [] : [row]);
  expect(row === undefined).toBe(owed === undefined);
  if (row === undefined || owed === undefined) return;
  const byPayment = (one: { paymentId: string }, other: { paymentId: string }): number =>
    one.paymentId < other.paymentId ? -1 : 1;
  expect(row.feesCents).toBe(owed.feesCents);
  expect(row.feesSent.toSorted(byPayment)).toEqual(owed.feesSent.toSorted(byPayment));
  expect(row.bankAccountCode).toBe(owed.bankAccountCode);
  expect(row.mandateEndedCode).toBe(owed.mandateEndedCode);
  const byRefund = (one: { refundId: string }, other: { refundId: string }): number =>
    one.refundId < other.refundId ? -1 : 1;
  expect(row.stopped.toSorted(byRefund)).toEqual(owed.stopped.toSorted(byRefund));
  const shown = row.debits.map(({ paymentId, amountCents, stage }) => {
    return { paymentId, amountCents, stage };
  });
  expect(shown.toSorted(byPayment)).toEqual(owed.open.toSorted(byPayment));
  for (const { stage, attempts } of row.debits) {
    seen.add(stage);
    seen.add(`${attempts.length} attempts`);
  }
  if (row.feesCents > 0) seen.add("fees");
  if (row.feesSent.length > 0) seen.add("fees under way");
  if (row.bankAccountCode !== null) seen.add("bank account");
  if (row.mandateEndedCode !== null) seen.add("mandate");
  for (const { leftCents } of row.stopped) seen.add(leftCents === null ? "stranger's" : "stopped");
}

test("it says what the accounts say, after each of their decisions", () => {
  const seen = new Set<string>();
  const steps = moneySteps(LENGTH);
  const property = fc.property(fc.constantFrom<(1 | 2)[]>(1, 2), steps, (retriesMax, taken) => {
    const tables = { table: new MemoryTable(), frozen: new MemoryTable(), seen };
    new MoneyRun(watched(REAL_MONEY, tables), new Rare<MoneyRare>(), retriesMax).all(taken);
  });
  fc.assert(property, parameters(RUNS));
  const states = [
    "returned",
    "disputed",
    "presented_again",
    "fees",
    "fees under way",
    "bank account",
    "frozen",
  ];
  for (const state of [...states, "mandate", "1 attempts", "2 attempts", "stopped", "stranger's"]) {
    expect([state, seen.has(state)]).toEqual([state, true]);
  }
}, 600_000);

const event = (id: string, position: number, body: Message): StoredEvent =>
  ({
    ...{ ref: { kind: "account", id }, position, kind: body.kind },
    ...{ atMs: position * 1_000, data: JSON.stringify(body) },
  }) as StoredEvent;

test("a file that the bank takes back whole gives back its own debits only", () => {
  const table = new MemoryTable();
  const returned = (paymentId: string) => ({
    ...{ kind: "DebitReturned", paymentId, fileId: "f0", trace: 1, code: "R01", to: "returned" },
    entry: debitReturned("per_1" as PersonId, "returned", cents(100), true),
  });
  const filed = (fileId: string, paymentId: string) => ({
    ...{ kind: "DebitsFiled", fileId, debits: [{ paymentId, attempt: 2 }] },
  });
  const unfiled = { kind: "DebitsUnfiled", fileId: "f2" };
  const bodies = [returned("p"), returned("q"), filed("f1", "p"), filed("f2", "q"), unfiled];
  debts.apply(
    bodies.map((body, at) => event("a", at + 1, body)),
    table,
  );
  const row = findDebt(table, "a" as AccountId);
  const stages = row?.debits.map(({ paymentId, stage }) => [String(paymentId), stage]);
  expect(stages).toEqual([
    ["p", "presented_again"],
    ["q", "returned"],
  ]);
});

describe("the oldest comes first", () => {
  const rejected = { kind: "BankAccountRejected", code: "R02" };
  const replaced = { kind: "BankAccountReplaced", token: "t" };

  test("and who has left is no longer asked for another bank account or mandate", () => {
    const table = new MemoryTable();
    const ends = ["BankAccountRejected", "MandateEnded"].map((kind, at) =>
      event("acc_1", at + 1, { kind, code: "R07" } as Message),
    );
    debts.apply(ends, table);
    expect(debtQueue(table, 10)).toMatchObject([
      { bankAccountCode: "R07", mandateEndedCode: "R07", debits: [] },
    ]);
    debts.apply([event("acc_1", 3, { kind: "AccountClosed" })], table);
    expect(debtQueue(table, 10)).toEqual([]);
  });

  test("and who owes nothing for a while begins anew", () => {
    const table = new MemoryTable();
    const order = (after?: string) =>
      debtQueue(table, 2, after as AccountId)?.map(({ accountId }) => String(accountId));
    debts.apply([event("a", 1, rejected), event("b", 2, rejected), event("c", 3, rejected)], table);
    expect([order(), order("b"), order("c"), order("x")]).toEqual([
      ["a", "b"],
      ["c"],
      [],
      undefined,
    ]);
    debts.apply([event("a", 4, replaced), event("a", 5, rejected), event("b", 6, rejected)], table);
    expect([order(), order("c")]).toEqual([["b", "c"], ["a"]]);
    expect(findDebt(table, "a" as AccountId)?.sinceMs).toBe(5_000);
    expect(findDebt(table, "b" as AccountId)?.sinceMs).toBe(2_000);
  });

  test("of those who are frozen, too", () => {
    const table = new MemoryTable();
    const block = { kind: "AccountBlocked", reason: "compliance", note: "R16: account frozen" };
    const other = { ...block, reason: "operator" };
    const lift = { kind: "BlockLifted", reason: "compliance", note: "a letter" };
    complianceQueue.apply([event("a", 1, block), event("b", 2, block)], table);
    complianceQueue.apply([event("c", 3, other), event("a", 4, lift), event("a", 5, block)], table);
    const order = (after?: string) =>
      frozenAccounts(table, 5, after as AccountId)?.map(({ accountId }) => String(accountId));
    expect([order(), order("b"), order("c")]).toEqual([["b", "a"], ["a"], undefined]);
  });
});
