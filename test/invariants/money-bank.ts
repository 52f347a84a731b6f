/**
 * The bank of the money suite: what it was handed, what it moved, what it gave back. It holds our
 * money by its own books; nothing here is read from ours.
 */
import type { ActorRef } from "../../actors/actor.ts";
import type { BankDate } from "../../actors/banking-calendar.ts";
import type { ReversalReason } from "../../actors/reversal-messages.ts";
import type { SentEntry } from "../../actors/sent-entry.ts";
import { demand } from "./demand.ts";

/** An entry of a file: what we filed, and what became of it at the bank. */
export interface BankEntry {
  readonly fileId: string;
  readonly trace: number;
  readonly owner: ActorRef;
  readonly subject: SentEntry["subject"];
  readonly direction: "debit" | "credit";
  readonly amount: number;
  readonly merchantNumber: number;
  /** Which bank account of the owner it went to, counted from 0. */
  readonly bankAccount: number;
  /** Its token in the vault, as it was then. */
  readonly token: string;
  /** From 1. */
  readonly attempt: number;
  readonly effectiveOn: BankDate;
  back: GivenBack | undefined;
  /** Our books know that it is over: it was collected, paid out or taken back. */
  isDone: boolean;
  /** What people said of it. */
  readonly reversal: EntryReversal;
}

/** Our mistake, as the desk says. */
export interface EntryReversal {
  stage: "none" | "proposed" | "agreed";
  reason: ReversalReason | undefined;
  by: string | undefined;
  /** Its owner knows. */
  isHeard: boolean;
}

export const notReversed = (): EntryReversal => {
  return { stage: "none", reason: undefined, by: undefined, isHeard: false };
};

export interface GivenBack {
  readonly code: string;
  readonly ownTrace: string;
  readonly bookedOn: BankDate;
  /** The bank had moved the money. */
  readonly isSettled: boolean;
  /** The file had heard that, when it counted the return; undefined: it has not counted it. */
  isCounted: "settled" | "early" | undefined;
  /** Our books know of it. */
  isHeard: boolean;
}

export type FileStage =
  | "open"
  | "empty"
  | "built"
  | "handing over"
  | "acknowledged"
  | "rejected"
  | "settled"
  | "collecting"
  | "closed";

/** A file as the runner that makes files knows it, and as the bank does. */
export interface BankFile {
  readonly id: string;
  readonly effectiveOn: BankDate;
  readonly windowOn: BankDate;
  readonly entries: BankEntry[];
  stage: FileStage;
  /** Whether the bank has it; undefined: it was not handed over yet. */
  isTaken: boolean | undefined;
  /** What the bank moved for it. */
  moved: { readonly debit: number; readonly credit: number } | undefined;
  /** Our books know what it moved. */
  isHeard: boolean;
  /** What our books have moved for it so far, debits positive. */
  cash: number;
  /** Owners that are still to be told of its end. */
  readonly owners: ActorRef[];
  collected: { debit: number; credit: number };
}

export class Bank {
  /** Cents that the bank holds for us. */
  held = 0;
  readonly files: BankFile[] = [];
  #returns = 0;

  file(id: string): BankFile {
    const file = this.files.find((other) => other.id === id);
    demand(file !== undefined, "a file that is known", () => id);
    return file;
  }

  entry(fileId: string, trace: number): BankEntry {
    const entry = this.file(fileId).entries.find((other) => other.trace === trace);
    demand(entry !== undefined, "an entry that was sent", () => [fileId, trace]);
    return entry;
  }

  handOver(file: BankFile, isTaken: boolean): void {
    demand(file.isTaken === undefined, "no file is sent twice", () => file.id);
    file.isTaken = isTaken;
  }

  /** On the settlement date: what came back before never moves. */
  settle(file: BankFile): void {
    demand(file.isTaken === true && file.moved === undefined, "settled once", () => file.id);
    const moved = { debit: 0, credit: 0 };
    for (const { back, direction, amount } of file.entries) {
      if (back === undefined) moved[direction] += amount;
    }
    file.moved = moved;
    this.held += moved.debit - moved.credit;
  }

  giveBack(entry: BankEntry, code: string, bookedOn: BankDate): GivenBack {
    const isSettled = this.file(entry.fileId).moved !== undefined;
    const back = {
      code,
      ownTrace: this.ownTrace(),
      bookedOn,
      isSettled,
      isCounted: undefined,
      isHeard: false,
    };
    entry.back = back;
    if (isSettled) this.held += entry.direction === "debit" ? -entry.amount : entry.amount;
    return back;
  }

  ownTrace(): string {
    return `87654321${String(++this.#returns).padStart(7, "0")}`;
  }

  /** Debits that our books have taken back and do not know to be settled. */
  takenBackUnheard(): number {
    const unheard = this.files.filter(({ isHeard }) => !isHeard).flatMap(({ entries }) => entries);
    return unheard.reduce((sum, { back, direction, amount }) => {
      const isAhead = back?.isHeard === true && back.isCounted === "settled";
      return isAhead && direction === "debit" ? sum + amount : sum;
    }, 0);
  }

  /** What the bank moved for the file, and keeps. */
  kept({ moved, entries }: BankFile): number {
    let sum = (moved?.debit ?? 0) - (moved?.credit ?? 0);
    for (const { back, direction, amount } of entries) {
      if (back?.isSettled === true) sum -= direction === "debit" ? amount : -amount;
    }
    return sum;
  }
}
