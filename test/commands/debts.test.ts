/** `seqr debts` and `seqr returns`, against a sandbox in which debits came back. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { assert } from "../../actors/assert.ts";
import { type BadDebit, badDebits, nextBankingDay, stuckRefund } from "../http/by-hand.ts";
import { leaks } from "../http/canary.ts";
import { stoppedRefund } from "../http/reversing.ts";
import { SwitchRig } from "../switch-rig.ts";
import { type Ran, seqr } from "./cli.ts";

setDefaultTimeout(40_000);
const STOPPED = "9990000008";
const CLOSED = "9990000002";
const DISPUTED = "9990000011";
const FROZEN = "9990000016";

let rig: SwitchRig;
let stopped: BadDebit;
let closed: BadDebit;
let disputed: BadDebit;
let frozen: BadDebit;
beforeAll(async () => {
  rig = await SwitchRig.start();
  const all = await badDebits(rig, [STOPPED, CLOSED, DISPUTED, FROZEN]);
  const [first, second, third, fourth] = all;
  assert(first !== undefined && second !== undefined, "two debits");
  assert(third !== undefined && fourth !== undefined, "and two more");
  [stopped, closed, disputed, frozen] = [first, second, third, fourth];
});
afterAll(() => rig[Symbol.asyncDispose]());

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

describe("seqr debts", () => {
  test("lists accounts, the oldest first, and tells a program the same", async () => {
    const lines = (await ok(["debts"])).split("\n");
    expect(lines[0]).toMatch(
      /^account +since \(UTC\) +returned +disputed +again +fees +stuck +refunds$/,
    );
    expect(lines.slice(1, 5).map((line) => line.slice(0, 30))).toEqual(
      expect.arrayContaining([stopped, closed, disputed, frozen].map(({ account }) => account)),
    );
    expect(lines.find((line) => line.startsWith(closed.account))).toEndWith(
      "$10.00     $0.00  $0.00  $0.00  $0.00    $0.00  bank account: R02 account closed",
    );
    const { data } = JSON.parse(await ok(["debts", "--json"]));
    expect(data).toHaveLength(4);
    const last = String(data[3].account);
    expect(await ok(["debts", "--after", last])).toBe("everything is collected, or on its way\n");
  });

  test("lists who is frozen", async () => {
    expect(await ok(["debts", "frozen"])).toContain("R16: account frozen");
    expect(JSON.parse(await ok(["debts", "frozen", "--json"])).data).toMatchObject([
      { account: frozen.account },
    ]);
  });

  test("records what was paid by hand once, however often it is typed", async () => {
    const pay = ["debts", "pay", stopped.account, "4.50", "--evidence", "wire 17"];
    expect(await ok(pay)).toBe("the payment is recorded; still owed: $5.50\n");
    expect(await ok(pay)).toBe(
      "the payment was recorded before, and is not recorded again; still owed: $5.50\n",
    );
    expect(await ok(["debts", stopped.account])).toContain("owed          $5.50\n");
    const rest = ["debts", "pay", stopped.account, "5.50", "--evidence", "wire 18", "--json"];
    expect(JSON.parse(await ok(rest))).toMatchObject({ owed: { amount: 0 }, repeated: false });
  });

  test("writes off by two people, and names the second where it is missing", async () => {
    const { account, payment } = closed;
    const give = ["debts", "write-off", account, payment, "--note", "moved away"];
    expect(await ok(give)).toStartWith("the write-off is proposed; another person agrees");
    const { code, stderr } = await run(give);
    expect([code, stderr]).toEqual([1, expect.stringContaining("second_person_needed")]);
    expect(await ok(["debts", account])).toContain("    write-off proposed by desk:alice\n");
    expect(await ok(give, rig.otherDeskKey)).toBe("it is written off\n");
    expect(await ok(["debts", account])).toContain("$10.00  given up, borne by us\n");
  });

  test("decides a dispute, and presents again what may be", async () => {
    const { account, payment } = disputed;
    const told = await ok(["debts", account]);
    expect(told).toContain("blocked for   disputed\n");
    expect(told).toMatch(new RegExp(`${payment}  mer_1  \\$10.00  disputed\n +.* R11 not as`));
    const decide = ["debts", "dispute", account, payment, "lost", "--note", "a letter", "--json"];
    expect(JSON.parse(await ok(decide))).toEqual({ payment, outcome: "lost" });
    const again = ["debts", "retry", frozen.account, frozen.payment, "--note", "the list is wrong"];
    expect(await ok(again)).toBe("it is presented again in the next file\n");
    expect(await ok(["debts", frozen.account])).toMatch(/returned, again from \d{4}-\d\d-\d\d\n/);
  });

  const { account, payment } = { account: "acc_x", payment: "pay_x" };
  test.each([
    [["debts", "none"], "name an account"],
    [["debts", account, payment], "name an account"],
    [["debts", "pay", account], "say: pay ACCOUNT AMOUNT"],
    [["debts", "pay", account, "12,50", "--evidence", "x"], "dollars and cents"],
    [["debts", "pay", account, "12.50"], 'say why: --evidence "..."'],
    [["debts", "write-off", account, payment], 'say why: --note "..."'],
    [
      ["debts", "refund", account, "rfd_x", "gone", "--note", "x"],
      "RESOLUTION: send_again, unclaimed",
    ],
    [["debts", "dispute", account, payment, "maybe", "--note", "x"], "OUTCOME: merchant_pays"],
  ])("%p is not understood", async (words, why) => {
    const { code, stdout, stderr } = await run(words);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(why);
  });
});

test("records more than is owed by two people", async () => {
  const over = ["debts", "pay", stopped.account, "3.00", "--evidence", "wire 19"];
  const proposed =
    "the payment is more than is owed; another person records it with the same command. " +
    "Owed until then: $0.00\n";
  expect([await ok(over), await ok(over)]).toEqual([proposed, proposed]);
  expect(await ok(["debts", stopped.account])).toContain("$3.00 by desk:alice: wire 19\n");
  expect(await ok(over, rig.otherDeskKey)).toBe("the payment is recorded; still owed: $0.00\n");
  expect(await ok(["debts", stopped.account])).not.toContain("wire 19");
});

describe("seqr returns", () => {
  test("tells rates with counts, and ends with 1 while one is above", async () => {
    const { code, stdout, stderr } = await run(["returns"]);
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toMatch(/^4 debits originated, \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d\n/);
    expect(stdout).toMatch(/^unauthorised +1 +25\.00 % +0\.50 % +ABOVE$/m);
    expect(stdout).toMatch(/^mer_1 +4 +1 +1 +4$/m);
    const told = await run(["returns", "--merchant", "mer_1", "--json"]);
    expect(JSON.parse(told.stdout)).toMatchObject({ merchant: "mer_1", originated: 4 });
  });

  test("of a merchant that is none is refused", async () => {
    const { code, stderr } = await run(["returns", "--merchant", "mer_99"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("merchant_not_found")]);
  });
});

test("nothing that was said holds a bank account, a name or a phone number", () => {
  const all = said.map(({ stdout, stderr }) => stdout + stderr).join("\n");
  for (const secret of [STOPPED, CLOSED, DISPUTED, FROZEN, "Ada Example", "+1202555"]) {
    expect([secret, leaks(all, secret)]).toEqual([secret, []]);
  }
});

test("seqr debts pay-back: what no file can take is paid by hand, by two people", async () => {
  const { account } = (await rig.customer()).phone.keys;
  const refund = await stuckRefund(rig, account);
  expect(await ok(["debts", account])).toContain(
    `${refund}  to the customer $5.00  stopped: no file takes`,
  );
  const give = ["debts", "pay-back", account, refund, "--evidence", "check 4711"];
  expect(await ok(give)).toContain("the payment is proposed; another person agrees");
  expect((await run(give)).stderr).toContain("second_person_needed");
  expect(await ok(["debts", account])).toContain("\n    payment by hand proposed by desk:alice\n");
  expect(await ok(give, rig.otherDeskKey)).toBe("it is paid by hand\n");
  expect(await ok(["debts", account])).not.toContain(refund);
  expect((await run(give)).stderr).toContain("refund_not_stuck");
});

describe("seqr debts of an account with a return fee", () => {
  test("says which file holds it, that it is by hand once it is back, and waives it", async () => {
    const policy = { returnFeesByAch: true, retriesMax: 0 } as const;
    await using feeRig = await SwitchRig.start({ policy });
    const [found] = await badDebits(feeRig, ["9990000031"]);
    assert(found !== undefined, "a debit came back");
    const { account, payment } = found;
    const debts = async (words: readonly string[], key = feeRig.deskKey): Promise<string> => {
      const environment = { SEQR_DESK_KEY: key };
      const ran = await seqr(["debts", ...words, "--url", feeRig.running.url], { environment });
      return ran.stdout + ran.stderr;
    };
    const told = (): Promise<string> => debts([account]);
    expect(await told()).toContain("owed          $35.00, of that fees $25.00\n");
    const fee = `${payment}  return fee $25.00  `;
    expect(await told()).toMatch(/return fee \$25\.00 {2}in_flight in ach_\d{8}_[A-Z]\n/);
    const waive = ["waive-fee", account, payment, "--note", "a death in the family"];
    expect(await debts(waive)).toContain("fee_under_way");
    for (let day = 0; day < 4; day++) await nextBankingDay(feeRig);
    expect(await told()).toContain(`${fee}owed, by hand only\n`);
    expect(await debts(waive)).toBe(
      "the waiver is proposed; another person agrees with the same command\n",
    );
    expect(await told()).toContain("\n    waiver proposed by desk:alice\n");
    expect(await debts(waive)).toContain("second_person_needed");
    expect(await debts(waive, feeRig.otherDeskKey)).toBe("the fee is waived\n");
    expect(await told()).toContain("owed          $10.00\n");
    expect(await debts([])).toMatch(/\$10\.00( +\$0\.00){5}\n$/);
    const audit = await feeRig.send("GET", `/v1/desk/accounts/${account}/audit?limit=2`, {
      token: feeRig.deskKey,
    });
    expect(audit.body["data"]).toMatchObject([
      { event: "FeeWaived", principal: "desk:bob", note: "a death in the family" },
      { event: "FeeWaiverProposed", principal: "desk:alice", note: "a death in the family" },
    ]);
  });
});

test("seqr debts refund: sent again, or nobody's, and paid by hand in the end", async () => {
  await using other = await SwitchRig.start();
  const { account, refund } = await stoppedRefund(other);
  const debts = async (words: readonly string[], key = other.deskKey): Promise<string> => {
    const environment = { SEQR_DESK_KEY: key };
    const ran = await seqr(["debts", ...words, "--url", other.running.url], { environment });
    return ran.stdout + ran.stderr;
  };
  const line = `${refund}  to a wrong receiver $10.00  `;
  expect(await debts([account])).toContain(`${line}stopped: no file takes it`);
  // The bank account was not the customer's; what they bought is due.
  expect(await debts([])).toMatch(/\$10\.00 +\$10\.00 +bank account: R03 .*\n$/);
  const way = (resolution: string, id = refund, of = account) => [
    ...["refund", of, id, resolution, "--note", "a call at noon"],
  ];
  expect(await debts(way("send_again"))).toContain("resolution_does_not_fit");
  const proposed = "it is proposed; another person agrees with the same command\n";
  expect(await debts(way("unclaimed"))).toBe(proposed);
  expect(await debts([account])).toContain("\n    unclaimed proposed by desk:alice\n");
  expect(await debts(way("unclaimed"))).toContain("second_person_needed");
  expect(await debts(way("unclaimed"), other.otherDeskKey)).toBe("it is resolved: unclaimed\n");
  expect(await debts([account])).toContain(`${line}unclaimed: no file takes it`);
  expect(await debts([])).toMatch(/\$10\.00 +\$0\.00 +bank account: R03 .*\n$/);
  const balance = async () => {
    const { accounts } = await other.desk.ledger();
    return accounts.find(({ account: name }) => name === "owed:unclaimed")?.balance.amount ?? 0;
  };
  expect(await balance()).toBe(-1_000);
  const pay = ["pay-back", account, refund, "--evidence", "check 12 to the state"];
  expect(await debts(pay)).toContain("the payment is proposed");
  expect(await debts(pay, other.otherDeskKey)).toBe("it is paid by hand\n");
  expect(await debts([account])).not.toContain(refund);
  expect(await balance()).toBe(0);

  const own = (await other.customer()).phone.keys.account;
  const back = await stuckRefund(other, own);
  expect(await debts([])).toMatch(new RegExp(`${own} .* \\$5\\.00\n`));
  expect(await debts(way("send_again", back, own))).toBe(proposed);
  expect(await debts([...way("send_again", back, own), "--json"], other.otherDeskKey)).toBe(
    `${JSON.stringify({ refund: back, resolution: "send_again", status: "resolved" })}\n`,
  );
  expect(await debts([own])).toContain(`${back}  to the customer $5.00  payable\n`);
  expect(await debts([])).not.toContain(own);
});
