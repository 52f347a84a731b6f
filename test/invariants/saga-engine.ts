/**
 * Actors without a host: pure decisions, and a post that delays, reorders and doubles letters, with
 * timers that fire late. It keeps the contract of ARCHITECTURE.md and nothing more: at least
 * once, no order promised, one effect per command id.
 */
import type { ActorRef, AnyActor, Effect, Message } from "../../actors/actor.ts";
import type { ActiveLane } from "../../actors/lane-state.ts";
import { type LogHead, refKey, type StoredEvent } from "../../src/runtime/event-log.ts";
import { chainHash, GENESIS } from "../../src/runtime/hash-chain.ts";
import type { Call, Engine, Rest, RestartKind, TakenState } from "./engine.ts";
import type { Rare } from "./rare.ts";
import { START_MS } from "./town.ts";

interface Cell {
  readonly ref: ActorRef;
  readonly actor: AnyActor;
  state: unknown;
  seq: number;
  lastPosition: number;
}

interface Letter {
  readonly id: string;
  readonly to: ActorRef;
  readonly command: Message;
  arrivals: number;
}

interface Timer {
  readonly ref: ActorRef;
  readonly id: string;
  readonly atMs: number;
  readonly command: Message;
}

interface Known {
  readonly fingerprint: string;
  reply: Message | undefined;
}

export interface SagaOptions {
  /**
   * Whether receivers know a letter that comes again, as every host promises. Actors themselves
   * need it only for requests that their lane has forgotten.
   */
  readonly dedupe: boolean;
}

/** How often a letter may come. */
const ARRIVALS_MAX = 3;
/** Rounds of letters and timers within which everything comes to rest. */
const ROUNDS_MAX = 100_000;

export class SagaEngine implements Engine {
  nowMs = START_MS;
  readonly reports: string[] = [];
  readonly #cells = new Map<string, Cell>();
  readonly #events: StoredEvent[] = [];
  readonly #timers = new Map<string, Timer>();
  readonly #known = new Map<string, Known>();
  readonly #waiting = new Map<string, Call[]>();
  readonly #arrived = new Set<string>();
  #letters: Letter[] = [];
  #states: TakenState[] = [];
  #hash = GENESIS;

  constructor(
    private readonly actors: readonly AnyActor[],
    private readonly rare: Rare,
    private readonly options: SagaOptions,
  ) {}

  submit(call: Call): void {
    const known = this.#known.get(call.commandId);
    if (known !== undefined && known.fingerprint !== call.fingerprint) {
      call.mismatch = true;
      return;
    }
    if (known?.reply !== undefined) {
      call.reply = known.reply;
      return;
    }
    this.#known.set(call.commandId, { fingerprint: call.fingerprint, reply: undefined });
    const reply = this.#decide(call.ref, call.command, call.commandId);
    if (reply?.kind === "later") {
      const key = `${refKey(call.ref)}/${(reply as Message & { key: string }).key}`;
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), call]);
    } else if (reply !== undefined) {
      this.#answer(call, reply);
    }
  }

  rest(): undefined {
    return undefined;
  }

  pass(ms: number): undefined {
    this.nowMs += ms;
  }

  ask(ref: ActorRef, command: Message): Message {
    const { state, actor } = this.#cell(ref);
    const meta = { actor: ref, commandId: "ask", nowMs: this.nowMs, principal: "test" };
    return actor.decide(state, command, meta).reply;
  }

  read(after: number): readonly StoredEvent[] {
    return this.#events.slice(after);
  }

  stateOf(ref: ActorRef): string {
    return JSON.stringify(this.#cell(ref).state);
  }

  takeStates(): readonly TakenState[] {
    const states = this.#states;
    this.#states = [];
    return states;
  }

  head(): LogHead {
    return { position: this.#events.length, hash: this.#hash.toHex() };
  }

  post(): undefined {
    return undefined;
  }

  /** The actors are forgotten, and come back from what they were stored as. */
  restart(_how: RestartKind, during: () => void): Rest {
    during();
    for (const cell of this.#cells.values()) cell.state = JSON.parse(JSON.stringify(cell.state));
    this.#waiting.clear();
    for (const [commandId, { reply }] of this.#known) {
      if (reply === undefined) this.#known.delete(commandId);
    }
    return undefined;
  }

  deliver(pick: number, stays: boolean): void {
    if (this.#letters.length === 0) return;
    const at = pick % this.#letters.length;
    const letter = this.#letters[at];
    if (letter === undefined) return;
    if (at > 0) this.rare.reach("messages out of order");
    letter.arrivals++;
    if (letter.arrivals > 1) this.rare.reach("message delivered twice");
    if (!stays || letter.arrivals >= ARRIVALS_MAX) this.#letters.splice(at, 1);
    const isKnown = this.options.dedupe || this.#isForgotten(letter);
    if (this.#arrived.has(letter.id) && isKnown) return;
    this.#arrived.add(letter.id);
    this.#noteBarred(letter);
    this.#decide(letter.to, letter.command, letter.id);
  }

  fire(pick: number): void {
    const due = [...this.#timers].filter(([, { atMs }]) => atMs <= this.nowMs);
    const chosen = due[pick % Math.max(due.length, 1)];
    if (chosen === undefined) return;
    const [key, { ref, id, atMs, command }] = chosen;
    if (this.nowMs > atMs) this.rare.reach("timer fired late");
    this.#timers.delete(key);
    this.#decide(ref, command, `timer/${refKey(ref)}/${id}/${atMs}`);
  }

  finish(): undefined {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      if (this.#letters.length > 0) this.deliver(0, false);
      else if (this.#isDue()) this.fire(0);
      else return undefined;
    }
    throw new Error("the saga does not come to rest");
  }

  close(): void {}

  #isDue(): boolean {
    for (const { atMs } of this.#timers.values()) if (atMs <= this.nowMs) return true;
    return false;
  }

  /** The lane cannot tell a request that it forgot from one that it never had. */
  #isForgotten({ to, command }: Letter): boolean {
    if (to.kind !== "lane") return false;
    const { requestId } = command as Message & { requestId?: string };
    const { open, closed } = this.#cell(to).state as Partial<ActiveLane>;
    const known = [...(open ?? []), ...(closed ?? [])];
    return requestId !== undefined && !known.some((request) => request.requestId === requestId);
  }

  #noteBarred({ to, command }: Letter): void {
    if (to.kind !== "lane" || command.kind !== "SettlePaymentRequest") return;
    const { requestId, paymentId } = command as Message & { requestId: string; paymentId: string };
    const { barred } = this.#cell(to).state as { readonly barred?: readonly string[] };
    if (barred?.includes(`${requestId}/${paymentId}`) === true) {
      this.rare.reach("barred payment arrived late");
    }
  }

  #cell(ref: ActorRef): Cell {
    const key = refKey(ref);
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const actor = this.actors.find(({ kind }) => kind === ref.kind);
    if (actor === undefined) throw new Error(`no actor ${ref.kind}`);
    const cell: Cell = { ref, actor, state: actor.init(ref.id), seq: 0, lastPosition: 0 };
    this.#cells.set(key, cell);
    return cell;
  }

  /** One turn. A failed assertion is reported, and writes nothing. */
  #decide(ref: ActorRef, command: Message, commandId: string): Message | undefined {
    const cell = this.#cell(ref);
    const meta = { actor: ref, commandId, nowMs: this.nowMs, principal: "test" };
    try {
      const decision = cell.actor.decide(cell.state, command, meta);
      const events = decision.events as readonly Message[];
      let state = cell.state;
      for (const event of events) state = cell.actor.apply(state, event);
      cell.state = state;
      for (const event of events) this.#write(cell, event, commandId);
      if (events.length > 0) {
        this.#states.push({ ref, seq: cell.seq, json: JSON.stringify(state) });
      }
      for (const [at, effect] of decision.effects.entries()) {
        this.#carryOut(cell, effect, `${commandId}>${at}`);
      }
      return decision.reply;
    } catch (error) {
      this.reports.push(`${refKey(ref)} ${command.kind}: ${String(error)}`);
      return undefined;
    }
  }

  #write(cell: Cell, event: Message, commandId: string): void {
    const stored: StoredEvent = {
      position: this.#events.length + 1,
      ref: cell.ref,
      seq: ++cell.seq,
      previous: cell.lastPosition,
      kind: event.kind,
      version: cell.actor.schemaVersion,
      atMs: this.nowMs,
      principal: "test",
      commandId,
      data: JSON.stringify(event),
    };
    cell.lastPosition = stored.position;
    this.#hash = chainHash(this.#hash, stored);
    this.#events.push(stored);
  }

  #carryOut({ ref }: Cell, effect: Effect, id: string): void {
    const key = refKey(ref);
    switch (effect.kind) {
      case "send":
        if (!this.actors.some(({ kind }) => kind === effect.to.kind)) return;
        this.#letters.push({ id, to: effect.to, command: effect.command, arrivals: 0 });
        return;
      case "timer":
        this.#timers.set(`${key}/${effect.id}`, { ...effect, ref });
        return;
      case "cancel":
        this.#timers.delete(`${key}/${effect.id}`);
        return;
      default: {
        const waiting = this.#waiting.get(`${key}/${effect.key}`) ?? [];
        this.#waiting.delete(`${key}/${effect.key}`);
        for (const call of waiting) this.#answer(call, effect.reply);
      }
    }
  }

  #answer(call: Call, reply: Message): void {
    call.reply = reply;
    this.#known.set(call.commandId, { fingerprint: call.fingerprint, reply });
  }
}
