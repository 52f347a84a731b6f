/**
 * Blocks. FAQ: the user cannot unblock an account; the switch itself lifts the block of a failed
 * collection once the debt is collected; customer service lifts all others. Spending needs that no
 * block is open.
 */

export type BlockReason =
  /** Too many wrong PINs in a row. */
  | "pin_failures"
  /** Two phones use one device key. */
  | "device_cloned"
  /** FAQ: lost or stolen phone, reported by its owner. */
  | "reported_lost"
  /** A debit came back for insufficient funds. */
  | "collection_failed"
  /** The payer disputes a debit. */
  | "disputed"
  /** Law or sanctions list. */
  | "compliance"
  /** Two accounts were opened for one phone number at one moment; the number is the other's. */
  | "phone_taken"
  /** Customer service, with a note. */
  | "operator";

export const BLOCK_REASONS: readonly BlockReason[] = [
  "pin_failures",
  "device_cloned",
  "reported_lost",
  "collection_failed",
  "disputed",
  "compliance",
  "phone_taken",
  "operator",
];

export interface Block {
  readonly reason: BlockReason;
  readonly sinceMs: number;
}

/** Whether customer service may lift it: a debt has to be paid instead. */
export function operatorMayLift(reason: BlockReason): boolean {
  return reason !== "collection_failed";
}
