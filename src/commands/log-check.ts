/**
 * The check of an event log: everything is folded again from its first event. The hash chain must
 * be whole, every actor's events without a gap, every stored state equal to its fold, the books
 * balanced at zero, every account's exposure equal to its ledger accounts, and every promise kept
 * or about to be.
 */
import type { AccountState, Customer } from "../../actors/account-state.ts";
import type { AnyActor, Message } from "../../actors/actor.ts";
import { exposureOf, feesCents, openFeesCents } from "../../actors/collection-state.ts";
import {
  type Balances,
  customerAccount,
  entryOf,
  imbalanceCents,
  post,
} from "../../actors/ledger.ts";
import { subtractCents, sumCents, ZERO_CENTS } from "../../actors/money.ts";
import { placeOf } from "../books/booked-event.ts";
import { upcast } from "../runtime/cells.ts";
import { refKey, type StoredEvent } from "../runtime/event-log.ts";
import { chainHash, GENESIS } from "../runtime/hash-chain.ts";
import type { SqliteLogReader, StoredActor } from "../storage/sqlite/log-reader.ts";
import { FilePromises } from "./file-promises.ts";
import { PromiseCheck, timersOf } from "./promise-check.ts";

export interface CheckReport {
  readonly events: number;
  readonly actors: number;
  readonly accounts: number;
  readonly entries: number;
  readonly ledgerSum: number;
  /** Hex; keep it elsewhere, and a rewrite of the whole log is noticed too. */
  readonly headHash: string;
  /** The first fault with its place; undefined when all is well. */
  readonly fault: string | undefined;
}

/** A fault, told with its place. */
class Found extends Error {}

interface Folded {
  readonly actor: AnyActor;
  /** As it was at the sequence of the stored state, where that lags behind the events. */
  stateThen: unknown;
  state: unknown;
  seq: number;
  lastPosition: number;
}

export function checkLog(reader: SqliteLogReader, actors: readonly AnyActor[]): CheckReport {
  const check = new LogCheck(actors);
  let fault: string | undefined;
  try {
    check.run(reader);
  } catch (error) {
    const said = inOneLine(error);
    fault = error instanceof Found ? said : `${check.place}: ${said}`;
  }
  return { ...check.figures(), fault };
}

/** SQLite quotes its schema, which has lines. */
export function inOneLine(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\s+/g, " ").trim() : "unreadable";
}

class LogCheck {
  readonly #kinds: ReadonlyMap<string, AnyActor>;
  readonly #folded = new Map<string, Folded>();
  readonly #balances: Balances = new Map();
  readonly #promises = new PromiseCheck();
  readonly #files = new FilePromises();
  #hash = GENESIS;
  #events = 0;
  #entries = 0;
  #accounts = 0;
  /** Actors whose stored state lags behind their events, with its sequence. */
  readonly #lagging = new Map<string, number>();
  /** Where the check is: of what it says when something cannot even be read. */
  place = "the actors";

  constructor(actors: readonly AnyActor[]) {
    this.#kinds = new Map(actors.map((actor) => [actor.kind, actor]));
  }

  run(reader: SqliteLogReader): void {
    for (const { kind, id, seq, stateSeq } of reader.actors()) {
      if (stateSeq !== seq) this.#lagging.set(refKey({ kind, id }), stateSeq);
    }
    this.place = "the first event";
    for (const { event, hash } of reader.events()) {
      this.place = placeOf(event);
      this.#link(event, hash, this.place);
      this.#fold(event, this.place);
      this.place = `after ${this.place}`;
    }
    if (reader.count() !== this.#events) {
      throw new Found(`${this.place}: events that belong to no actor`);
    }
    this.place = "the file";
    const integrity = reader.integrity();
    if (integrity !== "ok") throw new Found(`the file: ${integrity}`);
    const strange = reader.strangePart();
    if (strange !== undefined) throw new Found(`the file: its ${strange} is not as it must be`);
    for (const stored of reader.actors()) {
      this.place = refKey(stored);
      this.#compare(stored, this.place, reader);
    }
    if (this.#folded.size > 0) {
      throw new Found(`${[...this.#folded.keys()][0]}: has events and no row of its own`);
    }
    this.place = "the outbox";
    const broken = this.#promises.atEnd(outboxOf(reader));
    if (broken !== undefined) throw new Found(broken);
    const sum = sumCents([...this.#balances.values()]);
    if (sum !== 0) throw new Found(`the ledger: all accounts together are ${sum} cents, not 0`);
  }

  figures(): Omit<CheckReport, "fault"> {
    return {
      events: this.#events,
      actors: this.#folded.size + this.#compared,
      accounts: this.#accounts,
      entries: this.#entries,
      ledgerSum: sumCents([...this.#balances.values()]),
      headHash: this.#hash.toHex(),
    };
  }

  #compared = 0;

  #link(event: StoredEvent, hash: Uint8Array, place: string): void {
    if (event.position !== this.#events + 1) {
      throw new Found(`${place}: expected event ${this.#events + 1} here`);
    }
    const expected = chainHash(this.#hash, event);
    if (Buffer.compare(expected, hash) !== 0) {
      throw new Found(`${place}: its hash does not match its content and the event before it`);
    }
    this.#hash = expected;
    this.#events++;
  }

  #fold(event: StoredEvent, place: string): void {
    const key = refKey(event.ref);
    const actor = this.#kinds.get(event.ref.kind);
    if (actor === undefined) throw new Found(`${place}: no such kind of actor`);
    const folded = this.#folded.get(key) ?? {
      actor,
      stateThen: actor.init(event.ref.id) as unknown,
      state: actor.init(event.ref.id) as unknown,
      seq: 0,
      lastPosition: 0,
    };
    if (event.seq !== folded.seq + 1) throw new Found(`${place}: the actor's events have a gap`);
    if (event.previous !== folded.lastPosition) {
      throw new Found(`${place}: does not point to the actor's event before it`);
    }
    const body = upcast(actor, event);
    const entry = entryOf(body);
    if (entry !== undefined) {
      if (imbalanceCents(entry) !== 0) throw new Found(`${place}: its journal entry is unbalanced`);
      post(this.#balances, entry);
      this.#entries++;
    }
    folded.state = actor.apply(folded.state, body);
    const { kind, id } = event.ref;
    const broken =
      this.#promises.hear(kind, body) ?? this.#files.hear(kind, id, body, this.#balances);
    if (broken !== undefined) throw new Found(`${place}: ${broken}`);
    folded.seq = event.seq;
    folded.lastPosition = event.position;
    if (this.#lagging.get(key) === folded.seq) folded.stateThen = folded.state;
    this.#folded.set(key, folded);
  }

  /** The row of an actor against the fold of its events. */
  #compare(stored: StoredActor, key: string, reader: SqliteLogReader): void {
    const folded = this.#folded.get(key);
    const seq = folded?.seq ?? 0;
    if (stored.seq !== seq || stored.lastPosition !== (folded?.lastPosition ?? 0)) {
      throw new Found(`${key}: its row says ${stored.seq} events, the log has ${seq}`);
    }
    if (stored.stateSeq > seq) throw new Found(`${key}: its stored state is ahead of its events`);
    this.#compared++;
    if (folded === undefined) {
      if (stored.state !== undefined) throw new Found(`${key}: has a stored state and no events`);
      return;
    }
    this.#folded.delete(key);
    // A state of another version is not believed by the switch either.
    if (stored.state !== undefined && stored.stateVersion === folded.actor.schemaVersion) {
      const then = stored.stateSeq === seq ? folded.state : folded.stateThen;
      // As JSON, because that is what a stored state is: absent and undefined are the same there.
      const fold: unknown = JSON.parse(JSON.stringify(then));
      if (!Bun.deepEquals(JSON.parse(stored.state), fold)) {
        throw new Found(`${key}: its stored state is not the fold of its events`);
      }
    }
    for (const { id, what } of timersOf(stored.kind, folded.state)) {
      if (!reader.hasTimer(stored, id)) throw new Found(`${key}: ${what} has no timer to end it`);
    }
    if (stored.kind === "account") this.#compareExposure(key, folded.state as AccountState);
  }

  #compareExposure(key: string, state: AccountState): void {
    if (state.kind === "vacant") return;
    this.#accounts++;
    for (const { part, side, ownCents } of partsOf(state.customer)) {
      const balance = this.#balances.get(customerAccount(state.customer.personId, part));
      const booked = balance ?? ZERO_CENTS;
      const expected = side === "debit" ? ownCents : -ownCents;
      if (booked !== expected) {
        throw new Found(`${key}: ${part} ${expected}, in the ledger ${booked}`);
      }
    }
  }
}

/** What an account says of its own ledger accounts. */
function partsOf({ collection }: Customer) {
  const { dueCents, inFlightCents, returnedCents, disputedCents } = exposureOf(collection);
  const openCents = openFeesCents(collection);
  const sentCents = subtractCents(feesCents(collection), openCents);
  const owed = collection.refunds.filter(({ stage }) => stage !== "filed");
  const refundCents = sumCents(owed.map(({ amountCents }) => amountCents));
  return [
    { part: "due", side: "debit", ownCents: dueCents },
    { part: "in_flight", side: "debit", ownCents: inFlightCents },
    { part: "returned", side: "debit", ownCents: returnedCents },
    { part: "disputed", side: "debit", ownCents: disputedCents },
    { part: "fees", side: "debit", ownCents: openCents },
    { part: "fees_in_flight", side: "debit", ownCents: sentCents },
    { part: "refund_payable", side: "credit", ownCents: refundCents },
  ] as const;
}

function* outboxOf(reader: SqliteLogReader): Generator<Message> {
  for (const command of reader.outbox()) yield JSON.parse(command) as Message;
}
