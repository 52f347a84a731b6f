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
import { addCents, type Cents, subtractCents, ZERO_CENTS } from "./money.ts";

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

/** A word on a file, and by how much it is more or less than the word before it. */
export interface ChangedFile extends StatedFile {
  /** Negative where an earlier piece had said more. */
  readonly changed: { readonly debitCents: Cents; readonly creditCents: Cents };
}

interface ReceivedPiece {
  readonly itemId: string;
  readonly lines: readonly ChangedFile[];
}

export interface BankStatementState {
  /** Pieces that were received: one that is given again later is not the newer word. */
  readonly pieces: readonly ReceivedPiece[];
  /** The last word on each file. */
  readonly lines: readonly StatedFile[];
}

export type BankStatementReply =
  /**
   * The last word on each file that the piece speaks of, which a newer piece may have said, beside
   * what this piece itself changed.
   */
  | { readonly kind: "received"; readonly lines: readonly ChangedFile[] }
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
  schemaVersion: 2,
  eventKinds: ["StatementReceived"],
  init: () => ({ pieces: [], lines: [] }),
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
  apply({ pieces, lines }, { itemId, lines: said }) {
    assert(!pieces.some((piece) => piece.itemId === itemId), "a piece is received once");
    const piece = { itemId, lines: changesOf(lines, said) };
    return { pieces: [...pieces, piece], lines: lastWords(lines, said) };
  },
  upcast(stored: StoredBody) {
    assert(stored.version === 1 || stored.version === 2, "statement events have versions 1 and 2");
    return stored.body as StatementReceived;
  },
};

function receive(
  state: BankStatementState,
  itemId: string,
  given: readonly StatedFile[],
): Decision<StatementReceived, BankStatementReply> {
  const known = state.pieces.find((piece) => piece.itemId === itemId);
  if (known !== undefined) {
    const newest = new Map(state.lines.map((line) => [line.fileName, line]));
    const now = known.lines.map((line) => ({ ...line, ...newest.get(line.fileName) }));
    return answerOnly({ kind: "received", lines: now });
  }
  const lines = oneForEachFile(given);
  const files = lastWords(state.lines, lines).length;
  assert(files <= STATED_FILES_MAX, "a statement speaks of a bounded number of files");
  assert(state.pieces.length < STATEMENT_ITEMS_MAX, "a day has a bounded number of pieces");
  const event: StatementReceived = { kind: "StatementReceived", itemId, lines };
  return decided([event], { kind: "received", lines: changesOf(state.lines, lines) });
}

function changesOf(
  known: readonly StatedFile[],
  lines: readonly StatedFile[],
): readonly ChangedFile[] {
  const before = new Map(known.map((line) => [line.fileName, line]));
  return lines.map((line) => {
    const { debitCents = ZERO_CENTS, creditCents = ZERO_CENTS } = before.get(line.fileName) ?? {};
    const changed = {
      debitCents: subtractCents(line.debitCents, debitCents),
      creditCents: subtractCents(line.creditCents, creditCents),
    };
    return { ...line, changed };
  });
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
