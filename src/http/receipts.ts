/** Receipts, read from the account's own events, newest first. */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { AccountId, PaymentId } from "../../actors/ids.ts";
import type { Receipt } from "../../actors/receipt.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { Feed } from "../runtime/feed.ts";
import { bodyOf } from "../views/event-body.ts";

const PAGE_EVENTS = 200;
/** Pages of one account's events that one call looks through. */
const PAGES_MAX = 50;

type Of<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;

async function* eventsOf(feed: Feed, accountId: AccountId): AsyncGenerator<StoredEvent> {
  const ref = { kind: "account", id: accountId };
  let before = Number.MAX_SAFE_INTEGER;
  for (let page = 0; page < PAGES_MAX; page++) {
    const events = await feed.history(ref, before, PAGE_EVENTS);
    yield* events;
    if (events.length < PAGE_EVENTS) return;
    before = events.at(-1)?.position ?? 0;
  }
}

export async function* receiptsOf(feed: Feed, accountId: AccountId): AsyncGenerator<Receipt> {
  for await (const event of eventsOf(feed, accountId)) {
    if (event.kind === "PaymentCaptured") yield bodyOf<Of<"PaymentCaptured">>(event).receipt;
  }
}

/**
 * The receipt of one payment. With the device counter that its approval used, the search ends at
 * the first approval before it.
 */
export async function findReceipt(
  feed: Feed,
  accountId: AccountId,
  paymentId: PaymentId,
  counter = 0,
): Promise<Receipt | undefined> {
  for await (const event of eventsOf(feed, accountId)) {
    if (event.kind === "PaymentCaptured") {
      const { receipt } = bodyOf<Of<"PaymentCaptured">>(event);
      if (receipt.paymentId === paymentId) return receipt;
    } else if (event.kind === "PaymentAuthorised") {
      if (bodyOf<Of<"PaymentAuthorised">>(event).counter < counter) return undefined;
    }
  }
  return undefined;
}
