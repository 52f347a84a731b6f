/** `seqr ach read`: what it prints of files, what it never prints, and its exit codes. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Secret } from "../../src/vault/secret.ts";
import * as files from "../rails/ach/files.ts";
import { batch, entry, returnedBatch, returnedEntry } from "../rails/ach/files.ts";
import { absent, samplePath } from "../rails/ach/samples.ts";
import { hasStackTrace, seqr, temporaryFolder } from "./cli.ts";

setDefaultTimeout(40_000);

const folder = temporaryFolder();
const path = (name: string) => join(folder.path, name);
const ACCOUNT = "777000123456789";
const NAME = "KARENINA";

beforeAll(async () => {
  const accountNumber = new Secret(ACCOUNT);
  const sent = await files.written([
    batch([entry(1, { accountNumber }), entry(2)]),
    batch([entry(3, { addenda: [{ kind: "text", text: `TO ${ACCOUNT}` }], discretionary: "S" })], {
      ...{ sec: "WEB", entryDescription: "PURCHASE" },
    }),
  ]);
  writeFileSync(path("sent.ach"), sent);
  const information = `SEE ${ACCOUNT}`;
  const back = returnedEntry(1, [{ code: "R02", information }], { accountNumber });
  writeFileSync(path("back.ach"), await files.written([returnedBatch([back])]));
  const lines = files.linesOf(sent);
  writeFileSync(path("spoilt.ach"), lines.join("\n").replace("0000001299", "00000O1299"));
});
afterAll(() => folder.remove());

test("refuses what only the check knows", async () => {
  const { code, stderr } = await seqr(["ach", "read", path("sent.ach"), "--today", "2026-11-23"]);
  expect(code).toBe(2);
  expect(stderr).toStartWith("seqr ach: --today says nothing to read\n");
});

describe("seqr ach read", () => {
  test("lists a file for people", async () => {
    const { code, stdout, stderr } = await seqr(["ach", "read", path("sent.ach")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const line of [
      "file       121042882 FIRST BANK, from 1987654321 SEQR, 261123 0930, A",
      "batch      1 POS 225 CORNER GROCERY 1987654321 SEQR PAY, effective 261124",
      "  entry    27 $12.99 ****6789 231380104, trace 121042880000001, id R-000001",
      "    POS    LANE01 000123 1122 12 MAIN STREET DENVER CO",
      "    text   TO ****6789",
      "the file is whole",
    ]) {
      expect(stdout.split("\n")).toContain(line);
    }
  });

  test("gives a program one object", async () => {
    const { code, stdout } = await seqr(["ach", "read", "--json", path("back.ach")]);
    expect(code).toBe(0);
    const { whole, summary, items } = JSON.parse(stdout);
    expect({ whole, summary }).toMatchObject({ whole: true, summary: { returns: 1, lines: 10 } });
    const [one] = items.filter(({ kind }: { kind: string }) => kind === "return");
    expect(one).toMatchObject({
      entry: { accountNumber: "****6789", amountCents: 1_299, transactionCode: "26" },
      records: [{ code: "R02", originalTrace: "021000020000001", information: "SEE ****6789" }],
    });
  });

  test("never prints a bank account or a name", async () => {
    for (const words of [[], ["--json"], ["--inbound"], ["--inbound", "--json"]]) {
      for (const name of ["sent.ach", "back.ach", "spoilt.ach"]) {
        const { stdout, stderr } = await seqr(["ach", "read", path(name), ...words]);
        expect(stdout.length).toBeGreaterThan(100);
        for (const secret of [ACCOUNT, NAME, ACCOUNT.slice(4)]) {
          expect(stdout + stderr).not.toContain(secret);
        }
      }
    }
  });

  test("names the place of a fault, and ends with 1", async () => {
    const { code, stdout, stderr } = await seqr(["ach", "read", path("spoilt.ach")]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toContain("FAULT      line 3, columns 30-39, amount: not_digits\n");
    expect(stdout).toContain("NOT WHOLE");
    const json = await seqr(["ach", "read", path("spoilt.ach"), "--json"]);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout).whole).toBe(false);
  });

  test("expects returns of a file from the bank", async () => {
    const { code, stdout } = await seqr(["ach", "read", "--inbound", path("sent.ach")]);
    expect(code).toBe(1);
    expect(stdout).toContain("EXCEPTION  line 3, columns 1-94, addenda: no_return_addenda\n");
    expect((await seqr(["ach", "read", "--inbound", path("back.ach")])).code).toBe(0);
  });

  test("says in one line what it cannot read", async () => {
    for (const [words, code, said] of [
      [["ach", "read", path("none.ach")], 1, "cannot be read: there is no such file"],
      [["ach", "read", folder.path], 1, "cannot be read: it is a folder"],
      [["ach", "read"], 2, "name a file"],
    ] as const) {
      const run = await seqr([...words]);
      expect({ code: run.code, stdout: run.stdout }).toEqual({ code, stdout: "" });
      expect(run.stderr.split("\n")[0]).toContain(said);
      expect(hasStackTrace(run.stderr)).toBe(false);
    }
  });

  test.skipIf(absent)("reads the files of others", async () => {
    const codes = [
      ["accept/web-credit-p2p-2entries.ach", 0],
      ["inbound/noc-C01.ach", 0],
      ["inbound/return-fragment-R02-R03.ach", 1],
      ["reject/crasher-5.ach", 1],
    ] as const;
    for (const [name, code] of codes) {
      expect([name, (await seqr(["ach", "read", samplePath(name)])).code]).toEqual([name, code]);
    }
    const noc = await seqr(["ach", "read", samplePath("inbound/noc-C01.ach")]);
    expect(noc.stdout).toContain("original 121042880000001 account ****1614");
  });
});
