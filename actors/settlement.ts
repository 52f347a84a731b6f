/**
 * What a merchant is owed and what it owes. Credits are booked by the payers' accounts, many at
 * once, so their sum comes in with a command, from a view that may lag behind but is never too
 * high; everything that is taken from it is decided here. So a payable never falls below zero
 * (docs/money.md, I13), and a refund that finds too little becomes a debt of the merchant.
 */

import { noteReturn } from "./ach-file.ts";
import { answerOnly, type Decision, decided, type Meta, send } from "./actor.ts";
import { assert } from "./assert.ts";
import type { ApplyRefund, EntriesFiled } from "./collection-messages.ts";
import { takes } from "./file-scope.ts";
import type { AchFileId } from "./ids.ts";
import { addCents, type Cents, cents, subtractCents, sumCents, ZERO_CENTS } from "./money.ts";
import { applyBankAccount, isHeld, setBankAccount } from "./payout-account.ts";
import type { Policy } from "./policy.ts";
import {
  type MerchantShare,
  payoutFiled,
  payoutNetted,
  payoutReturned,
  payoutUnfiled,
} from "./postings.ts";
import { isReturnCode } from "./return-codes.ts";
import type {
  GiveShare,
  Payout,
  Settlement,
  SettlementCommand,
  SettlementEvent,
  SettlementReply,
} from "./settlement-messages.ts";

type SettlementDecision = Decision<SettlementEvent, SettlementReply>;
type Of<Kind extends SettlementCommand["kind"]> = Extract<SettlementCommand, { kind: Kind }>;

export function decideSettlement(
  merchantNumber: number,
  state: Settlement,
  command: SettlementCommand,
  meta: Meta,
  policy: Policy,
): SettlementDecision {
  switch (command.kind) {
    case "GiveShare":
      return giveShare(merchantNumber, state, command);
    case "NoteDebt": {
      const { paymentId, amountCents } = command;
      return decided([{ kind: "DebtNoted", paymentId, amountCents }], { kind: "noted" });
    }
    case "SetBankAccount":
      return setBankAccount(state, command, meta, policy);
    case "CorrectBankAccount": {
      const { of, token, ending, code } = command;
      // The bank speaks of one that the merchant has replaced, or that payouts came back from.
      if (of !== state.bankAccount) return answerOnly({ kind: "noted" });
      return decided([{ kind: "BankAccountCorrected", token, ending, code }], { kind: "noted" });
    }
    case "SettleMerchant":
      return settle(merchantNumber, state, command, meta);
    case "FileEntries":
      return file(merchantNumber, state, command, meta);
    case "UnfileEntries":
      return unfile(merchantNumber, state, command);
    case "CollectEntries":
      return arrive(state, command);
    case "ReturnEntry":
      return payoutBack(merchantNumber, state, command);
  }
}

function payableCents({ takenCents }: Settlement, creditedCents: Cents): Cents {
  const left = subtractCents(creditedCents, takenCents);
  // The view may lag behind what was taken already.
  return left > 0 ? left : ZERO_CENTS;
}

function giveShare(
  merchantNumber: number,
  state: Settlement,
  command: GiveShare,
): SettlementDecision {
  const { refundId, accountId, paymentId, amountCents, feeCents, creditedCents } = command;
  const owed = subtractCents(amountCents, feeCents);
  assert(owed >= 0, "a fee is a part of its amount");
  const payable = cents(Math.min(owed, payableCents(state, creditedCents)));
  const receivableCents = subtractCents(owed, payable);
  const share: MerchantShare = { merchantNumber, payableCents: payable, receivableCents };
  const refund: ApplyRefund = {
    ...{ kind: "ApplyRefund", refundId, paymentId, amountCents, feeCents, share },
  };
  const event: SettlementEvent = {
    ...{ kind: "ShareGiven", refundId, paymentId, amountCents, share },
  };
  const toAccount = send({ kind: "account", id: accountId }, refund);
  return decided([event], { kind: "noted" }, [toAccount]);
}

/** A debt is netted first; what is left is paid out, if it is enough and has somewhere to go. */
function settle(
  merchantNumber: number,
  state: Settlement,
  { creditedCents, uptoPosition, leastCents }: Of<"SettleMerchant">,
  meta: Meta,
): SettlementDecision {
  // A view that was built anew and is not there yet: no payment stands on two statements.
  const payable =
    uptoPosition < state.settledPosition ? ZERO_CENTS : payableCents(state, creditedCents);
  const netted = cents(Math.min(payable, state.receivableCents));
  const payoutCents = subtractCents(payable, netted);
  const events: SettlementEvent[] = [];
  if (netted > 0) {
    const entry = payoutNetted(merchantNumber, netted);
    events.push({ kind: "ReceivableNetted", amountCents: netted, entry });
  }
  const mayPay = state.bankAccount !== null && !isHeld(state, meta);
  const isPaid = payoutCents > 0 && payoutCents >= leastCents && mayPay;
  if (isPaid) {
    const payoutId = `${merchantNumber}-${state.payoutsCount + 1}`;
    events.push({ kind: "PayoutMade", payoutId, amountCents: payoutCents, uptoPosition });
  }
  return decided(events, {
    kind: "merchant_settled",
    payoutCents: isPaid ? payoutCents : ZERO_CENTS,
  });
}

function inFile({ payouts }: Settlement, fileId: AchFileId): readonly Payout[] {
  return payouts.filter(({ sent }) => sent?.fileId === fileId);
}

function filed(payouts: readonly { readonly amountCents: Cents }[]): EntriesFiled {
  return {
    kind: "entries_filed",
    entries: payouts.length,
    debitCents: ZERO_CENTS,
    creditCents: sumCents(payouts.map(({ amountCents }) => amountCents)),
  };
}

function file(
  merchantNumber: number,
  state: Settlement,
  { fileId, effectiveOn, traces, scope }: Of<"FileEntries">,
  meta: Meta,
): SettlementDecision {
  const known = inFile(state, fileId);
  const { bankAccount } = state;
  // One that was made before the change, and not sent, waits with the others.
  const mayFile = known.length === 0 && !isHeld(state, meta);
  if (!mayFile || bankAccount === null) return answerOnly(filed(known));
  const unsent = state.payouts.filter(({ sent, amountCents }) => {
    return sent === null && takes(scope, "payout", amountCents);
  });
  const waiting = unsent.slice(0, traces.count);
  const events = waiting.map(({ payoutId, amountCents }, at): SettlementEvent => {
    const trace = traces.first + at;
    const entry = payoutFiled(merchantNumber, amountCents);
    const sent = { fileId, effectiveOn, trace, amountCents, bankAccount };
    return { kind: "PayoutFiled", payoutId, ...sent, entry };
  });
  return decided(events, filed(waiting));
}

function unfile(
  merchantNumber: number,
  state: Settlement,
  { fileId }: Of<"UnfileEntries">,
): SettlementDecision {
  const events = inFile(state, fileId).map(({ payoutId, amountCents }): SettlementEvent => {
    return { kind: "PayoutUnfiled", payoutId, entry: payoutUnfiled(merchantNumber, amountCents) };
  });
  return decided(events, { kind: "entries_unfiled" });
}

function arrive(state: Settlement, { fileId }: Of<"CollectEntries">): SettlementDecision {
  const arrived = inFile(state, fileId);
  const events = arrived.map(
    ({ payoutId }): SettlementEvent => ({ kind: "PayoutArrived", payoutId }),
  );
  const { debitCents, creditCents } = filed(arrived);
  return decided(events, { kind: "entries_collected", debitCents, creditCents });
}

/** The money is owed again; the merchant must name another bank account first. */
function payoutBack(
  merchantNumber: number,
  state: Settlement,
  { subject, fileId, trace, code, amountCents, isSettled }: Of<"ReturnEntry">,
): SettlementDecision {
  assert(isReturnCode(code), "the entry's actor lets known codes through only");
  const { payoutId } = subject;
  const payout = state.payouts.find((other) => other.payoutId === payoutId);
  const isSame = payout?.sent?.fileId === fileId && payout.sent.trace === trace;
  // A payout that has arrived is no longer known here; it can still come back.
  if (payout === undefined ? !isSettled : !isSame) {
    const unmatched = { kind: "entry_returned", outcome: "unmatched" } as const;
    return decided([], unmatched, [noteReturn(fileId, "credit", ZERO_CENTS)]);
  }
  const entry = payoutReturned(merchantNumber, amountCents, isSettled);
  const event: SettlementEvent = {
    ...{ kind: "PayoutReturned", payoutId, amountCents, trace, code },
    entry,
  };
  const reply = { kind: "entry_returned", outcome: "applied" } as const;
  return decided([event], reply, [noteReturn(fileId, "credit", isSame ? amountCents : ZERO_CENTS)]);
}

export function applySettlement(state: Settlement, event: SettlementEvent): Settlement {
  const { takenCents, receivableCents, payouts } = state;
  switch (event.kind) {
    case "DebtNoted":
      return { ...state, receivableCents: addCents(receivableCents, event.amountCents) };
    case "ShareGiven": {
      const { share } = event;
      return {
        ...state,
        takenCents: addCents(takenCents, share.payableCents),
        receivableCents: addCents(receivableCents, share.receivableCents),
      };
    }
    case "BankAccountSet":
    case "BankAccountProposed":
      return applyBankAccount(state, event);
    case "BankAccountCorrected": {
      const { token, ending } = event;
      const corrected = payouts.map((payout): Payout => {
        if (payout.sent?.bankAccount !== state.bankAccount) return payout;
        return { ...payout, sent: { ...payout.sent, bankAccount: token } };
      });
      return { ...state, payouts: corrected, bankAccount: token, ending };
    }
    case "ReceivableNetted": {
      const left = subtractCents(receivableCents, event.amountCents);
      assert(left >= 0, "no more is netted than is owed");
      return {
        ...state,
        takenCents: addCents(takenCents, event.amountCents),
        receivableCents: left,
      };
    }
    case "PayoutMade": {
      const { payoutId, amountCents, uptoPosition } = event;
      return {
        ...state,
        takenCents: addCents(takenCents, amountCents),
        payouts: [...payouts, { payoutId, amountCents, uptoPosition, sent: null }],
        payoutsCount: state.payoutsCount + 1,
        settledPosition: uptoPosition,
      };
    }
    case "PayoutFiled": {
      const { payoutId, fileId, trace, bankAccount } = event;
      return { ...state, payouts: withSent(payouts, payoutId, { fileId, trace, bankAccount }) };
    }
    case "PayoutUnfiled":
      return { ...state, payouts: withSent(payouts, event.payoutId, null) };
    case "PayoutArrived":
      return { ...state, payouts: payouts.filter(({ payoutId }) => payoutId !== event.payoutId) };
    case "PayoutReturned": {
      const left = payouts.filter(({ payoutId }) => payoutId !== event.payoutId);
      const taken = subtractCents(takenCents, event.amountCents);
      assert(taken >= 0, "what comes back was taken");
      const { sent } = payouts.find(({ payoutId }) => payoutId === event.payoutId) ?? {};
      // Of one that had arrived nobody knows where it went: the merchant is asked all the same.
      const isReplaced = sent !== undefined && sent?.bankAccount !== state.bankAccount;
      const returned = { ...state, takenCents: taken, payouts: left };
      if (isReplaced) return returned;
      return { ...returned, bankAccount: null, ending: null, rejectedBy: event.code };
    }
  }
}

function withSent(
  payouts: readonly Payout[],
  payoutId: string,
  sent: Payout["sent"],
): readonly Payout[] {
  return payouts.map((payout) => (payout.payoutId === payoutId ? { ...payout, sent } : payout));
}
