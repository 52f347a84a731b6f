/**
 * Drives one actor without a host: decides commands on its newest state, and folds the events as a
 * log would give them back. It also holds every actor to the contract: `decide` changes nothing it
 * is given, answers the same twice, writes only listed events, and survives JSON.
 */
import { expect } from "bun:test";
import type { ActorDefinition, Decision, Effect, Message, Meta } from "../../actors/actor.ts";

/** One line of a table: a command and the reply it gets, or the milliseconds that pass. */
export type Line<Command> = readonly [command: Command, reply: string | object] | number;

export class Drive<
  State,
  Command extends Message,
  Event extends Message & object,
  Reply extends Message,
> {
  state: State;
  nowMs: number;
  /** Who asks. */
  principal = "test";
  readonly events: Event[] = [];
  #effects: readonly Effect[] = [];
  #commands = 0;

  constructor(
    readonly actor: ActorDefinition<State, Command, Event, Reply>,
    readonly id: string,
    nowMs: number,
  ) {
    this.state = actor.init(id);
    this.nowMs = nowMs;
  }

  /** Decides and applies; the answer is what a caller would get. */
  tell(command: Command): Decision<Event, Reply>["reply"] {
    const { events, reply, effects } = this.decide(command);
    for (const event of events) this.apply(event);
    this.#effects = effects;
    return reply;
  }

  /** The decision on the present state; nothing is applied. */
  decide(command: Command): Decision<Event, Reply> {
    const meta: Meta = {
      actor: { kind: this.actor.kind, id: this.id },
      commandId: `command-${this.#commands++}`,
      nowMs: this.nowMs,
      principal: this.principal,
    };
    const before = JSON.stringify(this.state);
    const decision = this.actor.decide(this.state, command, meta);
    expect(JSON.stringify(this.state)).toBe(before);
    expect(this.actor.decide(this.state, command, meta)).toEqual(decision);
    return decision;
  }

  apply(event: Event): void {
    expect(this.actor.eventKinds).toContain(event.kind);
    const before = JSON.stringify(this.state);
    const body: unknown = JSON.parse(JSON.stringify(event));
    const version = this.actor.schemaVersion;
    const stored = this.actor.upcast({ kind: event.kind, version, body });
    const next = this.actor.apply(this.state, stored);
    expect(JSON.stringify(this.state)).toBe(before);
    this.events.push(stored);
    // The host keeps state as JSON between two runs.
    this.state = JSON.parse(JSON.stringify(next)) as State;
  }

  /** Each command in order, each with its reply: a kind, or the fields that matter. */
  table(lines: readonly Line<Command>[]): this {
    for (const [at, line] of lines.entries()) {
      if (typeof line === "number") {
        this.nowMs += line;
        continue;
      }
      const [command, expected] = line;
      const fields = typeof expected === "string" ? { kind: expected } : expected;
      const where = `line ${at + 1}, ${command.kind}`;
      expect({ where, ...this.tell(command) }).toMatchObject({ where, ...fields });
    }
    return this;
  }

  /** The effects of the newest decision. */
  get effects(): readonly object[] {
    return this.#effects;
  }

  /** Commands that the newest decision sent, with their receivers. */
  get sent(): readonly object[] {
    return this.#effects.flatMap((effect) =>
      effect.kind === "send"
        ? [{ ...effect.command, to: `${effect.to.kind}:${effect.to.id}` }]
        : [],
    );
  }

  get eventKinds(): readonly string[] {
    return this.events.map(({ kind }) => kind);
  }
}
