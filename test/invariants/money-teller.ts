/** Who speaks to the actors in a run of the money suite: under a new id each time. */
import type { ActorRef, Message } from "../../actors/actor.ts";
import { bankDateAt } from "../../actors/banking-calendar.ts";
import { demand } from "./demand.ts";
import { MoneyAuditor } from "./money-auditor.ts";
import { MoneyEngine } from "./money-engine.ts";
import { allOf, type MoneyRare, type MoneyTown, NOTICED, type Retries } from "./money-town.ts";
import type { Rare } from "./rare.ts";
import { accountRef, START_MS } from "./town.ts";

export class MoneyTeller {
  readonly auditor: MoneyAuditor;
  readonly engine: MoneyEngine;
  #calls = 0;
  #tokens = 0;

  constructor(
    town: MoneyTown,
    readonly rare: Rare<MoneyRare>,
    retriesMax: Retries,
  ) {
    const today = () => bankDateAt(this.engine.nowMs);
    this.auditor = new MoneyAuditor(rare, retriesMax, today);
    this.engine = new MoneyEngine(allOf(town(retriesMax)), START_MS, (heard) => {
      this.auditor.hear(heard);
    });
  }

  tell(ref: ActorRef, command: Message, principal = "switch"): Message {
    return this.engine.tell(ref, command, `call-${++this.#calls}`, principal);
  }

  /** Said again under another id: the same answer, and nothing is written. */
  tellTwice(ref: ActorRef, command: Message): Message {
    const reply = this.tell(ref, command);
    const { events } = this.auditor;
    const again = this.tell(ref, command);
    demand(this.auditor.events === events, "I6", () => [ref, command]);
    demand(Bun.deepEquals(again, reply), "I6", () => [ref, command, reply, again]);
    this.rare.reach("asked twice");
    return reply;
  }

  /** Of a bank account in the vault. */
  token(): string {
    return `token-${++this.#tokens}`;
  }

  replaceBankAccount(account: number): void {
    const ref = accountRef(account);
    const number = (this.auditor.customer(ref.id).bankAccounts ?? 0) + 2;
    const textVersion = number % 4 !== 3 ? NOTICED : "2026-01";
    const mandate = { textVersion, textHash: "hash", signature: "signed", address: null };
    const named = { token: this.token(), person: "person", number, mandate, others: [] };
    this.tell(ref, { kind: "ReplaceBankAccount", ...named } as Message);
  }
}
