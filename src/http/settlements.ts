/**
 * Settlement statements: for each payout to a merchant what it is made of, to the cent, with the
 * ranges of the event log that it covers. Nothing in them is of a payer.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import { parseSettlementId, payoutIdOf, settlementId } from "../../actors/ids.ts";
import {
  findSettlement,
  type SettlementRow,
  settlements,
  settlementsOf,
} from "../views/settlements.ts";
import {
  type Balance,
  type KindTotal,
  LINE_KINDS,
  linesOf,
  type StatementLine,
} from "../views/statement-lines.ts";
import { type Api, answers, type ContextOf, on, refusals } from "./api.ts";
import { merchantCaller } from "./auth.ts";
import type { Codes } from "./codes.ts";
import { wholeOr } from "./fields.ts";
import { MoneyShape, toMoney } from "./money.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { csvBody, positionIn, SettlementLineShape, toLine } from "./settlement-lines.ts";
import { listOf, toList, toTime } from "./shapes.ts";

const BalanceShape = z.object({ owed: MoneyShape, debt: MoneyShape }).openapi("SettlementBalance");
const TotalShape = z
  .object({
    count: z.int(),
    amount: MoneyShape,
    fee: MoneyShape,
    owed: MoneyShape,
    debt: MoneyShape,
  })
  .openapi("SettlementTotal");
const TotalsShape = z.object({
  payment: TotalShape,
  refund: TotalShape,
  dispute: TotalShape,
  set_off: TotalShape,
  netted: TotalShape,
  payout_returned: TotalShape,
} satisfies Record<(typeof LINE_KINDS)[number], unknown>);

const SettlementShape = z
  .object({
    object: z.literal("settlement"),
    id: z.string().openapi({ example: "set_1-12" }),
    status: z.enum(["pending", "sent", "paid", "returned"]),
    amount: MoneyShape,
    made_at: z.iso.datetime(),
    effective_on: z.string().nullable().openapi({ description: "When the bank is to credit it" }),
    bank_reference: z.string().openapi({ description: "As the bank statement shows it" }),
    return_code: z.string().nullable(),
    // In both accounts: opening + lines - payout = closing.
    opening: BalanceShape,
    closing: BalanceShape,
    totals: TotalsShape,
    span: z
      .object({
        payments_after: z.int(),
        payments_upto: z.int(),
        others_after: z.int(),
        others_upto: z.int(),
      })
      .openapi({ description: "Positions in the event log: behind the first, up to the second" }),
  })
  .openapi("Settlement");

function route<Path extends string>(path: Path, summary: string) {
  return { method: "get" as const, path, summary, tags: ["lanes"], security: [{ key: [] }] };
}

const SettlementParam = z.object({ settlement: z.string() });

const listRoute = createRoute({
  ...route("/v1/settlements", "Settlements of this merchant, newest first"),
  request: {
    query: z.object({
      limit: wholeOr(20, 1, 100),
      starting_after: z.string().optional().openapi({ description: "A settlement of the list" }),
    }),
  },
  responses: { 200: answers("Settlements", listOf(SettlementShape)), ...refusals("not_found") },
});

const showRoute = createRoute({
  ...route("/v1/settlements/{settlement}", "A settlement, with opening, totals and closing"),
  request: { params: SettlementParam },
  responses: { 200: answers("The settlement", SettlementShape), ...refusals("not_found") },
});

const linesRoute = createRoute({
  ...route(
    "/v1/settlements/{settlement}/lines",
    "What a settlement is made of: payments, refunds, fees, debts, payouts that came back",
  ),
  description:
    "JSON comes page by page. With `Accept: text/csv` all lines come at once, those behind " +
    "`starting_after` if it is given.",
  request: {
    params: SettlementParam,
    query: z.object({
      limit: wholeOr(20, 1, 100),
      starting_after: z.string().optional().openapi({ description: "A line of this settlement" }),
    }),
  },
  responses: {
    200: {
      description: "In the order in which they happened",
      content: {
        "application/json": { schema: listOf(SettlementLineShape) },
        "text/csv": { schema: z.string() },
      },
    },
    ...refusals("not_found"),
  },
});

export function addSettlements(api: Api, services: Services, codes: Codes): void {
  on(api, listRoute, (c) => list(services, c));
  on(api, showRoute, async (c) => {
    const { row } = await settlementOf(services, c, c.req.valid("param").settlement);
    return c.json(toSettlement(row));
  });
  on(api, linesRoute, (c) => showLines(services, codes, c));
}

async function list(services: Services, c: ContextOf<typeof listRoute>): Promise<Response> {
  const { terms } = await merchantCaller(services, c);
  const { limit, starting_after: after } = c.req.valid("query");
  await services.viewRunner.catchUp();
  const { merchantNumber } = terms;
  const before = after === undefined ? undefined : find(services, merchantNumber, after).number;
  const table = services.views.table(settlements.name);
  const found = settlementsOf(table, merchantNumber, before, limit + 1);
  return c.json(toList(found.slice(0, limit).map(toSettlement), found.length > limit));
}

/** Throws Problem for one that is not there, or another merchant's. */
function find({ views }: Services, merchantNumber: number, text: string): SettlementRow {
  const id = parseSettlementId(text);
  const payoutId = id === undefined ? undefined : payoutIdOf(id);
  if (payoutId?.startsWith(`${merchantNumber}-`) !== true) throw new Problem("not_found");
  const row = findSettlement(views.table(settlements.name), payoutId);
  if (row === undefined) throw new Problem("not_found");
  return row;
}

async function settlementOf(
  services: Services,
  c: ContextOf<typeof showRoute> | ContextOf<typeof linesRoute>,
  id: string,
) {
  const { terms } = await merchantCaller(services, c);
  await services.viewRunner.catchUp();
  return { merchantNumber: terms.merchantNumber, row: find(services, terms.merchantNumber, id) };
}

async function showLines(
  services: Services,
  codes: Codes,
  c: ContextOf<typeof linesRoute>,
): Promise<Response> {
  const id = c.req.valid("param").settlement;
  const { merchantNumber, row } = await settlementOf(services, c, id);
  const { limit, starting_after: after } = c.req.valid("query");
  const table = services.views.table(settlements.name);
  const lines = linesOf(table, merchantNumber, row.span, before(after));
  // Not an empty page: whoever asks would believe that there is nothing more.
  if (after !== undefined && lines.next().value?.position !== positionIn(after)) {
    throw new Problem("not_found");
  }
  const supports = ["application/json", "text/csv"];
  c.header("vary", "Accept");
  if (accepts(c, { header: "Accept", supports, default: "application/json" }) === "text/csv") {
    return c.body(csvBody(services, codes, lines), 200, {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": `attachment; filename="${settlementId(row.payoutId)}.csv"`,
    });
  }
  const found: StatementLine[] = [];
  for (const line of lines) {
    if (found.push(line) > limit) break;
  }
  const data = [];
  for (const line of found.slice(0, limit)) data.push(await toLine(services, codes, line));
  return c.json(toList(data, found.length > limit));
}

/** The position before that of a line; 0 where none is given. */
function before(line: string | undefined): number {
  if (line === undefined) return 0;
  const position = positionIn(line);
  if (position === undefined) throw new Problem("not_found");
  return position - 1;
}

function toBalance({ payableCents, debtCents }: Balance) {
  return { owed: toMoney(payableCents), debt: toMoney(debtCents) };
}

function toTotal({ count, amountCents, feeCents, payableCents, debtCents }: KindTotal) {
  const sums = { amount: toMoney(amountCents), fee: toMoney(feeCents) };
  return { count, ...sums, ...toBalance({ payableCents, debtCents }) };
}

function toSettlement(row: SettlementRow) {
  const { payoutId, status, amountCents, madeAtMs, effectiveOn, returnCode, span } = row;
  return {
    object: "settlement" as const,
    id: settlementId(payoutId),
    status,
    amount: toMoney(amountCents),
    made_at: toTime(madeAtMs),
    effective_on: effectiveOn,
    bank_reference: payoutId,
    return_code: returnCode,
    opening: toBalance(row.opening),
    closing: toBalance(row.closing),
    totals: Object.fromEntries(LINE_KINDS.map((kind) => [kind, toTotal(row.totals[kind])])),
    span: {
      payments_after: span.paymentsAfter,
      payments_upto: span.paymentsUpto,
      others_after: span.othersAfter,
      others_upto: span.othersUpto,
    },
  };
}
