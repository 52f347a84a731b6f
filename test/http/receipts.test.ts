/** Receipts, found in an account's own events however many there are, and not sought in vain. */
import { describe, expect, test } from "bun:test";
import { type AccountId, encodeId, ID_BYTES, type PaymentId } from "../../actors/ids.ts";
import { findReceipt, receiptsOf } from "../../src/http/receipts.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import type { Feed } from "../../src/runtime/feed.ts";

const account = encodeId("account", new Uint8Array(ID_BYTES));

function paymentId(counter: number): PaymentId {
  const bytes = new Uint8Array(ID_BYTES);
  new DataView(bytes.buffer).setUint32(0, counter);
  return encodeId("payment", bytes);
}

/** An account with so many payments, and a feed that counts the pages it is asked for. */
function accountWith(payments: number) {
  const events: StoredEvent[] = [];
  const add = (kind: string, body: object): void => {
    const data = JSON.stringify({ kind, ...body });
    events.push({ kind, data, position: events.length + 1 } as StoredEvent);
  };
  for (let counter = 1; counter <= payments; counter++) {
    add("PaymentAuthorised", { paymentId: paymentId(counter), counter });
    add("PaymentCaptured", { receipt: { paymentId: paymentId(counter) } });
  }
  const pages = { asked: 0 };
  const feed = {
    history(_ref: unknown, before: number, max: number) {
      pages.asked++;
      return events
        .filter(({ position }) => position < before)
        .slice(-max)
        .reverse();
    },
  };
  return { feed: feed as unknown as Feed, pages };
}

async function all(feed: Feed, id: AccountId): Promise<readonly PaymentId[]> {
  const found: PaymentId[] = [];
  for await (const receipt of receiptsOf(feed, id)) found.push(receipt.paymentId);
  return found;
}

describe("the receipts of an account", () => {
  test("come newest first, over as many pages as there are", async () => {
    const { feed } = accountWith(450);
    const expected = Array.from({ length: 450 }, (_, at) => paymentId(450 - at));
    expect(await all(feed, account)).toEqual(expected);
    expect(await all(accountWith(0).feed, account)).toEqual([]);
  });

  test("are read no further than they are wanted", async () => {
    const { feed, pages } = accountWith(450);
    for await (const receipt of receiptsOf(feed, account)) {
      if (receipt.paymentId === paymentId(440)) break;
    }
    expect(pages.asked).toBe(1);
  });
});

describe("one receipt", () => {
  test("is found however long ago it was", async () => {
    const { feed } = accountWith(1_200);
    for (const counter of [1, 600, 1_200]) {
      const receipt = await findReceipt(feed, account, paymentId(counter));
      expect(receipt?.paymentId).toBe(paymentId(counter));
    }
    expect(await findReceipt(feed, account, paymentId(9_999))).toBeUndefined();
  });

  test("of a known counter is looked for among the payments since, and no further", async () => {
    const { feed, pages } = accountWith(1_200);
    expect(await findReceipt(feed, account, paymentId(9_999), 1_195)).toBeUndefined();
    expect(pages.asked).toBe(1);
    expect((await findReceipt(feed, account, paymentId(1_195), 1_195))?.paymentId).toBe(
      paymentId(1_195),
    );
    expect(pages.asked).toBe(2);
  });
});
