/**
 * What a merchant is owed and what it owes. Credits are booked by the payers' accounts, many at
 * once, so their sum comes in with a command, from a view that may lag behind but is never too
 * high; everything that is taken from it is decided here. So a payable never falls below zero
 * (docs/money.md, I13), and a refund that finds too little becomes a debt of the merchant.
 */

import { noteReturn } from "./ach-file.ts";
import { answerOnly, type Decision, decided, send } from "./actor.ts";
import { assert } from "./assert.ts";
import type { BankDate } from "./banking-calendar.ts";
import type { ApplyRefund, EntriesFiled, TraceBlock } from "./collection-messages.ts";
import type { AccountId, AchFileId, PaymentId, RefundId } from "./ids.ts";
import type { JournalEntry } from "./ledger.ts";
import { addCents, type Cents, cents, subtractCents, sumCents, ZERO_CENTS } from "./money.ts";
import {
  type MerchantShare,
  payoutFiled,
  payoutNetted,
  payoutReturned,
  payoutUnfiled,
} from "./postings.ts";
import type { Refusal } from "./refusals.ts";
import { isReturnCode } from "./return-codes.ts";

export interface Payout {
  readonly payoutId: string;
  readonly amountCents: Cents;
  /** The last event of the feed whose payments it covers. */
  readonly uptoPosition: number;
  /** Null until it is put into a file, and again when it came back. */
  readonly sent: {
    readonly fileId: AchFileId;
    readonly trace: number;
    readonly bankAccount: string;
  } | null;
}

export interface Settlement {
  /** Taken from what was credited: paid out, refunded, netted. */
  readonly takenCents: Cents;
  readonly receivableCents: Cents;
  /** Payouts that have not arrived yet. */
  readonly payouts: readonly Payout[];
  readonly payoutsCount: number;
  readonly settledPosition: number;
  /** Token of the sealed bank account; null: none, or one that payouts came back from. */
  readonly bankAccount: string | null;
}

export const NO_SETTLEMENT: Settlement = {
  takenCents: ZERO_CENTS,
  receivableCents: ZERO_CENTS,
  payouts: [],
  payoutsCount: 0,
  settledPosition: 0,
  bankAccount: null,
};

/** The merchant gives its part of a refund; the payer's account gets the word. */
export interface GiveShare {
  readonly kind: "GiveShare";
  readonly refundId: RefundId;
  readonly accountId: AccountId;
  readonly paymentId: PaymentId;
  readonly amountCents: Cents;
  readonly feeCents: Cents;
  readonly creditedCents: Cents;
}

export type SettlementCommand =
  | GiveShare
  /** From a payer's account, whose dispute the merchant pays for: it has booked the debt. */
  | NoteDebt
  | { readonly kind: "SetBankAccount"; readonly token: string }
  /** At the end of a day; what is below the least that is paid out waits. */
  | {
      readonly kind: "SettleMerchant";
      readonly creditedCents: Cents;
      readonly uptoPosition: number;
      readonly leastCents: Cents;
    }
  | {
      readonly kind: "FileEntries";
      readonly fileId: AchFileId;
      readonly effectiveOn: BankDate;
      readonly traces: TraceBlock;
    }
  | { readonly kind: "UnfileEntries"; readonly fileId: AchFileId }
  | { readonly kind: "CollectEntries"; readonly fileId: AchFileId }
  | {
      readonly kind: "ReturnEntry";
      readonly subject: { readonly kind: "payout"; readonly payoutId: string };
      readonly fileId: AchFileId;
      readonly trace: number;
      readonly code: string;
      readonly amountCents: Cents;
      readonly isSettled: boolean;
    };

export interface NoteDebt {
  readonly kind: "NoteDebt";
  readonly paymentId: PaymentId;
  readonly amountCents: Cents;
}

export type SettlementEvent =
  | {
      readonly kind: "DebtNoted";
      readonly paymentId: PaymentId;
      readonly amountCents: Cents;
    }
  | {
      readonly kind: "ShareGiven";
      readonly paymentId: PaymentId;
      readonly amountCents: Cents;
      readonly share: MerchantShare;
    }
  | { readonly kind: "BankAccountSet"; readonly token: string }
  | {
      readonly kind: "ReceivableNetted";
      readonly amountCents: Cents;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "PayoutMade";
      readonly payoutId: string;
      readonly amountCents: Cents;
      readonly uptoPosition: number;
    }
  | {
      readonly kind: "PayoutFiled";
      readonly payoutId: string;
      readonly fileId: AchFileId;
      readonly effectiveOn: BankDate;
      readonly trace: number;
      readonly amountCents: Cents;
      /** Token of the vault. */
      readonly bankAccount: string;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "PayoutUnfiled";
      readonly payoutId: string;
      readonly entry: JournalEntry;
    }
  | { readonly kind: "PayoutArrived"; readonly payoutId: string }
  | {
      readonly kind: "PayoutReturned";
      readonly payoutId: string;
      readonly amountCents: Cents;
      readonly trace: number;
      readonly code: string;
      readonly entry: JournalEntry;
    };

export const SETTLEMENT_EVENT_KINDS: readonly SettlementEvent["kind"][] = [
  "DebtNoted",
  "ShareGiven",
  "BankAccountSet",
  "ReceivableNetted",
  "PayoutMade",
  "PayoutFiled",
  "PayoutUnfiled",
  "PayoutArrived",
  "PayoutReturned",
];

export type SettlementReply =
  | Refusal
  | EntriesFiled
  | { readonly kind: "noted" }
  | { readonly kind: "merchant_settled"; readonly payoutCents: Cents }
  | { readonly kind: "entries_unfiled" }
  | {
      readonly kind: "entries_collected";
      readonly debitCents: Cents;
      readonly creditCents: Cents;
    }
  | { readonly kind: "entry_returned"; readonly outcome: "applied" | "unmatched" };

type SettlementDecision = Decision<SettlementEvent, SettlementReply>;
type Of<Kind extends SettlementCommand["kind"]> = Extract<SettlementCommand, { kind: Kind }>;

export function decideSettlement(
  merchantNumber: number,
  state: Settlement,
  command: SettlementCommand,
): SettlementDecision {
  switch (command.kind) {
    case "GiveShare":
      return giveShare(merchantNumber, state, command);
    case "NoteDebt": {
      const { paymentId, amountCents } = command;
      return decided([{ kind: "DebtNoted", paymentId, amountCents }], { kind: "noted" });
    }
    case "SetBankAccount":
      return decided([{ kind: "BankAccountSet", token: command.token }], { kind: "noted" });
    case "SettleMerchant":
      return settle(merchantNumber, state, command);
    case "FileEntries":
      return file(merchantNumber, state, command);
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
  return decided([{ kind: "ShareGiven", paymentId, amountCents, share }], { kind: "noted" }, [
    send({ kind: "account", id: accountId }, refund),
  ]);
}

/** A debt is netted first; what is left is paid out, if it is enough and has somewhere to go. */
function settle(
  merchantNumber: number,
  state: Settlement,
  { creditedCents, uptoPosition, leastCents }: Of<"SettleMerchant">,
): SettlementDecision {
  const payable = payableCents(state, creditedCents);
  const netted = cents(Math.min(payable, state.receivableCents));
  const payoutCents = subtractCents(payable, netted);
  const events: SettlementEvent[] = [];
  if (netted > 0) {
    const entry = payoutNetted(merchantNumber, netted);
    events.push({ kind: "ReceivableNetted", amountCents: netted, entry });
  }
  const isPaid = payoutCents > 0 && payoutCents >= leastCents && state.bankAccount !== null;
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
  { fileId, effectiveOn, traces }: Of<"FileEntries">,
): SettlementDecision {
  const known = inFile(state, fileId);
  const { bankAccount } = state;
  if (known.length > 0 || bankAccount === null) return answerOnly(filed(known));
  const waiting = state.payouts.filter(({ sent }) => sent === null).slice(0, traces.count);
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
      return { ...state, bankAccount: event.token };
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
      const bankAccount = isReplaced ? state.bankAccount : null;
      return { ...state, takenCents: taken, payouts: left, bankAccount };
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
