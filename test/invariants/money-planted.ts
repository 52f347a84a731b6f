/**
 * Bugs planted in the actors of money, one at a time (docs/money.md): a suite that does not find
 * its bug proves nothing (house-style rule 24).
 */
import type { AccountCommand, AccountEvent } from "../../actors/account-messages.ts";
import type { Customer } from "../../actors/account-state.ts";
import { answerOnly, type Decision, decided, type Meta } from "../../actors/actor.ts";
import { type BankDate, bankDateAt } from "../../actors/banking-calendar.ts";
import type { Collection, Purchase } from "../../actors/collection-state.ts";
import { entry as journalEntry } from "../../actors/ledger.ts";
import type { MerchantCommand } from "../../actors/merchant.ts";
import { cents, ZERO_CENTS } from "../../actors/money.ts";
import { returnFee } from "../../actors/postings.ts";
import { NOT_REVERSED } from "../../actors/reversed-entry.ts";
import type { Settlement } from "../../actors/settlement-messages.ts";
import {
  FEE_CENTS,
  type MoneyActors,
  type MoneyTown,
  REAL_MONEY,
  type Retries,
} from "./money-town.ts";

export interface MoneyPlanted {
  readonly bug: string;
  readonly as: RegExp;
  readonly town: MoneyTown;
  /** Found only where the same run is made twice. */
  readonly isTwice?: boolean;
}

type Account = MoneyActors["account"];
type Merchant = MoneyActors["merchant"];
type File = MoneyActors["file"];

/** The real actors, and one of them otherwise. */
export function but<Kind extends keyof MoneyActors>(
  kind: Kind,
  change: (actor: MoneyActors[Kind]) => MoneyActors[Kind],
): MoneyTown {
  return (retriesMax) => {
    const actors = REAL_MONEY(retriesMax);
    return { ...actors, [kind]: change(actors[kind]) };
  };
}

const account = (decide: (real: Account, ...of: Parameters<Account["decide"]>) => unknown) =>
  but("account", (real) => ({
    ...real,
    decide: (...of) => decide(real, ...of) as ReturnType<Account["decide"]>,
  }));

const merchant = (decide: (real: Merchant, ...of: Parameters<Merchant["decide"]>) => unknown) =>
  but("merchant", (real) => ({
    ...real,
    decide: (...of) => decide(real, ...of) as ReturnType<Merchant["decide"]>,
  }));

const file = (decide: (real: File, ...of: Parameters<File["decide"]>) => unknown) =>
  but("file", (real) => ({
    ...real,
    decide: (...of) => decide(real, ...of) as ReturnType<File["decide"]>,
  }));

/** An account that sees itself otherwise when it is told so. */
export const sees = (
  kind: AccountCommand["kind"],
  see: (collection: Collection, customer: Customer, command: AccountCommand) => Collection,
): MoneyTown =>
  account((real, state, command, meta) => {
    if (state.kind === "vacant" || command.kind !== kind) return real.decide(state, command, meta);
    const { customer } = state;
    const collection = see(customer.collection, customer, command);
    return real.decide({ ...state, customer: { ...customer, collection } }, command, meta);
  });

const purchasesSeen = (
  kind: AccountCommand["kind"],
  see: (purchase: Purchase, customer: Customer, command: AccountCommand) => Purchase,
): MoneyTown =>
  sees(kind, (collection, customer, command) => ({
    ...collection,
    purchases: collection.purchases.map((purchase) => see(purchase, customer, command)),
  }));

/** A merchant that sees its settlement otherwise when it is told so. */
const shopSees = (kind: MerchantCommand["kind"], change: Partial<Settlement>): MoneyTown =>
  merchant((real, state, command, meta) => {
    if (state.kind === "vacant" || command.kind !== kind) return real.decide(state, command, meta);
    return real.decide({ ...state, settlement: { ...state.settlement, ...change } }, command, meta);
  });

/** An account that writes other events. */
export const writes = (
  change: (event: AccountEvent, customer: Customer) => readonly AccountEvent[],
) =>
  account((real, state, command, meta) => {
    const decision = real.decide(state, command, meta);
    if (state.kind === "vacant") return decision;
    return { ...decision, events: decision.events.flatMap((one) => change(one, state.customer)) };
  });

const notClamped = account((real, state, command, meta) => {
  const decision = real.decide(state, command, meta);
  const { reply } = decision;
  if (reply.kind !== "account" || !("limit" in reply)) return decision;
  const { capCents, exposureCents, holdsCents } = reply.limit;
  const availableCents = cents(capCents - exposureCents - holdsCents);
  return { ...decision, reply: { ...reply, limit: { ...reply.limit, availableCents } } };
});

/** What is in a file counts as collected. */
const growsWhenFiled = account((real, state, command, meta) => {
  if (state.kind === "vacant" || command.kind !== "DescribeAccount") {
    return real.decide(state, command, meta);
  }
  const { customer } = state;
  const purchases = customer.collection.purchases.filter(({ stage }) => stage !== "in_flight");
  const collection = { ...customer.collection, purchases };
  return real.decide({ ...state, customer: { ...customer, collection } }, command, meta);
});

const BY_HAND = { merchantNumber: 1, debitBy: null };

const feeForEach = writes((event, { personId }) => {
  if (event.kind !== "DebitReturned" || event.retryFrom === null) return [event];
  const { paymentId } = event;
  const feeCents = cents(FEE_CENTS);
  const fee = { kind: "ReturnFeeCharged", paymentId, feeCents, ...BY_HAND } as const;
  return [event, { ...fee, entry: returnFee(personId, feeCents) }];
});

const forgetsCash = writes((event) => {
  if (event.kind !== "DebitReturned") return [event];
  const kept = event.entry.postings.filter(({ account }) => account.startsWith("cust:"));
  return [{ ...event, entry: journalEntry(event.entry.name, kept) }];
});

const collectsUnbooked = writes((event) =>
  event.kind === "DebitsCollected"
    ? [{ ...event, entry: journalEntry("debits_collected", []) }]
    : [event],
);

const retriesToDue = but("account", (real) => ({
  ...real,
  apply: (state, event) => {
    const next = real.apply(state, event);
    if (event.kind !== "DebitsUnfiled" || next.kind === "vacant") return next;
    const { collection } = next.customer;
    const purchases = collection.purchases.map((purchase): Purchase => {
      if (purchase.stage !== "returned") return purchase;
      const { paymentId, merchantNumber, amountCents } = purchase;
      return { paymentId, merchantNumber, amountCents, stage: "due" };
    });
    return { ...next, customer: { ...next.customer, collection: { ...collection, purchases } } };
  },
}));

const keepsDebits = account((real, state, command, meta) =>
  command.kind === "UnfileEntries"
    ? answerOnly({ kind: "entries_unfiled" })
    : real.decide(state, command, meta),
);

const blockedApproves = account((real, state, command, meta) =>
  state.kind === "blocked" && command.kind === "ApprovePayment"
    ? real.decide({ kind: "open", customer: state.customer }, command, meta)
    : real.decide(state, command, meta),
);

const tellsNoShop = account((real, state, command, meta) => {
  const decision = real.decide(state, command, meta);
  return command.kind === "DecideDispute" ? { ...decision, effects: [] } : decision;
});

const codeReadAs = (from: string, to: "R01"): MoneyTown =>
  account((real, state, command, meta) =>
    command.kind === "ReturnEntry" && command.code === from
      ? real.decide(state, { ...command, code: to }, meta)
      : real.decide(state, command, meta),
  );

const byItsOwnClock = account((real, state, command, meta: Meta) => {
  const nowMs = meta.nowMs + Math.round(performance.now());
  return real.decide(state, command, { ...meta, nowMs });
});

const NEVER = "2099-12-31" as BankDate;
const LONG_AGO = "2000-01-01" as BankDate;
const FRESH = { returned: null, doubted: [], reversal: NOT_REVERSED };

const actsTwice = but("entry", (real) => ({
  ...real,
  decide: (_, command, meta) => real.decide(FRESH, command, meta),
  apply: (_, event) => real.apply(FRESH, event),
}));

const mergesReturns = but("entry", (real) => ({
  ...real,
  decide: (state, command, meta) => {
    const decision = real.decide(state, command, meta);
    const isSecond = state.returned !== null && decision.reply.kind === "return_doubted";
    return isSecond ? answerOnly({ kind: "return_known" }) : decision;
  },
}));

const takesLate = but("entry", (real) => ({
  ...real,
  decide: (state, command, meta) =>
    command.kind === "ReceiveReturn" && command.sent !== null
      ? real.decide(state, { ...command, sent: { ...command.sent, windowOn: NEVER } }, meta)
      : real.decide(state, command, meta),
}));

/** It goes by when a return was read. */
const readsLate = but("entry", (real) => ({
  ...real,
  decide: (state, command, meta) => {
    if (command.kind !== "ReceiveReturn") return real.decide(state, command, meta);
    const received = { ...command.received, bookedOn: bankDateAt(meta.nowMs) };
    return real.decide(state, { ...command, received }, meta);
  },
}));

const guessesSettlement = file((real, state, command, meta) => {
  if (command.kind !== "CountReturn") return real.decide(state, command, meta);
  const isRead = state.kind === "settled" || state.kind === "closed";
  return real.decide(state, { ...command, bookedOn: isRead ? NEVER : LONG_AGO }, meta);
});

const sendsAgain = file((real, state, command, meta) =>
  command.kind === "HandOverFile" && state.kind === "handing_over"
    ? answerOnly({ kind: "noted" })
    : real.decide(state, command, meta),
);

const believesAll = file((real, state, command, meta) => {
  const decision = real.decide(state, command, meta);
  const { reply } = decision as Decision<never, { kind: string }>;
  if (command.kind !== "SettleFile" || reply.kind !== "statement_differs") return decision;
  const { debitCents, creditCents } = reply as unknown as typeof command;
  return real.decide(state, { ...command, debitCents, creditCents }, meta);
});

const earlyIsLate = but("file", (real) => ({
  ...real,
  apply: (state, event) => {
    const next = real.apply(state, event);
    if (event.kind !== "ReturnCounted" || !("file" in next) || !("returned" in next.file)) {
      return next;
    }
    const none = { debitCents: ZERO_CENTS, creditCents: ZERO_CENTS };
    const early = { sureEarly: none, early: none, perhapsEarly: none };
    const sent = { ...next.file, returned: { ...next.file.returned, ...early } };
    return { ...next, file: sent } as typeof next;
  },
}));

const rejectedAfterAll = file((real, state, command, meta) =>
  command.kind === "AcknowledgeFile" &&
  command.outcome === "rejected" &&
  state.kind === "acknowledged"
    ? decided([{ kind: "FileRejected" as const, note: "x" }], { kind: "noted" })
    : real.decide(state, command, meta),
);

const forgetsTraces = but("traces", (real) => ({ ...real, apply: (state) => state }));

const spansTheEnd = but("traces", (real) => ({
  ...real,
  decide: (state, { count }) => {
    const block = { first: state.last + 1, count };
    return decided([{ kind: "TracesTaken", block }], { kind: "traces", block });
  },
}));

const refundsTooMuch = but("purchase", (real) => ({
  ...real,
  decide: (state, command, meta) =>
    real.decide({ ...state, refundedCents: ZERO_CENTS }, command, meta),
  apply: (state, event) => {
    if (event.kind === "RefundProposed") return real.apply(state, event);
    const { refundId, amountCents, feeCents } = event;
    return {
      ...state,
      refundedCents: cents(state.refundedCents + amountCents),
      feeBackCents: cents(state.feeBackCents + feeCents),
      refunds: [...state.refunds, { refundId, amountCents }],
    };
  },
}));

const keepsFees = but("purchase", (real) => ({
  ...real,
  decide: (state, command, meta) =>
    command.kind === "RefundPurchase"
      ? real.decide(state, { ...command, facts: { ...command.facts, feeCents: ZERO_CENTS } }, meta)
      : real.decide(state, command, meta),
}));

const forgetsPayouts = merchant((real, state, command, meta) =>
  command.kind === "ReturnEntry"
    ? answerOnly({ kind: "entry_returned", outcome: "unmatched" })
    : real.decide(state, command, meta),
);

const oneMoreRetry: MoneyTown = (retriesMax) => {
  const more = REAL_MONEY((retriesMax + 1) as Retries);
  return { ...REAL_MONEY(retriesMax), account: more.account };
};

const returned =
  (change: Partial<Extract<Purchase, { stage: "returned" }>["returned"]>) =>
  (purchase: Purchase): Purchase =>
    purchase.stage === "returned"
      ? { ...purchase, returned: { ...purchase.returned, ...change } }
      : purchase;

const reversesAlone = but("entry", (real) => ({
  ...real,
  decide: (state, command, meta) => {
    const { reversal } = state;
    const isProposed = command.kind === "ReverseEntry" && reversal.kind === "proposed";
    if (!isProposed) return real.decide(state, command, meta);
    return real.decide({ ...state, reversal: { ...reversal, by: "nobody" } }, command, meta);
  },
}));

const reversesAgain = but("entry", (real) => ({
  ...real,
  apply: (state, event) => {
    const next = real.apply(state, event);
    return event.kind === "EntryReversed" ? { ...next, reversal: NOT_REVERSED } : next;
  },
}));

const reversesUncollected = writes((event) => {
  if (event.kind !== "DebitReversed") return [event];
  return [{ ...event, entry: journalEntry("debit_reversed", event.entry.postings.slice(-2)) }];
});

export const MONEY_PLANTED: readonly MoneyPlanted[] = [
  { bug: "one person reverses", as: /^(two people reverse|who reverses)/, town: reversesAlone },
  {
    bug: "an entry is reversed twice",
    as: /^(an entry is reversed once|who reverses|only what the bank gave back)/,
    town: reversesAgain,
  },
  {
    bug: "what is reversed in its window is not collected",
    as: /^the books: \["(ach|cust)/,
    town: reversesUncollected,
  },
  {
    bug: "a debit comes anew before its reversal is final",
    as: /^a reversal is final first/,
    town: sees("FileEntries", (collection) => ({
      ...collection,
      refunds: collection.refunds.filter(({ reverses, stage }) => {
        return reverses === undefined || stage !== "filed";
      }),
    })),
  },
  {
    bug: "what a stranger paid pays the customer's debt",
    as: /^a stranger's money|^whose money/,
    town: sees("FileEntries", (collection) => ({
      ...collection,
      refunds: collection.refunds.map(({ reverses, ...refund }) => {
        if (reverses === undefined) return refund;
        return { ...refund, reverses: { ...reverses, reason: "wrong_date" } };
      }),
    })),
  },
  { bug: "available is not clamped", as: /^I4/, town: notClamped },
  { bug: "the limit grows when a debit is filed", as: /^I4/, town: growsWhenFiled },
  { bug: "a return forgets the cash", as: /^the books: \["(ach|cash)/, town: forgetsCash },
  {
    bug: "a return is processed twice",
    as: /^a return (is acted on once|that is right)/,
    town: actsTwice,
  },
  { bug: "two returns of one entry are merged", as: /^a return is acted on/, town: mergesReturns },
  {
    bug: "a late ordinary return is taken",
    as: /^(late returns are refused|only what the bank gave back)/,
    town: takesLate,
  },
  {
    bug: "a return that was read late is refused",
    as: /^a return that is right is acted on/,
    town: readsLate,
  },
  {
    bug: "settled is what the statement has been read of",
    as: /^(the books|what the bank says)/,
    town: guessesSettlement,
  },
  { bug: "a posting is not in its event", as: /^the books/, town: collectsUnbooked },
  {
    bug: "a part is presented again",
    as: /^I12/,
    town: purchasesSeen("AllowRetry", returned({ isFinal: false })),
  },
  {
    bug: "a debit goes to a bank account that it did not come back from",
    as: /^I12/,
    town: purchasesSeen("AllowRetry", (purchase, { vault: { bankAccount } }) => {
      return returned({ bankAccount })(purchase);
    }),
  },
  { bug: "one retry too many", as: /^I12/, town: oneMoreRetry },
  {
    bug: "180 days are not counted",
    as: /^I12/,
    town: purchasesSeen("FileEntries", (purchase, _, command) => {
      const { effectiveOn } = command as Extract<AccountCommand, { kind: "FileEntries" }>;
      return returned({ firstOn: effectiveOn })(purchase);
    }),
  },
  {
    bug: "R10 is presented again",
    as: /^(its code|where a return goes)/,
    town: codeReadAs("R10", "R01"),
  },
  { bug: "a fee for each return", as: /^a fee comes with the last attempt/, town: feeForEach },
  {
    bug: "the block ends with the fee open",
    as: /^a block ends with the debt/,
    town: sees("CollectEntries", (collection) => ({
      ...collection,
      fees: collection.fees.filter(({ sent }) => sent !== null),
    })),
  },
  { bug: "a blocked account approves", as: /^I9/, town: blockedApproves },
  {
    bug: "debits go without a mandate",
    as: /^no (debit|entry) without a mandate/,
    town: sees("FileEntries", (collection) => ({ ...collection, isMandateEnded: false })),
  },
  {
    bug: "debits do not wait for the prenote",
    as: /^the days after a prenote/,
    town: sees("FileEntries", (collection) => {
      const { bankAccount } = collection;
      if (bankAccount.kind !== "checking") return collection;
      return { ...collection, bankAccount: { ...bankAccount, usableFrom: LONG_AGO } };
    }),
  },
  {
    bug: "asked again, a file gets more",
    as: /^(one prenote at a time|a trace names one entry|I6)/,
    town: sees("FileEntries", (collection) => ({ ...collection, newestFile: null })),
  },
  {
    bug: "a file collects what is in another",
    as: /^(collected is what was in the file|I6)/,
    town: purchasesSeen("CollectEntries", (purchase, _, command) => {
      if (purchase.stage !== "in_flight") return purchase;
      const { fileId } = command as Extract<AccountCommand, { kind: "CollectEntries" }>;
      return { ...purchase, sent: { ...purchase.sent, fileId } };
    }),
  },
  { bug: "a rejected file keeps its debits", as: /^I10/, town: keepsDebits },
  {
    bug: "a retry that was not sent is due",
    as: /^(I3|I4|I12|a block ends with the debt|where a refund goes)/,
    town: retriesToDue,
  },
  {
    bug: "a return of an old bank account condemns the new one",
    as: /^(the bank account of today|I12|how a fee is paid)/,
    town: purchasesSeen("ReturnEntry", (purchase, { vault }) => {
      if (purchase.stage !== "in_flight") return purchase;
      return { ...purchase, sent: { ...purchase.sent, bankAccount: vault.bankAccount } };
    }),
  },
  {
    bug: "a refund is paid before its debit is collected",
    as: /^I8/,
    town: sees("FileEntries", (collection) => ({
      ...collection,
      purchases: collection.purchases.filter(({ stage }) => stage !== "in_flight"),
      refunds: collection.refunds.map((refund) =>
        refund.stage === "waiting" ? { ...refund, stage: "payable" } : refund,
      ),
    })),
  },
  {
    bug: "a refund of what was disputed since is paid",
    as: /^I8/,
    town: sees("FileEntries", (collection) => ({
      ...collection,
      purchases: collection.purchases.filter(({ stage }) => stage !== "disputed"),
    })),
  },
  {
    bug: "a refund of a lost debit goes to its payer",
    as: /^I8/,
    town: account((real, state, command, meta) => {
      const isBlind = command.kind === "ApplyRefund" || command.kind === "FileEntries";
      if (state.kind === "vacant" || !isBlind) return real.decide(state, command, meta);
      const seen = state.customer.collection;
      const losses = seen.losses.filter(({ borneBy }) => borneBy === "bad_debt");
      const collection = { ...seen, losses };
      return real.decide({ ...state, customer: { ...state.customer, collection } }, command, meta);
    }),
  },
  {
    bug: "money paid by hand goes back while a retry is under way",
    as: /^(a debt is paid first|a retry that is under way)/,
    town: purchasesSeen("FileEntries", (purchase) =>
      purchase.stage === "in_flight"
        ? { ...purchase, sent: { ...purchase.sent, attempt: 1 } }
        : purchase,
    ),
  },
  { bug: "more is refunded than was paid", as: /^I[68]/, town: refundsTooMuch },
  { bug: "the fee is not given back", as: /^the fee goes back/, town: keepsFees },
  {
    bug: "one person writes off",
    as: /^two people write off/,
    town: sees("WriteOff", (collection) => ({
      ...collection,
      writeOffs: collection.writeOffs.map((one) => ({ ...one, proposedBy: "nobody" })),
    })),
  },
  {
    bug: "one person records more than is owed",
    as: /^two people record what is too much/,
    town: sees("RecordPayment", ({ paymentProposal: said, ...collection }) => ({
      ...collection,
      paymentProposal: said === null ? null : { ...said, proposedBy: "nobody" },
    })),
  },
  {
    bug: "a merchant never hears of a dispute it pays for",
    as: /^every debt is noted/,
    town: tellsNoShop,
  },
  {
    bug: "a payout above what is owed",
    as: /^I13/,
    town: shopSees("SettleMerchant", { takenCents: ZERO_CENTS }),
  },
  {
    bug: "a share above what is owed",
    as: /^I13/,
    town: shopSees("GiveShare", { takenCents: ZERO_CENTS }),
  },
  {
    bug: "a debt of the merchant is not netted",
    as: /^a debt is netted first/,
    town: shopSees("SettleMerchant", { receivableCents: ZERO_CENTS }),
  },
  {
    bug: "a payout that comes back is forgotten",
    as: /^(nothing is lost|the bank's books|every file)/,
    town: forgetsPayouts,
  },
  { bug: "a file is sent twice", as: /^no file is sent twice/, town: sendsAgain },
  { bug: "any statement is believed", as: /^what the bank says/, town: believesAll },
  {
    bug: "a return before settlement is forgotten",
    as: /^(what the bank says|every file)/,
    town: earlyIsLate,
  },
  {
    bug: "what came back was rejected",
    as: /^what came back was not rejected/,
    town: rejectedAfterAll,
  },
  {
    bug: "the counter of traces is not durable",
    as: /^(traces are taken once|I7)/,
    town: forgetsTraces,
  },
  {
    bug: "a block of traces spans the end",
    as: /^a trace has seven digits/,
    town: spansTheEnd,
  },
  { bug: "an actor has a clock of its own", as: /^I16/, town: byItsOwnClock, isTwice: true },
];
