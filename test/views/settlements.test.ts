/** Settlement statements: what is paid out is the sum of its lines, and no payment is on two. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { MerchantEvent } from "../../actors/merchant.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import {
  merchantsDue,
  type SettlementRow,
  settlements,
  settlementsOf,
} from "../../src/views/settlements.ts";
import {
  LINE_KINDS,
  linesOf,
  type Span,
  type StatementLine,
} from "../../src/views/statement-lines.ts";
import { BrokenInvariant, demand } from "../invariants/demand.ts";
import { isRepresentative, parameters, plantedParameters } from "../invariants/seeds.ts";
import { rowsOf, viewOf } from "./history.ts";
import { SHOPS, ShopHistory, steps } from "./shop-history.ts";

const RUNS = 150;
const EVER: Span = {
  ...{ paymentsAfter: 0, paymentsUpto: Infinity, othersAfter: 0, othersUpto: Infinity },
};

const sum = (lines: readonly StatementLine[], name: "payableCents" | "debtCents"): number =>
  lines.reduce((all, line) => all + line[name], 0);

/** Every statement of a shop, oldest first, with its lines. */
function statementsOf({ table }: ShopHistory, shop: number) {
  const found = settlementsOf(table, shop, undefined, 1_000).toReversed();
  return found.map((row) => ({ row, lines: [...linesOf(table, shop, row.span)] }));
}

function auditStatement({ row, lines }: { row: SettlementRow; lines: readonly StatementLine[] }) {
  const { opening, closing, amountCents, totals } = row;
  for (const line of lines) {
    const net = line.amountCents + line.feeCents;
    demand(net === line.payableCents - line.debtCents, "a line adds up", () => line);
  }
  const net = lines.reduce((all, line) => all + line.amountCents + line.feeCents, 0);
  const before = opening.payableCents - opening.debtCents;
  const after = closing.payableCents - closing.debtCents;
  demand(before + net - amountCents === after, "opening, lines, payout, closing", () => row);
  const payable = opening.payableCents + sum(lines, "payableCents") - amountCents;
  demand(payable === closing.payableCents, "what is owed adds up", () => row);
  const debt = opening.debtCents + sum(lines, "debtCents");
  demand(debt === closing.debtCents, "what the merchant owes adds up", () => row);
  // All that was owed is paid out, so the lines alone are the payout.
  demand(net === amountCents, "the sum of the lines is the payout", () => [row, net]);
  for (const kind of LINE_KINDS) {
    const own = lines.filter((line) => line.kind === kind);
    const { count, payableCents } = totals[kind];
    const isSame = count === own.length && payableCents === sum(own, "payableCents");
    demand(isSame, "totals are of the lines", () => [kind, totals, own]);
  }
}

function auditShop(history: ShopHistory, shop: number, rare: Map<string, number>): void {
  const all = statementsOf(history, shop);
  const count = (kind: string): unknown => rare.set(kind, (rare.get(kind) ?? 0) + 1);
  let last: SettlementRow | undefined;
  for (const { row, lines } of all) {
    auditStatement({ row, lines });
    const { span, opening, number } = row;
    demand(number === (last?.number ?? 0) + 1, "statements are numbered", () => row);
    demand(span.paymentsAfter === (last?.span.paymentsUpto ?? 0), "no gap", () => row);
    demand(span.othersAfter === (last?.span.othersUpto ?? 0), "no gap", () => row);
    const isNext = JSON.stringify(opening) === JSON.stringify(last?.closing ?? opening);
    demand(isNext, "it opens as the one before closed", () => [last, row]);
    for (const { kind } of lines) count(kind);
    if (span.paymentsUpto < span.othersUpto - 1) count("a view that lagged");
    last = row;
  }
  const positions = all.flatMap(({ lines }) => lines.map(({ position }) => position));
  demand(positions.length === new Set(positions).size, "each line on one statement", () => all);
  for (const { lines } of all) {
    const order = lines.map(({ position }) => position);
    demand(
      order.every((one, at) => one > (order[at - 1] ?? 0)),
      "in order",
      () => order,
    );
  }
  const lines = [...linesOf(history.table, shop, EVER)];
  const paid = history.payments.filter((payment) => payment.shop === shop).length;
  const shown = lines.filter(({ kind }) => kind === "payment").length;
  demand(paid === shown, "every payment is a line", () => [paid, shown]);
  const open = lines.filter(({ position }) => !positions.includes(position));
  const upto = last?.span ?? { paymentsUpto: 0, othersUpto: 0 };
  for (const { kind, position } of open) {
    const isCredit = kind === "payment" || kind === "set_off";
    const end = isCredit ? upto.paymentsUpto : upto.othersUpto;
    demand(position > end, "what stands on no statement came later", () => [kind, position, upto]);
  }
  // The merchant's own actor, and the events, say the same of what is left.
  const payouts = all.reduce((whole, { row }) => whole + row.amountCents, 0);
  const owed = sum(lines, "payableCents") - payouts;
  const { takenCents, receivableCents } = history.state(shop);
  const credited = sum(
    lines.filter(({ kind }) => kind === "payment" || kind === "set_off"),
    "payableCents",
  );
  demand(owed === credited - takenCents, "what is owed", () => [owed, credited, takenCents]);
  demand(sum(lines, "debtCents") === receivableCents, "what it owes", () => receivableCents);
  const isDue = [...merchantsDue(history.table)].includes(shop);
  demand(isDue === owed > 0, "whoever is owed something is settled with", () => [shop, owed]);
}

function audit(history: ShopHistory, rare: Map<string, number>): void {
  for (let shop = 1; shop <= SHOPS; shop++) auditShop(history, shop, rare);
}

test("merchants to settle with are read page by page, in the order of their numbers", () => {
  const history = new ShopHistory(settlements);
  history.run([{ kind: "pay", shop: 1, amount: 100 }]);
  const [event] = history.events;
  if (event === undefined) throw new Error("somebody paid");
  const numbers = Array.from({ length: 2_100 }, (_, at) => at + 1);
  const events = numbers.map((number): StoredEvent => {
    const data = event.data.replaceAll('"merchantNumber":1,', `"merchantNumber":${number},`);
    return { ...event, position: number, data };
  });
  expect([...merchantsDue(viewOf(settlements, events))]).toEqual(numbers);
});

describe("settlement statements", () => {
  test("add up to the cent, and each payment is on one, over random histories", () => {
    const rare = new Map<string, number>();
    fc.assert(
      fc.property(steps, (all) => {
        const history = new ShopHistory(settlements);
        history.run(all);
        audit(history, rare);
        const whole = rowsOf(history.table);
        expect(rowsOf(viewOf(settlements, history.events, 7))).toEqual(whole);
      }),
      parameters(RUNS),
    );
    if (!isRepresentative(RUNS)) return;
    const reached = [...LINE_KINDS, "a view that lagged"].filter((kind) => rare.has(kind));
    expect(reached).toEqual([...LINE_KINDS, "a view that lagged"]);
  });

  const changed =
    (kind: MerchantEvent["kind"], change: (body: object) => object | undefined) =>
    (event: StoredEvent): StoredEvent | undefined => {
      if (event.kind !== kind) return event;
      const body = change({ ...(JSON.parse(event.data) as object), position: event.position });
      return body === undefined ? undefined : { ...event, data: JSON.stringify(body) };
    };
  type Planted = ConstructorParameters<typeof ShopHistory>[1];
  const planted: readonly (readonly [string, Planted])[] = [
    [
      "takes in what was paid behind its position",
      changed("PayoutMade", (body) => ({
        ...body,
        uptoPosition: (body as { position: number }).position,
      })),
    ],
    ["leaves out what came back", changed("PayoutReturned", () => undefined)],
    ["leaves out what is netted", changed("ReceivableNetted", () => undefined)],
    [
      "takes a refund from what is owed alone",
      changed("ShareGiven", (body) => {
        const { share } = body as { share: { payableCents: number; receivableCents: number } };
        const payableCents = share.payableCents + share.receivableCents;
        return { ...body, share: { ...share, payableCents, receivableCents: 0 } };
      }),
    ],
  ];
  for (const [what, change] of planted) {
    test(`are found wrong by a view that ${what}`, () => {
      const { errorInstance } = fc.check(
        fc.property(steps, (all) => {
          const history = new ShopHistory(settlements, change);
          history.run(all);
          audit(history, new Map());
        }),
        plantedParameters(RUNS),
      );
      expect(errorInstance).toBeInstanceOf(BrokenInvariant);
    });
  }
});
