/** What waits for a second person, as the desk and `seqr proposals` show it while it waits. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { seqr } from "../commands/cli.ts";
import { SwitchRig } from "../switch-rig.ts";
import { badDebits, stuckRefund } from "./by-hand.ts";
import { leaks } from "./canary.ts";
import { reverse, settledDebit } from "./reversing.ts";

setDefaultTimeout(60_000);
let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

const both = () => [rig.moneyDesk(), rig.moneyDesk(rig.otherDeskKey)] as const;
const open = async () => {
  const { data } = await rig.moneyDesk().proposals();
  return data.map(({ act, about, proposed_by: by }) => [act, about, by]);
};

test("an import waits with the hash of its bytes until another person imports them", async () => {
  expect(await open()).toEqual([]);
  const [alice, bob] = both();
  const bytes = new TextEncoder().encode("799 R01, found on a disk");
  await alice.importFile(bytes, "Zenobia Quackenbush's disk");
  const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  expect(await open()).toEqual([["import", [hash], "desk:alice"]]);
  await bob.importFile(bytes, "hers");
  expect(await open()).toEqual([]);
});

test("what somebody proposed of debts, payouts and files is there, the oldest first", async () => {
  const [alice, bob] = both();
  const [debit] = await badDebits(rig, ["9990000002"]);
  const { account = "", payment = "" } = debit ?? {};
  const { file, trace } = await settledDebit(rig, await rig.customer());
  const bank = { routingNumber: "021000021", accountNumber: "4815162342", kind: "checking" };
  const note = "Zenobia Quackenbush asks for it";
  await alice.writeOff(account, payment, note);
  await bob.recordPayment(account, 5_000, "check of Zenobia Quackenbush");
  await reverse(rig, { file, trace });
  await alice.nameBankAccount("mer_1", bank, note);
  expect(await open()).toEqual([
    ["write_off", [account, payment], "desk:alice"],
    ["payment", [account], "desk:bob"],
    ["reversal", [file, "wrong_date", String(trace)], "desk:alice"],
    ["bank_account", ["mer_1"], "desk:alice"],
  ]);

  const first = await alice.proposals({ limit: 3 });
  const rest = await alice.proposals({ limit: 3, startingAfter: first.data.at(-1)?.id ?? "" });
  expect([first.has_more, first.data.length, rest.data.length]).toEqual([true, 3, 1]);
  const environment = { SEQR_DESK_KEY: rig.deskKey };
  const { code, stdout } = await seqr(["proposals", "--url", rig.running.url], { environment });
  expect(code).toBe(0);
  expect(stdout).toContain(`seqr debts write-off ${account} ${payment}\n`);
  expect(stdout).toMatch(/ desk:bob +\$50\.00 +seqr debts pay acc_\S+ \.\.\.\n/);
  expect(stdout).toContain(`seqr files reverse ${file} wrong_date --trace ${trace} (1 entry)\n`);
  const shown = stdout + JSON.stringify([first, rest]);
  for (const word of ["Zenobia", "4815162342"]) expect(leaks(shown, word)).toEqual([]);

  // What is paid meanwhile is not there to be written off.
  await bob.recordPayment(account, 1_000, "wire 4711");
  await bob.nameBankAccount("mer_1", bank, note);
  await reverse(rig, { file, trace }, rig.otherDeskKey);
  expect(await open()).toEqual([["payment", [account], "desk:bob"]]);
});

test("of an account the account says what still waits", async () => {
  await using other = await SwitchRig.start({ policy: { retriesMax: 0 } });
  const [alice, bob] = [other.moneyDesk(), other.moneyDesk(other.otherDeskKey)];
  const acts = async () => (await alice.proposals()).data.map(({ act, about }) => [act, ...about]);
  const [debit] = await badDebits(other, ["9990000001"]);
  const { account = "", payment = "" } = debit ?? {};
  const refund = await stuckRefund(other, account);
  expect(await alice.waiveFee(account, payment, "a kindness")).toBe("proposed");
  expect(await alice.resolveRefund(account, refund, "send_again", "mended")).toBe("proposed");
  const waived = ["fee_waiver", account, payment];
  expect(await acts()).toEqual([waived, ["refund_resolution", account, refund, "send_again"]]);
  expect(await bob.resolveRefund(account, refund, "send_again", "mended")).toBe("resolved");
  expect(await acts()).toEqual([waived]);
  // What is paid is not there to be waived.
  await alice.recordPayment(account, 3_500, "wire 4711");
  expect(await acts()).toEqual([]);
});

test("a reversal that nobody agreed to in time waits no more", async () => {
  const before = await open();
  const { file, trace } = await settledDebit(rig, await rig.customer());
  await reverse(rig, { file, trace });
  expect(await open()).toHaveLength(before.length + 1);
  rig.clock.advance(9 * 86_400_000);
  expect(await open()).toEqual(before);
});

test("whoever asks is an operator, and a cursor is a proposal", async () => {
  expect((await rig.send("GET", "/v1/desk/proposals")).status).toBe(401);
  const query = "/v1/desk/proposals?starting_after=exc_1";
  expect((await rig.send("GET", query, { token: rig.deskKey })).body["code"]).toBe("not_found");
});
