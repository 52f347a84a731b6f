/**
 * What a run of the cut-off makes files of. By default one file of everything, to be settled on the
 * next banking day; where the bank settles credits later than debits, one of each; and where
 * same-day ACH is on, one more in each of its windows, of the kinds that the bank's profile names.
 * Nacha Operating Rules, Article Eight, Same Day Entry; international entries are never written.
 */
import {
  addBankingDays,
  type BankDate,
  bankDateAt,
  instantOf,
} from "../../actors/banking-calendar.ts";
import type { FiledKind, FileScope } from "../../actors/file-scope.ts";
import type { OdfiProfile, SameDayWindow } from "../rails/ach/odfi-profile.ts";
import type { CollectionParts } from "./parts.ts";

export interface FilePlan {
  readonly effectiveOn: BankDate;
  /** Null: everything. */
  readonly scope: FileScope | null;
}

const DEBITS: readonly FiledKind[] = ["prenote", "debit", "retry", "fee"];
const CREDITS: readonly FiledKind[] = ["refund", "reversal", "payout"];

/** Of the regular cut-off. */
export function laterPlans({ clock, profile }: CollectionParts): readonly FilePlan[] {
  const { debitLeadDays, creditLeadDays } = profile;
  const today = bankDateAt(clock.nowMs());
  const plan = (scope: FileScope | null): FilePlan => {
    return { scope, effectiveOn: addBankingDays(today, leadDays(profile, scope)) };
  };
  if (debitLeadDays === creditLeadDays) return [plan(null)];
  return [DEBITS, CREDITS].map((kinds) => plan({ kinds, centsMax: null, settlesAt: null }));
}

/** Of a same-day window; none where its deadline is over, or the bank is closed. */
export function sameDayPlans(
  { clock, profile }: CollectionParts,
  { settlesAt }: SameDayWindow,
): readonly FilePlan[] {
  const { sameDayKinds: kinds, sameDayCentsMax: centsMax } = profile;
  const effectiveOn = bankDateAt(clock.nowMs());
  const plan: FilePlan = { effectiveOn, scope: { kinds, centsMax, settlesAt } };
  return isLate({ clock, profile }, plan) ? [] : [plan];
}

/** The bank would settle it later than it says, and than its owners were told. */
export function isLate(
  { clock, profile }: Pick<CollectionParts, "clock" | "profile">,
  { effectiveOn, scope }: FilePlan,
): boolean {
  const nowMs = clock.nowMs();
  const today = bankDateAt(nowMs);
  if (scope?.settlesAt == null) {
    return effectiveOn < addBankingDays(today, leadDays(profile, scope));
  }
  const window = profile.sameDayWindows.find(({ settlesAt }) => settlesAt === scope.settlesAt);
  const isOpen = profile.sameDay && addBankingDays(effectiveOn, 0) === effectiveOn;
  if (window === undefined || !isOpen) return true;
  return nowMs >= instantOf(effectiveOn, ...timeOf(window.deadline));
}

/** Hours and minutes of HHMM. */
export function timeOf(text: string): [hour: number, minute: number] {
  return [Number(text.slice(0, 2)), Number(text.slice(2))];
}

function leadDays({ debitLeadDays, creditLeadDays }: OdfiProfile, scope: FileScope | null): number {
  const isCredits = scope?.kinds.every((kind) => CREDITS.includes(kind)) === true;
  return isCredits ? creditLeadDays : debitLeadDays;
}
