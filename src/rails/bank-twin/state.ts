/** Everything that the sandbox's bank knows: plain data, which survives JSON. */
import type { BankDate } from "../../../actors/banking-calendar.ts";
import type { Cents } from "../../../actors/money.ts";
import type { StatementLine } from "../../collection/bank-gateway.ts";
import type { Answer } from "./return-file.ts";

/**
 * What goes wrong once, at the next occasion. Those of hand-over, acknowledgement, statement and
 * returns may meet in one file.
 */
export type Mishap =
  /** The next file is rejected, however good it is. */
  | { readonly kind: "file_rejected" }
  /** The bytes of the next file never arrive, and nobody is told: the outcome is unknown. */
  | { readonly kind: "file_lost" }
  /** The bank has the next file, but its answer is lost: the acknowledgement tells. */
  | { readonly kind: "outcome_unknown" }
  | { readonly kind: "acknowledgement_lost" }
  /** The next statement comes so many banking days later. */
  | { readonly kind: "statement_late"; readonly bankingDays: number }
  /** The next statement's first line says that much more; a right one comes a banking day later. */
  | { readonly kind: "statement_differs"; readonly byCents: Cents }
  /**
   * The next statement's first line says half of the debits; the rest stands on the one of the next
   * banking day, as if it had moved then.
   */
  | { readonly kind: "statement_split" }
  /** The next inbound file is cut off; the whole of it comes a banking day later. */
  | { readonly kind: "returns_truncated"; readonly bytesKept: number }
  /** The next inbound file comes a banking day later once more, byte for byte. */
  | { readonly kind: "returns_twice" }
  /** The next inbound file comes a banking day later, behind the files of that day. */
  | { readonly kind: "returns_out_of_order" };

/** A name that was handed over. */
export interface KnownFile {
  readonly name: string;
  readonly outcome: "accepted" | "rejected";
  /** Why it was rejected, and in which line; null for an accepted one. */
  readonly fault: { readonly line: number; readonly reason: string } | null;
  readonly handedOverOn: BankDate;
  /** Of an accepted file: origin, date and modifier, and the first trace of each batch. */
  readonly key: string;
  readonly firstTraces: readonly string[];
}

/** An inbound item as it waits; bytes are base64. */
export type WaitingItem =
  | { kind: "acknowledgement"; id: string; fileName: string; outcome: "accepted" | "rejected" }
  | { kind: "returns"; id: string; base64: string }
  | { kind: "statement"; id: string; date: BankDate; lines: readonly StatementLine[] };

type WithoutId<Item> = Item extends unknown ? Omit<Item, "id"> : never;
export type NewItem = WithoutId<WaitingItem>;

/** What happens at a moment to come; `atMs` is Unix time. */
export type Due =
  | { readonly kind: "settle"; readonly atMs: number; readonly line: StatementLine }
  | {
      readonly kind: "answer";
      readonly atMs: number;
      readonly answer: Answer;
      /** Null for what moves nothing: corrections, repeats, what never settled. */
      readonly movement: Movement | null;
    }
  | { readonly kind: "tell"; readonly atMs: number; readonly item: NewItem };

/**
 * What the bank moved on our account for a file on a day: the amounts settled in, or those taken
 * back out.
 */
export interface Movement {
  readonly kind: "settled" | "returned";
  readonly on: BankDate;
  /** Our file; empty for the return of an entry that was never sent. */
  readonly fileName: string;
  readonly debitCents: Cents;
  readonly creditCents: Cents;
}

export interface BankTwinState {
  readonly version: 1;
  files: KnownFile[];
  /** Names that were handed over once more. */
  duplicates: number;
  due: Due[];
  waiting: WaitingItem[];
  /** Items numbered so far. */
  items: number;
  /** Traces of its own so far. */
  ownTraces: number;
  mishaps: Mishap[];
  /** Of our account, which starts at 0 and may be negative. */
  balanceCents: Cents;
  movements: Movement[];
}
