/**
 * The daily settlement: before a file is made, every merchant to whom something is owed is told
 * what it has been credited with, nets its debts and makes a payout, which goes into that file. How
 * much it is decides the merchant; the view that names merchants and sums may lag behind, and is
 * never too high. A merchant is settled with once a day: after a crash, the same day's command has
 * the answer that it had.
 */
import { assert } from "../../actors/assert.ts";
import type { BankDate } from "../../actors/banking-calendar.ts";
import { creditedCents, merchantsDue } from "../views/settlements.ts";
import { type CollectionParts, commandId, forEach, PRINCIPAL, settlementsTable } from "./parts.ts";

/** Merchants that are asked at the same time. */
const SETTLED_AT_ONCE = 32;

/** `day`: of the file that the payouts are to be in. */
export async function settleMerchants(parts: CollectionParts, day: BankDate): Promise<void> {
  await parts.viewRunner.demandCaughtUp();
  const due = merchantsDue(settlementsTable(parts));
  await forEach(due, SETTLED_AT_ONCE, (number) => settleOne(parts, day, number));
  // Whoever made a payout waits for the file now.
  await parts.viewRunner.demandCaughtUp();
}

async function settleOne(
  parts: CollectionParts,
  day: BankDate,
  merchantNumber: number,
): Promise<void> {
  const { host, viewRunner, policy } = parts;
  // Sum and position are read in one step: they are of the same view.
  const command = {
    kind: "SettleMerchant" as const,
    creditedCents: creditedCents(settlementsTable(parts), merchantNumber),
    uptoPosition: viewRunner.position,
    leastCents: policy.payoutCentsMin,
  };
  const id = commandId(`settle/${day}`, String(merchantNumber));
  const ref = { kind: "merchant", id: String(merchantNumber) };
  // A repeat knows another sum by then, and means the same.
  const options = { principal: PRINCIPAL, commandId: id, fingerprint: id };
  const answer = await host.askOnce(ref, command, options);
  assert(answer.kind === "answered", "a day's settlement is asked for in one way");
  assert(answer.reply.kind === "merchant_settled", "whoever was credited is a merchant");
}
