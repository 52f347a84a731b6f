/** `seqr collect`, `files`, `inbound` and `exceptions`, against a sandbox that really runs. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { nextBankingDay, prenoteOf } from "../http/by-hand.ts";
import { leaks } from "../http/canary.ts";
import { settledDebit } from "../http/reversing.ts";
import { SwitchRig } from "../switch-rig.ts";
import { type Folder, type Ran, seqr, temporaryFolder } from "./cli.ts";

setDefaultTimeout(60_000);
const ACCOUNT = "48151623420815";

let rig: SwitchRig;
let folder: Folder;
let entry: { readonly file: string; readonly trace: number };
beforeAll(async () => {
  rig = await SwitchRig.start();
  folder = temporaryFolder();
  const customer = await rig.customer({ accountNumber: ACCOUNT, name: "Zenobia Quackenbush" });
  await rig.pay(customer, 1_299);
  await rig.running.services.collections.cutOffNow();
  entry = await prenoteOf(rig, customer);
  // From the third banking day after it was settled the purchase may be debited: on Friday, behind
  // Thanksgiving, a file of Monday's date is made.
  for (let day = 0; day < 2; day++) await nextBankingDay(rig);
  rig.clock.advance(2 * 86_400_000);
});
afterAll(async () => {
  folder.remove();
  await rig[Symbol.asyncDispose]();
});

const said: Ran[] = [];

async function run(words: readonly string[], key = rig.deskKey): Promise<Ran> {
  const environment = { SEQR_DESK_KEY: key };
  const ran = await seqr([...words, "--url", rig.running.url], { environment });
  said.push(ran);
  return ran;
}

async function ok(words: readonly string[], key?: string): Promise<string> {
  const { code, stdout, stderr } = await run(words, key);
  expect([words, code, stderr]).toEqual([words, 0, ""]);
  return stdout;
}

const note = ["--note", "the bank asks for it"];

describe("seqr collect", () => {
  test("makes a file and says what is in it; how far it is, line by line beside it", async () => {
    const { code, stdout, stderr } = await run(["collect", ...note]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ach_\d{8}_[A-Z] {2}acknowledged: 1 entry, debits \$12\.99, /);
    // As many as were seen: a small file is made faster than anybody looks.
    const known = /^(begun|asking .*|asked \d+ of \d+|writing, .*|checking .*|handing over .*)$/;
    for (const line of stderr.split("\n").filter((each) => each !== "")) {
      expect(line).toMatch(known);
    }
  });

  test("says so when nothing is due, and tells a program everything", async () => {
    const { run: told, file } = JSON.parse(await ok(["collect", ...note, "--json"]));
    expect(told).toMatchObject({ run: "cut_off", status: "done", by: "desk:alice" });
    expect(file).toMatchObject({ stage: "empty", totals: null });
  });

  test("wants a reason", async () => {
    const { code, stdout, stderr } = await run(["collect"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toStartWith('seqr collect: say why: --note "..."\n');
  });
});

describe("seqr files", () => {
  test("lists the newest first, and shows one with every step", async () => {
    const lines = (await ok(["files"])).split("\n");
    expect(lines[0]).toMatch(/^file +stage +effective +entries +debits +credits +returned$/);
    const sent = lines.find((line) => line.includes("$12.99")) ?? "";
    const [id = ""] = sent.split(" ");
    const told = await ok(["files", id]);
    expect(told).toMatch(/^sent +1 entry, debits \$12\.99, credits \$0\.00$/m);
    expect(told).toMatch(/FileAcknowledged +switch:collection +at once\n$/);
    const { data, has_more: hasMore } = JSON.parse(await ok(["files", "--json"]));
    expect(data.length + Number(hasMore)).toBe(lines.length - 2);
    expect(await ok(["files", "--after", String(data.at(-1).id)])).toBe("no file was made yet\n");
  });

  test("says no in the switch's own words", async () => {
    const refused = await run(["files", "hand-over", entry.file, ...note]);
    expect([refused.code, refused.stdout]).toEqual([1, ""]);
    expect(refused.stderr).toStartWith("seqr files: file_not_at_this_stage: ");
    const unknown = await run(["files", "ach_20200101_A"]);
    expect(unknown.stderr).toStartWith("seqr files: not_found: ");
  });

  test("tells what the bank contradicts, and how it was cleared up", async () => {
    const contradicts = await run(["files", "acknowledge", entry.file, "rejected", ...note]);
    expect(contradicts.stderr).toStartWith("seqr files: file_contradicted: ");
    expect(await ok(["files"])).toMatch(new RegExp(`^${entry.file} .*CONTRADICTED$`, "m"));
    expect(await ok(["exceptions"])).toMatch(/^exc_\d+ .* said_to_be_rejected +none +ach_/m);
    const clear = ["files", "contradiction", entry.file, "accepted", ...note];
    expect(await ok(clear)).toBe(`${entry.file} was accepted\n`);
    expect(await ok(["exceptions"])).toBe("nothing waits for anybody\n");
  });

  test("settles by the bank's figures, in dollars", async () => {
    const settle = ["files", "settle", entry.file, "0.00", "0.00", ...note];
    expect(await ok(settle)).toBe(`${entry.file} is settled\n`);
  });

  test("settles by figures of one's own when another person types the same", async () => {
    const own = ["files", "settle", entry.file, "7.00", "0.00", ...note];
    const told = `${entry.file} is to be settled so; another person agrees with the same command\n`;
    expect(await ok(own)).toBe(told);
    expect(await ok(["files"])).toMatch(new RegExp(`^${entry.file} .*SETTLEMENT PROPOSED$`, "m"));
    expect(await ok(["files", entry.file])).toContain(
      "SETTLED?       debits $7.00, credits $0.00, says desk:alice; another person agrees",
    );
    expect((await run(own)).stderr).toStartWith("seqr files: second_person_needed: ");
    expect(await ok(own, rig.otherDeskKey)).toBe(`${entry.file} is settled; unexplained: $7.00\n`);
    const right = ["files", "settle", entry.file, "0.00", "0.00", ...note];
    expect(await ok(right)).toBe(`${entry.file} is settled\n`);
  });
});

describe("seqr files of entries that were our mistake", () => {
  test("reverses a debit, and then a file, when another person types the same", async () => {
    const debit = await settledDebit(rig, await rig.customer());
    const act = ["files", "reverse", debit.file, "wrong_date", ...note];
    const one = [...act, "--trace", String(debit.trace)];
    const name = `entry ${debit.trace} of ${debit.file}`;
    expect(await ok(one)).toBe(
      `${name} is to be reversed; another person agrees with the same command\n`,
    );
    expect((await run(one)).stderr).toStartWith("seqr files: second_person_needed: ");
    expect(await ok(one, rig.otherDeskKey)).toBe(`${name} is reversed\n`);
    // In its file is also the first one, debited anew.
    const other = await settledDebit(rig, await rig.customer());
    const lines = (await ok(["files", "reversals"])).split("\n");
    expect(lines[0]).toMatch(/^refund +decided \(UTC\) +account +payment +amount +reason$/);
    expect(lines[1]).toMatch(/^rfd_\S+ .* acc_\S+ +pay_\S+ +\$10\.00 +wrong_date +paid$/);
    const all = ["files", "reverse", other.file, "duplicate", ...note];
    const told = await ok(all);
    expect(told).toStartWith(`${other.file}: 0 debits are reversed; 2 proposed: another person `);
    const { reversed, proposed, refused } = JSON.parse(
      await ok([...all, "--json"], rig.otherDeskKey),
    );
    expect([reversed, proposed]).toEqual([2, 0]);
    for (const { code } of refused) expect(code).toBe("entry_not_reversible");
    expect((await run(all)).stderr).toStartWith("seqr files: entry_already_reversed: ");
  });

  test.each([
    [["files", "none"], "name a file"],
    [["files", "reverse", "ach_x", "mood", ...note], "REASON: duplicate, wrong_receiver"],
    [["files", "reverse", "ach_x", "duplicate", "--trace", "x", ...note], "at most seven digits"],
    [["files", "reverse", "ach_x", "duplicate"], 'say why: --note "..."'],
    [["files", "acknowledge", "ach_x", "perhaps", ...note], "OUTCOME: accepted, rejected"],
    [["files", "acknowledge", "ach_x"], "say: acknowledge ID OUTCOME"],
    [["files", "settle", "ach_x", "1", "1.5", ...note], "dollars and cents"],
    [["files", "hand-over", "ach_x"], 'say why: --note "..."'],
  ])("%p is not understood", async (words, why) => {
    const { code, stdout, stderr } = await run(words);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(why);
  });
});

describe("seqr inbound and seqr exceptions", () => {
  const text = `626021000021${ACCOUNT.padEnd(17)}0000001000${"ZENOBIA QUACKENBUSH".padEnd(55)}`;

  test("import a file once, by two people, and show of it no more than the last four", async () => {
    const path = join(folder.path, "returns.txt");
    writeFileSync(path, `${text}\n799R03`);
    const proposed = await ok(["inbound", "import", path, ...note], rig.otherDeskKey);
    expect(proposed).toMatch(/^proposed: another person imports the same file\n[0-9a-f]{64}\n$/);
    const again = await run(["inbound", "import", path, ...note], rig.otherDeskKey);
    expect(again.stderr).toContain("second_person_needed");
    const first = await ok(["inbound", "import", path, ...note]);
    expect(first).toMatch(/^101 bytes, finished: 0 applied, 0 known before, 2 exceptions; /);
    expect(await ok(["inbound", "import", path, ...note])).toBe(first);
    const id = first.trim().split("\n").at(-1) ?? "";
    expect(await ok(["inbound", id])).toBe(first);
    expect(await ok(["inbound"])).toContain(id);
    const [exception = ""] = (await ok(["exceptions"])).split("\n").slice(1);
    const told = await ok(["exceptions", exception.split(" ")[0] ?? ""]);
    expect(told).toMatch(/^entry +26 +\$10\.00 +account \*\*\*\*0815 +94 bytes$/m);
  });

  test("a person says which entry it is a return of", async () => {
    const { data } = JSON.parse(await ok(["exceptions", "--json"]));
    const [id = "", brokenOff = ""] = (data as { id: string }[]).map((one) => one.id);
    const resolve = ["exceptions", "noted", brokenOff, ...note];
    expect(await ok(resolve)).toBe("it is cleared up\n");
    const { file, trace } = entry;
    const apply = ["exceptions", "apply", id, file, String(trace), ...note];
    const without = await run(apply);
    expect([without.code, without.stderr]).toEqual([
      1,
      expect.stringContaining("invalid_request: "),
    ]);
    expect(without.stderr).toContain("code must be said");
    expect(await ok([...apply, "--code", "R03"])).toBe("it is cleared up\n");
    expect(await ok(["exceptions"])).toBe("nothing waits for anybody\n");
    expect(await ok(["debts"])).toContain("bank account: R03 no account");
  });

  test("what the bank has is taken in", async () => {
    expect(await ok(["inbound", "take", ...note])).toStartWith("what the bank had is taken in");
  });

  test.each([
    [
      ["inbound", "import", "no-such-file", ...note],
      1,
      "no-such-file cannot be read: there is no such file",
    ],
    [["inbound", "import", ".", ...note], 1, ". cannot be read: it is a folder"],
    [["inbound", "import", "package.json", ...note], 1, "no_ach_file"],
    [["inbound", "take"], 2, 'say why: --note "..."'],
    [["inbound", "take", "--note", "x"], 1, "invalid_request: note is too short or too small\n"],
    [["returns", "--merchant", "shop"], 1, "invalid_request: merchant is not of its form\n"],
    [["exceptions", "exc_0"], 1, "not_found"],
    [["exceptions", "one"], 2, "name an exception"],
    [["exceptions", "apply", "exc_1", "ach_x", "many", ...note], 2, "TRACE is"],
  ])("%p ends with %d", async (words, code, why) => {
    const ran = await run(words);
    expect([ran.code, ran.stdout]).toEqual([code, ""]);
    expect(ran.stderr).toContain(why);
  });
});

test("nothing that was said, and no line of the log, holds a bank account or a name", () => {
  const all = [...said.map(({ stdout, stderr }) => stdout + stderr), ...rig.lines].join("\n");
  for (const secret of [ACCOUNT, "Zenobia", "ZENOBIA", "Quackenbush", "+1202555"]) {
    expect([secret, leaks(all, secret)]).toEqual([secret, []]);
  }
});
