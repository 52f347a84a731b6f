/**
 * What the books of a simulated quarter know of an ACH file: its entries, as their owners said
 * them and as they stand in the bytes, and what it has left in the clearing accounts.
 */
import type { JournalEntry } from "../actors/ledger.ts";
import { signedCents } from "../actors/ledger.ts";
import { demand } from "./quarter-demand.ts";

export interface FiledEntry {
  readonly direction: "debit" | "credit";
  readonly amountCents: number;
  /** `back`: it came back; `over`: collected, paid out, or taken back with its file. */
  end: "open" | "back" | "over";
  /** An answer of the bank was acted on. */
  isAnswered: boolean;
}

const CLEARING: readonly string[] = ["ach:provisional", "ach:out"];

export class FileBooks {
  /** By trace. */
  readonly entries = new Map<number, FiledEntry>();
  /** What it left in each clearing account, debit positive. */
  readonly left = new Map<string, number>();
  /** Postings that put something into it. */
  filedCents = 0;
  /** It takes entries until it is built. */
  isOpen = true;
  isClosed = false;

  constructor(readonly id: string) {}

  enter(trace: number, direction: FiledEntry["direction"], amountCents: number): void {
    demand(this.isOpen, "I11", () => `${this.id} takes no more entries`);
    demand(!this.entries.has(trace), "once", () => `trace ${trace} of ${this.id} twice`);
    this.entries.set(trace, { direction, amountCents, end: "open", isAnswered: false });
  }

  entry(trace: number): FiledEntry {
    const entry = this.entries.get(trace);
    demand(entry !== undefined, "I11", () => `${this.id} has no trace ${trace}`);
    return entry;
  }

  end(trace: number, end: "back" | "over"): void {
    const entry = this.entry(trace);
    // What was collected can still come back, once.
    const isLate = end === "back" && entry.end === "over";
    demand(
      entry.end === "open" || isLate,
      "once",
      () => `trace ${trace} of ${this.id} ended twice`,
    );
    entry.end = end;
  }

  /** What an entry of the journal left in the clearing accounts for this file. */
  clear({ postings }: JournalEntry): void {
    for (const posting of postings) {
      if (!CLEARING.includes(posting.account)) continue;
      const before = this.left.get(posting.account) ?? 0;
      this.left.set(posting.account, before + signedCents(posting));
    }
  }

  /** I11: what its owners posted is what they entered. */
  comparePostings(): void {
    let entered = 0;
    for (const entry of this.entries.values()) entered += entry.amountCents;
    demand(entered === this.filedCents, "I11", () => {
      return `${this.id}: entries of ${entered} cents, postings of ${this.filedCents}`;
    });
  }

  /** I11: the line of an entry, as the bank gets it, is one that its owner posted. */
  compareLine(line: string): void {
    const entry = this.entries.get(Number(line.slice(87, 94)));
    const amountCents = Number(line.slice(29, 39));
    const direction = line.charAt(2) >= "5" ? "debit" : "credit";
    const isSame = entry?.amountCents === amountCents && entry.direction === direction;
    demand(isSame, "I11", () => `${this.id}: trace ${line.slice(87)} is not as it was posted`);
  }

  /** I11: none is missing. */
  compareCount(lines: number): void {
    demand(lines === this.entries.size, "I11", () => {
      return `${this.id}: ${lines} entries in the bytes, ${this.entries.size} in the journal`;
    });
  }

  /** I10: nothing of a file that is closed is left between the bank and its owners. */
  close(): void {
    this.isClosed = true;
    for (const [account, cents] of this.left) {
      demand(cents === 0, "I10", () => `${this.id} left ${cents} cents in ${account}`);
    }
    for (const [trace, { end, amountCents }] of this.entries) {
      demand(
        end !== "open" || amountCents === 0,
        "I10",
        () => `${this.id}: trace ${trace} is open`,
      );
    }
  }
}
