/**
 * Logs of random lives, for folds of the books: the steps of the money suite are taken, and every
 * event is kept as an event log would keep it, with what the bank's statements said.
 */
import type { AchFileCommand } from "../../actors/ach-file-messages.ts";
import { achInboundActor } from "../../actors/ach-inbound.ts";
import type { ActorRef, AnyActor, Message, Meta } from "../../actors/actor.ts";
import { bankStatementActor } from "../../actors/bank-statement.ts";
import { refKey, type StoredEvent } from "../../src/runtime/event-log.ts";
import { MoneyRun } from "../invariants/money-run.ts";
import type { MoneyStep } from "../invariants/money-steps.ts";
import {
  allOf,
  type MoneyActors,
  type MoneyTown,
  REAL_MONEY,
  type Retries,
} from "../invariants/money-town.ts";
import { Rare } from "../invariants/rare.ts";

/** Every actor that may stand in such a log. */
export const ACTORS: readonly AnyActor[] = [
  ...allOf(REAL_MONEY(1)),
  achInboundActor,
  bankStatementActor,
];

/** What the steps leave in a log. */
export function logOf(steps: readonly MoneyStep[], retriesMax: Retries): readonly StoredEvent[] {
  const log = new RecordedLog();
  new MoneyRun(log.town, new Rare(), retriesMax).all(steps);
  return log.events;
}

class RecordedLog {
  readonly events: StoredEvent[] = [];
  readonly #newest = new Map<string, StoredEvent>();

  readonly town: MoneyTown = (retriesMax) => {
    const actors = Object.entries(REAL_MONEY(retriesMax)) as [string, AnyActor][];
    const heard = actors.map(([name, actor]) => [name, this.#heard(actor)]);
    return Object.fromEntries(heard) as unknown as MoneyActors;
  };

  /** The same actor; what it decides is kept. */
  #heard(actor: AnyActor): AnyActor {
    return {
      ...actor,
      decide: (state: unknown, command: Message, meta: Meta) => {
        const decision = actor.decide(state, command, meta);
        const events = decision.events as readonly Message[];
        if (command.kind === "SettleFile") this.#state(meta, command);
        for (const event of events) this.#keep(actor.schemaVersion, meta.actor, event, meta);
        return decision;
      },
    };
  }

  /** The bank's line, which was on record before. */
  #state(meta: Meta, command: Message): void {
    type SettleFile = Extract<AchFileCommand, { kind: "SettleFile" }>;
    const { debitCents, creditCents, on } = command as SettleFile;
    const lines = [{ fileName: meta.actor.id, debitCents, creditCents }];
    const event = { kind: "StatementReceived", itemId: meta.commandId, lines };
    const ref = { kind: "bank-statement", id: on };
    this.#keep(bankStatementActor.schemaVersion, ref, event, { ...meta, commandId: "the bank" });
  }

  #keep(version: number, ref: ActorRef, event: Message, meta: Meta): void {
    const before = this.#newest.get(refKey(ref));
    const stored: StoredEvent = {
      ...{ position: this.events.length + 1, ref, kind: event.kind, version },
      ...{ seq: (before?.seq ?? 0) + 1, previous: before?.position ?? 0 },
      ...{ atMs: meta.nowMs, principal: meta.principal, commandId: meta.commandId },
      data: JSON.stringify(event),
    };
    this.#newest.set(refKey(ref), stored);
    this.events.push(stored);
  }
}
