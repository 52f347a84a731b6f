/**
 * The quiet end of a run: the lines are good, the disk has room, nobody buys anything more, and
 * days pass until the bank has nothing more to say. Then everything must be explained, to the cent.
 */
import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AccountView } from "../../actors/account-messages.ts";
import type { AnyActor } from "../../actors/actor.ts";
import { addBankingDays, bankDateAt } from "../../actors/banking-calendar.ts";
import type { Purchase } from "../../actors/collection-state.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { isReturnCode, meaningOf } from "../../actors/return-codes.ts";
import { ApiProblem } from "../../src/client/call.ts";
import type { Ledger } from "../../src/client/desk.ts";
import { checkLog } from "../../src/commands/log-check.ts";
import { dataFiles } from "../../src/data-directory.ts";
import { SqliteLogReader } from "../../src/storage/sqlite/log-reader.ts";
import { GOOD_LINE, type SentEntry } from "./bank-side.ts";
import type { Person, Sale } from "./books.ts";
import { isSameReceipt } from "./checks.ts";
import { checkFiles, debitsOf, disputes } from "./checks-of-files.ts";
import { allowRetry, askBank, decideDispute, lift, payByHand, viewOf } from "./desk-acts.ts";
import { expectFact, Finding } from "./finding.ts";
import { CALM } from "./network.ts";
import { TRAP_KINDS } from "./rare-states.ts";
import { flush } from "./sales.ts";
import { streamOf } from "./streams.ts";
import type { World } from "./world.ts";

const DAY_MS = 86_400_000;
/** Within so many days everything has come back that can (R10: 60), and been tried again. */
const DAYS_MAX = 140;
/** Looks in a row that find nothing under way: a retry waits for three banking days. */
const QUIET_TIMES = 3;
/** Those of returns oftener: they need something that comes back. */
const TRAPS_OF_FILES = [
  ...TRAP_KINDS.slice(TRAP_KINDS.indexOf("FileOpened")),
  ...(["ReturnReceived", "DebitReturned", "InboundReceived", "InboundFinished"] as const),
  ...(["ReturnReceived", "DebitReturned", "InboundFinished", "DebitsFiled"] as const),
];
const CLEARING = ["ach:provisional", "ach:out"] as const;

export async function endQuietly(world: World): Promise<void> {
  const { network, bank, disk, machine, books } = world;
  world.tell("from here on nothing goes wrong");
  network.weather = CALM;
  bank.line = GOOD_LINE;
  disk.fates.length = 0;
  disk.isFull = false;
  world.isSmsDown = false;
  machine.crashAfter(Number.POSITIVE_INFINITY);
  await world.heal();
  for (const person of books.people) await flush(world, person);
  const random = streamOf(world.options.seed, "ending");
  // A few crashes more wait on the way of the files; the first by turns, over the seeds.
  let turn: number | undefined = world.options.seed;
  await untilQuiet(world, () => {
    const at = turn ?? random.between(0, 2 * TRAPS_OF_FILES.length - 1);
    turn = undefined;
    const kind = TRAPS_OF_FILES[Math.floor(at / 2) % TRAPS_OF_FILES.length] ?? "FileClosed";
    disk.trap ??= { kind, when: at % 2 === 0 ? "before" : "after" };
  });
  disk.trap = undefined;
  // What has come back by now is for people; then all is quiet once more.
  for (const decide of [decideDispute, payByHand, allowRetry, decideDispute]) {
    if (random.chance(60)) await decide(world, random);
  }
  await untilQuiet(world);
  world.isCalm = true;
  await checkBooks(world);
  await checkPayments(world);
  for (const person of books.people) await checkPerson(world, person);
  await checkTills(world);
  await checkFiles(world);
  await checkStored(world);
}

async function untilQuiet(world: World, before: () => void = () => {}): Promise<void> {
  const { bank } = world;
  const endMs = world.nowMs + DAYS_MAX * DAY_MS;
  for (let quiet = 0; quiet < QUIET_TIMES; ) {
    expectFact(world.nowMs < endMs, "every file ends", () => bank.twin.state().waiting);
    before();
    await askBank(world);
    await world.goTo(world.nowMs + 4 * DAY_MS);
    const open = await world.filesAt(
      ...(["open", "built", "handing_over", "acknowledged", "rejected", "settled"] as const),
    );
    quiet = bank.isQuiet && open.length === 0 ? quiet + 1 : 0;
  }
}

/** The bank's books are ours, to the cent, and nothing is left where nothing may be. */
async function checkBooks(world: World): Promise<void> {
  const { bank, books } = world;
  const ledger = await world.persist(() => world.desk().ledger());
  const cash = balanceOf(ledger, "cash:bank");
  const theirs = bank.twin.books().balanceCents + books.byHandCents;
  expectFact(cash === theirs, "the bank's books are ours", () => [cash, theirs, books.byHandCents]);
  for (const account of CLEARING) {
    const balance = balanceOf(ledger, account);
    expectFact(balance === 0, "I10", () => [account, balance]);
  }
  const { duplicates } = bank.twin.books();
  expectFact(duplicates === 0, "no file is handed over twice", () => duplicates);
}

export function balanceOf({ accounts }: Ledger, name: string): number {
  return accounts.find(({ account }) => account === name)?.balance.amount ?? 0;
}

/** What was acknowledged is there once, what was refused is not, and receipts are the answers. */
async function checkPayments(world: World): Promise<void> {
  const { books } = world;
  const captured = new Map<string, number>();
  for (const { kind, data } of await world.events()) {
    if (kind !== "PaymentCaptured") continue;
    const { receipt } = JSON.parse(data) as { readonly receipt: { readonly paymentId: string } };
    captured.set(receipt.paymentId, (captured.get(receipt.paymentId) ?? 0) + 1);
  }
  for (const { paid, person } of books.paid) {
    const times = captured.get(paid?.payment ?? "") ?? 0;
    expectFact(times > 0, "no acknowledged payment is lost", () => [person.name, paid]);
    expectFact(times === 1, "no payment is doubled", () => [person.name, paid, times]);
    captured.delete(paid?.payment ?? "");
  }
  expectFact(captured.size === 0, "what was not acknowledged leaves no trace", () => [...captured]);
  for (const person of books.people) {
    const paid = person.sales.filter(({ state }) => state === "paid");
    // Nobody signs in to an account that is closed.
    if ((await viewOf(world, person)).status === "closed") continue;
    const receipts = await world.persist(() => person.phone.receipts(100));
    expectFact(receipts.length === paid.length, "receipts are the answers", () => person.name);
    for (const sale of paid) {
      const receipt = receipts.find(({ payment }) => payment === sale.paid?.payment);
      const isSame = sale.paid !== undefined && isSameReceipt(receipt, sale.paid.receipt);
      expectFact(isSame, "receipts are the answers", () => [receipt, sale.paid]);
      const told = (receipt?.refunds ?? []).map(({ amount }) => amount.amount);
      const granted = sale.refunds.filter(({ state }) => state === "granted");
      const isWhole = Bun.deepEquals(
        told.toSorted(byAmount),
        granted.map(({ amountCents }) => amountCents).toSorted(byAmount),
      );
      expectFact(isWhole, "a receipt has its refunds", () => [told, sale.refunds]);
    }
  }
}

function byAmount(one: number, other: number): number {
  return one - other;
}

/** Every payment is collected, returned, disputed or given up; what is left open has its reason. */
async function checkPerson(world: World, person: Person): Promise<void> {
  const view = await viewOf(world, person);
  const { limit, collection } = view;
  expectFact(limit.holdsCents === 0, "a hold ends", () => [person.name, limit]);
  const open = new Map<string, Purchase>(
    collection.purchases.map((purchase) => [purchase.paymentId, purchase]),
  );
  for (const sale of person.sales) {
    if (sale.paid === undefined) continue;
    checkSale(world, view, sale, open.get(sale.paid.payment));
    open.delete(sale.paid.payment);
  }
  expectFact(open.size === 0, "nobody owes what was not paid for", () => [...open.keys()]);
  const { refunds } = collection;
  const isUsable = collection.bankAccount.kind === "checking" && view.blocks.length === 0;
  const isFree = isUsable && collection.purchases.length === 0 && collection.fees.length === 0;
  const waiting = refunds.filter(({ stage }) => stage === "payable");
  expectFact(!isFree || waiting.length === 0, "a refund is paid", () => [person.name, waiting]);
  const isLost = collection.losses.some(({ borneBy }) => borneBy === "bad_debt");
  const isDone = isFree && limit.exposureCents === 0 && refunds.length === 0 && !isLost;
  const isOver = person.leftAtMs === undefined || !isDone || view.status === "closed";
  expectFact(isOver, "who left is let go", () => [person.name, view]);
  if (view.status !== "closed") await lift(world, person);
}

function checkSale(
  world: World,
  { blocks, collection }: AccountView,
  sale: Sale,
  open: Purchase | undefined,
): void {
  const { paid, person } = sale;
  const debits = debitsOf(world, sale);
  const last = debits.at(-1);
  const about = () => [person.name, paid?.payment, sale.amountCents, open, debits, world.nowMs];
  if (open?.stage === "in_flight") expectFact(false, "every debit ends", about);
  if (open?.stage === "due") {
    // Not filed: there is no account that may be debited.
    const isStopped =
      collection.bankAccount.kind === "invalid" || collection.isMandateEnded || isFrozen(blocks);
    expectFact(isStopped, "what is due is filed", about);
    return;
  }
  const isBack = last?.back.some((back) => isActedOn(last, back)) ?? false;
  const mayBeBack = last !== undefined && last.back.length > 0;
  if (open !== undefined) {
    expectFact(mayBeBack, "what is open has come back", about);
    const mayRetry = open.stage === "returned" && open.returned.retryFrom !== null;
    const mayDebit = collection.bankAccount.kind === "checking" && !collection.isMandateEnded;
    expectFact(!mayRetry || !mayDebit || isFrozen(blocks), "what may be presented again is", about);
    const isDisputed = last.back.some(({ code }) => disputes(code));
    expectFact((open.stage === "disputed") === isDisputed, "where a return goes", about);
    return;
  }
  const isGivenUp = world.books.isDecided(sale) || person.byHandCents > 0;
  const isRefunded = sale.refundedCents > 0;
  if (last === undefined) expectFact(isRefunded || isGivenUp, "what is closed has a reason", about);
  else expectFact(!isBack || isGivenUp || isRefunded, "what came back stays open", about);
}

function isFrozen(blocks: AccountView["blocks"]): boolean {
  return blocks.some(({ reason }) => reason === "compliance");
}

/** What a till asked for was paid by the one payment that was answered, or is over. */
async function checkTills(world: World): Promise<void> {
  const { books } = world;
  for (const { till, request } of books.asked) {
    const shown = await world
      .persist(() => till.show(request))
      .catch((error: unknown) => {
        if (!(error instanceof ApiProblem)) throw error;
        throw new Finding("no acknowledged request is lost", [request, error.code]);
      });
    expectFact(shown.status !== "open", "what is over is told as over", () => shown);
    const sale = books.paid.find((paid) => paid.request === request);
    expectFact((shown.status === "paid") === (sale !== undefined), "a till knows", () => shown);
    if (sale === undefined) continue;
    expectFact(shown.payment === sale.paid?.payment, "one request is paid once", () => shown);
  }
}

/** A return that nobody has to look at: of a known code, right to the cent, and in time. */
function isActedOn(entry: SentEntry, back: SentEntry["back"][number]): boolean {
  const { code, amountCents, givenAtMs } = back;
  if (!isReturnCode(code) || amountCents !== entry.amountCents) return false;
  if (meaningOf(code).isLate) return true;
  // One that comes after the window may be in time all the same: its file may have ended late.
  const windowOn = addBankingDays(entry.effectiveOn, DEFAULT_POLICY.returnDays);
  return bankDateAt(givenAtMs) <= windowOn;
}

/** The log by the doctor's own functions, its triggers, and the views made anew. */
async function checkStored(world: World): Promise<void> {
  const { machine, disk, dataDir } = world;
  const before = await world.persist(() => world.desk().ledger());
  await machine.stop();
  const files = dataFiles(dataDir);
  const isFile = disk.options.kind === "sqlite";
  const events = isFile ? files.events : join(dataDir, "copy.db");
  if (!isFile) disk.writeTo(events);
  expectFact(existsSync(events), "the log is there");
  doctor(events, world.actors);
  onlyInserted(events);
  await world.loseViews();
  await world.up();
  const after = await world.persist(() => world.desk().ledger());
  const isSame = JSON.stringify(before.accounts) === JSON.stringify(after.accounts);
  expectFact(isSame, "I7: views made anew are the same", () => [before.accounts, after.accounts]);
}

function doctor(events: string, actors: readonly AnyActor[]): void {
  const reader = new SqliteLogReader(events);
  try {
    const { fault, ledgerSum } = checkLog(reader, actors);
    expectFact(fault === undefined, "the doctor finds nothing", () => fault);
    expectFact(ledgerSum === 0, "I2", () => ledgerSum);
  } finally {
    reader.close();
  }
}

/** I15. */
function onlyInserted(events: string): void {
  const database = new Database(events);
  try {
    for (const change of ["UPDATE events SET seq = 0", "DELETE FROM events"]) {
      let isRefused = false;
      try {
        database.run(change);
      } catch {
        isRefused = true;
      }
      expectFact(isRefused, "I15", () => change);
    }
  } finally {
    database.close();
  }
}
