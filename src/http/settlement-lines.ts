/** The lines of a settlement statement, as JSON page by page and as CSV (RFC 4180) whole. */
import { z } from "@hono/zod-openapi";
import { stringify } from "csv-stringify/sync";
import { settlementId } from "../../actors/ids.ts";
import { CURRENCY_CODE, cents, decimalCents } from "../../actors/money.ts";
import { LINE_KINDS, type StatementLine } from "../views/statement-lines.ts";
import { findCaptured } from "./captured.ts";
import type { Codes } from "./codes.ts";
import { MoneyShape, toMoney } from "./money.ts";
import type { Services } from "./services.ts";
import { toTime } from "./shapes.ts";

/** Amounts have the sign of what they are to the merchant. */
export const SettlementLineShape = z
  .object({
    object: z.literal("settlement_line"),
    id: z.string().openapi({ example: "line_123" }),
    kind: z.enum(LINE_KINDS),
    at: z.iso.datetime(),
    payment: z.string().nullable(),
    reference: z.string().nullable(),
    lane: z.string().nullable(),
    refund: z.string().nullable(),
    settlement: z.string().nullable().openapi({ description: "Whose payout came back" }),
    amount: MoneyShape,
    fee: MoneyShape,
    // Changes of what is owed to the merchant, and of what it owes: amount + fee = owed - debt.
    owed: MoneyShape,
    debt: MoneyShape,
  })
  .openapi("SettlementLine");

type LineJson = Awaited<ReturnType<typeof toLine>>;

const LINE_ID = /^line_([1-9][0-9]{0,15})$/;

/** The position in a line's id; undefined for an id that is none. */
export function positionIn(id: string): number | undefined {
  const match = LINE_ID.exec(id);
  return match === null ? undefined : Number(match[1]);
}

export async function toLine(services: Services, codes: Codes, line: StatementLine) {
  const { position, kind, atMs, paymentId, refundId, payoutId } = line;
  const place = await placeOf(services, line);
  return {
    object: "settlement_line" as const,
    id: `line_${position}`,
    kind,
    at: toTime(atMs),
    payment: paymentId ?? null,
    reference: place === undefined ? null : codes.reference(place.laneId, place.requestNumber),
    lane: place?.laneId ?? null,
    refund: refundId ?? null,
    settlement: payoutId === undefined ? null : settlementId(payoutId),
    amount: toMoney(line.amountCents),
    fee: toMoney(line.feeCents),
    owed: toMoney(line.payableCents),
    debt: toMoney(line.debtCents),
  };
}

/** Payments bring it along; of a refund or dispute it is that of the payment. */
async function placeOf(services: Services, { laneId, requestNumber, paymentId }: StatementLine) {
  if (laneId !== undefined && requestNumber !== undefined) return { laneId, requestNumber };
  if (paymentId === undefined) return undefined;
  const captured = await findCaptured(services, paymentId);
  if (captured === undefined) return undefined;
  const { payee, requestNumber: number } = captured.receipt;
  return { laneId: payee.laneId, requestNumber: number };
}

const COLUMNS = [
  "line",
  "kind",
  "at",
  "payment",
  "reference",
  "lane",
  "refund",
  "settlement",
  "amount",
  "fee",
  "owed",
  "debt",
  "currency",
] as const;

type Row = Readonly<Record<(typeof COLUMNS)[number], string | number | null>>;

function toRow({ id, object: _, amount, fee, owed, debt, ...line }: LineJson): Row {
  const money = { amount: amount.amount, fee: fee.amount, owed: owed.amount, debt: debt.amount };
  return { line: id, ...line, ...money, currency: CURRENCY_CODE };
}

/**
 * Rows as CSV: cents as decimal dollars, times in UTC. A text that a spreadsheet would take for a
 * formula gets an apostrophe in front; negative amounts are numbers and stay as they are.
 */
export function csvOf(rows: readonly Row[], hasHeader: boolean): string {
  return stringify([...rows], {
    columns: [...COLUMNS],
    header: hasHeader,
    record_delimiter: "windows",
    escape_formulas: true,
    cast: { number: (amount) => decimalCents(cents(amount)) },
  });
}

/** Lines that are read and written at once. */
const CHUNK_LINES = 500;

/** All lines as one CSV file, made as fast as it is read. */
export function csvBody(
  services: Services,
  codes: Codes,
  lines: Iterable<StatementLine>,
): ReadableStream<Uint8Array> {
  const iterator = lines[Symbol.iterator]();
  const encoder = new TextEncoder();
  let isFirst = true;
  return new ReadableStream({
    async pull(controller) {
      const rows: Row[] = [];
      let next = iterator.next();
      for (; next.done !== true; next = iterator.next()) {
        rows.push(toRow(await toLine(services, codes, next.value)));
        if (rows.length === CHUNK_LINES) break;
      }
      if (rows.length > 0 || isFirst) controller.enqueue(encoder.encode(csvOf(rows, isFirst)));
      isFirst = false;
      if (next.done === true) controller.close();
    },
  });
}
