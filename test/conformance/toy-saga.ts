/**
 * A payment over two actors, as ARCHITECTURE.md has it: a purse holds money and asks a
 * till; the till's answer captures or releases it. The hold's timer asks again when nothing came.
 */
import {
  type ActorDefinition,
  type ActorRef,
  answerOnly,
  cancelWake,
  type Decision,
  decided,
  later,
  type Message,
  type Meta,
  send,
  wake,
} from "../../actors/actor.ts";
import { assert, present, unreachable } from "../../actors/assert.ts";

export const CAP = 100;
export const HOLD_MS = 30_000;

type Outcome = "held" | "captured" | "released";

export interface Hold {
  readonly outcome: Outcome;
  readonly cents: number;
  readonly till: string;
  readonly request: string;
}

export interface PurseState {
  readonly holds: Readonly<Record<string, Hold>>;
}

interface Pay {
  readonly kind: "pay";
  readonly payment: string;
  readonly till: string;
  readonly request: string;
  readonly cents: number;
}

export type PurseCommand =
  | Pay
  | { readonly kind: "capture"; readonly payment: string }
  | { readonly kind: "release"; readonly payment: string }
  | { readonly kind: "inquire"; readonly payment: string };

export type PurseEvent =
  | (Omit<Pay, "kind"> & { readonly kind: "held" })
  | { readonly kind: "captured"; readonly payment: string }
  | { readonly kind: "released"; readonly payment: string };

export type PurseReply = Message & { readonly kind: "paid" | "not_paid" | "cap_exceeded" };

type PurseDecision = Decision<PurseEvent, PurseReply>;

/** Exposure and holds: what an approval may never lift above the cap. */
export function boundOf({ holds }: PurseState): number {
  const counted = Object.values(holds).filter(({ outcome }) => outcome !== "released");
  return counted.reduce((sum, { cents }) => sum + cents, 0);
}

function decidePurse(state: PurseState, command: PurseCommand, meta: Meta): PurseDecision {
  const { payment } = command;
  const hold = state.holds[payment];
  if (command.kind === "pay")
    return hold === undefined ? pay(state, command, meta) : told(hold, payment);
  assert(hold !== undefined, "only a held payment is settled");
  if (hold.outcome !== "held") {
    const wanted = command.kind === "capture" ? "captured" : "released";
    assert(command.kind === "inquire" || hold.outcome === wanted, "a payment ends one way");
    return told(hold, payment);
  }
  switch (command.kind) {
    case "capture":
      return end("captured", payment);
    case "release":
      return end("released", payment);
    case "inquire":
      return decided<PurseEvent, PurseReply>([], later(payment), [
        wake(`hold/${payment}`, meta.nowMs + HOLD_MS, command),
        send(tillOf(hold.till), {
          kind: "close",
          payment,
          request: hold.request,
          purse: meta.actor.id,
        }),
      ]);
    default:
      return unreachable(command);
  }
}

function pay(state: PurseState, command: Pay, meta: Meta): PurseDecision {
  if (boundOf(state) + command.cents > CAP) return answerOnly({ kind: "cap_exceeded" });
  const { payment, request, till } = command;
  return decided<PurseEvent, PurseReply>([{ ...command, kind: "held" }], later(payment), [
    wake(`hold/${payment}`, meta.nowMs + HOLD_MS, { kind: "inquire", payment }),
    send(tillOf(till), { kind: "settle", payment, request, purse: meta.actor.id }),
  ]);
}

function end(kind: "captured" | "released", payment: string): PurseDecision {
  const reply: PurseReply = { kind: kind === "captured" ? "paid" : "not_paid" };
  return decided([{ kind, payment }], reply, [
    cancelWake(`hold/${payment}`),
    { kind: "answer", key: payment, reply },
  ]);
}

function told({ outcome }: Hold, payment: string): PurseDecision {
  if (outcome === "held") return answerOnly<PurseReply>(later(payment));
  return answerOnly({ kind: outcome === "captured" ? "paid" : "not_paid" });
}

function applyPurse(state: PurseState, event: PurseEvent): PurseState {
  const { payment } = event;
  if (event.kind === "held") {
    const { cents, till, request } = event;
    const hold: Hold = { outcome: "held", cents, till, request };
    return { holds: { ...state.holds, [payment]: hold } };
  }
  const hold = present(state.holds[payment], "a held payment");
  assert(hold.outcome === "held", "a payment ends once");
  return { holds: { ...state.holds, [payment]: { ...hold, outcome: event.kind } } };
}

export const purse: ActorDefinition<PurseState, PurseCommand, PurseEvent, PurseReply> = {
  kind: "purse",
  schemaVersion: 1,
  eventKinds: ["held", "captured", "released"],
  init: () => ({ holds: {} }),
  decide: decidePurse,
  apply: applyPurse,
  upcast: ({ body }) => body as PurseEvent,
};

type RequestState = "open" | "cancelled" | { readonly paidBy: string };

export interface TillState {
  readonly requests: Readonly<Record<string, RequestState>>;
  /** Payments that were told no, for good. */
  readonly refused: readonly string[];
}

export type TillCommand =
  | { readonly kind: "open" | "cancel"; readonly request: string }
  | {
      /** `close` also refuses the payment for good where it has not paid. */
      readonly kind: "settle" | "close";
      readonly payment: string;
      readonly request: string;
      readonly purse: string;
    };

export type TillEvent =
  | { readonly kind: "opened" | "cancelled"; readonly request: string }
  | { readonly kind: "paid"; readonly request: string; readonly payment: string }
  | { readonly kind: "refused"; readonly payment: string };

export type TillReply = Message & {
  readonly kind: "open" | "cancelled" | "already_paid" | "unknown" | "told";
};

type TillDecision = Decision<TillEvent, TillReply>;

function decideTill(state: TillState, command: TillCommand): TillDecision {
  const request = state.requests[command.request];
  switch (command.kind) {
    case "open":
      if (request !== undefined) return answerOnly({ kind: "open" });
      return decided([{ kind: "opened", request: command.request }], { kind: "open" });
    case "cancel":
      if (request === undefined) return answerOnly({ kind: "unknown" });
      if (typeof request === "object") return answerOnly({ kind: "already_paid" });
      if (request === "cancelled") return answerOnly({ kind: "cancelled" });
      return decided([{ kind: "cancelled", request: command.request }], { kind: "cancelled" });
    case "settle":
    case "close":
      return settle(state, command, request);
    default:
      return unreachable(command);
  }
}

function settle(
  state: TillState,
  command: Extract<TillCommand, { payment: string }>,
  request: RequestState | undefined,
): TillDecision {
  const { payment } = command;
  const tell = (kind: "capture" | "release") => [
    send({ kind: "purse", id: command.purse }, { kind, payment }),
  ];
  const isPaid = typeof request === "object" && request.paidBy === payment;
  if (isPaid) return decided([], { kind: "told" }, tell("capture"));
  if (state.refused.includes(payment)) return decided([], { kind: "told" }, tell("release"));
  if (command.kind === "settle" && request === "open") {
    const paid: TillEvent = { kind: "paid", request: command.request, payment };
    return decided([paid], { kind: "told" }, tell("capture"));
  }
  return decided([{ kind: "refused", payment }], { kind: "told" }, tell("release"));
}

function applyTill(state: TillState, event: TillEvent): TillState {
  if (event.kind === "refused") return { ...state, refused: [...state.refused, event.payment] };
  const kinds = { opened: "open", cancelled: "cancelled" } as const;
  const next = event.kind === "paid" ? { paidBy: event.payment } : kinds[event.kind];
  assert(typeof state.requests[event.request] !== "object", "a paid request stays paid");
  return { ...state, requests: { ...state.requests, [event.request]: next } };
}

export const till: ActorDefinition<TillState, TillCommand, TillEvent, TillReply> = {
  kind: "till",
  schemaVersion: 1,
  eventKinds: ["opened", "cancelled", "paid", "refused"],
  init: () => ({ requests: {}, refused: [] }),
  decide: decideTill,
  apply: applyTill,
  upcast: ({ body }) => body as TillEvent,
};

export function purseOf(id: string): ActorRef {
  return { kind: "purse", id };
}

export function tillOf(id: string): ActorRef {
  return { kind: "till", id };
}
