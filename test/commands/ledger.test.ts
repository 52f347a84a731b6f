/** `seqr ledger` on the directory of a switch that has collected, paid back and paid out. */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { SwitchRig } from "../switch-rig.ts";
import { type Folder, hasStackTrace, type Ran, seqr, temporaryFolder } from "./cli.ts";
import { keepCollectedBooks } from "./collected-books.ts";
import { eventsOf, rechain, tamper } from "./good-books.ts";

setDefaultTimeout(60_000);
let folder: Folder;
let good: string;
let events: readonly StoredEvent[];

beforeAll(async () => {
  folder = temporaryFolder();
  good = join(folder.path, "good");
  await keepCollectedBooks(good);
  events = eventsOf(good);
});
afterAll(() => folder.remove());

const ledger = (words: readonly string[], data = good) =>
  seqr(["ledger", ...words, "--data", data]);

async function json<Body>(words: readonly string[], data = good): Promise<Body> {
  const { code, stdout, stderr } = await ledger([...words, "--json"], data);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toEndWith("\n");
  return JSON.parse(stdout) as Body;
}

interface Row {
  readonly account: string;
  readonly accounts: number;
  readonly side: "debit" | "credit";
  readonly balanceCents: number;
}

interface Balance {
  readonly position: number;
  readonly at: string;
  readonly entries: number;
  readonly sumCents: number;
  readonly debitCents: number;
  readonly creditCents: number;
  readonly accounts: readonly Row[];
}

const numberOf = (text = ""): number => Number(text.replace("$", ""));

function positionOf(kind: string): number {
  return events.find((event) => event.kind === kind)?.position ?? expect.unreachable();
}

describe("the trial balance", () => {
  test("has each kind of account on its side, both columns alike, and the sum", async () => {
    const { code, stdout, stderr } = await ledger([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^account +accounts +debit +credit$/);
    expect(stdout).toMatch(/^cust:\*:returned +\d+ +\$30\.00$/m);
    expect(stdout).toMatch(/^ach:out +1 +\$0\.00$/m);
    const [, , debit, credit] = (lines.find((line) => line.startsWith("total")) ?? "").split(/ +/);
    expect(numberOf(debit)).toBeGreaterThan(0);
    expect(debit).toBe(credit ?? "");
    expect(lines.at(-2)).toMatch(/^\d+ entries up to event \d+, 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(lines.at(-1)).toBe("sum $0.00");
    // Numbers end under the end of their heading.
    const ends = lines.filter((line) => /\$/.test(line) && !line.startsWith("sum"));
    const columns = ["debit", "credit"].map((word) => (lines[0]?.indexOf(word) ?? 0) + word.length);
    for (const line of ends) {
      for (const end of columns) expect(line.slice(end, end + 2).trim()).toBe("");
    }
  });

  test("says as JSON what it says to people, in cents", async () => {
    const { accounts, ...figures } = await json<Balance>([]);
    expect(figures).toEqual({
      position: events.length,
      at: new Date(events.at(-1)?.atMs ?? 0).toISOString(),
      entries: events.filter(({ data }) => data.includes('"entry":{')).length,
      sumCents: 0,
      debitCents: expect.any(Number),
      creditCents: figures.debitCents,
    });
    const returned = accounts.find(({ account }) => account === "cust:*:returned");
    const row = { account: "cust:*:returned", accounts: 2, side: "debit", balanceCents: 3_000 };
    expect(returned).toEqual(row as Row);
  });

  test("with --all has a row for each account, which add up to the rows by kind", async () => {
    const [all, kinds] = [await json<Balance>(["--all"]), await json<Balance>([])];
    expect(all.accounts.every(({ accounts }) => accounts === 1)).toBe(true);
    const isDue = ({ account }: Row): boolean => /^cust:per_[0-9a-z]{26}:due$/.test(account);
    expect(all.accounts.filter(isDue).length).toBe(3);
    const count = kinds.accounts.reduce((sum, { accounts }) => sum + accounts, 0);
    expect(count).toBe(all.accounts.length);
    expect(all.debitCents - kinds.debitCents).toBe(all.creditCents - kinds.creditCents);
  });

  test("of an earlier moment is that of the log as it was then", async () => {
    const position = positionOf("DebitsFiled");
    const then = await json<Balance>(["--at", String(position)]);
    const filed = then.accounts.find(({ account }) => account === "cust:*:in_flight");
    expect({ position: then.position, sum: then.sumCents }).toEqual({ position, sum: 0 });
    expect(filed?.balanceCents).toBeGreaterThan(0);
    const before = await json<Balance>(["--at", "0"]);
    expect(before).toMatchObject({ position: 0, at: null, entries: 0, accounts: [] } as never);
  });

  test("of a date is that of the end of the day in New York", async () => {
    const { atMs } = events.find(({ kind }) => kind === "FileSettled") ?? expect.unreachable();
    const day = new Date(atMs).toISOString().slice(0, 10);
    const { at, position } = await json<Balance>(["--at", day]);
    const [next] = events.slice(position);
    // Five hours behind Greenwich at this time of the year.
    expect(Date.parse(at)).toBeLessThan(Date.parse(`${day}T05:00:00Z`) + 86_400_000);
    expect(next?.atMs).toBeGreaterThanOrEqual(Date.parse(`${day}T05:00:00Z`) + 86_400_000);
    const last = await json<Balance>(["--at", "2999-01-01"]);
    expect(last.position).toBe(events.length);
  });
});

describe("beside a switch", () => {
  test("it changes nothing in the directory", async () => {
    const copy = join(folder.path, "untouched");
    cpSync(good, copy, { recursive: true });
    const sums = async () =>
      Promise.all(
        readdirSync(copy, { recursive: true, withFileTypes: true })
          // What SQLite keeps beside an open file holds nothing of its own here.
          .filter((entry) => entry.isFile() && !/-(shm|wal)$/.test(entry.name))
          .map(async ({ parentPath, name }) => {
            const bytes = await Bun.file(join(parentPath, name)).bytes();
            return `${name} ${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`;
          }),
      );
    const before = await sums();
    const codes = [["reconcile"], [], ["lines", "cash:bank"]].map(async (words) => {
      return (await ledger(words, copy)).code;
    });
    expect(await Promise.all(codes)).toEqual([0, 0, 0]);
    expect(await sums()).toEqual(before);
  });

  test("that runs, it reads what is there by then", async () => {
    const rig = await SwitchRig.start({ config: { collection: "by_clock" } });
    try {
      const customer = await rig.customer();
      const counts: number[] = [];
      for (let day = 0; day < 5; day++) {
        await rig.pay(customer, 100 + day);
        await rig.desk.advanceClock(rig.clock.nowMs() + 86_400_000);
        const { entries } = await json<Balance>([], rig.dataDir);
        expect((await rig.desk.ledger()).entries).toBe(entries);
        const { code, stdout } = await ledger(["reconcile"], rig.dataDir);
        expect({ code, stdout: stdout.slice(-60) }).toMatchObject({ code: 0 });
        counts.push(entries);
      }
      expect(counts).toEqual([...new Set(counts)].sort((one, other) => one - other));
    } finally {
      await rig[Symbol.asyncDispose]();
    }
  });
});

describe("what cannot be answered ends without a trace of the program:", () => {
  const nowhere = () => join(folder.path, "nowhere");
  const refused = (ran: Ran, code: number, says: string): void => {
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code, stdout: "" });
    expect(ran.stderr).toStartWith("seqr ledger: ");
    expect(ran.stderr).toContain(says);
    expect(hasStackTrace(ran.stderr)).toBe(false);
  };

  test.each([
    ["another word", ["balance"], "say one of: lines, reconcile"],
    ["no account", ["lines"], "name a ledger account"],
    ["a name without end", ["lines", "x".repeat(201)], "so long a name"],
    ["a word too many", ["lines", "cash:bank", "more"], "a word too many"],
    ["another one", ["reconcile", "more"], "a word too many"],
    ["an option of another word", ["reconcile", "--all"], "--all says nothing to reconcile"],
    ["another one", ["--from", "1"], "--from says nothing to the balance"],
    ["a moment that is none", ["--at", "yesterday"], "--at is a date, YYYY-MM-DD, or a position"],
    ["a day that is none", ["--at", "2026-02-30"], "--at is a date"],
    ["an empty moment", ["--at", ""], "--at is empty"],
    ["a position below all", ["--at", "-1"], "at"],
  ])("%s", async (_, words, says) => {
    refused(await ledger(words), 2, says);
  });

  test("a position that the log does not have", async () => {
    const end = events.length;
    refused(await ledger(["--at", String(end + 1)]), 1, `the log ends with event ${end}`);
  });

  test("a directory without a log, and one of something else", async () => {
    refused(await ledger([], nowhere()), 1, "holds no event log");
    const foreign = join(folder.path, "foreign");
    mkdirSync(foreign);
    const database = new Database(join(foreign, "events.db"));
    database.run("CREATE TABLE recipes (name TEXT)");
    database.close();
    for (const words of [[], ["lines", "cash:bank"], ["reconcile"]]) {
      refused(await ledger(words, foreign), 1, "no such table");
    }
  });

  test.each(["", "lines cash:bank", "reconcile"])(
    "a broken entry, seqr ledger %s",
    async (words) => {
      const bad = join(folder.path, "bad");
      rmSync(bad, { recursive: true, force: true });
      const broken = events.find(
        ({ kind, data }) => kind === "FileSettled" && data.includes("6824"),
      );
      const { position, data } = broken ?? expect.unreachable();
      tamper(good, bad, (database) => {
        const query = database.query("UPDATE events SET data = ? WHERE position = ?");
        query.run(data.replace('"amountCents":6824', '"amountCents":6825'), position);
        rechain(database, bad);
      });
      const says = `event ${position} (FileSettled, number `;
      const given = words.split(" ").filter((word) => word !== "");
      refused(await ledger(given, bad), 1, says);
      expect((await ledger(given, bad)).stderr).toEndWith("its journal entry is unbalanced\n");
    },
  );
});
