/** The rows that files are written from, made of the events of real actors. */
import { describe, expect, test } from "bun:test";
import type { AccountCommand } from "../../actors/account-messages.ts";
import type { PaymentId } from "../../actors/ids.ts";
import { cents } from "../../actors/money.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import type { ViewRange, ViewTable } from "../../src/runtime/view.ts";
import {
  achEntries,
  capturePosition,
  endedIn,
  entriesIn,
  entriesOfTrace,
  ownersIn,
  waitingOwners,
} from "../../src/views/ach-entries.ts";
import {
  bought,
  checkedAccount,
  collect,
  file,
  fileId,
  refund,
  returnDebit,
  unfile,
} from "../actors/collecting.ts";
import { paymentId } from "../actors/samples.ts";

class MapTable implements ViewTable {
  readonly #rows = new Map<string, string>();
  get = (key: string) => this.#rows.get(key);
  put = (key: string, value: string) => void this.#rows.set(key, value);
  remove = (key: string) => void this.#rows.delete(key);

  range({ prefix, after, max, newestFirst = false }: ViewRange) {
    const keys = [...this.#rows.keys()].filter((key) => key.startsWith(prefix)).sort();
    if (newestFirst) keys.reverse();
    const from = after === undefined ? 0 : keys.indexOf(after) + 1;
    return keys.slice(from, from + max).map((key) => ({ key, value: this.get(key) ?? "" }));
  }
}

/** Runs commands on one account and folds its events into the view. */
function run(commands: readonly AccountCommand[]): ViewTable {
  const account = checkedAccount();
  for (const command of commands) account.tell(command);
  const table = new MapTable();
  const ref = { kind: "account", id: account.id };
  const stored = account.events.map((event, at) => {
    const data = JSON.stringify(event);
    return { position: at + 1, ref, seq: at + 1, kind: event.kind, data } as StoredEvent;
  });
  achEntries.apply(stored, table);
  return table;
}

const isWaiting = (table: ViewTable) => [...waitingOwners(table)].length === 1;

describe("owners", () => {
  test("wait from a purchase until all that is due is in a file", () => {
    expect(isWaiting(run([]))).toBe(false);
    expect(isWaiting(run(bought(1, 100)))).toBe(true);
    const two = [...bought(1, 100), ...bought(2, 200)];
    expect(isWaiting(run([...two, file(1, "2026-06-09", 1)]))).toBe(true);
    expect(isWaiting(run([...two, file(1, "2026-06-09")]))).toBe(false);
    expect(isWaiting(run([...two, file(1, "2026-06-09"), unfile(1)]))).toBe(true);
  });

  test("wait again for a second attempt, and for a refund whose debit was collected", () => {
    const filed = [...bought(1, 100), file(1, "2026-06-09")];
    const back = returnDebit(1, 100, "R01", { file: 1, trace: 100 });
    expect(isWaiting(run([...filed, back]))).toBe(true);
    expect(isWaiting(run([...filed, returnDebit(1, 100, "R02", { file: 1, trace: 100 })]))).toBe(
      false,
    );
    expect(isWaiting(run([...filed, collect(1)]))).toBe(false);
    expect(isWaiting(run([...filed, refund(1, 1, 50), file(2, "2026-06-10"), collect(1)]))).toBe(
      true,
    );
  });
});

describe("a file", () => {
  const COMMANDS = [
    ...[...bought(1, 100), ...bought(2, 200)],
    file(1, "2026-06-09"),
    returnDebit(1, 100, "R01", { file: 1, trace: 100 }),
    collect(1),
    refund(1, 2, 60),
    file(2, "2026-06-15"),
  ];
  const table = run(COMMANDS);

  test("is listed group by group, with what each line is written from", () => {
    const first = [...entriesIn(table, fileId(1))];
    expect(
      first.map(({ group, entry }) => [group, entry.trace, Number(entry.amountCents)]),
    ).toEqual([
      ["debit/first/till/0000000003", 100, 100],
      ["debit/first/till/0000000003", 101, 200],
    ]);
    const second = [...entriesIn(table, fileId(2))];
    expect(second.map(({ group, entry }) => [group, entry.direction, entry.attempt])).toEqual([
      ["debit/retry/till/0000000003", "debit", 2],
      ["refund/till/0000000003", "credit", 1],
    ]);
    const [entry] = second;
    expect(entry?.entry).toMatchObject({
      person: "vault-person",
      bankAccount: "vault-bank",
      capturedAt: capturePosition(table, paymentId(1)),
      laneKind: "till",
    });
    expect([...ownersIn(table, fileId(1))]).toHaveLength(1);
    expect([...ownersIn(table, fileId(9))]).toEqual([]);
  });

  test("adds up what was collected of it and what arrived, from the events alone", () => {
    // One debit of the first came back.
    expect(endedIn(table, fileId(1))).toEqual({ debitCents: cents(200), creditCents: cents(0) });
    expect(endedIn(table, fileId(2))).toEqual({ debitCents: cents(0), creditCents: cents(0) });
    const ended = run([...COMMANDS, collect(2), collect(2)]);
    expect(endedIn(ended, fileId(2))).toEqual({ debitCents: cents(100), creditCents: cents(60) });
  });

  test("is found by the trace of an entry", () => {
    expect(entriesOfTrace(table, 101).map(({ fileId: of }) => of)).toEqual([fileId(1)]);
    expect(entriesOfTrace(table, 199)).toEqual([]);
    expect(capturePosition(table, "pay_none" as PaymentId)).toBeUndefined();
  });
});
