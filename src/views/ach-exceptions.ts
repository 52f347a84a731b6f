/**
 * What of the bank's words a person must look at: pieces that nobody could act on, statements that
 * differ, words that contradict one another, and money of a file that nothing explains. The oldest
 * first; a row goes when the actor says that it is resolved. Each is known by the position of the
 * event that began it.
 */
import { type AchFileEvent, LEFT_OUT_MAX } from "../../actors/ach-file-messages.ts";
import type { AchInboundEvent } from "../../actors/ach-inbound.ts";
import type { ActorRef } from "../../actors/actor.ts";
import { present } from "../../actors/assert.ts";
import type { BankDate } from "../../actors/banking-calendar.ts";
import type { InboundException, MovedMoney } from "../../actors/inbound-exception.ts";
import { type Cents, cents, ZERO_CENTS } from "../../actors/money.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewRows, ViewTable } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";

export type AchException = { readonly sinceMs: number; readonly position: number } & (
  | {
      readonly kind: "inbound";
      /** Id of the actor that keeps it. */
      readonly inbound: string;
      readonly number: number;
      readonly line: number;
      readonly reason: string;
      readonly sealed: string | null;
      readonly received: InboundException["received"];
      readonly money: MovedMoney | null;
      /** Who proposed to give up the money. */
      readonly proposedBy: string | null;
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
  /** Of this owner an entry cannot be written; what it has waits for the next file. */
  | {
      readonly kind: "left_out";
      readonly fileId: string;
      readonly owner: ActorRef;
      readonly rule: string;
    }
);

export type AchExceptionKind = AchException["kind"];
export type KeptException = Extract<AchException, { kind: "inbound" }>;

const NUMBER_DIGITS = 10;
const OPEN = "open/";
/** The key of each in the order of age. */
const AGE = "age/";
const LEFT_OUT = "left_out" satisfies AchExceptionKind;

export const achExceptions: View = {
  name: "ach-exceptions",
  version: 3,
  apply(events, table) {
    for (const event of events) {
      if (event.ref.kind === "ach-file") ofFile(event, table);
      else if (event.ref.kind === "ach-inbound") ofInbound(event, table);
    }
  },
};

function ofInbound(stored: StoredEvent, table: ViewTable): void {
  const { ref } = stored;
  const event = bodyOf<AchInboundEvent>(stored);
  switch (event.kind) {
    case "ExceptionKept": {
      const { number, line, reason, sealed, received = null, money } = event.exception;
      put(table, stored, inboundKey(ref.id, number), {
        ...{ kind: "inbound", inbound: ref.id, number, line, reason, sealed, received },
        // Version 1 knew money of returns only.
        ...{ money: money && { ...{ of: "return" }, ...money }, proposedBy: null },
      });
      return;
    }
    case "ExceptionResolved":
      remove(table, inboundKey(ref.id, event.number));
      return;
    case "ExceptionGiveUpProposed":
      change(table, inboundKey(ref.id, event.number), { proposedBy: event.by });
      return;
    case "ExceptionApplied": {
      const key = inboundKey(ref.id, event.number);
      const { money } = present(read(table, key), "it is open") as KeptException;
      const leftCents = money === null ? 0 : money.amountCents - event.amountCents;
      if (money === null || leftCents === 0) remove(table, key);
      else
        change(table, key, {
          money: { ...money, amountCents: cents(leftCents) },
          proposedBy: null,
        });
      return;
    }
    default:
  }
}

function ofFile(stored: StoredEvent, table: ViewTable): void {
  const fileId = stored.ref.id;
  const event = bodyOf<AchFileEvent>(stored);
  switch (event.kind) {
    case "StatementDiffered": {
      const { debitCents, creditCents, on } = event;
      const said = { fileId, debitCents, creditCents, on };
      const key = fileKey("statement_differs", fileId);
      put(table, stored, key, { kind: "statement_differs", ...said });
      return;
    }
    case "FileSettled":
    case "StatementCorrected": {
      remove(table, fileKey("statement_differs", fileId));
      // Version 1 of the file's events explains all of it.
      const { unexplainedCents: amountCents = ZERO_CENTS } = event;
      const key = fileKey("unexplained", fileId);
      if (amountCents === 0) remove(table, key);
      else put(table, stored, key, { kind: "unexplained", fileId, amountCents });
      return;
    }
    case "BankContradicted": {
      const key = fileKey("file_contradicted", fileId);
      put(table, stored, key, { kind: "file_contradicted", fileId, outcome: event.outcome });
      return;
    }
    case "OwnerLeftOut": {
      const { owner, rule } = event;
      put(table, stored, leftOutKey(owner), { kind: "left_out", fileId, owner, rule });
      return;
    }
    case "FileBuilt":
    case "FileLeftEmpty":
      // Whoever is in this one, or has nothing for it, waits no longer.
      for (const { owner, fileId: of } of leftOut(table)) {
        if (of !== fileId) remove(table, leftOutKey(owner));
      }
      return;
    case "FileRejected":
    case "ContradictionResolved":
      remove(table, fileKey("file_contradicted", fileId));
      return;
    default:
  }
}

type Began = "sinceMs" | "position";
type Without<Each> = Each extends unknown ? Omit<Each, Began> : never;
type NewException = Without<AchException>;

/** Another word on what is open already leaves it its age. */
function put(
  table: ViewTable,
  { position, atMs: sinceMs }: StoredEvent,
  key: string,
  exception: NewException,
): void {
  const began = read(table, key) ?? { position, sinceMs };
  const row = { ...exception, position: began.position, sinceMs: began.sinceMs };
  table.put(OPEN + key, JSON.stringify(row));
  table.put(AGE + sortable(began.position), JSON.stringify(key));
}

function change(table: ViewTable, key: string, changes: Partial<KeptException>): void {
  const row = present(read(table, key), "what changes is open");
  table.put(OPEN + key, JSON.stringify({ ...row, ...changes }));
}

function remove(table: ViewTable, key: string): void {
  const row = read(table, key);
  if (row === undefined) return;
  table.remove(OPEN + key);
  table.remove(AGE + sortable(row.position));
}

function read(table: ViewRows, key: string): AchException | undefined {
  const row = table.get(OPEN + key);
  return row === undefined ? undefined : (JSON.parse(row) as AchException);
}

function fileKey(kind: Exclude<AchExceptionKind, "inbound" | "left_out">, fileId: string): string {
  return `${kind}/${fileId}`;
}

function leftOutKey({ kind, id }: ActorRef): string {
  return `${LEFT_OUT}/${kind}/${id}`;
}

type OwnerWaiting = Extract<AchException, { kind: "left_out" }>;

function leftOut(table: ViewRows): readonly OwnerWaiting[] {
  const rows = table.range({ prefix: `${OPEN}${LEFT_OUT}/`, max: LEFT_OUT_MAX });
  return rows.map(({ value }) => JSON.parse(value) as OwnerWaiting);
}

function inboundKey(id: string, number: number): string {
  return `inbound/${id}/${String(number).padStart(NUMBER_DIGITS, "0")}`;
}

/** The one that began with that event; undefined where it is over, or none. */
export function findException(table: ViewRows, position: number): AchException | undefined {
  const key = table.get(AGE + sortable(position));
  return key === undefined ? undefined : read(table, JSON.parse(key) as string);
}

/** The oldest first; `after` is the position of the last one seen. */
export function openExceptions(
  table: ViewRows,
  max: number,
  after?: number,
): readonly AchException[] {
  const from = after === undefined ? {} : { after: AGE + sortable(after) };
  return table.range({ prefix: AGE, max, ...from }).map(({ value }) => {
    return present(read(table, JSON.parse(value) as string), "what has an age is open");
  });
}

const KINDS: readonly AchExceptionKind[] = [
  ...(["file_contradicted", "inbound", "left_out", "statement_differs"] as const),
  "unexplained",
];

/** Kinds of which at least one is open. */
export function exceptionKinds(table: ViewRows): readonly AchExceptionKind[] {
  return KINDS.filter((kind) => table.range({ prefix: `${OPEN}${kind}/`, max: 1 }).length > 0);
}
