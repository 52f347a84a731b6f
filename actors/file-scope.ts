/**
 * What one file takes of everything that waits. A bank may settle some kinds of entries on the same
 * day, or credits a day later than debits: each file has one effective date (docs/ach.md).
 */
import type { Cents } from "./money.ts";

/** Kinds of entries; a retry is a debit that is presented again, a fee that of a return. */
export type FiledKind = "prenote" | "debit" | "retry" | "fee" | "refund" | "reversal" | "payout";

/** What a file takes of what is due; without it, a file takes everything. */
export interface FileScope {
  readonly kinds: readonly FiledKind[];
  /** What is above it waits; null where there is no such bound. */
  readonly centsMax: Cents | null;
  /** HHMM in New York, of the window in which the bank is to settle; null: not on the same day. */
  readonly settlesAt: string | null;
}

/** Whether a file of that scope takes such an entry. */
export function takes(
  scope: FileScope | null | undefined,
  kind: FiledKind,
  amountCents: Cents,
): boolean {
  if (scope === null || scope === undefined) return true;
  const { kinds, centsMax } = scope;
  return kinds.includes(kind) && (centsMax === null || amountCents <= centsMax);
}
