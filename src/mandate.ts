/**
 * The electronic mandate (FAQ): one advance consent to debits that the payer
 * starts, each by an approval with PIN. A changed text gets a new version; so does one with the
 * notice of a return fee that is debited (docs/money.md, "Return fees").
 */
import { createHash } from "node:crypto";
import { withFeeNotice } from "../actors/mandate.ts";
import { formatCents } from "../actors/money.ts";
import type { Policy } from "../actors/policy.ts";
import type { MandateText } from "./http/services.ts";

const VERSION = "2026-11";

const FEE_BY_HAND = [
  "If a debit is returned for insufficient funds, it may be presented again once, and a return " +
    "fee",
  "may be charged as stated in the terms.",
];

export function mandateText(
  originatorName: string,
  { returnFeesByAch, returnFeeCents }: Pick<Policy, "returnFeesByAch" | "returnFeeCents">,
): MandateText {
  const isNoticed = returnFeesByAch && returnFeeCents > 0;
  const version = isNoticed ? withFeeNotice(VERSION, returnFeeCents) : VERSION;
  const text = [
    `I authorise ${originatorName} to debit my bank account by ACH for each payment that I approve`,
    "with my PIN, in the amount that I see and approve, on or after the next banking day.",
    ...(isNoticed ? feeByAch(formatCents(returnFeeCents)) : FEE_BY_HAND),
    "This consent stays in force until I revoke it by calling customer service or by " +
      "de-registering;",
    "debits approved before then remain authorised. I can get a copy of this text at any time.",
  ].join("\n");
  return { version, text, hash: createHash("sha256").update(text).digest("hex") };
}

/** Nacha Operating Rules, Return Fee Entries: the notice that authorises the debit of a fee. */
function feeByAch(amount: string): readonly string[] {
  return [
    "If a debit is returned for insufficient or uncollected funds, it may be presented again once.",
    "If my payment is returned unpaid, I authorise a one-time electronic fund transfer from my",
    `bank account to collect a return fee of ${amount}.`,
  ];
}
