/**
 * What of the bank's words a person must look at: pieces that nobody could act on, statements that
 * differ, words that contradict one another, and money of a file that nothing explains. A row goes
 * when the actor says that it is resolved.
 */
import type { AchFileEvent } from "../../actors/ach-file-messages.ts";
import type { AchInboundEvent, InboundException } from "../../actors/ach-inbound.ts";
import type { BankDate } from "../../actors/banking-calendar.ts";
import { type Cents, ZERO_CENTS } from "../../actors/money.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewTable } from "../runtime/view.ts";
import { bodyOf } from "./event-body.ts";

export type AchException = { readonly sinceMs: number } & (
  | {
      readonly kind: "inbound";
      /** Id of the actor that keeps it. */
      readonly inbound: string;
      readonly number: number;
      readonly line: number;
      readonly reason: string;
      readonly money: InboundException["money"];
    }
  | {
      readonly kind: "statement_differs";
      readonly fileId: string;
      readonly debitCents: Cents;
      readonly creditCents: Cents;
      readonly on: BankDate;
    }
  | {
      readonly kind: "file_contradicted";
      readonly fileId: string;
      readonly outcome: "accepted" | "rejected";
    }
  /** What the bank holds of a file beyond what is explained; negative where it holds less. */
  | { readonly kind: "unexplained"; readonly fileId: string; readonly amountCents: Cents }
);

export type AchExceptionKind = AchException["kind"];

const NUMBER_DIGITS = 10;

export const achExceptions: View = {
  name: "ach-exceptions",
  version: 1,
  apply(events, table) {
    for (const event of events) {
      if (event.ref.kind === "ach-file") ofFile(event, table);
      else if (event.ref.kind === "ach-inbound") ofInbound(event, table);
    }
  },
};

function ofInbound(stored: StoredEvent, table: ViewTable): void {
  const { ref, atMs: sinceMs } = stored;
  const event = bodyOf<AchInboundEvent>(stored);
  if (event.kind === "ExceptionKept") {
    const { number, line, reason, money } = event.exception;
    const what = { number, line, reason, money };
    put(table, inboundKey(ref.id, number), { kind: "inbound", inbound: ref.id, ...what, sinceMs });
  } else if (event.kind === "ExceptionResolved") {
    table.remove(inboundKey(ref.id, event.number));
  }
}

function ofFile(stored: StoredEvent, table: ViewTable): void {
  const { atMs: sinceMs } = stored;
  const fileId = stored.ref.id;
  const event = bodyOf<AchFileEvent>(stored);
  switch (event.kind) {
    case "StatementDiffered": {
      const { debitCents, creditCents, on } = event;
      const said = { fileId, debitCents, creditCents, on };
      put(table, fileKey("statement_differs", fileId), {
        kind: "statement_differs",
        ...said,
        sinceMs,
      });
      return;
    }
    case "FileSettled":
    case "StatementCorrected": {
      table.remove(fileKey("statement_differs", fileId));
      // Version 1 of the file's events explains all of it.
      const { unexplainedCents: amountCents = ZERO_CENTS } = event;
      const key = fileKey("unexplained", fileId);
      if (amountCents === 0) table.remove(key);
      else put(table, key, { kind: "unexplained", fileId, amountCents, sinceMs });
      return;
    }
    case "BankContradicted": {
      const { outcome } = event;
      put(table, fileKey("file_contradicted", fileId), {
        kind: "file_contradicted",
        fileId,
        outcome,
        sinceMs,
      });
      return;
    }
    case "FileRejected":
    case "ContradictionResolved":
      table.remove(fileKey("file_contradicted", fileId));
      return;
    default:
  }
}

function put(table: ViewTable, key: string, exception: AchException): void {
  table.put(key, JSON.stringify(exception));
}

function fileKey(kind: Exclude<AchExceptionKind, "inbound">, fileId: string): string {
  return `${kind}/${fileId}`;
}

function inboundKey(id: string, number: number): string {
  return `inbound/${id}/${String(number).padStart(NUMBER_DIGITS, "0")}`;
}

export interface ExceptionRow {
  /** For the next page. */
  readonly key: string;
  readonly exception: AchException;
}

/** Of one kind, or of all; `after` is the key of the last one seen. */
export function openExceptions(
  table: ViewTable,
  max: number,
  of: { readonly kind?: AchExceptionKind; readonly after?: string } = {},
): readonly ExceptionRow[] {
  const prefix = of.kind === undefined ? "" : `${of.kind}/`;
  const from = of.after === undefined ? {} : { after: of.after };
  return table.range({ prefix, max, ...from }).map(({ key, value }) => {
    return { key, exception: JSON.parse(value) as AchException };
  });
}

const KINDS: readonly AchExceptionKind[] = [
  ...(["file_contradicted", "inbound", "statement_differs", "unexplained"] as const),
];

/** Kinds of which at least one is open. */
export function exceptionKinds(table: ViewTable): readonly AchExceptionKind[] {
  return KINDS.filter((kind) => openExceptions(table, 1, { kind }).length > 0);
}
