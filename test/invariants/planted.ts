/**
 * Planted bugs: actors that are wrong in one way each. A suite that does not find its bug proves
 * nothing (house-style rule 24).
 */
import { accountActor } from "../../actors/account.ts";
import type { AccountEvent, ApprovePayment } from "../../actors/account-messages.ts";
import type { AccountState, Customer } from "../../actors/account-state.ts";
import { answerOnly, type Decision, decided, type Meta, send } from "../../actors/actor.ts";
import { exposureOf } from "../../actors/collection-state.ts";
import { laneActor } from "../../actors/lane.ts";
import type {
  LaneEvent,
  PaymentRequest,
  SettlePaymentRequest,
} from "../../actors/lane-messages.ts";
import type { ActiveLane, LaneState } from "../../actors/lane-state.ts";
import { addCents, cents, subtractCents, ZERO_CENTS } from "../../actors/money.ts";
import {
  type AccountDefinition,
  CLOSED_MAX,
  type Definitions,
  type LaneDefinition,
  POLICY,
} from "./town.ts";

export interface Planted {
  readonly bug: string;
  /** The suite that has to find it, and as what. */
  readonly suite: "host" | "saga" | "twice";
  readonly as: RegExp;
  readonly definitions: Definitions;
}

const ACCOUNT = accountActor(POLICY);
const LANE = laneActor(POLICY, CLOSED_MAX);

type DecideAccount = AccountDefinition["decide"];
type DecideLane = LaneDefinition["decide"];

/** An account that decides wrongly. */
const account = (decide: DecideAccount): Definitions => ({
  account: { ...ACCOUNT, decide },
  lane: LANE,
});
const lane = (decide: DecideLane): Definitions => ({ account: ACCOUNT, lane: { ...LANE, decide } });

/** An account that sees itself otherwise while it approves. */
const seenOtherwise = (see: (customer: Customer) => Customer): Definitions =>
  account((state, command, meta) => {
    if (state.kind === "vacant" || command.kind !== "ApprovePayment") {
      return ACCOUNT.decide(state, command, meta);
    }
    const decision = ACCOUNT.decide({ ...state, customer: see(state.customer) }, command, meta);
    return withTrueLimit(state, decision);
  });

type AccountDecision = ReturnType<DecideAccount>;

/** The planted check is wrong, not the figures in the event. */
function withTrueLimit(state: AccountState, decision: AccountDecision): AccountDecision {
  if (state.kind === "vacant") return decision;
  const { capCents, collection, holds } = state.customer;
  let room = subtractCents(capCents, exposureOf(collection).dueCents);
  for (const { amountCents } of holds) room = subtractCents(room, amountCents);
  const availableBeforeCents = room < 0 ? ZERO_CENTS : room;
  return changedEvents(decision, (event) =>
    event.kind === "PaymentAuthorised" ? { ...event, availableBeforeCents } : event,
  );
}

function changedEvents<Event extends { kind: string }, Reply extends { kind: string }>(
  decision: Decision<Event, Reply>,
  change: (event: Event) => Event,
): Decision<Event, Reply> {
  return { ...decision, events: decision.events.map(change) };
}

/** An account that writes other events. */
const written = (change: (event: AccountEvent) => AccountEvent): Definitions =>
  account((state, command, meta) => changedEvents(ACCOUNT.decide(state, command, meta), change));

/** An account that applies events wrongly. */
const applied = (
  change: (after: Customer, before: Customer, event: AccountEvent) => Customer,
): Definitions => ({
  account: {
    ...ACCOUNT,
    apply: (state, event) => {
      const next = ACCOUNT.apply(state, event);
      if (state.kind === "vacant" || next.kind === "vacant") return next;
      return { ...next, customer: change(next.customer, state.customer, event) };
    },
  },
  lane: LANE,
});

/** A lane that is wrong about payments only. */
const settled = (
  settle: (state: ActiveLane, command: SettlePaymentRequest, meta: Meta) => ReturnType<DecideLane>,
): Definitions =>
  lane((state, command, meta) =>
    state.kind === "active" && command.kind === "SettlePaymentRequest"
      ? settle(state, command, meta)
      : LANE.decide(state, command, meta),
  );

function openOf({ open }: ActiveLane, requestId: string): PaymentRequest | undefined {
  return open.find((request) => request.requestId === requestId);
}

const blockedApproves = account((state, command, meta) =>
  state.kind === "blocked" && command.kind === "ApprovePayment"
    ? ACCOUNT.decide({ kind: "open", customer: state.customer }, command, meta)
    : ACCOUNT.decide(state, command, meta),
);

const notClamped = account((state, command, meta) => {
  const decision = ACCOUNT.decide(state, command, meta);
  const { reply } = decision;
  if (reply.kind !== "account") return decision;
  const { capCents, exposureCents, holdsCents } = reply.limit;
  const availableCents = cents(capCents - exposureCents - holdsCents);
  return { ...decision, reply: { ...reply, limit: { ...reply.limit, availableCents } } };
});

const releasesAlone = account((state, command, meta) => {
  const decision = ACCOUNT.decide(state, command, meta);
  if (command.kind !== "HoldOverdue" || decision.events.length === 0) return decision;
  const { paymentId } = command;
  const refusal = { kind: "payment_barred" } as const;
  return decided([{ kind: "PaymentReleased", paymentId, refusal }], { kind: "noted" }, [
    { kind: "answer", key: paymentId, reply: refusal },
  ]);
});

const chargesAgain = account((state, command, meta) => {
  if (state.kind !== "open" || command.kind !== "ApprovePayment") {
    return ACCOUNT.decide(state, command, meta);
  }
  const { collection, device } = state.customer;
  const isRepeat = collection.purchases.some(({ paymentId }) => paymentId === command.paymentId);
  if (!isRepeat) return ACCOUNT.decide(state, command, meta);
  const paymentId = `${command.paymentId}+` as ApprovePayment["paymentId"];
  const again = { ...command, paymentId, counter: device.counter + 1 };
  return ACCOUNT.decide(state, again, meta);
});

const clonesUnnoticed = account((state, command, meta) => {
  if (state.kind !== "open" || command.kind !== "ApprovePayment") {
    return ACCOUNT.decide(state, command, meta);
  }
  const counter = state.customer.device.counter + 1;
  return ACCOUNT.decide(state, { ...command, counter }, meta);
});

const capturesOnlyUnblocked = account((state, command, meta) =>
  state.kind === "blocked" && command.kind === "CapturePayment"
    ? answerOnly({ kind: "noted" })
    : ACCOUNT.decide(state, command, meta),
);

const ignoresVersions = settled((state, command, meta) => {
  const request = openOf(state, command.requestId);
  if (request === undefined) return LANE.decide(state, command, meta);
  const { version, amountCents } = request;
  return LANE.decide(state, { ...command, version, amountCents }, meta);
});

/** Captures for whoever asks, once the request is closed in the given way. */
const capturesClosed = (status: PaymentRequest["status"]): Definitions =>
  settled((state, command, meta) => {
    const closed = state.closed.map(
      (request): PaymentRequest =>
        request.requestId === command.requestId && request.status === status
          ? { ...request, status: "paid", paymentId: command.paymentId }
          : request,
    );
    return LANE.decide({ ...state, closed }, command, meta);
  });

const keepsTwoOpen = lane((state, command, meta) => {
  const decision = LANE.decide(state, command, meta);
  const events = decision.events.filter(({ kind }) => kind !== "PaymentRequestSuperseded");
  return { ...decision, events };
});

const forgetsBars: Definitions = {
  account: ACCOUNT,
  lane: {
    ...LANE,
    apply: (state: LaneState, event: LaneEvent) =>
      event.kind === "PaymentBarred" ? state : LANE.apply(state, event),
  },
};

const readsWallClock = lane((state, command, meta) => {
  const nowMs = meta.nowMs + (Math.floor(performance.now() * 1_000) % 2);
  return LANE.decide(state, command, { ...meta, nowMs });
});

/** Time and chance in what is written: no two logs of it are alike. */
const writesChance = lane((state, command, meta) =>
  changedEvents(LANE.decide(state, command, meta), (event) =>
    event.kind === "PaymentRequestOpened" ? { ...event, title: `${performance.now()}` } : event,
  ),
);

/** Counts in a variable of its own what should be in the state. */
function remembersOutside(): Definitions {
  let captures = 0;
  return applied((after, _before, event) => {
    if (event.kind !== "PaymentCaptured") return after;
    captures++;
    return captures % 7 === 0 ? { ...after, pinFailures: after.pinFailures + 1 } : after;
  });
}

const unpaidCapture = settled((state, command, meta) => {
  const decision = LANE.decide(state, command, meta);
  const isPaid = decision.events.some(({ kind }) => kind === "PaymentRequestPaid");
  const refusal = { kind: "request_expired" } as const;
  const { paymentId, accountId } = command;
  if (!isPaid) return decision;
  const release = send(
    { kind: "account", id: accountId },
    { kind: "ReleasePayment", paymentId, refusal },
  );
  return { ...decision, effects: [release, ...decision.effects] };
});

export const PLANTED: readonly Planted[] = [
  {
    bug: "the limit check ignores holds",
    suite: "saga",
    as: /^I5/,
    definitions: seenOtherwise((customer) => ({
      ...customer,
      holds: customer.holds.map((hold) => ({ ...hold, amountCents: ZERO_CENTS })),
    })),
  },
  {
    bug: "the limit is a cent too high",
    suite: "host",
    as: /^I5/,
    definitions: seenOtherwise((customer) => ({
      ...customer,
      capCents: addCents(customer.capCents, cents(1)),
    })),
  },
  { bug: "what is available is not clamped", suite: "host", as: /^I4/, definitions: notClamped },
  {
    bug: "an unverified account pays",
    suite: "host",
    as: /^R9/,
    definitions: seenOtherwise((customer) => ({
      ...customer,
      identity: { kind: "verified", atMs: 0 },
    })),
  },
  {
    bug: "a blocked account approves",
    suite: "host",
    as: /^(I9|a blocked account counts|the ladder)/,
    definitions: blockedApproves,
  },
  {
    bug: "a capture posts twice",
    suite: "host",
    as: /^I3/,
    definitions: written((event) => {
      if (event.kind !== "PaymentCaptured") return event;
      const { entry } = event;
      return { ...event, entry: { ...entry, postings: [...entry.postings, ...entry.postings] } };
    }),
  },
  {
    bug: "the fee is not posted",
    suite: "host",
    as: /^I1/,
    definitions: written((event) => {
      if (event.kind !== "PaymentCaptured") return event;
      const postings = event.entry.postings.filter(({ account }) => !account.startsWith("income"));
      return { ...event, entry: { ...event.entry, postings } };
    }),
  },
  {
    bug: "exposure is counted without the last cent",
    suite: "host",
    as: /^I[34]/,
    definitions: applied((after, _before, event) => {
      if (event.kind !== "PaymentCaptured" || event.receipt.amountCents < 400) return after;
      const { collection } = after;
      const purchases = collection.purchases.map((purchase) => {
        return { ...purchase, amountCents: subtractCents(purchase.amountCents, cents(1)) };
      });
      return { ...after, collection: { ...collection, purchases } };
    }),
  },
  {
    bug: "wrong PINs are not counted",
    suite: "host",
    as: /^R19/,
    definitions: applied((after, before, event) =>
      event.kind === "WrongPinEntered" ? { ...after, pinFailures: before.pinFailures } : after,
    ),
  },
  {
    bug: "a wrong PIN does not use the counter up",
    suite: "host",
    as: /^R12/,
    definitions: applied((after, before, event) =>
      event.kind === "WrongPinEntered" ? { ...after, device: before.device } : after,
    ),
  },
  {
    bug: "a cloned phone goes unnoticed",
    suite: "host",
    as: /^the ladder/,
    definitions: clonesUnnoticed,
  },
  {
    bug: "a repeated approval is charged again",
    suite: "host",
    as: /^(I6|a refused payment holds)/,
    definitions: chargesAgain,
  },
  {
    bug: "a released payment is forgotten at once",
    suite: "host",
    as: /^(I6|the ladder|a refused approval holds)/,
    definitions: applied((after, before, event) =>
      event.kind === "PaymentReleased" ? { ...after, outcomes: before.outcomes } : after,
    ),
  },
  {
    bug: "an overdue hold is released without asking the lane",
    suite: "saga",
    as: /^(paid by held money|released means not paid)/,
    definitions: releasesAlone,
  },
  {
    bug: "a hold is released and captured",
    suite: "saga",
    as: /^(released means not paid|one truth|no bug)/,
    definitions: unpaidCapture,
  },
  {
    bug: "a blocked account is not captured from",
    suite: "saga",
    as: /^captured or released, in the end/,
    definitions: capturesOnlyUnblocked,
  },
  {
    bug: "the lane ignores versions",
    suite: "host",
    as: /^paid as approved/,
    definitions: ignoresVersions,
  },
  {
    bug: "an expired request is paid",
    suite: "saga",
    as: /^paid before it expired/,
    definitions: settled((state, command, meta) => {
      const open = state.open.map((request) => ({ ...request, expiresAtMs: 1e15 }));
      return LANE.decide({ ...state, open }, command, meta);
    }),
  },
  {
    bug: "a cancelled request is paid",
    suite: "saga",
    as: /^captured means paid/,
    definitions: capturesClosed("cancelled"),
  },
  {
    bug: "one request is paid by two",
    suite: "host",
    as: /^captured means paid/,
    definitions: capturesClosed("paid"),
  },
  {
    bug: "a till holds two requests",
    suite: "host",
    as: /^a till holds one/,
    definitions: keepsTwoOpen,
  },
  {
    bug: "a bar is forgotten",
    suite: "saga",
    as: /^(a bar is for good|barred once|paid by held)/,
    definitions: forgetsBars,
  },
  {
    bug: "scans extend a request without end",
    suite: "host",
    as: /^a request has a longest time/,
    definitions: {
      account: ACCOUNT,
      lane: laneActor({ ...POLICY, requestMsMax: 1e12 }, CLOSED_MAX),
    },
  },
  {
    bug: "state is kept outside the state",
    suite: "host",
    as: /^(I7|R19)/,
    definitions: remembersOutside(),
  },
  { bug: "the wall clock is read", suite: "host", as: /^I16/, definitions: readsWallClock },
  { bug: "an event depends on chance", suite: "twice", as: /^I16/, definitions: writesChance },
];
