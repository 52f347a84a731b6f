/** Which rule of the bank's profile an entry of a file is written by. */
import { assert } from "../../actors/assert.ts";
import type { OdfiProfile } from "../rails/ach/odfi-profile.ts";
import {
  mayReceive,
  prenoted,
  represented,
  reversed,
  type SecRule,
  secRule,
  webChannel,
} from "../rails/ach/sec-policy.ts";
import type { FiledEntry } from "../views/ach-entries.ts";

/** What kind of entry the bank gets (docs/money.md). */
export function ruleOf(profile: OdfiProfile, entry: FiledEntry): SecRule {
  const rule = ruleFor(profile, entry);
  const holder = entry.owner.kind === "merchant" ? "business" : "consumer";
  assert(mayReceive(rule, holder), "no bank account gets what only others may get (R05)");
  return rule;
}

function ruleFor(profile: OdfiProfile, { subject, laneKind, attempt }: FiledEntry): SecRule {
  // Before the first purchase a prenote has no place to name, as POS must.
  const channel = laneKind === "till" ? "in_store" : webChannel(profile);
  switch (subject.kind) {
    case "prenote":
      return prenoted(secRule(channel, profile), profile);
    case "payout":
      return secRule("settlement", profile);
    case "fee":
      return secRule("return_fee", profile);
    case "refund":
      return secRule(laneKind === "till" ? "refund_in_store" : "refund_other", profile);
    case "reversal":
      return reversed(secRule(channel, profile));
    case "debit": {
      const rule = secRule(channel, profile);
      return attempt > 1 ? represented(rule) : rule;
    }
  }
}
