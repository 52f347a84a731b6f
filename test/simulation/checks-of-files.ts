/** What is checked of the bytes that reached the bank, when all is quiet. */
import type { AchFileReply } from "../../actors/ach-file-messages.ts";
import { addBankingDays, instantOf } from "../../actors/banking-calendar.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { isReturnCode, meaningOf } from "../../actors/return-codes.ts";
import { isFee, type SentEntry } from "./bank-side.ts";
import type { Sale } from "./books.ts";
import { expectFact } from "./finding.ts";
import { checkReversals, REVERSAL, reversedCents } from "./reversals.ts";
import type { World } from "./world.ts";

/** docs/money.md: three attempts are the most that Nacha allows; one retry is ours (FAQ). */
const ATTEMPTS_MAX = 1 + DEFAULT_POLICY.retriesMax;
const RETRY_DAYS_MAX = 180;
/** 45 days after the return, which is booked on the second banking day or before. */
const FEE_DAYS_MAX = 50;
const BASIS_POINTS = 10_000;

export async function checkFiles(world: World): Promise<void> {
  const { bank, books } = world;
  const traces = new Set<string>();
  for (const { trace, file } of bank.entries) {
    expectFact(!traces.has(trace), "a trace names one entry", () => [trace, file]);
    traces.add(trace);
  }
  const names = new Set<string>();
  for (const { name } of bank.handed) {
    expectFact(!names.has(name), "no file is handed over twice", () => name);
    names.add(name);
  }
  for (const sale of books.paid) {
    checkAttempts(sale, sinceReversal(world, debitsOf(world, sale)));
    checkFees(world, sale, debitsOf(world, sale));
    checkReversals(world, sale);
    checkRefunds(world, sale);
  }
  checkSettlements(world);
  await checkTotals(world);
}

/** The debits of a sale, in the order in which the bank got them. */
export function debitsOf({ bank }: World, { paid }: Sale): readonly SentEntry[] {
  return bank.entries.filter((entry) => {
    return entry.isDebit && entry.individualId === paid?.reference && !isFee(entry);
  });
}

/** One for a sale, after a debit of it came back for lack of money, in time, and never again. */
function checkFees({ bank, rare, machine }: World, { paid }: Sale, debits: readonly SentEntry[]) {
  const fees = bank.entries.filter((entry) => {
    return isFee(entry) && entry.individualId === paid?.reference;
  });
  const [fee] = fees;
  if (fee === undefined) return;
  const about = () => [paid?.payment, fees, debits];
  expectFact(machine.options.returnFees === "by_ach", "a fee where fees are by hand", about);
  expectFact(fees.length === 1, "a fee is presented once", about);
  expectFact(fee.amountCents === DEFAULT_POLICY.returnFeeCents, "the fee of the notice", about);
  const unpaid = debits.findLast(({ back }) => {
    return back.some(({ code }) => code === "R01" || code === "R09");
  });
  expectFact(unpaid !== undefined, "a fee is for lack of money", about);
  const days = Temporal.PlainDate.from(unpaid?.effectiveOn ?? fee.effectiveOn).until(
    fee.effectiveOn,
  ).days;
  expectFact(days <= FEE_DAYS_MAX, "a fee is debited in time", about);
  rare.reach(fee.back.length === 0 ? "fee debited" : "fee returned");
}

/** What was reversed is debited anew, as if for the first time. */
function sinceReversal({ books }: World, debits: readonly SentEntry[]): readonly SentEntry[] {
  const last = debits.findLastIndex(({ trace }) => books.reversed.has(trace));
  return debits.slice(last + 1);
}

/** I12, and that only what may be tried again is tried again. */
function checkAttempts({ paid }: Sale, debits: readonly SentEntry[]): void {
  const about = () => [paid?.payment, debits];
  expectFact(debits.length <= ATTEMPTS_MAX, "I12", about);
  const [first] = debits;
  if (first === undefined) return;
  for (const again of debits.slice(1)) {
    expectFact(again.amountCents === first.amountCents, "I12", about);
    const days = Temporal.PlainDate.from(first.effectiveOn).until(again.effectiveOn).days;
    expectFact(days <= RETRY_DAYS_MAX, "I12", about);
    expectFact(first.back.length > 0, "only what came back is presented again", about);
    const isFinal = first.back.some(({ code }) => disputes(code));
    expectFact(!isFinal, "what is disputed is never presented again", about);
  }
}

export function disputes(code: string): boolean {
  if (!isReturnCode(code)) return false;
  const { action } = meaningOf(code);
  return action === "revoke" || action === "dispute";
}

/** I8: no more goes back than was granted, and only of a debit that is collected. */
function checkRefunds(world: World, sale: Sale): void {
  const { bank } = world;
  const { paid, refunds, amountCents } = sale;
  const granted = sum(
    refunds.filter(({ state }) => state === "granted").map((refund) => refund.amountCents),
  );
  expectFact(granted <= amountCents, "I8", () => [paid, granted, amountCents]);
  const all = bank.entries.filter(({ isDebit, individualId }) => {
    return !isDebit && individualId === paid?.reference;
  });
  const arrived = all.filter((entry) => entry.back.length === 0);
  const paidBack = sum(arrived.map((entry) => entry.amountCents));
  const most = granted + reversedCents(world, sale);
  expectFact(paidBack <= most, "I8", () => [paid, paidBack, most]);
  const back = all.filter(({ description }) => description !== REVERSAL);
  const [first] = back;
  if (first === undefined) return;
  const handedOverMs = bank.handed.find(({ name }) => name === first.file)?.atMs ?? 0;
  const isCollected = debitsOf(world, sale).some(({ effectiveOn }) => {
    const windowOn = addBankingDays(effectiveOn, DEFAULT_POLICY.returnDays);
    return handedOverMs >= instantOf(windowOn, 8, 30);
  });
  const isGivenUp = world.books.isDecided(sale) || sale.person.byHandCents > 0;
  expectFact(isCollected || isGivenUp, "I8: paid when it is collected", () => [paid, back]);
}

/** I13: a merchant gets no more than it was paid, its fee taken off. */
function checkSettlements({ bank, books }: World): void {
  for (const { number, feeBasisPoints } of books.shops) {
    const sales = books.paid.filter(({ shop }) => shop.number === number);
    const earned = sum(
      sales.map(({ amountCents }) => {
        return amountCents - Math.floor((amountCents * feeBasisPoints) / BASIS_POINTS);
      }),
    );
    const settled = bank.entries.filter(({ isDebit, individualId, back }) => {
      return !isDebit && individualId.startsWith(`${number}-`) && back.length === 0;
    });
    const paid = sum(settled.map(({ amountCents }) => amountCents));
    expectFact(paid <= earned, "I13", () => [number, paid, earned]);
  }
}

/** I11: what we say of a file is what the bank reads in it. */
async function checkTotals(world: World): Promise<void> {
  const { bank } = world;
  for (const file of new Set(bank.entries.map((entry) => entry.file))) {
    const ref = { kind: "ach-file", id: file };
    const { state } = await world.look<FileReply>(ref, { kind: "DescribeFile" });
    expectFact("file" in state && "totals" in state.file, "a file that was sent", () => file);
    const { entries, debitCents, creditCents } = state.file.totals;
    const inIt = bank.entries.filter((entry) => entry.file === file);
    const side = (isDebit: boolean): number =>
      sum(inIt.filter((entry) => entry.isDebit === isDebit).map((entry) => entry.amountCents));
    const read = [inIt.length, side(true), side(false)];
    const said = [entries, debitCents, creditCents].map(Number);
    expectFact(Bun.deepEquals(read, said), "I11", () => [file, read, said]);
  }
}

type FileReply = Extract<AchFileReply, { kind: "file" }>;

function sum(amounts: readonly number[]): number {
  return amounts.reduce((all, amount) => all + amount, 0);
}
