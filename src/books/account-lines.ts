/** Every line of one ledger account, with the balance after it and where it comes from. */
import type { AnyActor } from "../../actors/actor.ts";
import {
  HOUSE_ACCOUNTS,
  type LedgerAccount,
  normalSide,
  signedCents,
} from "../../actors/ledger.ts";
import { addCents, type Cents, cents, ZERO_CENTS } from "../../actors/money.ts";
import { refKey, type StoredEvent } from "../runtime/event-log.ts";
import { EventReader, mayPost } from "./booked-event.ts";
import { Causes, isHeard, traceOf } from "./causes.ts";

export interface AccountLine {
  readonly position: number;
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly event: string;
  /** Whose event: `account:acc_...`. */
  readonly actor: string;
  /** Name of the journal entry: one of `POSTINGS`. */
  readonly entry: string;
  readonly side: "debit" | "credit";
  readonly amountCents: Cents;
  /** After the line, on the side of the account. */
  readonly balanceCents: Cents;
  readonly commandId: string;
  readonly file: string | null;
  /** Sequence number of the ACH entry within its bank. */
  readonly trace: number | null;
}

export class AccountLines {
  readonly #reader: EventReader;
  readonly #causes = new Causes();
  readonly #names = new Set<string>(HOUSE_ACCOUNTS);
  readonly #quoted: string;
  /** The side that the balance is told on. */
  readonly side: "debit" | "credit";
  #signed = ZERO_CENTS;
  #lines = 0;

  constructor(
    private readonly account: string,
    actors: readonly AnyActor[],
  ) {
    this.#reader = new EventReader(actors);
    this.#quoted = JSON.stringify(account);
    // A name that is no account has no line either.
    this.side = normalSide(account as LedgerAccount) ?? "debit";
  }

  get balanceCents(): Cents {
    return this.side === "debit" ? this.#signed : cents(-this.#signed);
  }

  /** Known by the chart, or by a line of its own. */
  get isKnown(): boolean {
    return this.#lines > 0 || (HOUSE_ACCOUNTS as readonly string[]).includes(this.account);
  }

  /** The lines of the next event. Throws BrokenBooks. */
  hear(stored: StoredEvent): readonly AccountLine[] {
    const isOurs = mayPost(stored) && stored.data.includes(this.#quoted);
    if (!isOurs && !isHeard(stored) && !(this.#lines === 0 && mayPost(stored))) return NO_LINES;
    const { body, entry } = this.#reader.read(stored);
    const file = this.#causes.hear(stored, body) ?? null;
    const lines: AccountLine[] = [];
    for (const [at, posting] of (entry?.postings ?? []).entries()) {
      if (posting.account !== this.account) {
        if (this.#lines === 0) this.#names.add(posting.account);
        continue;
      }
      this.#signed = addCents(this.#signed, signedCents(posting));
      this.#lines++;
      const { position, atMs, kind, ref, commandId } = stored;
      lines.push({
        ...{ position, atMs, event: kind, actor: refKey(ref), entry: entry?.name ?? "" },
        ...{ side: posting.side, amountCents: posting.amountCents, commandId, file },
        ...{ balanceCents: this.balanceCents, trace: traceOf(body, at) ?? null },
      });
    }
    return lines;
  }

  /** Accounts of the log whose names are nearest, of an account that is not in it. */
  near(max: number): readonly string[] {
    const ranked = [...this.#names].map((name) => ({ name, steps: stepsTo(name, this.account) }));
    ranked.sort((one, other) => one.steps - other.steps || (one.name < other.name ? -1 : 1));
    return ranked.slice(0, max).map(({ name }) => name);
  }
}

const NO_LINES: readonly AccountLine[] = [];

/** How many letters must change, come or go (Levenshtein 1966). */
function stepsTo(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from.charAt(i - 1) === to.charAt(j - 1);
      const replaced = (row[j - 1] ?? 0) + (isSame ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
