/**
 * What the bank's statement of one day says of our files, as the bank said it: kept before anything
 * is made of it. So a line that a file refuses, or of a file that we do not know, is on record
 * beside our books, and a reconciliation rests on the bank's own figures.
 */
import {
  type ActorDefinition,
  answerOnly,
  type Decision,
  decided,
  type StoredBody,
} from "./actor.ts";
import { assert, unreachable } from "./assert.ts";
import { addCents, type Cents, ZERO_CENTS } from "./money.ts";

/** What the bank moved for one file on that day. */
export interface StatedFile {
  /** As the bank writes it. */
  readonly fileName: string;
  /** Our debits: paid into our account. */
  readonly debitCents: Cents;
  /** Our credits: paid out of it. */
  readonly creditCents: Cents;
}

export type BankStatementCommand =
  | {
      readonly kind: "ReceiveStatement";
      /** The bank's: the same piece has the same id each time. */
      readonly itemId: string;
      readonly lines: readonly StatedFile[];
    }
  | { readonly kind: "DescribeStatement" };

export interface StatementReceived {
  readonly kind: "StatementReceived";
  readonly itemId: string;
  /** One for each file. */
  readonly lines: readonly StatedFile[];
}

export interface BankStatementState {
  /** Pieces that were received: one that is given again later is not the newer word. */
  readonly items: readonly string[];
  /** The last word on each file. */
  readonly lines: readonly StatedFile[];
}

export type BankStatementReply =
  /** The last word on each file that the piece speaks of; a newer piece may have said it. */
  | { readonly kind: "received"; readonly lines: readonly StatedFile[] }
  | { readonly kind: "statement"; readonly state: BankStatementState };

/** 36 files a day are ours at most (`cut-off.ts`); beyond these the statement was misread. */
export const STATED_FILES_MAX = 1_000;
export const STATEMENT_ITEMS_MAX = 1_000;

/** The id is the day of the statement, `2026-11-24`. */
export const bankStatementActor: ActorDefinition<
  BankStatementState,
  BankStatementCommand,
  StatementReceived,
  BankStatementReply
> = {
  kind: "bank-statement",
  schemaVersion: 1,
  eventKinds: ["StatementReceived"],
  init: () => ({ items: [], lines: [] }),
  decide(state, command) {
    switch (command.kind) {
      case "DescribeStatement":
        return answerOnly({ kind: "statement", state });
      case "ReceiveStatement":
        return receive(state, command.itemId, command.lines);
      default:
        return unreachable(command);
    }
  },
  apply({ items, lines }, event) {
    assert(!items.includes(event.itemId), "a piece is received once");
    return { items: [...items, event.itemId], lines: lastWords(lines, event.lines) };
  },
  upcast(stored: StoredBody) {
    assert(stored.version === 1, "statement events are of version 1");
    return stored.body as StatementReceived;
  },
};

function receive(
  state: BankStatementState,
  itemId: string,
  given: readonly StatedFile[],
): Decision<StatementReceived, BankStatementReply> {
  const lines = oneForEachFile(given);
  if (state.items.includes(itemId)) {
    const names = new Set(lines.map(({ fileName }) => fileName));
    const newest = state.lines.filter(({ fileName }) => names.has(fileName));
    return answerOnly({ kind: "received", lines: newest });
  }
  const files = lastWords(state.lines, lines).length;
  assert(files <= STATED_FILES_MAX, "a statement speaks of a bounded number of files");
  assert(state.items.length < STATEMENT_ITEMS_MAX, "a day has a bounded number of pieces");
  const event: StatementReceived = { kind: "StatementReceived", itemId, lines };
  return decided([event], { kind: "received", lines });
}

/** A bank may tell debits and credits of one file apart. */
function oneForEachFile(lines: readonly StatedFile[]): readonly StatedFile[] {
  const byName = new Map<string, StatedFile>();
  for (const { fileName, ...moved } of lines) {
    assert(moved.debitCents >= 0, "the side says which way money went, the amount how much");
    assert(moved.creditCents >= 0, "the side says which way money went, the amount how much");
    const before = byName.get(fileName) ?? { debitCents: ZERO_CENTS, creditCents: ZERO_CENTS };
    const debitCents = addCents(before.debitCents, moved.debitCents);
    const creditCents = addCents(before.creditCents, moved.creditCents);
    byName.set(fileName, { fileName, debitCents, creditCents });
  }
  return [...byName.values()];
}

function lastWords(
  known: readonly StatedFile[],
  lines: readonly StatedFile[],
): readonly StatedFile[] {
  const byName = new Map(known.map((line) => [line.fileName, line]));
  for (const line of lines) byName.set(line.fileName, line);
  return [...byName.values()];
}
