/** An entry of one of our files. */
import type { ActorRef } from "./actor.ts";
import type { EntrySubject } from "./collection-messages.ts";
import type { AchFileId } from "./ids.ts";
import type { Cents } from "./money.ts";

/** What we sent: from the events of its owner. */
export interface SentEntry {
  readonly fileId: AchFileId;
  /** Sequence number of its trace. */
  readonly trace: number;
  readonly owner: ActorRef;
  readonly subject: EntrySubject | { readonly kind: "payout"; readonly payoutId: string };
  readonly direction: "debit" | "credit";
  readonly amountCents: Cents;
  /** Whose purchase it is; 0 where there is none. */
  readonly merchantNumber: number;
}
