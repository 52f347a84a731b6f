/**
 * One turn: a command is decided on the actor's newest state, and the commands it sends to other
 * actors are decided right behind it, all before the next caller gets a word in. What comes out is
 * a unit: the drafts of commits that must stand or fall together. Nothing is durable yet, so nobody
 * is answered yet.
 */
import type { ActorRef, AnyActor, Decision, Later, Message, Meta } from "../../actors/actor.ts";
import { assert, present, unreachable } from "../../actors/assert.ts";
import type { Cell } from "./cells.ts";
import { assertRef } from "./commit-plan.ts";
import {
  type ActorCommit,
  type NewEvent,
  type OutboxItem,
  type Remembered,
  refKey,
  type TimerChange,
} from "./event-log.ts";
import type { Fault } from "./fault.ts";

/** A command from outside the turn, and whom to answer. */
export interface Root {
  readonly ref: ActorRef;
  readonly command: Message;
  readonly commandId: string;
  readonly principal: string;
  readonly requestId: string;
  /** Given: the reply is remembered under the command id, in the commit of its effect. */
  readonly fingerprint: string | undefined;
  /** The outbox item this command came from. */
  readonly delivered: string | undefined;
  /** The timer this command came from. */
  readonly firedTimer: { readonly id: string; readonly atMs: number } | undefined;
  attempts: number;
  resolve(reply: Message): void;
  reject(fault: Fault): void;
}

export interface Draft {
  readonly cell: Cell;
  /** The cell's state when the decision was made. */
  readonly before: unknown;
  readonly expectedSeq: number;
  readonly commandId: string;
  readonly principal: string;
  readonly events: NewEvent[];
  readonly outbox: OutboxItem[];
  readonly delivered: string[];
  readonly timers: TimerChange[];
  readonly remember: Remembered[];
  /** Given to those who wait, once the draft is durable. */
  readonly answers: Answer[];
}

export interface Answer {
  readonly waitKey: string;
  readonly reply: Message;
}

export interface Unit {
  readonly root: Root;
  readonly nowMs: number;
  readonly drafts: Draft[];
  reply: Message | Later;
  /** The bug that ended the root's own decision; nothing was drafted. */
  bug: unknown;
}

/** How a turn sees its host. */
export interface TurnHost {
  /** The cell, when it can be had within this turn. */
  cellAtHand(ref: ActorRef): Cell | undefined;
  isActor(kind: string): boolean;
  /** Callers who wait for this answer and want it remembered. */
  waitersOf(waitKey: string): Iterable<Root>;
  report(error: unknown, ref: ActorRef): void;
}

interface Hop {
  readonly ref: ActorRef;
  readonly command: Message;
  readonly commandId: string;
  readonly principal: string;
  /** Whose outbox the command goes to when it cannot be decided within this turn. */
  readonly sender: Draft | undefined;
}

/** Who stands behind a command that one actor sends to another. */
export const SWITCH = "switch";

/** Decisions in one turn: a payment takes three. What is beyond goes through the outbox. */
export const HOPS_MAX = 16;

/** What a firing is told whose timer was cancelled or set anew. */
export const TIMER_VOID: Message = { kind: "timer_void" };

export function waitKeyOf(cellKey: string, key: string): string {
  return `${cellKey}\n${key}`;
}

/** True for a reply that promises the final one. */
function isLater(reply: Message | Later): reply is Later {
  return reply.kind === "later";
}

/** True when the caller of `root` waits for the promised reply; messages and timers do not. */
export function awaits(root: Root, reply: Message | Later): reply is Later {
  return isLater(reply) && root.delivered === undefined && root.firedTimer === undefined;
}

/** Decides `root` on `cell` and everything it sends to actors at hand. */
export function takeTurn(root: Root, cell: Cell, nowMs: number, host: TurnHost): Unit {
  assert(Number.isSafeInteger(nowMs), "the time of a turn is whole milliseconds");
  const unit: Unit = { root, nowMs, drafts: [], reply: NOTHING, bug: undefined };
  try {
    decideAll(unit, cell, host);
  } catch (error) {
    // A command that cannot be kept: nothing of this turn has happened.
    host.report(error, root.ref);
    undo(unit);
    unit.bug = error;
  }
  return unit;
}

const NOTHING: Message = { kind: "nothing" };

function decideAll(unit: Unit, cell: Cell, host: TurnHost): void {
  const hops: Hop[] = [{ ...unit.root, sender: undefined }];
  for (let at = 0; at < hops.length; at++) {
    const hop = present(hops[at], "the next command");
    const target = at === 0 ? cell : at < HOPS_MAX ? host.cellAtHand(hop.ref) : undefined;
    if (target === undefined) {
      post(hop);
      continue;
    }
    try {
      decideHop(unit, hop, target, hops, host);
    } catch (error) {
      // A bug of this actor: its own state is untouched, and the sender's message is kept.
      host.report(error, hop.ref);
      if (hop.sender === undefined) unit.bug = error;
      else post(hop);
    }
  }
}

/** The cells are as they were before the turn. */
function undo(unit: Unit): void {
  for (const { cell, before, expectedSeq } of unit.drafts.splice(0).reverse()) {
    assert(cell.seq >= expectedSeq, "a turn only adds events");
    cell.state = before;
    cell.seq = expectedSeq;
    if (cell.uncommitted === 0) cell.timersChanged.clear();
  }
}

function decideHop(unit: Unit, hop: Hop, cell: Cell, hops: Hop[], host: TurnHost): void {
  const { root } = unit;
  const meta: Meta = {
    actor: cell.ref,
    commandId: hop.commandId,
    nowMs: unit.nowMs,
    principal: hop.principal,
  };
  const decision: Decision<Message, Message> = cell.actor.decide(cell.state, hop.command, meta);
  const state = fold(cell.actor, cell.state, decision.events);
  const draft: Draft = {
    cell,
    before: cell.state,
    expectedSeq: cell.seq,
    commandId: hop.commandId,
    principal: hop.principal,
    events: decision.events.map((event) => encodeEvent(cell.actor, event)),
    outbox: [],
    delivered: [],
    timers: [],
    remember: [],
    answers: [],
  };
  const isRoot = hop.sender === undefined;
  if (isRoot) {
    unit.reply = decision.reply;
    if (root.delivered !== undefined) draft.delivered.push(root.delivered);
    if (root.firedTimer !== undefined) draft.timers.push({ kind: "fired", ...root.firedTimer });
    // Nobody waits for the answer to a delivery: that it was taken is all there is to remember.
    const isFinal = !isLater(decision.reply) || root.delivered !== undefined;
    if (isFinal) remember(draft, root, decision.reply);
  }
  const sent = collectEffects(unit, draft, decision, host);
  // From here nothing throws: the cell takes its new state.
  cell.state = state;
  cell.seq += decision.events.length;
  for (const timer of draft.timers) cell.timersChanged.add(timer.id);
  unit.drafts.push(draft);
  hops.push(...sent);
}

/** Effects go into the draft; the commands to other actors are handed back as the next hops. */
function collectEffects(
  unit: Unit,
  draft: Draft,
  decision: Decision<Message, Message>,
  host: TurnHost,
): readonly Hop[] {
  const { cell } = draft;
  const hops: Hop[] = [];
  let sends = 0;
  for (const effect of decision.effects) {
    switch (effect.kind) {
      case "send": {
        // Derived from the cause: a cause that is decided again sends under the same ids.
        const commandId = `${draft.commandId}>${sends++}`;
        const { to: ref, command } = effect;
        assertRef(ref);
        const hop: Hop = { ref, command, commandId, principal: SWITCH, sender: draft };
        if (host.isActor(ref.kind)) hops.push(hop);
        else post(hop);
        break;
      }
      case "timer": {
        const { id, atMs } = effect;
        assert(Number.isSafeInteger(atMs), "a timer has a time in whole milliseconds");
        draft.timers.push({ kind: "set", id, atMs, command: JSON.stringify(effect.command) });
        break;
      }
      case "cancel":
        draft.timers.push({ kind: "cancel", id: effect.id });
        break;
      case "answer":
        answer(unit, draft, waitKeyOf(cell.key, effect.key), effect.reply, host);
        break;
      default:
        unreachable(effect);
    }
  }
  return hops;
}

/** The final reply is remembered for everyone who was told to wait for it. */
function answer(unit: Unit, draft: Draft, waitKey: string, reply: Message, host: TurnHost): void {
  // The first answer stands.
  const answered = [...unit.drafts, draft].flatMap(({ answers }) => answers);
  if (answered.some((other) => other.waitKey === waitKey)) return;
  draft.answers.push({ waitKey, reply });
  for (const root of host.waitersOf(waitKey)) remember(draft, root, reply);
  const { root, reply: own } = unit;
  if (awaits(root, own) && waitKeyOf(refKey(root.ref), own.key) === waitKey) {
    remember(draft, root, reply);
  }
}

function remember(draft: Draft, root: Root, reply: Message | Later): void {
  const { commandId, fingerprint, requestId } = root;
  if (fingerprint === undefined) return;
  draft.remember.push({ commandId, fingerprint, requestId, reply: JSON.stringify(reply) });
}

function post(hop: Hop): void {
  const { sender, commandId: id, ref: to } = hop;
  assert(sender !== undefined, "only a sent command goes to the outbox");
  sender.outbox.push({ id, to, command: JSON.stringify(hop.command) });
}

function fold(actor: AnyActor, state: unknown, events: readonly Message[]): unknown {
  let next = state;
  for (const event of events) next = actor.apply(next, event);
  return next;
}

function encodeEvent(actor: AnyActor, event: Message): NewEvent {
  assert(actor.eventKinds.includes(event.kind), "only listed events are written");
  return { kind: event.kind, version: actor.schemaVersion, data: JSON.stringify(event) };
}

/** True when the unit has something for the log. */
export function isWritten(draft: Draft): boolean {
  return (
    draft.events.length > 0 ||
    draft.remember.length > 0 ||
    draft.timers.length > 0 ||
    draft.outbox.length > 0 ||
    draft.delivered.length > 0
  );
}

/** The draft as the log takes it. `state` is given for the last draft of a cell in the list. */
export function toCommit(
  draft: Draft,
  unit: number,
  atMs: number,
  state: string | undefined,
): ActorCommit {
  const { cell, expectedSeq, commandId, principal } = draft;
  const { events, outbox, delivered, timers, remember } = draft;
  return {
    ref: cell.ref,
    expectedSeq,
    unit,
    commandId,
    principal,
    atMs,
    events,
    state,
    stateVersion: cell.actor.schemaVersion,
    outbox,
    delivered,
    timers,
    remember,
  };
}
