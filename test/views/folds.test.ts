/** What the views show, against folds of the same events that are written the plain way. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { LaneEvent } from "../../actors/lane-messages.ts";
import { type LedgerAccount, signedCents } from "../../actors/ledger.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import {
  allBalances,
  balanceOf,
  entryCount,
  ledgerBalances,
  ledgerSum,
} from "../../src/views/ledger-balances.ts";
import { eventsSince, lastNumber, merchantEvents } from "../../src/views/merchant-events.ts";
import { findRequest, paymentRequests, requestsOfLane } from "../../src/views/payment-requests.ts";
import { SwitchRig } from "../switch-rig.ts";
import { eventsOf, live, viewOf } from "./history.ts";

let rig: SwitchRig;
let events: readonly StoredEvent[];

beforeAll(async () => {
  rig = await SwitchRig.start();
  await live(rig);
  events = await eventsOf(rig);
});
afterAll(() => rig[Symbol.asyncDispose]());

function bodies<Event extends { readonly kind: string }>(kind: Event["kind"]): readonly Event[] {
  return events.filter((event) => event.kind === kind).map(({ data }) => JSON.parse(data) as Event);
}

describe("the ledger", () => {
  test("has the sum of every posting, and zero over all", () => {
    const table = viewOf(ledgerBalances, events);
    const captured = bodies<Extract<AccountEvent, { kind: "PaymentCaptured" }>>("PaymentCaptured");
    const sums = new Map<LedgerAccount, number>();
    for (const { entry } of captured) {
      for (const posting of entry.postings) {
        const before = sums.get(posting.account) ?? 0;
        sums.set(posting.account, before + signedCents(posting));
      }
    }
    expect(captured).toHaveLength(6);
    expect(new Map<string, number>([...allBalances(table)])).toEqual(sums);
    for (const [account, sum] of sums) expect<number>(balanceOf(table, account)).toBe(sum);
    expect(entryCount(table)).toBe(6);
    expect<number>(ledgerSum(table)).toBe(0);
    const [nobody] = ["cust:due:per_nobody"] as const;
    expect<number>(balanceOf(table, nobody as LedgerAccount)).toBe(0);
  });

  test("is what the desk shows", async () => {
    const ledger = await rig.desk.ledger();
    expect(ledger).toMatchObject({ entries: 6, sum: { amount: 0 }, position: events.length });
    const table = viewOf(ledgerBalances, events);
    const shown = ledger.accounts.map(({ account, balance }) => [account, balance.amount]);
    expect(shown).toEqual([...allBalances(table)].map(([account, cents]) => [account, cents]));
  });

  test("pages through more accounts than one page holds", () => {
    const entry = (at: number) => ({
      postings: [
        { account: `cust:due:${at}`, side: "debit", amountCents: 1 },
        { account: "merch:payable:1", side: "credit", amountCents: 1 },
      ],
    });
    const [sample] = events;
    if (sample === undefined) throw new Error("there are events");
    const many = Array.from({ length: 1_205 }, (_, at) => ({
      ...sample,
      position: at + 1,
      data: JSON.stringify({ kind: sample.kind, entry: entry(at) }),
    }));
    const table = viewOf(ledgerBalances, many);
    expect([...allBalances(table)]).toHaveLength(1_206);
    expect<number>(ledgerSum(table)).toBe(0);
  });
});

describe("payment requests", () => {
  test("are as their lanes know them", async () => {
    const table = viewOf(paymentRequests, events);
    const { host } = rig.running.services;
    let compared = 0;
    for (const lane of ["lane_1", "lane_2", "lane_3"]) {
      const reply = await host.ask(
        { kind: "lane", id: lane },
        { kind: "DescribeLane" },
        { principal: "switch" },
      );
      const known = reply as unknown as { open: readonly Known[]; closed: readonly Known[] };
      for (const request of [...known.open, ...known.closed]) {
        expect(findRequest(table, request.requestId)).toEqual(request as never);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(8);
  });

  test("are listed by lane, newest first, and go on behind any of them", () => {
    const table = viewOf(paymentRequests, events);
    const opened = events.filter(
      ({ kind, ref }) => kind === "PaymentRequestOpened" && ref.id === "lane_2",
    );
    const numbers = opened.map(
      ({ data }) => (JSON.parse(data) as { requestNumber: number }).requestNumber,
    );
    const listed = requestsOfLane(table, "lane_2", undefined, 100);
    expect(listed.map(({ requestNumber }) => requestNumber)).toEqual([...numbers].reverse());
    const [first, second, third] = listed;
    if (first === undefined || second === undefined || third === undefined) {
      throw new Error("there are three requests");
    }
    expect(requestsOfLane(table, "lane_2", first.requestNumber, 2)).toEqual([second, third]);
    expect(requestsOfLane(table, "lane_99", undefined, 5)).toEqual([]);
    expect(findRequest(table, "preq_none")).toBeUndefined();
  });
});

interface Known {
  readonly requestId: string;
}

describe("merchant events", () => {
  const NAMED = "BankAccountSet";
  const TOLD: readonly LaneEvent["kind"][] = [
    "PaymentRequestOpened",
    "PaymentRequestUpdated",
    "PaymentRequestScanned",
    "PaymentRequestSuperseded",
    "PaymentRequestCancelled",
    "PaymentRequestExpired",
    "PaymentRequestPaid",
  ];

  test("are all that happened to a merchant and its lanes, numbered without a gap", () => {
    const table = viewOf(merchantEvents, events);
    const merchantOf = new Map<string, number>();
    for (const { kind, ref, data } of events) {
      if (kind !== "LaneSetUp") continue;
      const { terms } = JSON.parse(data) as Extract<LaneEvent, { kind: "LaneSetUp" }>;
      merchantOf.set(ref.id, terms.payee.merchantNumber);
    }
    for (const merchant of [1, 2]) {
      const expected = events.filter(({ kind, ref }) => {
        if (ref.kind === "merchant") return kind === NAMED && ref.id === String(merchant);
        return merchantOf.get(ref.id) === merchant && TOLD.includes(kind as LaneEvent["kind"]);
      });
      const found = eventsSince(table, merchant, 0, 1_000);
      expect(found.map(({ number }) => number)).toEqual(expected.map((_, at) => at + 1));
      expect(found.map(({ atMs, laneId }) => [atMs, laneId])).toEqual(
        expected.map(({ atMs, ref, kind }) => [atMs, kind === NAMED ? undefined : ref.id]),
      );
      expect(lastNumber(table, merchant)).toBe(expected.length);
      expect(eventsSince(table, merchant, 3, 2)).toEqual(found.slice(3, 5));
    }
    expect(lastNumber(table, 99)).toBe(0);
    const kinds = new Set(eventsSince(table, 1, 0, 1_000).map(({ type }) => type));
    for (const { type } of eventsSince(table, 2, 0, 1_000)) kinds.add(type);
    expect(kinds.size).toBe(TOLD.length + 1);
  });

  test("name the payment once there is one, and never the payer", () => {
    const table = viewOf(merchantEvents, events);
    for (const event of eventsSince(table, 1, 0, 1_000)) {
      expect(event.paymentId !== undefined).toBe(event.type === "payment.paid");
    }
    expect(JSON.stringify([...table.rows.values()])).not.toMatch(/acc_|dev_|per_|wallet/);
  });
});
