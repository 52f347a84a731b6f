/**
 * The actors of money without a host: pure decisions, and a post that delays, reorders and doubles
 * letters. It keeps the contract of ARCHITECTURE.md and nothing more: at least once, no order
 * promised, one effect per command id.
 */
import type { ActorRef, AnyActor, Effect, Message } from "../../actors/actor.ts";
import { refKey } from "../../src/runtime/event-log.ts";
import { demand } from "./demand.ts";

/** One event, as the log has it. */
export interface Heard {
  readonly ref: ActorRef;
  readonly commandId: string;
  readonly principal: string;
  readonly event: Message;
}

interface Cell {
  readonly ref: ActorRef;
  readonly actor: AnyActor;
  state: unknown;
  readonly events: { readonly version: number; readonly json: string }[];
}

export interface Letter {
  readonly id: string;
  readonly to: ActorRef;
  readonly command: Message;
  arrivals: number;
}

/** How often a letter may come. */
const ARRIVALS_MAX = 3;
/** Letters within which everything comes to rest. */
const LETTERS_MAX = 10_000;

export class MoneyEngine {
  nowMs: number;
  letters: Letter[] = [];
  /** Hash of everything that was written and when (docs/money.md, I16). */
  hash = 0n;
  readonly #cells = new Map<string, Cell>();
  readonly #known = new Map<string, Message>();

  constructor(
    private readonly actors: readonly AnyActor[],
    startMs: number,
    /** Hears each event when it is written. */
    private readonly hear: (heard: Heard) => void,
  ) {
    this.nowMs = startMs;
  }

  /** Decides, or gives the first answer again. */
  tell(ref: ActorRef, command: Message, commandId: string, principal = "switch"): Message {
    const known = this.#known.get(commandId);
    if (known !== undefined) return known;
    const reply = this.#decide(ref, command, commandId, principal);
    this.#known.set(commandId, reply);
    return reply;
  }

  /** A question: nothing of it is written. */
  ask(ref: ActorRef, command: Message): Message {
    const { actor, state } = this.#cell(ref);
    return actor.decide(state, command, this.#meta(ref, "ask", "test")).reply;
  }

  /** One of the letters arrives, and perhaps will again. Says whether it was not the oldest. */
  deliver(pick: number, stays: boolean): Letter | undefined {
    if (this.letters.length === 0) return undefined;
    const at = pick % this.letters.length;
    const letter = this.letters[at];
    if (letter === undefined) return undefined;
    letter.arrivals++;
    if (!stays || letter.arrivals >= ARRIVALS_MAX) this.letters.splice(at, 1);
    this.tell(letter.to, letter.command, letter.id);
    return letter;
  }

  deliverAll(): void {
    for (let count = 0; this.letters.length > 0; count++) {
      if (count > LETTERS_MAX) throw new Error("the letters do not come to rest");
      this.deliver(0, false);
    }
  }

  /** I7: every actor from its events alone is what it was, and goes on from there. */
  restart(): void {
    for (const cell of this.#cells.values()) {
      const { actor, ref, events } = cell;
      let state: unknown = actor.init(ref.id);
      for (const { version, json } of events) {
        const body = JSON.parse(json) as Message;
        const event: Message = actor.upcast({ kind: body.kind, version, body });
        state = JSON.parse(JSON.stringify(actor.apply(state, event)));
      }
      const before = JSON.parse(JSON.stringify(cell.state)) as unknown;
      demand(Bun.deepEquals(state, before), "I7", () => [refKey(ref), state, before]);
      cell.state = state;
    }
  }

  #decide(ref: ActorRef, command: Message, commandId: string, principal: string): Message {
    const cell = this.#cell(ref);
    const decision = cell.actor.decide(cell.state, command, this.#meta(ref, commandId, principal));
    const events = decision.events as readonly Message[];
    for (const event of events) {
      demand(cell.actor.eventKinds.includes(event.kind), "listed events", () => event);
      cell.state = cell.actor.apply(cell.state, event);
    }
    for (const event of events) {
      const json = JSON.stringify(event);
      cell.events.push({ version: cell.actor.schemaVersion, json });
      this.hash = Bun.hash.wyhash(`${this.nowMs} ${refKey(ref)} ${json}`, this.hash);
      this.hear({ ref, commandId, principal, event });
    }
    for (const [at, effect] of decision.effects.entries()) this.#send(effect, `${commandId}>${at}`);
    return decision.reply;
  }

  /** Letters to others than these actors, and timers, are not of this town. */
  #send(effect: Effect, id: string): void {
    if (effect.kind !== "send") return;
    if (!this.actors.some(({ kind }) => kind === effect.to.kind)) return;
    this.letters.push({ id, to: effect.to, command: effect.command, arrivals: 0 });
  }

  #meta(actor: ActorRef, commandId: string, principal: string) {
    return { actor, commandId, nowMs: this.nowMs, principal };
  }

  #cell(ref: ActorRef): Cell {
    const key = refKey(ref);
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const actor = this.actors.find(({ kind }) => kind === ref.kind);
    if (actor === undefined) throw new Error(`no actor ${ref.kind}`);
    const cell: Cell = { ref, actor, state: actor.init(ref.id), events: [] };
    this.#cells.set(key, cell);
    return cell;
  }
}
