/**
 * The electronic mandate (FAQ): one advance consent to debits that the payer
 * starts, each by an approval with PIN. A changed text gets a new version.
 */
import { createHash } from "node:crypto";
import type { MandateText } from "./http/services.ts";

export function mandateText(originatorName: string): MandateText {
  const version = "2026-11";
  const text = [
    `I authorise ${originatorName} to debit my bank account by ACH for each payment that I approve`,
    "with my PIN, in the amount that I see and approve, on or after the next banking day.",
    "If a debit is returned for insufficient funds, it may be presented again once, and a return " +
      "fee",
    "may be charged as stated in the terms.",
    "This consent stays in force until I revoke it by calling customer service or by " +
      "de-registering;",
    "debits approved before then remain authorised. I can get a copy of this text at any time.",
  ].join("\n");
  return { version, text, hash: createHash("sha256").update(text).digest("hex") };
}
