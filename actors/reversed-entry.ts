/**
 * The reversal of an entry, as the entry's actor lets it through: once, by two people, in time, and
 * never of what came back (docs/ach.md).
 */
import { answerOnly, type Decision, decided, type Meta, send } from "./actor.ts";
import { assert } from "./assert.ts";
import { addBankingDays, type BankDate, bankDateAt } from "./banking-calendar.ts";
import type { RefundId } from "./ids.ts";
import type { Refusal } from "./refusals.ts";
import type { ReversalReason, ReverseDebit } from "./reversal-messages.ts";
import type { SentEntry } from "./sent-entry.ts";

/** Nacha: with the receiver's bank within five banking days after the entry was settled. */
export const REVERSAL_DAYS = 5;

/** From the desk: we sent this entry by mistake. */
export interface ReverseEntry {
  readonly kind: "ReverseEntry";
  readonly sent: SentEntry;
  /** Of its file, as the file says. */
  readonly file: { readonly effectiveOn: BankDate; readonly isSettled: boolean };
  /** Token of the bank account that it was sent to. */
  readonly bankAccount: string;
  readonly refundId: RefundId;
  readonly reason: ReversalReason;
  readonly note: string;
}

export type EntryReversal =
  | { readonly kind: "none" }
  | { readonly kind: "proposed"; readonly reason: ReversalReason; readonly by: string }
  | { readonly kind: "reversed" };

export const NOT_REVERSED: EntryReversal = { kind: "none" };

export type EntryReversalEvent =
  /** The newest proposal is the one that another person agrees to. */
  | {
      readonly kind: "ReversalProposed";
      readonly reason: ReversalReason;
      readonly by: string;
      readonly note: string;
    }
  | { readonly kind: "EntryReversed"; readonly reason: ReversalReason; readonly note: string };

type ReversalReply =
  | Refusal
  | { readonly kind: "reversal_proposed" }
  | { readonly kind: "reversal_recorded" };

interface EntryLife {
  readonly returned: object | null;
  readonly reversal: EntryReversal;
}

export function reverseEntry(
  { returned, reversal }: EntryLife,
  { sent, file, bankAccount, refundId, reason, note }: ReverseEntry,
  { nowMs, principal: by }: Meta,
): Decision<EntryReversalEvent, ReversalReply> {
  const { subject, owner, fileId, trace, merchantNumber, amountCents } = sent;
  // What was paid out by mistake is for people: a customer is not debited for it.
  if (subject.kind !== "debit") return answerOnly({ kind: "entry_not_reversible" });
  if (returned !== null) return answerOnly({ kind: "entry_came_back" });
  if (reversal.kind === "reversed") return answerOnly({ kind: "entry_already_reversed" });
  if (!file.isSettled) return answerOnly({ kind: "file_not_at_this_stage" });
  const lastOn = addBankingDays(file.effectiveOn, REVERSAL_DAYS);
  // The next file is settled on the next banking day at the earliest.
  const isLate = addBankingDays(bankDateAt(nowMs), 1) > lastOn;
  if (isLate) return answerOnly({ kind: "reversal_too_late", lastOn });
  if (reversal.kind === "none" || reversal.reason !== reason) {
    return decided([{ kind: "ReversalProposed", reason, by, note }], { kind: "reversal_proposed" });
  }
  if (reversal.by === by) return answerOnly({ kind: "second_person_needed" });
  assert(amountCents > 0, "a debit has an amount");
  const { paymentId } = subject;
  const command: ReverseDebit = {
    ...{ kind: "ReverseDebit", refundId, paymentId, merchantNumber, amountCents, note },
    reverses: { fileId, trace, bankAccount, lastOn, reason },
  };
  const reversed = { kind: "EntryReversed", reason, note } as const;
  return decided([reversed], { kind: "reversal_recorded" }, [send(owner, command)]);
}

export function afterReversal(event: EntryReversalEvent): EntryReversal {
  if (event.kind === "EntryReversed") return { kind: "reversed" };
  return { kind: "proposed", reason: event.reason, by: event.by };
}
