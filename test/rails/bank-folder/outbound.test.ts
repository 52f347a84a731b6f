/** Our files on their way to a bank behind a folder: whole, once, and for the bank's eyes only. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { achFileId } from "../../../actors/ach-file.ts";
import { AssertionFailed } from "../../../actors/assert.ts";
import type { AchFileId } from "../../../actors/ids.ts";
import { BankFolder } from "../../../src/rails/bank-folder/bank-folder.ts";
import { date } from "../../actors/collecting.ts";
import { settled } from "../../failure.ts";

const NAME = achFileId(date("2026-11-23"), "A");
const CLOCK = { nowMs: () => Date.now() };
let root: string;
let bank: BankFolder;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "seqr-bank-"));
  bank = new BankFolder(root, CLOCK);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const outbound = (): readonly string[] => readdirSync(join(root, "outbound"));
const bytes = (text: string) => [new TextEncoder().encode(text)];

/** The bank's acknowledgement, taken in. */
async function acknowledge(outcome: "accepted" | "rejected", file = `${NAME}.ach`): Promise<void> {
  const document = JSON.stringify({ kind: "acknowledgement", file, outcome });
  writeFileSync(join(root, "inbound", "ack.json"), document);
  for (const { id } of await bank.inbound()) await bank.taken(id);
}

describe("a file", () => {
  test("lies whole under its name, and nobody knows yet what the bank says", async () => {
    async function* content() {
      yield* bytes("101 the first ");
      yield* bytes("and the last line");
    }
    expect(await bank.handOver(NAME, content())).toBe("unknown");
    expect(outbound()).toEqual([`${NAME}.ach`]);
    const path = join(root, "outbound", `${NAME}.ach`);
    expect(readFileSync(path, "utf8")).toBe("101 the first and the last line");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    for (const folder of [".", "outbound", "names", "inbound", "reading", "taken", "refused"]) {
      expect([folder, statSync(join(root, folder)).mode & 0o777]).toEqual([folder, 0o700]);
    }
  });

  test.each(["accepted", "rejected"] as const)(
    "that the bank has %s lies there no more, and its name is used for ever",
    async (outcome) => {
      await bank.handOver(NAME, bytes("first"));
      await acknowledge(outcome);
      expect(outbound()).toEqual([]);
      for (const again of [bank, new BankFolder(root, CLOCK)]) {
        expect(await again.handOver(NAME, bytes("second"))).toBe(outcome);
        expect(outbound()).toEqual([]);
      }
    },
  );

  test("whose name is taken is not put there: the answer is what became of the first", async () => {
    await bank.handOver(NAME, bytes("first"));
    expect(await bank.handOver(NAME, bytes("second"))).toBe("unknown");
    const path = join(root, "outbound", `${NAME}.ach`);
    expect(readFileSync(path, "utf8")).toBe("first");
    // The bank has fetched it.
    renameSync(path, join(root, "fetched"));
    expect(await bank.handOver(NAME, bytes("second"))).toBe("unknown");
    expect(outbound()).toEqual([]);
  });

  test("that two hand over at a time is there once", async () => {
    async function* slowly(text: string) {
      for (const letter of text) {
        yield* bytes(letter);
        await new Promise(setImmediate);
      }
    }
    const all = ["one", "two", "three"].map((text) => bank.handOver(NAME, slowly(text)));
    expect(await Promise.all(all)).toEqual(["unknown", "unknown", "unknown"]);
    expect(outbound()).toEqual([`${NAME}.ach`]);
    const text = readFileSync(join(root, "outbound", `${NAME}.ach`), "utf8");
    expect(["one", "two", "three"]).toContain(text);
  });

  test("has a name of ours", async () => {
    for (const name of ["../keys", "ach_20261123_a", "ach_20261123_A.ach", ""]) {
      expect(await settled(bank.handOver(name as AchFileId, bytes("x")))).toThrow(AssertionFailed);
    }
  });

  test("of another name is no business of an acknowledgement", async () => {
    await bank.handOver(NAME, bytes("first"));
    for (const file of ["ach_20261123_B.ach", "report.txt", "../names/x"]) {
      await acknowledge("accepted", file);
    }
    expect(outbound()).toEqual([`${NAME}.ach`]);
    expect(readdirSync(join(root, "names"))).toEqual([NAME]);
  });
});

describe("what holds account numbers is not left lying about", () => {
  const path = () => join(root, "outbound", `${NAME}.ach`);

  test("where there is no room for it", async () => {
    async function* content() {
      yield* bytes("101 the first line");
      throw new Error("no space left on device");
    }
    for (let time = 0; time < 3; time++) {
      expect(await settled(bank.handOver(NAME, content()))).toThrow("no space left on device");
    }
    expect(outbound()).toEqual([]);
    expect(readdirSync(join(root, "names"))).toEqual([]);
  });

  test("where it cannot be put in its place: nor does a later start send it", async () => {
    // Somebody's folder of that name: nothing can be moved there.
    mkdirSync(join(path(), "in-the-way"), { recursive: true });
    await settled(bank.handOver(NAME, bytes("whole")));
    rmSync(path(), { recursive: true });
    expect(outbound()).toEqual([]);
    bank = new BankFolder(root, CLOCK);
    expect(outbound()).toEqual([]);
  });

  test("once the bank has moved its money, whether or not it acknowledged it", async () => {
    await bank.handOver(NAME, bytes("whole"));
    const lines = [{ file: `${NAME}.ach`, debit_cents: 100, credit_cents: 0 }];
    const statement = { kind: "statement", date: "2026-11-24", lines };
    writeFileSync(join(root, "inbound", "s.json"), JSON.stringify(statement));
    for (const { id } of await bank.inbound()) await bank.taken(id);
    expect(outbound()).toEqual([]);
    expect(await bank.handOver(NAME, bytes("whole"))).toBe("accepted");
  });

  test("once people have said that the bank has not got it: nobody carries it there", async () => {
    await bank.handOver(NAME, bytes("whole"));
    await bank.withdraw(NAME);
    writeFileSync(`${path()}.1.part`, "whole");
    bank = new BankFolder(root, CLOCK);
    expect(outbound()).toEqual([]);
    expect(await bank.handOver(NAME, bytes("whole"))).toBe("rejected");
  });
});

describe("when the process dies", () => {
  const path = (end = "") => join(root, "outbound", `${NAME}.ach${end}`);

  test("while the bytes are written, nothing has been handed over", async () => {
    async function* content() {
      yield* bytes("half");
      throw new Error("it died");
    }
    expect(await settled(bank.handOver(NAME, content()))).toThrow("it died");
    expect(outbound()).toEqual([]);
    writeFileSync(path(".1.part"), "half");
    bank = new BankFolder(root, CLOCK);
    expect(outbound()).toEqual([]);
    expect(await bank.handOver(NAME, bytes("whole"))).toBe("unknown");
    expect(readFileSync(path(), "utf8")).toBe("whole");
  });

  test("after the name was used, the file is put in its place, once", async () => {
    await bank.handOver(NAME, bytes("whole"));
    renameSync(path(), path(".1.part"));
    writeFileSync(path(".2.part"), "of another call");
    bank = new BankFolder(root, CLOCK);
    expect(readFileSync(path(), "utf8")).toBe("whole");
    expect(await bank.handOver(NAME, bytes("again"))).toBe("unknown");
    expect(outbound()).toEqual([`${NAME}.ach`]);
  });

  test("before the name was used, it is free", async () => {
    writeFileSync(path(".1.part"), "whole, and nobody knows it");
    writeFileSync(join(root, "names", `${NAME}.new`), "{}");
    bank = new BankFolder(root, CLOCK);
    expect(outbound()).toEqual([]);
    expect(await bank.handOver(NAME, bytes("whole"))).toBe("unknown");
    expect(readFileSync(path(), "utf8")).toBe("whole");
  });

  test("in the middle of an acknowledgement, it comes again and changes nothing", async () => {
    await bank.handOver(NAME, bytes("first"));
    const document = { kind: "acknowledgement", file: `${NAME}.ach`, outcome: "accepted" };
    writeFileSync(join(root, "inbound", "ack.json"), JSON.stringify(document));
    const [first] = await bank.inbound();
    await bank.taken(first?.id ?? "");
    const [piece = ""] = readdirSync(join(root, "taken"));
    renameSync(join(root, "taken", piece), join(root, "reading", piece));
    bank = new BankFolder(root, CLOCK);
    const [again] = await bank.inbound();
    expect(again).toEqual(first as never);
    await bank.taken(again?.id ?? "");
    expect(await bank.inbound()).toEqual([]);
    expect(await bank.handOver(NAME, bytes("second"))).toBe("accepted");
    expect(existsSync(path())).toBe(false);
  });
});
