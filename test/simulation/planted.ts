/**
 * Bugs that are planted in a whole switch, one at a time: in its actors, between the host and its
 * log, in the vault and in the views. A simulation that does not find them proves nothing
 * (house-style rule 24).
 */

import { accountActor } from "../../actors/account.ts";
import type { AccountCommand, AccountEvent } from "../../actors/account-messages.ts";
import { achEntryActor } from "../../actors/ach-entry.ts";
import { achFileActor } from "../../actors/ach-file.ts";
import { type AnyActor, answerOnly } from "../../actors/actor.ts";
import type { Collection, Purchase } from "../../actors/collection-state.ts";
import { entry as journalEntry } from "../../actors/ledger.ts";
import { merchantActor } from "../../actors/merchant.ts";
import { ZERO_CENTS } from "../../actors/money.ts";
import type { Policy } from "../../actors/policy.ts";
import { purchaseActor } from "../../actors/purchase.ts";
import { NOT_REVERSED } from "../../actors/reversed-entry.ts";
import { tracesActor } from "../../actors/traces.ts";
import type { View, ViewTable } from "../../src/runtime/view.ts";
import { SqliteVaultRows } from "../../src/storage/sqlite/vault-rows.ts";
import { actorsOf } from "../../src/switch.ts";
import { achEntries } from "../../src/views/ach-entries.ts";
import { AnswersEarly, ForgetsReplies, LosesOldTimers } from "./planted-logs.ts";
import type { Plant } from "./world.ts";

export interface PlantedBug {
  readonly bug: string;
  readonly plant: Plant;
}

type Account = ReturnType<typeof accountActor>;
type File = ReturnType<typeof achFileActor>;

/** Every actor as it is, and one of them otherwise. */
function instead<Actor extends { readonly kind: string }>(
  make: (policy: Policy) => Actor,
  change: (real: Actor) => Actor,
): Plant {
  return {
    actors: (policy) => {
      const changed = change(make(policy));
      return actorsOf(policy).map((actor) => {
        return actor.kind === changed.kind ? (changed as unknown as AnyActor) : actor;
      });
    },
  };
}

const account = (decide: (real: Account, ...of: Parameters<Account["decide"]>) => unknown) =>
  instead(accountActor, (real) => ({
    ...real,
    decide: (...of) => decide(real, ...of) as ReturnType<Account["decide"]>,
  }));

const file = (decide: (real: File, ...of: Parameters<File["decide"]>) => unknown) =>
  instead(achFileActor, (real) => ({
    ...real,
    decide: (...of) => decide(real, ...of) as ReturnType<File["decide"]>,
  }));

/** An account that sees what it is to collect otherwise, when it is told so. */
const sees = (
  kind: AccountCommand["kind"],
  see: (collection: Collection) => Partial<Collection>,
): Plant =>
  account((real, state, command, meta) => {
    if (state.kind === "vacant" || command.kind !== kind) return real.decide(state, command, meta);
    const { customer } = state;
    const collection = { ...customer.collection, ...see(customer.collection) };
    return real.decide({ ...state, customer: { ...customer, collection } }, command, meta);
  });

/** An account that writes another event in the place of one. */
const writes = (change: (event: AccountEvent) => AccountEvent): Plant =>
  account((real, state, command, meta) => {
    const decision = real.decide(state, command, meta);
    return { ...decision, events: decision.events.map(change) };
  });

const without =
  (...stages: readonly Purchase["stage"][]) =>
  ({ purchases }: Collection): Partial<Collection> => ({
    purchases: purchases.filter(({ stage }) => !stages.includes(stage)),
  });

/** That the bytes go out is on record only when the bank has answered. */
const sendsAgain = file((real, state, command, meta) => {
  if (state.kind !== "built") return real.decide(state, command, meta);
  if (command.kind === "HandOverFile") return answerOnly({ kind: "noted" });
  if (command.kind !== "AcknowledgeFile") return real.decide(state, command, meta);
  const gone = real.decide(state, { kind: "HandOverFile" }, meta);
  const then = gone.events.reduce(real.apply, state);
  const heard = real.decide(then, command, meta);
  return { ...heard, events: [...gone.events, ...heard.events] };
});

const FRESH = { returned: null, doubted: [], reversal: NOT_REVERSED };

const actsTwice = instead(
  () => achEntryActor,
  (real) => ({
    ...real,
    decide: (_, command, meta) => real.decide({ ...FRESH }, command, meta),
    apply: (_, event) => real.apply({ ...FRESH }, event),
  }),
);

const forgetsTraces = instead(
  () => tracesActor,
  (real) => ({ ...real, apply: (state) => state }),
);

const refundsTooMuch = instead(
  () => purchaseActor,
  (real) => ({
    ...real,
    decide: (state, command, meta) =>
      real.decide({ ...state, refundedCents: ZERO_CENTS }, command, meta),
    apply: (state, event) => real.apply({ ...state, refundedCents: ZERO_CENTS }, event),
  }),
);

const paysOutTwice = instead(merchantActor, (real) => ({
  ...real,
  decide: (state, command, meta) => {
    if (state.kind === "vacant" || command.kind !== "SettleMerchant") {
      return real.decide(state, command, meta);
    }
    const settlement = { ...state.settlement, takenCents: ZERO_CENTS };
    return real.decide({ ...state, settlement }, command, meta);
  },
}));

const shortWindow = instead(
  (policy) => achFileActor({ ...policy, returnDays: policy.returnDays - 1 }),
  (real) => real,
);

const codeReadAs = (from: readonly string[], to: "R01"): Plant =>
  account((real, state, command, meta) =>
    command.kind === "ReturnEntry" && from.includes(command.code)
      ? real.decide(state, { ...command, code: to }, meta)
      : real.decide(state, command, meta),
  );

/** A view that does not hear that somebody waits for the next file. */
const missesAnOwner: Plant = {
  patch: () => {
    const view = achEntries as { apply: View["apply"] };
    const { apply } = view;
    view.apply = (events, table) => {
      for (const event of events) {
        const isMissed = event.kind === "PaymentCaptured";
        apply([event], isMissed ? deafTo(table, "owner/") : table);
      }
    };
    return () => {
      view.apply = apply;
    };
  },
};

function deafTo(table: ViewTable, prefix: string): ViewTable {
  return {
    get: (key) => table.get(key),
    put: (key, value) => {
      if (!key.startsWith(prefix)) table.put(key, value);
    },
    remove: (key) => table.remove(key),
    range: (range) => table.range(range),
  };
}

/** Of the rows of a registration the one of the bank account is not written. */
const losesVaultRows: Plant = {
  patch: () => {
    const { prototype } = SqliteVaultRows;
    const { insert } = prototype;
    let registrations = 0;
    prototype.insert = function (rows) {
      const isLost = rows.length > 1 && ++registrations % 2 === 0;
      const kept = rows.filter(({ kind }) => !isLost || kind !== "bank-account");
      insert.call(this, kept);
    };
    return () => {
      prototype.insert = insert;
    };
  },
};

const growsWhenFiled = account((real, state, command, meta) => {
  const isAsked = command.kind === "DescribeAccount" || command.kind === "ApprovePayment";
  if (state.kind === "vacant" || !isAsked) return real.decide(state, command, meta);
  const { customer } = state;
  const collection = { ...customer.collection, ...without("in_flight")(customer.collection) };
  return real.decide({ ...state, customer: { ...customer, collection } }, command, meta);
});

const blockedApproves = account((real, state, command, meta) =>
  state.kind === "blocked" && command.kind === "ApprovePayment"
    ? real.decide({ kind: "open", customer: state.customer }, command, meta)
    : real.decide(state, command, meta),
);

const copiedPays = account((real, state, command, meta) => {
  if (state.kind === "vacant" || command.kind !== "ApprovePayment") {
    return real.decide(state, command, meta);
  }
  const { device } = state.customer;
  const counter = Math.max(command.counter, device.counter + 1);
  return real.decide(state, { ...command, counter }, meta);
});

const forgetsCash = writes((event) => {
  if (event.kind !== "DebitReturned") return event;
  const kept = event.entry.postings.filter((one) => one.account.startsWith("cust:"));
  return { ...event, entry: journalEntry(event.entry.name, kept) };
});

const statementIgnored = file((real, state, command, meta) =>
  command.kind === "SettleFile" ? answerOnly({ kind: "noted" }) : real.decide(state, command, meta),
);

const paysRefundsEarly = sees("FileEntries", (collection) => ({
  ...without("in_flight")(collection),
  refunds: collection.refunds.map((refund) =>
    refund.stage === "waiting" ? { ...refund, stage: "payable" } : refund,
  ),
}));

export const PLANTED: readonly PlantedBug[] = [
  { bug: "acknowledged before the commit", plant: { wrapLog: (log) => new AnswersEarly(log) } },
  { bug: "a file is sent again after a crash", plant: sendsAgain },
  { bug: "a return is applied twice", plant: actsTwice },
  { bug: "the limit grows when a debit is filed", plant: growsWhenFiled },
  { bug: "the counter of traces is not durable", plant: forgetsTraces },
  { bug: "the statement is ignored", plant: statementIgnored },
  { bug: "a view misses an owner", plant: missesAnOwner },
  { bug: "timers are lost with a restart", plant: { wrapLog: (log) => new LosesOldTimers(log) } },
  { bug: "replies are forgotten", plant: { wrapLog: (log) => new ForgetsReplies(log) } },
  { bug: "a clearing pair is forgotten", plant: forgetsCash },
  { bug: "a disputed debit is presented again", plant: codeReadAs(["R07", "R10", "R11"], "R01") },
  { bug: "a row of the vault is lost", plant: losesVaultRows },
  { bug: "a blocked account approves", plant: blockedApproves },
  { bug: "a copied phone pays", plant: copiedPays },
  {
    bug: "approvals do not see what is owed",
    plant: sees("ApprovePayment", () => ({ purchases: [] })),
  },
  { bug: "a refund is paid before its debit is collected", plant: paysRefundsEarly },
  { bug: "more is refunded than was paid", plant: refundsTooMuch },
  { bug: "a merchant is paid out twice", plant: paysOutTwice },
  {
    bug: "one person writes off",
    plant: sees("WriteOff", ({ purchases }) => ({
      writeOffs: purchases.map(({ paymentId }) => ({ paymentId, proposedBy: "desk:nobody" })),
    })),
  },
  { bug: "the window for returns is a day too short", plant: shortWindow },
];
