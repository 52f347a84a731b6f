/**
 * What people at desks do: blocks and caps, refunds, money that is paid by hand, debts that are
 * given up, disputes that are decided, files of which the bank is asked by telephone.
 */
import type { AccountView } from "../../actors/account-messages.ts";
import {
  isDebitOver,
  openFeesCents,
  type Purchase,
  type RefundOwed,
} from "../../actors/collection-state.ts";
import { ApiProblem } from "../../src/client/call.ts";
import type { List } from "../../src/client/shapes.ts";
import type { Random } from "../crash/random.ts";
import type { Person, Refund, Sale } from "./books.ts";
import { expectFact } from "./finding.ts";
import { CAP_CENTS, GOOD_ACCOUNT } from "./people.ts";
import type { World } from "./world.ts";

const REASONS = ["operator", "reported_lost"] as const;
const NOTE = "simulated";
const CALL_MS = 60_000;

function accountRef({ account }: Person) {
  return { kind: "account", id: account };
}

export async function viewOf(world: World, person: Person): Promise<AccountView> {
  return await world.look(accountRef(person), { kind: "DescribeAccount" });
}

let blocks = 0;

export async function block(world: World, random: Random): Promise<void> {
  const person = random.pick(world.books.people);
  if (person.leftAtMs !== undefined) return;
  const reason = random.pick(REASONS);
  await unlessDone("block_already_open", () =>
    world.persist(() => world.desk().block(person.account, reason, NOTE)),
  );
  person.blocks.set(reason, ++blocks);
  world.tell(`${person.name} is blocked: ${reason}`);
}

/** Every block that the desk may lift. */
export async function lift(world: World, person: Person): Promise<void> {
  const { block_reasons: reasons } = await world.persist(() =>
    world.desk().account(person.account),
  );
  for (const reason of reasons) {
    if (reason === "collection_failed") continue;
    person.blocks.delete(reason);
    await unlessDone("block_not_open", () =>
      world.persist(() => world.desk("bob").lift(person.account, reason, NOTE)),
    );
  }
  world.tell(`${person.name}: blocks are lifted, of ${reasons.join(", ")}`);
}

export async function setCap(world: World, random: Random): Promise<void> {
  const person = random.pick(world.books.people);
  if (person.leftAtMs !== undefined) return;
  const capCents = random.pick([CAP_CENTS, CAP_CENTS, 5_000, 20_000]);
  person.capsCents.push(capCents);
  await world.persist(() => world.desk().setCap(person.account, capCents, NOTE));
}

async function unlessDone(code: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    // An account that is closed meanwhile has neither blocks nor a cap.
    const isDone = error instanceof ApiProblem && [code, "account_not_open"].includes(error.code);
    if (!isDone) throw error;
  }
}

/** A merchant gives a part back, or all of it, or tries to; or two operators do it. */
export async function refund(world: World, random: Random): Promise<void> {
  const { paid } = world.books;
  if (paid.length === 0) return;
  const sale = random.pick(paid.slice(-8));
  const left = sale.amountCents - sale.refundedCents;
  const amountCents = random.pick([left, Math.ceil(left / 2), 1, left + 1]);
  if (amountCents < 1) return;
  await noteStage(world, sale);
  const asked: Refund = { amountCents, state: "unknown" };
  if (amountCents <= left) sale.refundedCents += amountCents;
  sale.refunds.push(asked);
  const isDesks = random.chance(25);
  try {
    await (isDesks ? refundByTwo(world, sale, amountCents) : refundBy(world, sale, amountCents));
    asked.state = "granted";
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    asked.state = "refused";
  }
  const isRight = (asked.state === "granted") === amountCents <= left;
  expectFact(isRight, "I8", () => [sale.paid, amountCents, left, asked]);
  if (asked.state === "refused") world.rare.reach("refund too high");
  else if (isDesks) world.rare.reach("refund by two operators");
  world.tell(`${sale.person.name}: ${amountCents} of ${sale.paid?.payment} back, ${asked.state}`);
}

async function refundBy(world: World, { shop, paid }: Sale, amountCents: number): Promise<void> {
  const path = `/v1/payments/${paid?.payment}/refunds`;
  const body = { amount: { amount: amountCents, currency: "USD" }, reason: "goods_returned" };
  await post(world, shop.key, path, body);
}

async function refundByTwo(world: World, { paid }: Sale, amountCents: number): Promise<void> {
  const path = `/v1/desk/payments/${paid?.payment}/refunds`;
  const amount = { amount: amountCents, currency: "USD" };
  const body = { amount, reason: "goodwill", note: NOTE };
  for (const operator of ["alice", "bob"] as const) {
    await post(world, world.keyOf(operator), path, body);
  }
}

/** One call under one key, until it is answered. */
async function post(world: World, token: string, path: string, body: unknown): Promise<Said> {
  const idempotencyKey = crypto.randomUUID();
  const options = { token, idempotencyKey, body };
  const answer = await world.persist(() => world.caller.call<Said>("POST", path, options));
  return answer.body;
}

interface Said {
  readonly status?: string;
}

async function noteStage(world: World, { person, paid }: Sale): Promise<void> {
  const { collection } = await viewOf(world, person);
  const stage = collection.purchases.find(({ paymentId }) => paymentId === paid?.payment)?.stage;
  const states: Readonly<Record<Purchase["stage"] | "none", string>> = {
    due: "refund before filing",
    in_flight: "refund in flight",
    returned: "refund while returned",
    disputed: "refund while returned",
    none: "refund after collection",
  };
  world.rare.reach(states[stage ?? "none"]);
}

/** A merchant names the bank account that it is settled with at. */
export async function nameBankAccount(world: World, random: Random): Promise<void> {
  const shop = random.pick(world.books.shops);
  const accountNumber = random.pick([GOOD_ACCOUNT, "9990000042", GOOD_ACCOUNT]);
  const record = { routing_number: "021000021", account_number: accountNumber, kind: "checking" };
  const idempotencyKey = crypto.randomUUID();
  const options = { token: shop.key, idempotencyKey, body: record };
  await world.persist(() => world.caller.call("PUT", "/v1/merchant/bank-account", options));
  world.tell(`merchant ${shop.number} names the bank account ${accountNumber}`);
}

/** The customer names another bank account, after one that was rejected or just so. */
export async function replaceBankAccount(world: World, random: Random): Promise<void> {
  const person = random.pick(world.books.people);
  const accountNumber = random.pick([GOOD_ACCOUNT, GOOD_ACCOUNT, "9990000001", "9990000043"]);
  const given = { routingNumber: "021000021", accountNumber, bankAccountKind: "checking" } as const;
  // Who is blocked for anything but a debt, or leaves, names none.
  const no = await refusedWith(() => world.persist(() => person.phone.nameBankAccount(given)));
  if (no !== undefined) return;
  person.bankAccount = accountNumber;
  world.rare.reach("bank account replaced");
  world.tell(`${person.name} names another bank account: ${accountNumber}`);
}

/** Somebody with a debt pays it at a counter: a part, all of it, or too much. */
export async function payByHand(world: World, random: Random): Promise<void> {
  const debts = await world.persist(() => world.money().debts());
  if (debts.data.length === 0) return;
  const { account } = random.pick(debts.data);
  const person = world.books.byAccount.get(account);
  expectFact(person !== undefined, "who owes has bought", () => account);
  const { collection } = await viewOf(world, person);
  const owed = collection.purchases.filter(({ stage }) => stage === "returned");
  const lost = collection.losses.filter(({ borneBy }) => borneBy === "bad_debt");
  const feesCents = openFeesCents(collection);
  const principal = [...owed, ...lost].reduce((sum, { amountCents }) => sum + amountCents, 0);
  const debt = principal + feesCents;
  if (debt === 0) return;
  const isTooMuch = random.chance(45);
  const amountCents = isTooMuch ? debt + 111 : random.pick([debt, Math.ceil(debt / 2)]);
  person.byHandCents += amountCents;
  world.books.byHandCents += amountCents;
  const evidence = `receipt ${random.between(0, 1e9)}`;
  const record = (by: "alice" | "bob") =>
    world.persist(() => world.money(by).recordPayment(account, amountCents, evidence));
  const { status } = await record("alice");
  // A fee that a file took meanwhile is no longer paid by hand.
  const mayBeTooMuch = isTooMuch || feesCents > 0;
  expectFact(mayBeTooMuch || status === "recorded", "two persons", () => [
    debt,
    amountCents,
    status,
  ]);
  if (status === "proposed") expectFact((await record("bob")).status === "recorded", "two persons");
  world.rare.reach(isTooMuch ? "paid too much by hand" : "paid by hand");
  world.tell(`${person.name} pays ${amountCents} by hand`);
}

interface OpenPurchase {
  readonly person: Person;
  readonly purchase: Purchase;
  readonly refunds: readonly RefundOwed[];
  /** Somebody has proposed to give it up. */
  readonly isProposed: boolean;
  /** Its account can be debited no more. */
  readonly isOver: boolean;
}

async function purchasesIn(world: World, stage: Purchase["stage"]) {
  const found: OpenPurchase[] = [];
  for (const person of world.books.people) {
    const { collection } = await viewOf(world, person);
    for (const purchase of collection.purchases) {
      if (purchase.stage !== stage) continue;
      const { paymentId } = purchase;
      const refunds = collection.refunds.filter((refund) => refund.paymentId === paymentId);
      const isProposed = collection.writeOffs.some((one) => one.paymentId === paymentId);
      const isOver = isDebitOver(collection);
      found.push({ person, purchase, refunds, isProposed, isOver });
    }
  }
  return found;
}

/** What was never sent, and no debit of it can be sent any more. */
async function stuck(world: World): Promise<readonly OpenPurchase[]> {
  return (await purchasesIn(world, "due")).filter(({ isOver }) => isOver);
}

/** The path of a debit of somebody at the desk. */
function debitPath({ person, purchase }: OpenPurchase): string {
  return `/v1/desk/accounts/${person.account}/debits/${purchase.paymentId}`;
}

/** The code of the no; undefined for a yes. */
async function refusedWith(call: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    return error.code;
  }
}

export async function writeOff(world: World, random: Random): Promise<void> {
  const all = [...(await purchasesIn(world, "returned")), ...(await stuck(world))];
  if (all.length === 0) return;
  const one = random.pick(all);
  world.books.decided.add(one.purchase.paymentId);
  const path = `${debitPath(one)}/write-off`;
  const no = await refusedWith(async () => {
    const { status } = await post(world, world.keyOf("alice"), path, { note: NOTE });
    const isOften = one.isProposed || status === "proposed";
    expectFact(isOften, "two people write off", () => [one.purchase, status]);
    await post(world, world.keyOf("bob"), path, { note: NOTE });
  });
  if (no === undefined) world.rare.reach("written off");
  world.tell(`${one.person.name}: ${one.purchase.paymentId} is written off, ${no}`);
}

export async function allowRetry(world: World, random: Random): Promise<void> {
  const all = await purchasesIn(world, "returned");
  if (all.length === 0) return;
  const one = random.pick(all);
  const path = `${debitPath(one)}/retry`;
  const no = await refusedWith(() => post(world, world.keyOf("alice"), path, { note: NOTE }));
  if (no === undefined) world.rare.reach("retry allowed");
  world.tell(`${one.person.name}: ${one.purchase.paymentId} may be presented again, ${no}`);
}

const OUTCOMES = ["merchant_pays", "lost", "won"] as const;

export async function decideDispute(world: World, random: Random): Promise<void> {
  const all = await purchasesIn(world, "disputed");
  if (all.length === 0) return;
  const one = random.pick(all);
  const { person, purchase, refunds } = one;
  const outcome = random.pick(OUTCOMES);
  const { paymentId, amountCents } = purchase;
  world.books.decided.add(paymentId);
  const body = { outcome, note: NOTE };
  const no = await refusedWith(() =>
    post(world, world.keyOf("alice"), `${debitPath(one)}/dispute`, body),
  );
  world.tell(`${person.name}: dispute of ${paymentId}, ${outcome}, ${no}`);
  if (no !== undefined) return;
  const free = refunds.filter(({ stage, reverses }) => {
    return stage !== "filed" && reverses?.reason !== "wrong_receiver";
  });
  const setOff = free.reduce((sum, { amountCents: cents }) => sum + cents, 0);
  // The bank pays after all what is not set off against refunds.
  if (outcome === "won") world.books.byHandCents += Math.max(0, amountCents - setOff);
  const names = { merchant_pays: "to the merchant", lost: "lost", won: "won" };
  world.rare.reach(`dispute ${names[outcome]}`);
}

interface ShownFile {
  readonly id: string;
  readonly stage: string;
}

/** An operator asks the bank by telephone for every file of which we have no word. */
export async function askBank(world: World): Promise<void> {
  const { bank } = world;
  // What is on its way to the bank arrives first.
  await world.loop.wait(CALL_MS);
  const known = new Map(bank.twin.books().files.map(({ name, outcome }) => [name, outcome]));
  const token = world.keyOf("alice");
  const list = () =>
    world.caller.call<List<ShownFile>>("GET", "/v1/desk/files?limit=100", { token });
  const { body } = await world.persist(list);
  for (const { id, stage } of body.data) {
    if (stage !== "handing_over") continue;
    const outcome = known.get(id) ?? "rejected";
    const path = `/v1/desk/files/${id}/acknowledge`;
    const no = await refusedWith(async () => {
      const { status } = await post(world, token, path, { outcome, note: NOTE });
      expectFact((outcome === "rejected") === (status === "proposed"), "two persons", () => status);
      if (status === "proposed")
        await post(world, world.keyOf("bob"), path, { outcome, note: NOTE });
    });
    if (no === undefined) world.rare.reach("answered by a person");
    world.tell(`file ${id}: the bank says it is ${outcome}, ${no}`);
  }
}

/** A file out of turn: of what is due by now. */
export async function cutOffNow(world: World): Promise<void> {
  const token = world.keyOf("bob");
  const no = await refusedWith(() => post(world, token, "/v1/desk/files", { note: NOTE }));
  world.rare.reach("cut-off out of turn");
  world.tell(`a file out of turn: ${no}`);
}

/** Somebody de-registers: whatever is owed is collected, and nothing new is paid. */
export async function leave(world: World, random: Random): Promise<void> {
  const person = random.pick(world.books.people);
  if (person.leftAtMs !== undefined) return;
  await refusedWith(() => world.persist(() => person.phone.deregister()));
  person.leftAtMs = world.nowMs;
  world.rare.reach("left");
  world.tell(`${person.name} leaves`);
}
