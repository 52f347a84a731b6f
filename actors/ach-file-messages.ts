/** What is said to the actor of an ACH file, and what it answers, records and knows. */
import type { FileTotals, Moved, ReturnTiming, ReturnTotals } from "./ach-file-totals.ts";
import type { ActorRef, Decision, Message } from "./actor.ts";
import type { BankDate } from "./banking-calendar.ts";
import type { FileScope } from "./file-scope.ts";
import type { JournalEntry } from "./ledger.ts";
import type { Cents } from "./money.ts";
import type { Refusal } from "./refusals.ts";

export interface FileTerms {
  readonly createdOn: BankDate;
  /** A to Z, then 0 to 9: tells the files of one day apart. */
  readonly modifier: string;
  readonly effectiveOn: BankDate;
  /** Null: everything that waits. */
  readonly scope: FileScope | null;
  /** The banking day whose inbound file is the last that may bring an ordinary return. */
  readonly windowOn: BankDate;
}

/** Owners that are left out of one file: where there are more, the mistake is ours. */
export const LEFT_OUT_MAX = 1_000;

/** An owner of whom an entry could not be written: nothing of it is in the file. */
export interface LeftOut {
  readonly owner: ActorRef;
  /** What the entry breaks, in words that hold no value of it. */
  readonly rule: string;
}

export interface UnsentFile extends FileTerms {
  readonly leftOut: readonly LeftOut[];
}

export interface SentFile extends FileTerms {
  readonly totals: FileTotals;
  /** Hex, of the bytes as they were handed over. */
  readonly sha256: string;
  /** Token of the sealed bytes. */
  readonly sealed: string;
  readonly returned: ReturnTotals;
  /** The bank took it back whole. */
  readonly isRejected: boolean;
  /** The last word of each day's statement: what the bank says it moved is their sum. */
  readonly words: readonly Statement[];
  /** What the bank said it moved, and our books say with it; null until then. */
  readonly stated: Moved | null;
  /**
   * What the bank holds of it beyond that which entries and returns explain; negative where it
   * holds less. It waits in suspense.
   */
  readonly unexplainedCents: Cents;
  /** A statement that does not fit: a return explains it yet, or a person settles by hand. */
  readonly differing: Statement | null;
  /** The bank said so after it had said the opposite; a person asks it. */
  readonly contradiction: "accepted" | "rejected" | null;
  /** A person says that the bank has not got it; another one must say so, too. */
  readonly rejectionProposedBy: string | null;
  /** A person says so, and neither the file nor the bank does; another one must say the same. */
  readonly settlementProposal?: SettlementProposal | null;
}

export interface SettlementProposal extends Moved {
  readonly by: string;
}

/** A line of the bank's statement, of that day. */
export interface Statement extends Moved {
  readonly on: BankDate;
}

export type AchFileState =
  | { readonly kind: "vacant" }
  | { readonly kind: "open"; readonly file: UnsentFile }
  /** Nothing was there to send: its name is free, unless somebody was left out of it. */
  | { readonly kind: "empty"; readonly file: UnsentFile }
  /** Given up before it was handed over; closed when its owners have taken back what was in it. */
  | { readonly kind: "abandoned"; readonly file: FileTerms; readonly isClosed: boolean }
  | SentState;

export type SentStage =
  | "built"
  | "handing_over"
  | "acknowledged"
  | "rejected"
  | "settled"
  | "closed";

export interface SentState {
  readonly kind: SentStage;
  readonly file: SentFile;
}

export type AchFileCommand =
  | {
      readonly kind: "OpenFile";
      readonly createdOn: BankDate;
      readonly modifier: string;
      readonly effectiveOn: BankDate;
      readonly scope?: FileScope | null;
    }
  | { readonly kind: "DescribeFile" }
  /** Before anything of this owner is taken back: asked again, it must not file anew. */
  | LeaveOut
  /** It is not sent and never will be: too late, or a person says so. */
  | { readonly kind: "AbandonFile"; readonly note: string }
  | {
      readonly kind: "BuildFile";
      readonly totals: FileTotals;
      readonly sha256: string;
      readonly sealed: string;
    }
  | { readonly kind: "HandOverFile" }
  /**
   * The bank's word, or a person's who asked the bank. `two`: what is said to be rejected is
   * debited again, so another person must say the same before it is.
   */
  | {
      readonly kind: "AcknowledgeFile";
      readonly outcome: "accepted" | "rejected";
      readonly note: string;
      readonly persons: "one" | "two";
    }
  /** A line of the bank's statement. */
  | ({ readonly kind: "SettleFile" } & Statement)
  /** A person's word on what the bank moved; what nothing explains waits in suspense. */
  | ({ readonly kind: "SettleByHand"; readonly note: string } & Moved)
  /** A person's who asked the bank what it meant; to take the file back takes another one. */
  | {
      readonly kind: "ResolveContradiction";
      readonly outcome: "accepted" | "rejected";
      readonly note: string;
    }
  | CountReturn
  | NoteReturn
  /** Every owner was told; what they say they collected and paid out. */
  | { readonly kind: "CloseFile"; readonly debitCents: Cents; readonly creditCents: Cents };

export interface LeaveOut extends Moved, LeftOut {
  readonly kind: "LeaveOut";
  /** Sequence numbers of its entries, whose sum is beside them. */
  readonly traces: readonly number[];
}

/** From the actor of the entry, which lets each return through once. */
export interface CountReturn {
  readonly kind: "CountReturn";
  readonly direction: "debit" | "credit";
  readonly amountCents: Cents;
  /** When the bank booked it; not when it was read. */
  readonly bookedOn: BankDate;
  readonly owner: ActorRef;
  /** Goes on to the owner, with the word whether the bank had settled. */
  readonly command: Message & { readonly isSettled: boolean };
}

/** From the owner: it knows of the return. */
export interface NoteReturn {
  readonly kind: "NoteReturn";
  readonly direction: "debit" | "credit";
  /** What it will not collect; 0 where it had collected it before the return came to it. */
  readonly amountCents: Cents;
}

export type AchFileEvent =
  | ({ readonly kind: "FileOpened" } & FileTerms)
  | { readonly kind: "FileLeftEmpty" }
  | OwnerLeftOut
  | { readonly kind: "FileAbandoned"; readonly note: string }
  | {
      readonly kind: "FileBuilt";
      readonly totals: FileTotals;
      readonly sha256: string;
      readonly sealed: string;
    }
  | { readonly kind: "FileHandedOver"; readonly atMs: number }
  | { readonly kind: "FileAcknowledged"; readonly note: string }
  | { readonly kind: "FileRejected"; readonly note: string }
  | { readonly kind: "RejectionProposed"; readonly by: string; readonly note: string }
  /** The newest one is what another person agrees to. */
  | ({ readonly kind: "SettlementProposed"; readonly note: string } & SettlementProposal)
  | FileSettled
  /** Another word on what the bank moved, after the file was settled, or rejected. */
  | StatementCorrected
  | ({ readonly kind: "StatementDiffered" } & Statement & Heard)
  | {
      readonly kind: "BankContradicted";
      readonly outcome: "accepted" | "rejected";
      readonly note: string;
    }
  | { readonly kind: "ContradictionResolved"; readonly note: string }
  | {
      readonly kind: "ReturnCounted";
      readonly direction: "debit" | "credit";
      readonly amountCents: Cents;
      readonly timing: ReturnTiming;
    }
  | {
      readonly kind: "ReturnNoted";
      readonly direction: "debit" | "credit";
      readonly amountCents: Cents;
    }
  | { readonly kind: "FileClosed" };

export interface OwnerLeftOut extends Omit<LeaveOut, "kind"> {
  readonly kind: "OwnerLeftOut";
}

interface Heard {
  /** The last word of each day, of which this is the sum; a person's figure is nobody's sum. */
  readonly words: readonly Statement[];
}

/** What the bank said, or a person whose note it bears. */
export interface FileSettled extends Moved, Heard {
  readonly kind: "FileSettled";
  /** Null: as when the file was opened. */
  readonly windowOn: BankDate | null;
  readonly unexplainedCents: Cents;
  readonly note: string | null;
  readonly entry: JournalEntry;
}

export interface StatementCorrected extends Moved, Heard {
  readonly kind: "StatementCorrected";
  readonly unexplainedCents: Cents;
  readonly note: string | null;
  /** Null where nothing is booked anew. */
  readonly entry: JournalEntry | null;
}

export type AchFileReply =
  | Refusal
  | { readonly kind: "file"; readonly state: AchFileState }
  | { readonly kind: "noted" }
  | { readonly kind: "rejection_proposed" }
  | { readonly kind: "settlement_proposed" };

export type FileDecision = Decision<AchFileEvent, AchFileReply>;

export const NOTED = { kind: "noted" } as const;
export const WRONG_STAGE: Refusal = { kind: "file_not_at_this_stage" };

/** Before a file is collected, every return that was counted has come to its owner. */
export function isEveryReturnNoted({ returned }: SentFile): boolean {
  return returned.all.entries === returned.noted.entries;
}
