/** `seqr doctor` on files for the bank: what their owners put into them, and what is left of it. */

import type { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Message } from "../../actors/actor.ts";
import { cents } from "../../actors/money.ts";
import { FilePromises } from "../../src/commands/file-promises.ts";
import { BankWeeks } from "../collection/bank-weeks.ts";
import { diagnose, eventsOf, rechain, tamper } from "./good-books.ts";

let folder: string;
let good: string;

/** Files that were collected, returned and rejected, and one that stayed empty. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "seqr-files-"));
  good = join(folder, "good");
  await using weeks = await BankWeeks.start();
  for (const account of ["9990000000", "9990000002"]) {
    const customer = await weeks.rig.customer({ accountNumber: account });
    await weeks.rig.pay(customer, 1_250);
  }
  await weeks.run(5);
  weeks.bank.plan({ kind: "file_rejected" });
  await weeks.run(20);
  await weeks.expectAllWell();
  await weeks.collections.stop();
  await weeks.rig.halt();
  cpSync(weeks.rig.dataDir, good, { recursive: true });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the doctor says when somebody who owns the file changes an event, and the hashes. */
async function faultAfter(kind: string, change: (data: string) => string): Promise<string> {
  const bad = join(folder, "bad");
  rmSync(bad, { recursive: true, force: true });
  const victim = eventsOf(good).find((event) => event.kind === kind);
  if (victim === undefined) throw new Error(`no ${kind}`);
  const data = change(victim.data);
  expect(data).not.toBe(victim.data);
  tamper(good, bad, (database: Database) => {
    database.query("UPDATE events SET data = ? WHERE position = ?").run(data, victim.position);
    // States are a cache: without them the fold alone is looked at.
    database.run("DELETE FROM states");
  });
  tamper(bad, join(folder, "chained"), (database) => rechain(database, bad));
  const { fault } = await diagnose(join(folder, "chained"));
  rmSync(join(folder, "chained"), { recursive: true, force: true });
  return fault;
}

test("the files of a good log are good", async () => {
  expect(await diagnose(good)).toEqual({ code: 0, fault: "" });
  const kinds = new Set(eventsOf(good).map(({ kind }) => kind));
  for (const kind of ["FileRejected", "FileLeftEmpty", "DebitsUnfiled", "DebitReturned"]) {
    expect([kind, kinds.has(kind)]).toEqual([kind, true]);
  }
});

describe("what was changed in the log is found:", () => {
  test("a total that is not what the owners put into the file", async () => {
    const fault = await faultAfter("FileBuilt", (data) => {
      return data.replace(/"entries":(\d+)/, (_, entries) => `"entries":${Number(entries) + 1}`);
    });
    expect(fault).toMatch(/\(FileBuilt, .*\): is not what its owners put into it$/);
  });

  test("an entry of a file that nobody opened", async () => {
    const fault = await faultAfter("DebitsFiled", (data) =>
      data.replace(/ach_\d{8}_/, "ach_20200101_"),
    );
    expect(fault).toMatch(/\(DebitsFiled, .*\): puts an entry into a file that is not open$/);
  });
});

/** Events one after the other; what is said of the last one. */
function said(...events: readonly (readonly [string, string, object])[]): string | undefined {
  const promises = new FilePromises();
  let last: string | undefined;
  for (const [kind, id, body] of events) {
    expect(last).toBeUndefined();
    const left = (body as { readonly left?: number }).left ?? 0;
    const balances = new Map([["ach:provisional" as const, cents(left)]]);
    last = promises.hear(kind, id, body as Message, balances);
  }
  return last;
}

const F = "ach_20261123_A";
const file = (body: object) => ["ach-file", F, body] as const;
const owner = (body: object) => ["account", "acc_1", { fileId: F, ...body }] as const;
const OPENED = file({ kind: "FileOpened" });
const amountCents = cents(700);
const FILED = owner({ kind: "DebitsFiled", debits: [{ amountCents }] });
const PAYOUT = ["merchant", "1", { kind: "PayoutFiled", fileId: F, amountCents }] as const;
const built = (entries: number, debit: number, credit = 0) => {
  const totals = { entries, debitCents: cents(debit), creditCents: cents(credit) };
  return file({ kind: "FileBuilt", totals });
};
const SETTLED = file({ kind: "FileSettled" });
const COLLECTED = owner({ kind: "DebitsCollected" });

describe("a file keeps its promises", () => {
  test("or it is said which it breaks", () => {
    expect(said(OPENED, FILED, PAYOUT, built(2, 700, 700))).toBeUndefined();
    expect(said(OPENED, FILED, built(1, 701))).toBe("is not what its owners put into it");
    expect(said(OPENED, FILED, built(1, 0, 700))).toBe("is not what its owners put into it");
    expect(said(OPENED, owner({ kind: "PrenoteFiled" }), built(1, 0))).toBeUndefined();
    expect(said(OPENED, FILED, file({ kind: "FileLeftEmpty" }))).toBe(
      "leaves out what its owners put into it",
    );
    const late = "puts an entry into a file that is not open";
    expect(said(FILED)).toBe(late);
    expect(said(PAYOUT)).toBe(late);
    expect(said(OPENED, built(0, 0), FILED)).toBe(late);
    const refunds = owner({ kind: "RefundsFiled", refunds: [{ amountCents }] });
    expect(said(OPENED, refunds, built(1, 0, 700))).toBeUndefined();
    const fees = owner({ kind: "FeesFiled", fees: [{ amountCents }] });
    expect(said(OPENED, FILED, fees, built(2, 1_400))).toBeUndefined();
    expect(said(OPENED, FILED, fees, built(1, 700))).toBe("is not what its owners put into it");
    expect(said(fees)).toBe(late);
  });

  test("only what was settled is collected, only what was rejected is taken back", () => {
    const sent = [OPENED, FILED, built(1, 700)] as const;
    expect(said(...sent, COLLECTED)).toBe("ends what was not settled");
    const fees = owner({ kind: "FeesCollected" });
    expect(said(...sent, fees)).toBe("ends what was not settled");
    expect(said(...sent, SETTLED, fees)).toBeUndefined();
    expect(said(...sent, owner({ kind: "FeesUnfiled" }))).toBe("takes back what was sent");
    expect(said(...sent, SETTLED, COLLECTED)).toBeUndefined();
    expect(said(...sent, SETTLED, owner({ kind: "DebitsUnfiled" }))).toBe(
      "takes back what was sent",
    );
    const rejected = file({ kind: "FileRejected" });
    expect(said(...sent, rejected, owner({ kind: "DebitsUnfiled" }))).toBeUndefined();
    expect(said(...sent, rejected, COLLECTED)).toBe("ends what was not settled");
  });

  test("only what was settled is reversed, also when its file is closed", () => {
    const sent = [OPENED, FILED, built(1, 700)] as const;
    const reversed = owner({ kind: "DebitReversed" });
    const ended = file({ kind: "FileClosed" });
    expect(said(...sent, reversed)).toBe("reverses what was not settled");
    expect(said(...sent, SETTLED, reversed)).toBeUndefined();
    expect(said(...sent, SETTLED, COLLECTED, ended, reversed)).toBeUndefined();
    const rejected = [file({ kind: "FileRejected" }), ended] as const;
    expect(said(...sent, ...rejected, reversed)).toBe("reverses what was not settled");
  });

  test("nothing is left of the last one", () => {
    const sent = [OPENED, FILED, built(1, 700), SETTLED, COLLECTED] as const;
    expect(said(...sent, file({ kind: "FileClosed", left: 0 }))).toBeUndefined();
    expect(said(...sent, file({ kind: "FileClosed", left: -5 }))).toBe(
      "no file is under way, and -5 cents are left in ach:provisional",
    );
    const other = ["ach-file", "ach_20261123_B", { kind: "FileOpened" }] as const;
    expect(said(...sent, other, file({ kind: "FileClosed", left: -5 }))).toBeUndefined();
  });
});

describe("a file that is not sent whole", () => {
  test("and is given up is taken back", () => {
    const [abandoned, unfiled] = [
      file({ kind: "FileAbandoned" }),
      owner({ kind: "DebitsUnfiled" }),
    ];
    const ended = file({ kind: "FileClosed" });
    expect(said(OPENED, FILED, abandoned, unfiled, ended)).toBeUndefined();
    expect(said(OPENED, FILED, built(1, 700), abandoned, unfiled, ended)).toBeUndefined();
    expect(said(OPENED, FILED, unfiled)).toBe("takes back what was sent");
    expect(said(OPENED, FILED, abandoned, unfiled, ended, OPENED)).toBe(
      "opens a file that has been used",
    );
  });

  test("who is left out takes back what was in it, and nobody else", () => {
    const other = [
      "account",
      "acc_2",
      { ...FILED[2], debits: [{ amountCents: cents(50) }] },
    ] as const;
    const left = { traces: [1], debitCents: amountCents, creditCents: cents(0) };
    const out = file({ kind: "OwnerLeftOut", owner: { kind: "account", id: "acc_1" }, ...left });
    const unfiled = owner({ kind: "DebitsUnfiled" });
    const all = [OPENED, FILED, other, out] as const;
    expect(said(...all, unfiled, built(1, 50))).toBeUndefined();
    expect(said(...all, unfiled, built(2, 750))).toBe("is not what its owners put into it");
    expect(said(...all, ["account", "acc_2", unfiled[2]])).toBe("takes back what was sent");
    const empty = file({ kind: "FileLeftEmpty" });
    expect(said(OPENED, FILED, out, unfiled, empty)).toBeUndefined();
    expect(said(OPENED, FILED, out, unfiled, empty, OPENED)).toBe(
      "opens a file that has been used",
    );
    expect(said(OPENED, empty, OPENED, FILED, built(1, 700))).toBeUndefined();
  });
});
