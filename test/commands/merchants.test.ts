/** `seqr merchants`: the bank account of a merchant, named by two people. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { leaks } from "../http/canary.ts";
import { SwitchRig } from "../switch-rig.ts";
import { type Ran, seqr } from "./cli.ts";

setDefaultTimeout(40_000);
const FIRST = "0012345678";
const SECOND = "998877664242";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

const said: Ran[] = [];

async function run(words: readonly string[], input?: string, key = rig.deskKey): Promise<Ran> {
  const environment = { SEQR_DESK_KEY: key };
  const typed = input === undefined ? {} : { input };
  const all = ["merchants", ...words, "--url", rig.running.url];
  const ran = await seqr(all, { environment, ...typed });
  said.push(ran);
  return ran;
}

async function ok(words: readonly string[], input?: string, key?: string): Promise<string> {
  const { code, stdout, stderr } = await run(words, input, key);
  expect([words, code, stderr]).toEqual([words, 0, ""]);
  return stdout;
}

const naming = ["bank-account", "mer_1", "021000021", "checking", "--note", "a signed letter"];

test("a bank account is named by two people, and shown by its last letters", async () => {
  expect(await ok(["mer_1"])).toBe("merchant      mer_1\nbank account  none was named\n");
  expect(await ok(naming, `${FIRST}\n`)).toBe(
    "it is proposed; it counts when another person names the same\n",
  );
  expect(await ok(["mer_1"])).toContain(
    "proposed      checking, ends in 5678, by desk:alice: a signed letter\n",
  );
  const { code, stderr } = await run(naming, FIRST);
  expect([code, stderr]).toEqual([1, expect.stringContaining("second_person_needed")]);
  expect(await ok(naming, FIRST, rig.otherDeskKey)).toBe(
    "it is named\nmerchant      mer_1\nbank account  checking, ends in 5678\n",
  );
  expect(await ok([])).toBe("no changed bank account waits\n");
});

test("one that takes its place waits, and is in the list until then", async () => {
  const other = naming.with(3, "savings");
  expect(JSON.parse(await ok([...other, "--json"], SECOND))).toMatchObject({
    ...{ status: "proposed", bank_account: { proposal: { last_four: "4242" } } },
  });
  await ok(other, SECOND, rig.otherDeskKey);
  expect(await ok(["mer_1"])).toMatch(
    /\nbank account {2}savings, ends in 4242\npayouts from {2}\d{4}-\d\d-\d\d: call the merchant/,
  );
  expect(await ok([])).toMatch(/\nmer_1 .* desk:bob +a signed letter\n$/);
  expect(JSON.parse(await ok(["--json"])).data).toMatchObject([{ merchant: "mer_1" }]);
});

test.each([
  [["none"], "name a merchant"],
  [["bank-account", "mer_1", "021000021"], "say: bank-account MERCHANT ROUTING KIND"],
  [["bank-account", "mer_1", "021000021", "gold", "--note", "x"], "KIND: checking or savings"],
  [["bank-account", "mer_1", "021000021", "checking"], 'say why: --note "..."'],
  [naming, "type the account number on standard input"],
])("%p is not understood", async (words, why) => {
  const { code, stdout, stderr } = await run(words);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(why);
});

test("a number that is none is refused by the switch, and not repeated", async () => {
  const { code, stderr } = await run(naming, "12 34-secret");
  expect(code).toBe(1);
  expect(stderr).toContain("account_number is not of its form");
  const { stderr: unknown } = await run(naming.with(1, "mer_99"), FIRST);
  expect(unknown).toContain("merchant_not_found");
});

test("nothing that was said holds an account number", () => {
  const all = said.map(({ stdout, stderr }) => stdout + stderr).join("\n");
  for (const secret of [FIRST, SECOND, "12 34-secret"]) expect(leaks(all, secret)).toEqual([]);
});
