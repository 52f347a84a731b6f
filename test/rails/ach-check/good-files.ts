/** Good files of every kind that is sent, by name. */
import { type BatchWish, linesOf } from "./file-maker.ts";

const POS: BatchWish = {
  sec: "POS",
  description: "SEQR PAY",
  entries: [
    { code: 27, cents: 1_299 },
    { code: 37, cents: 10_000, name: "Zoe" },
    { code: 27, cents: 1 },
  ],
};
const GOODS: BatchWish = {
  sec: "WEB",
  description: "PURCHASE",
  company: "A&B SHOES*ONLINE",
  entries: [
    { code: 27, cents: 4_999, text: "ORDER 4711" },
    { code: 37, cents: 250, type: "R " },
  ],
};
const SERVICES: BatchWish = {
  sec: "WEB",
  description: "SEQR PAY",
  entries: [{ code: 27, cents: 777 }],
};
const REFUND: BatchWish = {
  sec: "PPD",
  description: "REFUND",
  entries: [
    { code: 22, cents: 500 },
    { code: 32, cents: 650 },
  ],
};
const SETTLEMENT: BatchWish = {
  sec: "CCD",
  description: "PAYOUT",
  company: "SEQR",
  entries: [
    { code: 22, cents: 1_234_567, id: "", name: "Corner Grocery LLC" },
    { code: 22, cents: 98_765, text: "WEEK 47", name: "A&B Shoes Inc" },
  ],
};

const WISHES: Readonly<Record<string, readonly BatchWish[]>> = {
  POS: [POS],
  "WEB goods": [GOODS],
  "WEB services": [SERVICES],
  "PPD refund": [REFUND],
  "PPD cashback": [{ ...REFUND, description: "CASHBACK", company: "SEQR" }],
  "CCD settlement": [SETTLEMENT],
  "POS refund": [{ ...POS, description: "REFUND", entries: [{ code: 22, cents: 900 }] }],
  "WEB to a friend": [
    {
      sec: "WEB",
      description: "FRIENDS",
      company: "Jane Doe",
      companyId: "7195550123",
      entries: [{ code: 22, cents: 2_000, text: "Thanks for lunch!" }],
    },
  ],
  "prenotes POS": [
    {
      ...POS,
      entries: [
        { code: 28, cents: 0 },
        { code: 38, cents: 0 },
      ],
    },
  ],
  "prenotes WEB": [
    { ...SERVICES, description: "PRENOTE", entries: [{ code: 28, cents: 0, id: "" }] },
  ],
  "prenotes CCD": [{ ...SETTLEMENT, entries: [{ code: 23, cents: 0, id: "" }] }],
  "micro-entries": [
    {
      ...SERVICES,
      description: "ACCTVERIFY",
      entries: [
        { code: 22, cents: 12, id: "" },
        { code: 22, cents: 34, id: "" },
        { code: 27, cents: 46, id: "" },
      ],
    },
  ],
  "RETRY PYMT": [{ ...POS, description: "RETRY PYMT" }],
  "RETRY PYMT of WEB": [{ ...GOODS, description: "RETRY PYMT" }],
  "RETURN FEE": [{ sec: "PPD", description: "RETURN FEE", entries: [{ code: 27, cents: 1_500 }] }],
  "REVERSAL of debits": [
    { ...POS, description: "REVERSAL", entries: [{ code: 22, cents: 1_299 }] },
  ],
  "REVERSAL of settlement": [
    { ...SETTLEMENT, description: "REVERSAL", entries: [{ code: 27, cents: 1_234 }] },
  ],
  "REVERSAL, mixed": [
    {
      ...REFUND,
      description: "REVERSAL",
      entries: [
        { code: 27, cents: 500 },
        { code: 22, cents: 1_500 },
      ],
    },
  ],
  "three classes": [
    { ...POS, entries: POS.entries.slice(1) },
    { ...GOODS, entries: GOODS.entries.slice(0, 1) },
    REFUND,
  ],
  "several batches": [
    POS,
    GOODS,
    SERVICES,
    { ...POS, description: "RETRY PYMT", company: "BAKERY NO. 2" },
    REFUND,
    SETTLEMENT,
  ],
};

export const GOOD: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(WISHES).map(([name, wishes]) => [name, linesOf(wishes)]),
);

export function good(name: string): readonly string[] {
  const lines = GOOD.get(name);
  if (lines === undefined) throw new Error(`no good file ${name}`);
  return lines;
}
