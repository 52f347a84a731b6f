/**
 * Where a merchant is paid out to, and who says so. To have another bank account named is how
 * payouts are stolen: so the desk names one by two people, and whoever names another one than
 * before, the merchant's own key included, waits for some banking days before anything is sent
 * there (docs/money.md). Meanwhile it stands in a queue of the desk, and can be named anew.
 */
import { answerOnly, type Decision, decided, type Effect, type Meta, send } from "./actor.ts";
import { addBankingDays, type BankDate, bankDateAt } from "./banking-calendar.ts";
import type { DestroySealed } from "./closing.ts";
import type { Policy } from "./policy.ts";
import type {
  Settlement,
  SettlementCommand,
  SettlementEvent,
  SettlementReply,
} from "./settlement-messages.ts";

type SettlementDecision = Decision<SettlementEvent, SettlementReply>;
type SetBankAccount = Extract<SettlementCommand, { kind: "SetBankAccount" }>;
type OfBankAccount = Extract<SettlementEvent, { kind: "BankAccountSet" | "BankAccountProposed" }>;

export function setBankAccount(
  state: Settlement,
  { token, ending, note, persons, sameAs }: SetBankAccount,
  meta: Meta,
  policy: Policy,
): SettlementDecision {
  const { proposal, bankAccount } = state;
  // It is that already: nobody waits anew for what did not change.
  if (bankAccount !== null && sameAs.includes(bankAccount)) {
    return decided([], { kind: "noted" }, destroyed({ token, ending }));
  }
  const payableFrom = heldUntil(state, meta, policy);
  if (persons === "one") {
    const set = { token, ending, note, payableFrom, proposed: null };
    return decided([{ kind: "BankAccountSet", ...set }], { kind: "noted" }, destroyed(proposal));
  }
  if (proposal === null || !sameAs.includes(proposal.token)) {
    const proposed = { token, ending, note, by: meta.principal };
    const reply = { kind: "bank_account_proposed" } as const;
    return decided([{ kind: "BankAccountProposed", ...proposed }], reply, destroyed(proposal));
  }
  if (proposal.by === meta.principal) return answerOnly({ kind: "second_person_needed" });
  const { token: first, ending: firstEnding, by, note: why } = proposal;
  const set = { token: first, ending: firstEnding, note, payableFrom, proposed: { by, note: why } };
  // The same bank account is sealed twice by now.
  const spare = destroyed({ token, ending });
  return decided([{ kind: "BankAccountSet", ...set }], { kind: "noted" }, spare);
}

/** The first one has nothing that could be stolen from it: it is named before there is a payout. */
function heldUntil(
  { bankAccount, rejectedBy }: Settlement,
  { nowMs }: Meta,
  { payoutHoldDays }: Policy,
): BankDate | null {
  const isFirst = bankAccount === null && rejectedBy === null;
  return isFirst ? null : addBankingDays(bankDateAt(nowMs), payoutHoldDays);
}

/** What nobody will pay to. */
function destroyed(obsolete: Pick<SetBankAccount, "token" | "ending"> | null): readonly Effect[] {
  if (obsolete === null) return [];
  const destroy: DestroySealed = { kind: "DestroySealed" };
  return [obsolete.token, obsolete.ending].map((id) => send({ kind: "vault", id }, destroy));
}

/** Nothing is sent before the day on which a changed bank account is paid to. */
export function isHeld({ payableFrom }: Settlement, { nowMs }: Meta): boolean {
  return payableFrom !== null && bankDateAt(nowMs) < payableFrom;
}

export function applyBankAccount(state: Settlement, event: OfBankAccount): Settlement {
  const { token, ending, note } = event;
  if (event.kind === "BankAccountProposed") {
    return { ...state, proposal: { token, ending, note, by: event.by } };
  }
  const named = { bankAccount: token, ending, payableFrom: event.payableFrom };
  return { ...state, ...named, rejectedBy: null, proposal: null };
}
