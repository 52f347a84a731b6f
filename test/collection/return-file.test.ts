/** A long file of returns: many entries are told at once, and the order of the file holds. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { AchInboundState } from "../../actors/ach-inbound.ts";
import { cents } from "../../actors/money.ts";
import { cutOff } from "../../src/collection/cut-off.ts";
import { takeReturns } from "../../src/collection/return-file.ts";
import { type Answer, returnFile } from "../../src/rails/bank-twin/return-file.ts";
import { date } from "../actors/collecting.ts";
import { SwitchRig } from "../switch-rig.ts";
import { goTo, HandBank, PROFILE, partsOf, settle } from "./rig.ts";

let rig: SwitchRig;
beforeEach(async () => {
  rig = await SwitchRig.start();
});
afterEach(() => rig[Symbol.asyncDispose]());

/** What the switch keeps of an inbound file. */
async function keptOf(bytes: Uint8Array) {
  const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  const { host } = rig.running.services;
  const ref = { kind: "ach-inbound", id: hash };
  const reply = await host.ask(ref, { kind: "DescribeInbound" }, { principal: "test" });
  return (reply as unknown as { state: Extract<AchInboundState, { open: unknown }> }).state;
}

const CENTS = 1_250;
/** More than are told at once, before and behind the two that are of one entry. */
const OTHERS = 300;

test("the first return of an entry is acted on, and people find the others in order", async () => {
  const bank = new HandBank();
  const parts = partsOf(rig, bank);
  const customer = await rig.customer();
  await cutOff(parts);
  await rig.pay(customer, CENTS);
  goTo(rig, "2026-11-30");
  const { fileId } = await cutOff(parts);
  goTo(rig, "2026-12-01");
  await settle(parts, fileId, CENTS);
  const lines = Buffer.from(bank.handed.at(-1)?.bytes ?? [])
    .toString()
    .split("\n");
  const [header = "", entry = ""] = [5, 6].map((type) => {
    return lines.find((line) => line.startsWith(String(type)));
  });
  const trace = Number(entry.slice(87, 94));
  const answer = (own: number, of: number): Answer => ({
    ...{ code: "R01", batchHeader: header, entry, amountCents: cents(CENTS), correctedData: "" },
    originalTrace: PROFILE.odfi + String(of).padStart(7, "0"),
    ownTrace: `02100002${String(own).padStart(7, "0")}`,
    settlesOn: date("2026-12-01"),
  });
  const answers = Array.from({ length: 2 * OTHERS + 2 }, (_, at) => {
    const isOfEntry = at === OTHERS || at === OTHERS + 1;
    return answer(at + 1, isOfEntry ? trace : 5_000_000 + at);
  });
  // The bank says one of them again at once, and at the end: its money moved once.
  const again = answer(1, 5_000_000);
  answers.splice(1, 0, again);
  answers.push(again);
  const { immediateDestination: bankNumber } = PROFILE;
  const cover = { bankNumber, createdOn: date("2026-12-01"), time: "0830", modifier: "A" };
  const bytes = returnFile(answers, cover);
  await takeReturns(parts, bytes);

  const state = await keptOf(bytes);
  expect(state.kind).toBe("finished");
  const all = Array.from({ length: 2 * OTHERS + 1 }, (_, at) => at);
  expect(state.open.map(({ number }) => number)).toEqual(all.map((at) => at + 1));
  // The second of the one entry stands behind its first, which is no exception.
  expect(state.open.map(({ reason }) => reason)).toEqual(
    all.map((at) => (at === OTHERS ? "possible_duplicate" : "unmatched")),
  );
  const places = state.open.map(({ line }) => line);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  const account = await customer.phone.account();
  expect(account.limit?.available.amount).toBe(10_000 - CENTS);
  expect(account.block_reasons).toEqual(["collection_failed"]);
}, 30_000);

test("a file that breaks off is for a person: what it lacks may be returns", async () => {
  const parts = partsOf(rig, new HandBank());
  const { immediateDestination: bankNumber } = PROFILE;
  const cover = { bankNumber, createdOn: date("2026-12-01"), time: "0830", modifier: "A" };
  const whole = returnFile([], cover);
  await takeReturns(parts, whole);
  expect((await keptOf(whole)).open).toEqual([]);
  const cut = whole.slice(0, whole.indexOf("\n".charCodeAt(0)) + 1);
  // Read again, it is still one thing to look at.
  for (let time = 0; time < 2; time++) await takeReturns(parts, cut);
  const { kind, open } = await keptOf(cut);
  expect(kind).toBe("finished");
  expect(open).toMatchObject([{ reason: "file_control_missing", money: null, sealed: null }]);
});

test("a file that holds less than the bank says is for a person", async () => {
  const parts = partsOf(rig, new HandBank());
  const { immediateDestination: bankNumber } = PROFILE;
  const cover = { bankNumber, createdOn: date("2026-12-01"), time: "0830", modifier: "B" };
  const lines = Buffer.from(returnFile([], cover)).toString("latin1").split("\n");
  const at = lines.findIndex((line) => line.startsWith("9"));
  const control = lines[at] ?? "";
  // Positions 32 to 43: the total of debits of the file.
  lines[at] = `${control.slice(0, 31)}000000012345${control.slice(43)}`;
  const bytes = Buffer.from(lines.join("\n"), "latin1");
  await takeReturns(parts, bytes);
  const { kind, open } = await keptOf(bytes);
  expect(kind).toBe("finished");
  expect(open).toMatchObject([{ line: at + 1, reason: "total_differs", money: null }]);
});
