import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { AssertionFailed } from "../../actors/assert.ts";
import { cents } from "../../actors/money.ts";
import { type PurchaseCommand, type PurchaseFacts, purchaseActor } from "../../actors/purchase.ts";
import { refundId } from "./collecting.ts";
import { Drive } from "./drive.ts";
import { accountId, LANE, NOON_MS, paymentId, requestId } from "./samples.ts";

const FACTS: PurchaseFacts = {
  paymentId: paymentId(1),
  accountId: accountId(1),
  merchantNumber: 3,
  laneId: LANE,
  requestId: requestId(1),
  amountCents: cents(1_000),
  feeCents: cents(17),
};

const refund = (id: number, amount: number, facts: Partial<PurchaseFacts> = {}) =>
  ({
    kind: "RefundPurchase",
    refundId: refundId(id),
    facts: { ...FACTS, ...facts },
    amountCents: cents(amount),
    creditedCents: cents(5_000),
    ...({ reason: "goods_returned", note: null, persons: "one" } as const),
  }) satisfies PurchaseCommand;

/** The same by an operator of the desk. */
const byDesk = (id: number, amount: number): PurchaseCommand => ({
  ...refund(id, amount),
  ...{ note: "a phone call", persons: "two" },
});

const purchase = () => new Drive(purchaseActor, paymentId(1), NOON_MS);

describe("refunds of a purchase", () => {
  test("add up to its amount and never to more (I8)", () => {
    purchase().table([
      [refund(1, 1_001), { kind: "refund_too_high", leftCents: 1_000 }],
      [refund(2, 400), { kind: "purchase_refunded", amountCents: 400, refundedCents: 400 }],
      [refund(3, 601), { kind: "refund_too_high", leftCents: 600 }],
      [refund(4, 600), { kind: "purchase_refunded", refundedCents: 1_000 }],
      [refund(5, 1), { kind: "refund_too_high", leftCents: 0 }],
      [{ kind: "DescribePurchase" }, { state: { refundedCents: 1_000, feeBackCents: 17 } }],
    ]);
  });

  test("are given by the merchant, who hears what it was credited with", () => {
    const drive = purchase().table([[refund(1, 500), "purchase_refunded"]]);
    expect(drive.sent).toEqual([
      {
        ...{ to: "merchant:3", kind: "GiveShare", refundId: refundId(1) },
        ...{ accountId: accountId(1), paymentId: paymentId(1) },
        ...{ amountCents: 500, feeCents: 8, creditedCents: 5_000 },
      },
    ]);
  });

  test("asked for again change nothing, and nobody is told twice", () => {
    const drive = purchase().table([
      [refund(1, 500), { refundedCents: 500 }],
      [refund(2, 100), { refundedCents: 600 }],
      [refund(1, 500), { refundId: refundId(1), amountCents: 500, refundedCents: 600 }],
    ]);
    expect([drive.sent, drive.events.length]).toEqual([[], 2]);
  });

  test("are fifty and no more", () => {
    const drive = purchase();
    for (let id = 1; id <= 50; id++) drive.table([[refund(id, 1), "purchase_refunded"]]);
    drive.table([
      [refund(51, 1), "too_many_refunds"],
      [refund(52, 951), { kind: "refund_too_high", leftCents: 950 }],
      [refund(50, 1), "purchase_refunded"],
    ]);
  });
});

describe("a refund by the desk", () => {
  const as = (drive: ReturnType<typeof purchase>, name: string) => {
    drive.principal = `desk:${name}`;
    return drive;
  };

  test("is proposed by one person and made by another one", () => {
    const drive = as(purchase(), "alice").table([
      [byDesk(1, 1_001), "refund_too_high"],
      [byDesk(1, 600), { kind: "refund_proposed", proposal: { by: "desk:alice" } }],
    ]);
    expect([drive.sent, drive.eventKinds]).toEqual([[], ["RefundProposed"]]);
    // A lost answer is asked for again; asking anew is no second person.
    drive.table([
      [byDesk(1, 600), "refund_proposed"],
      [byDesk(2, 600), "second_person_needed"],
    ]);
    as(drive, "bert").table([[byDesk(3, 600), { kind: "purchase_refunded", refundedCents: 600 }]]);
    expect(drive.sent).toMatchObject([{ kind: "GiveShare", amountCents: 600 }]);
    expect(drive.state.proposal).toBeNull();
  });

  test("of another amount is another proposal", () => {
    const drive = as(purchase(), "alice").table([[byDesk(1, 600), "refund_proposed"]]);
    as(drive, "bert").table([
      [byDesk(2, 500), { kind: "refund_proposed", proposal: { by: "desk:bert" } }],
      [byDesk(3, 500), "second_person_needed"],
    ]);
    as(drive, "alice").table([[byDesk(4, 500), { kind: "purchase_refunded", amountCents: 500 }]]);
  });

  test("keeps the word of both; another reason is another proposal", () => {
    const drive = as(purchase(), "alice").table([[byDesk(1, 600), "refund_proposed"]]);
    const other = (id: number): PurchaseCommand => ({
      ...refund(id, 600),
      ...{ reason: "goodwill", note: "a letter", persons: "two" },
    });
    as(drive, "bert").table([[other(2), "refund_proposed"]]);
    as(drive, "alice").table([[other(3), "purchase_refunded"]]);
    expect(drive.events.at(-1)).toMatchObject({ proposed: { by: "desk:bert", note: "a letter" } });
    as(drive, "merchant").table([[refund(4, 1), "purchase_refunded"]]);
    expect(drive.events.at(-1)).toMatchObject({ proposed: null });
  });

  test("that was proposed ends with a refund that the merchant makes meanwhile", () => {
    const drive = as(purchase(), "alice").table([
      [byDesk(1, 600), "refund_proposed"],
      [refund(2, 500), "purchase_refunded"],
      [byDesk(3, 600), { kind: "refund_too_high", leftCents: 500 }],
      [byDesk(4, 500), "refund_proposed"],
    ]);
    expect(drive.state.refunds).toHaveLength(1);
  });
});

describe("the merchant's fee", () => {
  test("goes back by its part, rounded down, and whole with the last cent", () => {
    const drive = purchase();
    const back = [1, 58, 1, 440, 499, 1].map((amount, at) => {
      drive.table([[refund(at + 1, amount), "purchase_refunded"]]);
      const event = drive.events.at(-1);
      if (event?.kind !== "PurchaseRefunded") throw new Error("it was refunded");
      return Number(event.feeCents);
    });
    // Of 1000: 17 per mille of 1, 59, 60, 500, 999, 1000, less what went back before.
    expect(back).toEqual([0, 1, 0, 7, 8, 1]);
  });

  test("goes back whole whatever the parts, and never more of it than the part asks for", () => {
    const parts = fc.record({
      parts: fc.array(fc.integer({ min: 1, max: 900_000_000_000 }), { minLength: 1, maxLength: 9 }),
      basisPoints: fc.integer({ min: 0, max: 10_000 }),
    });
    fc.assert(
      fc.property(parts, ({ parts, basisPoints }) => {
        const amount = parts.reduce((sum, part) => sum + part, 0);
        const fee = Number((BigInt(amount) * BigInt(basisPoints)) / 10_000n);
        const facts = { amountCents: cents(amount), feeCents: cents(fee) };
        const drive = purchase();
        let refunded = 0n;
        for (const [at, part] of parts.entries()) {
          drive.tell(refund(at, part, facts));
          refunded += BigInt(part);
          const back = BigInt(drive.state.feeBackCents);
          expect(back).toBe((BigInt(fee) * refunded) / BigInt(amount));
        }
        expect(Number(drive.state.feeBackCents)).toBe(fee);
      }),
      { seed: 20_261_122, numRuns: 200 },
    );
  });
});

test("what a refund must be is asserted", () => {
  expect(() => purchase().tell(refund(1, 0))).toThrow("a refund has an amount");
  const drive = purchase().table([[refund(1, 600), "purchase_refunded"]]);
  const [event] = drive.events;
  if (event === undefined) throw new Error("it was refunded");
  expect(() => drive.actor.apply(drive.state, event)).toThrow("refunds never exceed the purchase");
  expect(() => drive.actor.upcast({ kind: event.kind, version: 3, body: event })).toThrow(
    AssertionFailed,
  );
});

test("a refund of version 1 does not say who proposed it", () => {
  const body = { kind: "PurchaseRefunded", amountCents: 1 };
  const of = (version: number) => purchaseActor.upcast({ kind: body.kind, version, body });
  expect(of(1)).toEqual({ ...body, proposed: null } as never);
  expect(() => of(3)).toThrow(AssertionFailed);
});
