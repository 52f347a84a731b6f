/** `seqr ledger lines` on the directory of a switch that has collected, paid back and paid out. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { type Folder, seqr, temporaryFolder } from "./cli.ts";
import { keepCollectedBooks } from "./collected-books.ts";
import { eventsOf } from "./good-books.ts";

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

interface Line {
  readonly position: number;
  readonly side: "debit" | "credit";
  readonly amountCents: number;
  readonly balanceCents: number;
  readonly event: string;
  readonly file: string | null;
  readonly trace: number | null;
  readonly commandId: string;
}

interface Lines {
  readonly account: string;
  readonly side: "debit" | "credit";
  readonly broughtCents: number;
  readonly lines: readonly Line[];
  readonly balanceCents: number;
}

describe("the lines of an account", () => {
  test("add up, line by line, to the balance of the trial balance", async () => {
    const { accounts } = await json<Balance>(["--all"]);
    const [, due] = accounts.filter(({ account }) => account.endsWith(":due"));
    const house = accounts.filter(({ account }) => /^(cash|income):/.test(account));
    for (const { account, side, balanceCents } of [...house, due ?? expect.unreachable()]) {
      const told = await json<Lines>(["lines", account]);
      let sum = 0;
      for (const line of told.lines) {
        sum += line.side === told.side ? line.amountCents : -line.amountCents;
        expect(line.balanceCents).toBe(sum);
      }
      expect(told).toMatchObject({ account, side, broughtCents: 0, balanceCents });
      expect(sum).toBe(balanceCents);
    }
  });

  test("name event, command, file and trace of their cause", async () => {
    const { lines } = await json<Lines>(["lines", "ach:out"]);
    const traces = new Map<string, (number | null)[]>();
    for (const { event, file, trace, position, commandId } of lines) {
      const stored = events[position - 1];
      expect({ event, commandId }).toEqual({
        event: stored?.kind ?? "",
        commandId: stored?.commandId ?? "",
      });
      expect(file).toMatch(/^ach_\d{8}_[A-Z]$/);
      traces.set(event, [...(traces.get(event) ?? []), trace]);
    }
    // A file as a whole has no trace, each of its entries one of its own.
    expect(new Set(traces.get("FileSettled"))).toEqual(new Set([null]));
    const own = [...(traces.get("RefundsFiled") ?? []), ...(traces.get("PayoutFiled") ?? [])];
    expect(new Set(own).size).toBe(own.length);
    expect(own.every((trace) => Number.isInteger(trace))).toBe(true);
  });

  test("that came back have the file that they were in, whatever their event says", async () => {
    const { lines } = await json<Lines>(["lines", "cash:bank"]);
    const back = lines.find(({ event }) => event === "PayoutReturned") ?? expect.unreachable();
    const { data } = events[back.position - 1] ?? expect.unreachable();
    expect(JSON.parse(data)).not.toHaveProperty("fileId");
    const { lines: sent } = await json<Lines>(["lines", "ach:out"]);
    const filed = sent.find(({ trace }) => trace === back.trace);
    expect(filed?.event).toBe("PayoutFiled");
    expect(back.file).toBe(filed?.file ?? "");
  });
});

describe("a listing", () => {
  test("from a moment on begins with what was brought forward", async () => {
    const { lines } = await json<Lines>(["lines", "cash:bank"]);
    const [first, second, third] = lines;
    const range = ["--from", String(second?.position), "--to", String(third?.position)];
    const part = await json<Lines>(["lines", "cash:bank", ...range]);
    expect(part).toMatchObject({
      broughtCents: first?.balanceCents ?? 0,
      lines: [second, third],
      balanceCents: third?.balanceCents ?? 0,
    } as never);
    const none = await json<Lines>(["lines", "cash:bank", "--from", "2999-01-01"]);
    expect(none).toMatchObject({ lines: [], balanceCents: none.broughtCents });
  });

  test("is a table for people, with dollars", async () => {
    const { code, stdout, stderr } = await ledger(["lines", "cash:bank"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toStartWith("cash:bank, balance on the debit side\n\n");
    expect(stdout).toMatch(/^time +event +kind +debit +credit +balance +file\/trace +command$/m);
    expect(stdout).toMatch(/^20\S+Z +\d+ +FileSettled +\$68\.24 +\$68\.24 +ach_\d{8}_A +\S+$/m);
    expect(stdout).toMatch(/^20\S+Z +\d+ +DebitReturned +\$30\.00 +\$38\.24 +ach_\d{8}_A\/\d+ /m);
    expect(stdout).toMatch(/\n\n\d+ lines, balance -?\$\d+\.\d\d\n$/);
  });

  test("of a name that is none ends with 1 and the names nearest to it", async () => {
    const { code, stdout, stderr } = await ledger(["lines", "cash:bnk"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toStartWith("seqr ledger: no ledger account is called cash:bnk; near it: ");
    expect(stderr).toContain("near it: cash:bank, ");
    const due = (await json<Balance>(["--all"])).accounts.find(({ account }) =>
      account.endsWith(":due"),
    );
    const wrong = due?.account.replace(":due", ":duo") ?? "";
    expect((await ledger(["lines", wrong])).stderr).toContain(`near it: ${due?.account}`);
  });

  test("of an account of the house that nothing was posted to is empty", async () => {
    const { stdout } = await ledger(["lines", "expense:offers"]);
    expect(stdout).toEndWith("\n0 lines, balance $0.00\n");
  });
});
