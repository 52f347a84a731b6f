/** What can be said of a batch header only when all its entries are known. */
import type { Batch } from "./batch.ts";
import { checkCompany } from "./batch-header.ts";
import type { Profile } from "./expectations.ts";
import type { Columns, Findings } from "./findings.ts";
import { isChosenText, isDescribed, RETRY, RETURN_FEE, REVERSAL } from "./policy.ts";

const DESCRIPTION: Columns = [54, 63];

/** Class and description against directions, and the company. */
export function checkBatchEnd(batch: Batch, profile: Profile, findings: Findings): void {
  const { header, live, prenotes } = batch;
  const hasCredits = live.credit || prenotes.credit;
  const hasDebits = live.debit || prenotes.debit;
  // A single entry against 220 or 225 was named where it stands.
  if (batch.classCode === 200 && hasCredits !== hasDebits) {
    findings.add("class_direction", header.number, [2, 4]);
  }
  const isFriends = batch.sec === "WEB" && !hasDebits && batch.description !== REVERSAL;
  checkCompany(header, isFriends, profile, findings);
  // A blank description and an unknown class were named with the header.
  if (batch.description !== "" && batch.sec !== undefined && !hasRightDescription(batch, profile)) {
    findings.add("description", header.number, DESCRIPTION);
  }
}

function hasRightDescription(batch: Batch, profile: Profile): boolean {
  const { sec, live, prenotes, description } = batch;
  if (sec === undefined) return true;
  const { prenoteDescription } = profile;
  const hasPrenotes = prenotes.credit || prenotes.debit;
  if (hasPrenotes && [RETRY, RETURN_FEE, REVERSAL].includes(description)) return false;
  if (!live.credit && !live.debit) {
    // Of a batch without a readable entry nothing more can be said.
    if (!hasPrenotes) return true;
    return prenoteDescription === undefined
      ? isChosenText(description)
      : description === prenoteDescription;
  }
  return (["credit", "debit"] as const).every((direction) => {
    return !live[direction] || isDescribed(sec, direction, description, profile);
  });
}
