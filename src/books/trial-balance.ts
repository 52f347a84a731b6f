/** The trial balance of a log: every ledger account, and the sum that must be zero. */
import type { AnyActor } from "../../actors/actor.ts";
import { type Balances, type LedgerAccount, normalSide, post } from "../../actors/ledger.ts";
import { addCents, type Cents, cents, sumCents, ZERO_CENTS } from "../../actors/money.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import { EventReader, mayPost } from "./booked-event.ts";

export interface TrialBalance {
  /** Of the last event that was counted; 0 for an empty log. */
  readonly position: number;
  /** When that event was written, Unix milliseconds; null for an empty log. */
  readonly atMs: number | null;
  readonly entries: number;
  /** Zero, or the books are wrong (docs/money.md, I2). */
  readonly sumCents: Cents;
  readonly debitCents: Cents;
  readonly creditCents: Cents;
  readonly rows: readonly BalanceRow[];
}

export interface BalanceRow {
  /** A ledger account, or all of one kind: `cust:*:due`. */
  readonly account: string;
  /** How many ledger accounts are in the row. */
  readonly accounts: number;
  readonly side: "debit" | "credit";
  /** On that side; negative where an account stands on the other one. */
  readonly balanceCents: Cents;
}

/** The fold, event by event. */
export class BalanceFold {
  readonly #reader: EventReader;
  readonly balances: Balances = new Map();
  entries = 0;
  #last: StoredEvent | undefined;

  constructor(actors: readonly AnyActor[]) {
    this.#reader = new EventReader(actors);
  }

  /** Throws BrokenBooks for an entry that is none. */
  hear(stored: StoredEvent): void {
    this.#last = stored;
    const entry = mayPost(stored) ? this.#reader.read(stored).entry : undefined;
    if (entry === undefined) return;
    post(this.balances, entry);
    this.entries++;
  }

  get sumCents(): Cents {
    return sumCents([...this.balances.values()]);
  }

  /** `isAll`: a row for each account; else customers, merchants, friends and partners by kind. */
  trialBalance(isAll: boolean): TrialBalance {
    const rows = rowsOf(this.balances, isAll);
    const columnOf = (side: BalanceRow["side"]): Cents =>
      sumCents(rows.flatMap((row) => (row.side === side ? [row.balanceCents] : [])));
    return {
      position: this.#last?.position ?? 0,
      atMs: this.#last?.atMs ?? null,
      ...{ entries: this.entries, sumCents: this.sumCents },
      ...{ debitCents: columnOf("debit"), creditCents: columnOf("credit"), rows },
    };
  }
}

function rowsOf(balances: Balances, isAll: boolean): readonly BalanceRow[] {
  const rows = new Map<string, BalanceRow>();
  for (const [account, signedCents] of balances) {
    // What is in suspense is not understood: it stands where it is.
    const side = normalSide(account) ?? (signedCents < 0 ? "credit" : "debit");
    const name = isAll ? account : kindOf(account);
    const before = rows.get(name);
    const own = side === "debit" ? signedCents : cents(-signedCents);
    rows.set(name, {
      ...{ account: name, side, accounts: (before?.accounts ?? 0) + 1 },
      balanceCents: addCents(before?.balanceCents ?? ZERO_CENTS, own),
    });
  }
  return [...rows.values()].sort((one, other) => (one.account < other.account ? -1 : 1));
}

/** `cust:*:due` for `cust:per_...:due`; an account of the house is its own kind. */
export function kindOf(account: LedgerAccount): string {
  const [section, owner, part] = account.split(":");
  return part === undefined || owner === undefined ? account : `${section}:*:${part}`;
}
