/** `seqr ledger reconcile`: nothing in a good directory, and each planted fault by its name. */
import type { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Difference } from "../../src/books/difference.ts";
import { cutOff } from "../../src/collection/cut-off.ts";
import { readKeys } from "../../src/data-directory.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { readSealedFile } from "../../src/vault/documents.ts";
import { PieceCipher, SALT_BYTES } from "../../src/vault/sealed-stream.ts";
import { goTo, HandBank, partsOf } from "../collection/rig.ts";
import { SwitchRig } from "../switch-rig.ts";
import { type Folder, seqr, temporaryFolder } from "./cli.ts";
import { keepCollectedBooks } from "./collected-books.ts";
import { eventsOf, rechain, tamper } from "./good-books.ts";

setDefaultTimeout(60_000);
let bad: string;
let folder: Folder;
let good: string;
let events: readonly StoredEvent[];

beforeAll(async () => {
  folder = temporaryFolder();
  good = join(folder.path, "good");
  bad = join(folder.path, "bad");
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

describe("the reconciliation", () => {
  test("ends with 0 where files, bank and books agree, by file and by day", async () => {
    const { code, stdout, stderr } = await ledger(["reconcile"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toEndWith("\nfiles, bank and books agree\n");
    const file = /^ach_\d{8}_A +closed +debits +\$68\.24 +\$68\.24 +\$50\.75 +\$0\.00 +4 +read$/m;
    expect(stdout).toMatch(file);
    expect(stdout).toMatch(/^20\d\d-\d\d-\d\d +1 +4 +\$68\.24 /m);
    expect(stdout).toMatch(/^files read again from their sealed bytes +(\d+) of \1$/m);
    expect(stdout).not.toContain("DIFFERS");
  });

  test("is one object of cents as JSON", async () => {
    const report = await json<Record<string, unknown>>(["reconcile"]);
    const sides = { debitCents: expect.any(Number), creditCents: expect.any(Number) };
    expect(report).toEqual({
      position: events.length,
      at: new Date(events.at(-1)?.atMs ?? 0).toISOString(),
      today: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      entries: events.filter(({ data }) => data.includes('"entry":{')).length,
      files: expect.any(Array),
      days: expect.any(Array),
      clearing: [
        ...["cust:*:in_flight", "cust:*:fees_in_flight"],
        ...["ach:provisional", "ach:out", "ach:suspense"],
      ].map((account) => ({ account, balanceCents: 0, explainedCents: 0 })),
      completeness: expect.any(Array),
      timeliness: expect.any(Array),
      differences: [],
      unlisted: 0,
      locked: null,
    } as never);
    const files = report["files"] as readonly { readonly stage: string }[];
    expect(files.find(({ stage }) => stage === "closed")).toEqual({
      ...{ file: expect.any(String), stage: "closed", effectiveOn: expect.any(String) },
      ...{ entries: expect.any(Number), built: sides, sealed: "read", stated: sides },
      ...{ returns: expect.any(Number), returned: sides, inFlight: sides },
      ...{ cashCents: expect.any(Number), differences: 0 },
    } as never);
    const complete = report["completeness"] as readonly { have: number; of: number }[];
    for (const { have, of } of complete) expect(have).toBe(of);
    const timely = report["timeliness"] as readonly { done: number; onTime: number }[];
    for (const { done, onTime } of timely) expect([done, onTime]).toEqual([5, 5]);
  });

  test("leaves sealed files closed where the keys are not to be had, and says so", async () => {
    const copy = join(folder.path, "keyless");
    cpSync(good, copy, { recursive: true });
    chmodSync(join(copy, "keys.json"), 0o644);
    const open = await ledger(["reconcile"], copy);
    expect(open.code).toBe(0);
    expect(open.stdout).toContain("sealed files stay closed: ");
    expect(open.stdout).toMatch(/^files read again from their sealed bytes +0 of [1-9]/m);
    rmSync(join(copy, "keys.json"));
    const report = await json<{ locked: string }>(["reconcile"], copy);
    expect(report.locked).toContain("has no keys");
  });

  test("knows files whose sealed bytes are kept no longer by what was built", async () => {
    const copy = join(folder.path, "pruned");
    cpSync(good, copy, { recursive: true });
    rmSync(join(copy, "ach"), { recursive: true });
    const { code, stdout } = await ledger(["reconcile"], copy);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ closed +debits .* gone$/m);
  });
});

/** What is found in the directory, which must be something. */
async function faultsIn(dataDir: string): Promise<readonly Difference[]> {
  const [plain, asJson] = await Promise.all([
    ledger(["reconcile"], dataDir),
    ledger(["reconcile", "--json"], dataDir),
  ]);
  const { differences } = JSON.parse(asJson.stdout) as { differences: readonly Difference[] };
  expect([plain.code, asJson.code, plain.stderr, asJson.stderr]).toEqual([1, 1, "", ""]);
  for (const { kind, says, file } of differences) {
    expect(plain.stdout).toContain(`DIFFERS  ${kind}  ${file ?? "no file"}`);
    expect(plain.stdout).toContain(`         ${says}\n`);
  }
  const count = differences.length;
  expect(plain.stdout).toEndWith(`\n${count} difference${count === 1 ? "" : "s"}\n`);
  return differences;
}

/** A log in which one event says something else, and every hash is right. */
async function faultsAfter(
  victim: StoredEvent,
  change: (data: string) => string,
): Promise<readonly Difference[]> {
  rmSync(bad, { recursive: true, force: true });
  tamper(good, bad, (database: Database) => {
    const query = database.query("UPDATE events SET data = ? WHERE position = ?");
    expect(change(victim.data)).not.toBe(victim.data);
    query.run(change(victim.data), victim.position);
    rechain(database, bad);
  });
  return await faultsIn(bad);
}

function find(kind: string, has = ""): StoredEvent {
  const found = events.find((event) => event.kind === kind && event.data.includes(has));
  return found ?? expect.unreachable();
}

const shown = (found: readonly Difference[]) =>
  found.map(({ kind, file, amountCents }) => [kind, file, Number(amountCents)]);
/** The file of the first debits. */
const FIRST = "ach_20261127_A";

describe("a fault that is planted in the books is found and named:", () => {
  test("a posting that was changed, the chain hashed again", async () => {
    const victim = find("DebitsFiled", "2075");
    const found = await faultsAfter(victim, (data) => {
      return data.replace(/"postings":.*/, (all) => all.replaceAll("2075", "2175"));
    });
    expect(shown(found)).toEqual([
      ["entry_differs", FIRST, 100],
      ["entry_differs", FIRST, -100],
      ["filed_differs", FIRST, 100],
    ]);
    expect(found[0]?.events).toEqual([victim.position]);
    const says = "DebitsFiled moves cust:*:in_flight by $21.75, the event says $20.75";
    expect(found[0]?.says).toBe(says);
    expect(found[2]?.says).toBe("debits: $68.24 in the file, $69.24 in the books");
    expect(found[2]?.events).toContain(find("FileBuilt", "6824").position);
  });

  test("a settled amount that the file says otherwise", async () => {
    const victim = find("FileSettled", "6824");
    const found = await faultsAfter(victim, (data) => data.replace('Cents":6824', 'Cents":6823'));
    expect(shown(found)).toEqual([["settled_differs", FIRST, 1]]);
    expect(found[0]?.events).toContain(victim.position);
  });

  test("a purchase that was booked with another amount than its receipt", async () => {
    const victim = find("PaymentCaptured", "1250");
    const found = await faultsAfter(victim, (data) => {
      return data.replace(/"postings":.*/, (all) =>
        all.replace(/1250/, "1249").replace("1232", "1231"),
      );
    });
    expect(shown(found)).toEqual([["entry_differs", null, -1]]);
    expect(found[0]?.events).toEqual([victim.position]);
  });

  test("money left over in a clearing account", async () => {
    const victim = find("DebitsCollected", "1749");
    const found = await faultsAfter(victim, (data) => {
      return data.replaceAll("1749", "1748").replaceAll("1250", "1249");
    });
    expect(shown(found)).toEqual([
      ["not_cleared", FIRST, 1],
      ["not_cleared", FIRST, -1],
    ]);
    expect(found[0]?.says).toBe("$0.01 too much in cust:*:in_flight, the file is closed");
  });

  test("money in a clearing account that no file has brought there", async () => {
    const victim = find("PaymentCaptured", "1250");
    const found = await faultsAfter(victim, (data) =>
      data.replace("income:merchant_fee", "ach:suspense"),
    );
    expect(shown(found)).toEqual([
      ["cause_unknown", null, -18],
      ["entry_differs", null, -18],
    ]);
    expect(found[0]?.events).toEqual([victim.position]);
  });

  test("a debit that came back and was booked with another amount", async () => {
    const victim = find("DebitReturned", "2075");
    const found = await faultsAfter(victim, (data) => data.replaceAll("2075", "2074"));
    expect(new Set(found.map(({ kind }) => kind))).toEqual(
      new Set(["entry_differs", "returns_not_booked"]),
    );
    const named = found.filter(({ kind }) => kind === "entry_differs");
    expect(named.map(({ file, events }) => [file, events])).toEqual(
      named.map(() => [FIRST, [victim.position]]),
    );
  });

  test("a return that its owner booked with another amount", async () => {
    const victim = find("PayoutReturned");
    const found = await faultsAfter(victim, (data) =>
      data.replace(/"amountCents":\d+/g, '"amountCents":1'),
    );
    const cents = 1 - (JSON.parse(victim.data) as { readonly amountCents: number }).amountCents;
    expect(shown(found)).toEqual([["returns_not_booked", "ach_20261207_A", cents]]);
  });
});

describe("a fault that is planted in the words of the bank is found and named:", () => {
  test("a statement that differs by a cent", async () => {
    const victim = find("StatementReceived", "6824");
    const found = await faultsAfter(victim, (data) => data.replace("6824", "6825"));
    expect(shown(found)).toEqual([["statement_differs", FIRST, 1]]);
    expect(found[0]).toMatchObject({
      events: [victim.position],
      date: victim.ref.id as never,
      says: "debits: the statement says $68.25, the file $68.24",
    });
  });

  test("a file at the bank that the books do not know", async () => {
    const victim = find("StatementReceived", "6824");
    const found = await faultsAfter(victim, (data) => data.replace(FIRST, "ach_20261127_B"));
    expect(shown(found)).toEqual([
      ["file_unknown", "ach_20261127_B", 6_824],
      ["statement_missing", FIRST, 6_824],
    ]);
    expect(found[0]?.events).toEqual([victim.position]);
  });

  test("a return that the bank says was of another amount", async () => {
    const victim = find("ReturnReceived", "2075");
    const found = await faultsAfter(victim, (data) => data.replace("2075", "2074"));
    expect(shown(found)).toEqual([["returns_not_counted", FIRST, -1]]);
    expect(found[0]?.says).toBe("the bank sent back 2 of $50.74, the file counted 2 of $50.75");
  });
});

/** The sealed bytes of a file are replaced, under the right keys or by somebody without them. */
async function faultsAfterSealing(
  change: (bytes: Buffer, keep: (bytes: Uint8Array) => Uint8Array) => Uint8Array,
): Promise<readonly Difference[]> {
  rmSync(bad, { recursive: true, force: true });
  cpSync(good, bad, { recursive: true });
  const { sealed } = JSON.parse(find("FileBuilt", "6824").data) as { readonly sealed: string };
  const keys = readKeys(bad);
  const { id, key } = keys.currentKek;
  const pieces = readSealedFile(keys, join(bad, "ach"), FIRST, sealed) ?? expect.unreachable();
  const bytes = Buffer.concat([...pieces]);
  const seal = (plain: Uint8Array): Uint8Array => {
    const salt = new Uint8Array(SALT_BYTES);
    const bound = `document\n${sealed}\n${FIRST}\n${id}`;
    const { body, tag } = new PieceCipher(key.expose(), salt, bound).seal(plain, true);
    return Buffer.concat([Buffer.from(`${id}\n`), salt, body, tag]);
  };
  const path = join(bad, "ach", sealed);
  const before = readFileSync(path);
  const after = change(bytes, seal);
  expect(Buffer.compare(before, after)).not.toBe(0);
  writeFileSync(path, after);
  return await faultsIn(bad);
}

describe("a sealed file is found that is not what was built:", () => {
  test("with another total", async () => {
    const found = await faultsAfterSealing((bytes, seal) => {
      return seal(Buffer.from(bytes.toString("latin1").replace("0000002075", "0000002076")));
    });
    expect(shown(found)).toEqual([
      ["sealed_totals_differ", FIRST, 1],
      ["sealed_hash_differs", FIRST, 0],
    ]);
    const built = "as built 4 entries, debits $68.24, credits $0.00";
    expect(found[0]?.says).toBe(`${built}, as sealed 4 entries, debits $68.25, credits $0.00`);
    expect(found[0]?.events).toEqual([find("FileBuilt", "6824").position]);
  });

  test("with the same totals and other bytes", async () => {
    const found = await faultsAfterSealing((bytes, seal) => {
      return seal(
        Buffer.from(
          bytes
            .toString("latin1")
            .replace("ADA EXAMPLE", "EVE EXAMPLE")
            .replace("Ada Example", "Eve Example"),
        ),
      );
    });
    expect(shown(found)).toEqual([["sealed_hash_differs", FIRST, 0]]);
  });

  test("with bytes that do not open", async () => {
    const found = await faultsAfterSealing((_, seal) => {
      const sealed = seal(new Uint8Array(4));
      return sealed.with(-1, (sealed.at(-1) ?? 0) ^ 1);
    });
    expect(shown(found)).toEqual([["sealed_unreadable", FIRST, 0]]);
  });
});

test("a file of which the bank says nothing more is an alarm when its day is over", async () => {
  const rig = await SwitchRig.start();
  try {
    const parts = partsOf(rig, new HandBank());
    const customer = await rig.customer();
    await cutOff(parts);
    await rig.pay(customer, 700);
    goTo(rig, "2026-11-30");
    const { fileId } = await cutOff(parts);
    const quiet = await ledger(["reconcile", "--at", String(await rig.position())], rig.dataDir);
    // The prenotes of a week ago, of which no statement came either.
    expect(quiet.stdout).toMatch(/^DIFFERS {2}file_too_old {2}ach_20261123_A, 2026-11-25, by \$0/m);
    expect(quiet.stdout).not.toContain(`file_too_old  ${fileId}`);
    goTo(rig, "2026-12-03");
    await rig.pay(customer, 100);
    const found = await faultsIn(rig.dataDir);
    expect(shown(found)).toEqual([
      ["file_too_old", "ach_20261123_A", 0],
      ["file_too_old", fileId, 700],
    ]);
    expect(found[1]?.says).toMatch(
      /^acknowledged since event \d+, and was to go on by 2026-12-02$/,
    );
  } finally {
    await rig[Symbol.asyncDispose]();
  }
});
