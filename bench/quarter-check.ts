/**
 * What must hold at the end of every simulated day (docs/money.md), of everything that something
 * happened to since the last one. What the switch says of itself, what its views say, what the bank
 * holds and what the second set of books says must be one and the same.
 */
import type { AccountView } from "../actors/account-messages.ts";
import type { MerchantReply } from "../actors/merchant.ts";
import type { Services } from "../src/http/services.ts";
import { allBalances, ledgerBalances } from "../src/views/ledger-balances.ts";
import { eachOf } from "./load.ts";
import type { QuarterBooks } from "./quarter-books.ts";
import { demand } from "./quarter-demand.ts";
import type { Purse } from "./quarter-purse.ts";

const BUSY_MAX = 1_024;
const PRINCIPAL = { principal: "bench" };

type Parts = Pick<Services, "host" | "views" | "viewRunner">;
/** Of a customer, besides its purchases: limit, holds, blocks, ledger accounts. */
const FACTS_OF_CUSTOMER = 12;
const FACTS_OF_MERCHANT = 3;
const FACTS_OF_DAY = 6;

/** Throws InvariantBroken; gives how many facts were compared. */
export async function checkDay(
  parts: Pick<Parts, "host">,
  books: QuarterBooks,
  bankCents: number,
): Promise<number> {
  if (books.broken !== undefined) throw books.broken;
  const touched = [...books.touched];
  books.touched.clear();
  demand(books.sumCents === 0, "I2", () => `all ledger accounts together are ${books.sumCents}`);
  await eachOf(touched, BUSY_MAX, (purse) => checkCustomer(parts, books, purse));
  const merchants = [...books.credited.keys()];
  await eachOf(merchants, BUSY_MAX, (number) => checkMerchant(parts, books, number));
  checkClearing(books);
  const cash = books.booked.get("cash:bank") ?? 0;
  const held = bankCents + books.byHandCents;
  demand(cash === held, "bank", () => `our books say ${cash} cents, the bank holds ${held}`);
  demand(books.paid.size === 0, "once", () => {
    return `${[...books.paid.keys()][0]}: a lane was paid, and nobody is charged`;
  });
  const { size } = books.acknowledged;
  demand(size === books.lives.size, "once", () => {
    return `${books.lives.size} payments captured, ${size} acknowledged`;
  });
  const purchases = touched.reduce((sum, { open }) => sum + open.size, 0);
  const ofCustomers = touched.length * FACTS_OF_CUSTOMER + purchases;
  return ofCustomers + merchants.length * FACTS_OF_MERCHANT + FACTS_OF_DAY;
}

async function checkCustomer(
  { host }: Pick<Parts, "host">,
  books: QuarterBooks,
  purse: Purse,
): Promise<void> {
  const { accountId, personId, capCents, exposureCents } = purse;
  const ref = { kind: "account", id: accountId };
  const reply = await host.ask(ref, { kind: "DescribeAccount" }, PRINCIPAL);
  demand(reply.kind === "account", "I3", () => `${accountId} does not describe itself`);
  const { limit, collection, blocks } = reply as AccountView;
  const at = (what: string, own: number, told: number) => `${accountId}: ${what} ${own}, ${told}`;
  demand(limit.exposureCents === exposureCents, "I3", () =>
    at("exposure", exposureCents, limit.exposureCents),
  );
  const open = collection.purchases.length;
  demand(open === purse.open.size, "I3", () => at("open purchases", purse.open.size, open));
  for (const { paymentId, stage, amountCents } of collection.purchases) {
    const life = purse.open.get(paymentId);
    const isSame = life?.stage === stage && life.leftCents === amountCents;
    demand(isSame, "I3", () =>
      at(`${paymentId} ${life?.stage}`, life?.leftCents ?? 0, amountCents),
    );
  }
  demand(limit.holdsCents === 0 && purse.holds === 0, "I4", () => at("holds", 0, limit.holdsCents));
  const available = Math.min(Math.max(capCents - exposureCents, 0), capCents);
  demand(limit.availableCents === available, "I4", () =>
    at("available", available, limit.availableCents),
  );
  demand(blocks.length === purse.blocks.size, "I4", () =>
    at("blocks", purse.blocks.size, blocks.length),
  );
  const parts = { ...purse.sums(), fees: purse.feesCents, refund_payable: -purse.owedCents };
  for (const [part, own] of Object.entries(parts)) {
    const booked = books.booked.get(`cust:${personId}:${part}`) ?? 0;
    demand(booked === own, "I3", () => at(`the ledger's ${part}`, own, booked));
  }
}

/** The view of balances that the desk reads, from the first ledger account to the last. */
export async function checkViews({ views, viewRunner }: Parts, books: QuarterBooks) {
  await viewRunner.catchUp();
  let accounts = 0;
  for (const [account, told] of allBalances(views.table(ledgerBalances.name))) {
    const own = books.booked.get(account);
    demand(own === told, "view", () => `${account}: ${own}, in the view ${told}`);
    accounts++;
  }
  const { size } = books.booked;
  demand(accounts === size, "view", () => `${size} ledger accounts, in the view ${accounts}`);
  return accounts + 1;
}

/** I13, and what a merchant says it is owed. */
async function checkMerchant(
  { host }: Pick<Parts, "host">,
  books: QuarterBooks,
  number: number,
): Promise<void> {
  const ref = { kind: "merchant", id: String(number) };
  const reply = (await host.ask(ref, { kind: "DescribeMerchant" }, PRINCIPAL)) as MerchantReply;
  demand(reply.kind === "merchant", "I13", () => `merchant ${number} does not describe itself`);
  const { takenCents, receivableCents, payouts } = reply.settlement;
  const waiting = payouts.reduce((sum, { sent, amountCents }) => {
    return sent === null ? sum + amountCents : sum;
  }, 0);
  const payable = -(books.booked.get(`merch:${number}:payable`) ?? 0);
  // A payout is taken when it is made, and posted when it is filed.
  const own = (books.credited.get(number) ?? 0) - takenCents + waiting;
  demand(payable === own && payable >= 0, "I13", () => {
    return `merchant ${number}: payable ${payable} cents, by its events ${own}`;
  });
  const receivable = books.booked.get(`merch:${number}:receivable`) ?? 0;
  demand(receivable === receivableCents, "I13", () => {
    return `merchant ${number}: receivable ${receivable}, says itself ${receivableCents}`;
  });
}

/** I10: what is in the clearing accounts is what files under way have left there. */
function checkClearing(books: QuarterBooks): void {
  for (const account of ["ach:provisional", "ach:out"]) {
    let left = 0;
    for (const file of books.files.values()) {
      if (!file.isClosed) left += file.left.get(account) ?? 0;
    }
    const booked = books.booked.get(account) ?? 0;
    demand(booked === left, "I10", () => `${account}: ${booked} cents, of open files ${left}`);
  }
}

/** At the end of all: every file has ended, and nothing is left between the bank and its owners. */
export function checkRest(books: QuarterBooks): void {
  for (const { id, isClosed, entries } of books.files.values()) {
    demand(isClosed || entries.size === 0, "I10", () => `${id} has not come to its end`);
  }
  for (const account of ["ach:provisional", "ach:out"]) {
    const cents = books.booked.get(account) ?? 0;
    demand(cents === 0, "I10", () => `${account} is ${cents} cents at the end`);
  }
}
