/** Payments that were captured, found by their id whoever paid them. */
import type { AccountEvent } from "../../actors/account-messages.ts";
import { assert } from "../../actors/assert.ts";
import { type AccountId, type PaymentId, parseId } from "../../actors/ids.ts";
import type { Cents } from "../../actors/money.ts";
import type { PurchaseFacts } from "../../actors/purchase.ts";
import type { Receipt } from "../../actors/receipt.ts";
import { achEntries, capturePosition } from "../views/ach-entries.ts";
import { bodyOf } from "../views/event-body.ts";
import type { Services } from "./services.ts";

export interface Captured {
  readonly accountId: AccountId;
  readonly receipt: Receipt;
  readonly feeCents: Cents;
}

/** By what a caller gave as id; the views are caught up before. */
export async function findCaptured(
  { host, views, viewRunner }: Pick<Services, "host" | "views" | "viewRunner">,
  id: string,
): Promise<Captured | undefined> {
  const paymentId = parseId("payment", id);
  if (paymentId === undefined) return undefined;
  await viewRunner.catchUp();
  const position = capturePosition(views.table(achEntries.name), paymentId);
  if (position === undefined) return undefined;
  return await capturedAt({ host }, position, paymentId);
}

async function capturedAt(
  { host }: Pick<Services, "host">,
  position: number,
  paymentId: PaymentId,
): Promise<Captured> {
  const [event] = await host.feed.read(position - 1, 1);
  assert(event?.kind === "PaymentCaptured", "the purchase was captured there");
  const { receipt, feeCents } = bodyOf<Extract<AccountEvent, { kind: "PaymentCaptured" }>>(event);
  assert(receipt.paymentId === paymentId, "the event is of this payment");
  return { accountId: event.ref.id as AccountId, receipt, feeCents };
}

export function factsOf({ accountId, receipt, feeCents }: Captured): PurchaseFacts {
  const { paymentId, requestId, amountCents, payee } = receipt;
  const { merchantNumber, laneId } = payee;
  return { paymentId, accountId, merchantNumber, laneId, requestId, amountCents, feeCents };
}
