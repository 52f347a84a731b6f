/** What came from the bank, and what of it waits for a person, as the desk is shown it. */
import { z } from "@hono/zod-openapi";
import { type Cents, subtractCents, ZERO_CENTS } from "../../actors/money.ts";
import { isReturnCode, meaningOf } from "../../actors/return-codes.ts";
import type { ShownRecord } from "../collection/exception-shown.ts";
import type { AchException, KeptException } from "../views/ach-exceptions.ts";
import type { InboundFile } from "../views/inbound-files.ts";
import { MoneyShape, toMoney } from "./money.ts";
import { orNull, toTime } from "./shapes.ts";

export const InboundShape = z
  .object({
    object: z.literal("inbound_file"),
    id: z.string().openapi({ description: "SHA-256 of the bytes: the same bytes, the same file" }),
    received_at: z.iso.datetime(),
    bytes: z.int(),
    status: z.enum(["reading", "finished"]),
    applied: z.int().openapi({ description: "Returns and corrections that were acted on" }),
    known: z.int().openapi({ description: "Those that had come before" }),
    exceptions: z.int().openapi({ description: "Kept for a person" }),
  })
  .openapi("InboundFile");

export function toInbound(file: InboundFile) {
  const { hash, receivedAtMs, bytes, stage, applied, known, exceptions } = file;
  return {
    object: "inbound_file" as const,
    id: hash,
    received_at: toTime(receivedAtMs),
    bytes,
    status: stage,
    applied,
    known,
    exceptions,
  };
}

/** `exc_91`: known by the event that began it. */
export function exceptionId(position: number): string {
  return `exc_${position}`;
}

export function parseExceptionId(text: string): number | undefined {
  const [, digits] = /^exc_([1-9][0-9]{0,14})$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

const KINDS = [
  "inbound",
  "statement_differs",
  "file_contradicted",
  "unexplained",
  "left_out",
] as const;

const Received = z
  .object({
    original_trace: z
      .string()
      .openapi({ description: "Of our own entries; of others the last four" }),
    code: z.string().nullable(),
    meaning: z.string().nullable(),
    booked_on: z.string(),
  })
  .openapi("ReceivedReturn");

const exceptionFields = {
  object: z.literal("exception"),
  id: z.string().openapi({ example: "exc_91" }),
  kind: z.enum(KINDS),
  since: z.iso.datetime(),
  reason: z.string(),
  file: z.string().nullable().openapi({ description: "Of ours that it is about" }),
  owner: z.string().nullable().openapi({
    description: "Account or merchant that is left out of the file, because of the reason",
    example: "merchant/12",
  }),
  inbound: z.string().nullable().openapi({ description: "The piece that it was kept of" }),
  line: z.int().nullable(),
  received: orNull(Received, "Of a return what could be read"),
  taken_by_bank: MoneyShape,
  given_by_bank: MoneyShape,
  give_up_proposed_by: z.string().nullable(),
  resolve_at: z.string().openapi({ description: "The route that clears it up" }),
};

export const ExceptionShape = z.object(exceptionFields).openapi("Exception");

const NO_MONEY = { taken_by_bank: toMoney(ZERO_CENTS), given_by_bank: toMoney(ZERO_CENTS) };

/** `odfi`: traces that begin with it are our own. */
export function toException(exception: AchException, odfi: string) {
  const { kind, position, sinceMs } = exception;
  const id = exceptionId(position);
  const common = {
    ...{ object: "exception" as const, id, kind, since: toTime(sinceMs), ...NO_MONEY },
    ...{ owner: null, inbound: null, line: null, received: null, give_up_proposed_by: null },
  };
  switch (exception.kind) {
    case "inbound":
      return { ...common, file: null, ...toKept(exception, odfi), resolve_at: resolveAt(id) };
    case "statement_differs": {
      const { fileId: file } = exception;
      return { ...common, file, reason: "statement_differs", ...settleAt(file) };
    }
    case "unexplained": {
      const { fileId: file, amountCents } = exception;
      const moved = byBank(subtractCents(ZERO_CENTS, amountCents));
      return { ...common, file, reason: "money_unexplained", ...moved, ...settleAt(file) };
    }
    case "left_out": {
      const { fileId: file, owner, rule: reason } = exception;
      const at = { resolve_at: `/v1/desk/files/${file}` };
      return { ...common, file, reason, owner: `${owner.kind}/${owner.id}`, ...at };
    }
    case "file_contradicted": {
      const { fileId: file, outcome } = exception;
      const reason = `said_to_be_${outcome}`;
      const at = { resolve_at: `/v1/desk/files/${file}/contradiction` };
      return { ...common, file, reason, ...at };
    }
  }
}

function resolveAt(id: string): string {
  return `/v1/desk/exceptions/${id}/resolve`;
}

function settleAt(file: string) {
  return { resolve_at: `/v1/desk/files/${file}/settle` };
}

function toKept(exception: KeptException, odfi: string) {
  const { inbound, line, reason, received, money, proposedBy } = exception;
  const isTaken = money !== null && (money.of === "return") === (money.direction === "debit");
  const signedCents = money?.amountCents ?? ZERO_CENTS;
  return {
    ...{ inbound: inbound.split("/")[0] ?? inbound, line, reason },
    received: received === null ? null : toReceived(received, odfi),
    ...byBank(isTaken ? signedCents : subtractCents(ZERO_CENTS, signedCents)),
    give_up_proposed_by: proposedBy,
  };
}

/** Positive: out of our account. */
function byBank(takenCents: Cents) {
  const isTaken = takenCents >= 0;
  const amount = toMoney(isTaken ? takenCents : subtractCents(ZERO_CENTS, takenCents));
  return isTaken
    ? { taken_by_bank: amount, given_by_bank: NO_MONEY.given_by_bank }
    : { taken_by_bank: NO_MONEY.taken_by_bank, given_by_bank: amount };
}

function toReceived(
  { originalTrace, code, bookedOn }: NonNullable<KeptException["received"]>,
  odfi: string,
) {
  const isOurs = originalTrace.startsWith(odfi);
  return {
    original_trace: isOurs ? originalTrace : `****${originalTrace.slice(-SHOWN_DIGITS)}`,
    code,
    meaning: code !== null && isReturnCode(code) ? meaningOf(code).meaning : null,
    booked_on: bookedOn,
  };
}

const SHOWN_DIGITS = 4;

export const ShownShape = z
  .object({
    kind: z.enum(["entry", "return", "correction", "unreadable"]),
    transaction_code: z.string().nullable(),
    code: z.string().nullable(),
    amount: orNull(MoneyShape, "Null where it cannot be read"),
    account_last_four: z.string().nullable(),
    trace_last_four: z.string().nullable(),
    bytes: z.int(),
  })
  .openapi("ShownRecord");

export const ShownExceptionShape = z
  .object({ ...exceptionFields, shows: z.array(ShownShape) })
  .openapi("ShownException");

export function toShown(record: ShownRecord) {
  const { kind, code, bytes, amountCents } = record;
  return {
    kind,
    transaction_code: record.transactionCode,
    code,
    amount: amountCents === null ? null : toMoney(amountCents),
    account_last_four: record.accountLastFour,
    trace_last_four: record.traceLastFour,
    bytes,
  };
}
