/**
 * How long money may stand in a clearing account: until the next step of its file is due, and a
 * banking day more. What stands longer is an alarm (docs/money.md).
 */
import { addBankingDays, type BankDate, bankDateAt } from "../../actors/banking-calendar.ts";
import { formatCents, subtractCents, ZERO_CENTS } from "../../actors/money.ts";
import { debitsUnderWay } from "./clearing.ts";
import type { Difference } from "./difference.ts";
import type { FileRecord } from "./file-record.ts";
import type { Suspense } from "./suspense.ts";

const GRACE_DAYS = 1;
/** Somebody looks at what nobody understands within a week. */
const SUSPENSE_DAYS_MAX = 5;

/** The last banking day on which the file may stand where it stands; undefined at its end. */
export function dueBy({ stage, steps, terms, windowOn }: FileRecord): BankDate | undefined {
  if (stage === undefined || terms === undefined || windowOn === undefined) return undefined;
  const since = bankDateAt(steps[stage]?.atMs ?? 0);
  switch (stage) {
    case "open":
    case "built":
      return addBankingDays(terms.createdOn, GRACE_DAYS);
    case "handing_over":
    case "rejected":
    case "abandoned":
      return addBankingDays(since, GRACE_DAYS);
    case "acknowledged":
      return addBankingDays(terms.effectiveOn, GRACE_DAYS);
    case "settled":
      return addBankingDays(windowOn, GRACE_DAYS);
    case "empty":
    case "closed":
      return undefined;
  }
}

export function checkAge(record: FileRecord, today: BankDate): readonly Difference[] {
  const { fileId, stage, steps, moved } = record;
  const by = dueBy(record);
  if (stage === undefined || by === undefined || today <= by) return [];
  const amountCents = subtractCents(debitsUnderWay(moved), moved.out);
  const events = [steps[stage]?.position ?? 0];
  const says = `${stage} since event ${events[0]}, and was to go on by ${by}`;
  return [{ kind: "file_too_old", file: fileId, date: by, amountCents, events, says }];
}

/** What the bank holds of a file beyond entries and returns waits in suspense, too. */
export function checkUnexplained(record: FileRecord, today: BankDate): readonly Difference[] {
  const { fileId, stated } = record;
  if (stated === undefined || stated.unexplainedCents === 0) return [];
  const { unexplainedCents: amountCents, since } = stated;
  const from = bankDateAt(since.atMs);
  const by = addBankingDays(from, SUSPENSE_DAYS_MAX);
  if (today <= by) return [];
  const says = `its statement has ${formatCents(amountCents)} that nothing explains, since ${from}`;
  const place = { file: fileId, date: by, events: [since.position] };
  return [{ kind: "suspense_too_old", ...place, amountCents, says }];
}

export function checkSuspense(suspense: Suspense, today: BankDate): readonly Difference[] {
  const kept = suspense.open.flatMap((one): Difference[] => {
    const by = addBankingDays(bankDateAt(one.atMs), SUSPENSE_DAYS_MAX);
    if (today <= by) return [];
    const place = `line ${one.line} of inbound file ${one.inbound.slice(0, HASH_SHOWN)}`;
    const since = `${formatCents(one.amountCents)} since ${bankDateAt(one.atMs)}`;
    const says = `${one.reason}, ${place}: ${since}`;
    const { amountCents, position } = one;
    return [
      { kind: "suspense_too_old", file: null, date: by, amountCents, events: [position], says },
    ];
  });
  const unread = [...suspense.unread].flatMap(([inbound, { position, atMs }]): Difference[] => {
    const by = addBankingDays(bankDateAt(atMs), GRACE_DAYS);
    if (today <= by) return [];
    const says = `inbound file ${inbound.slice(0, HASH_SHOWN)} was not read to its end`;
    const place = { file: null, date: by, events: [position] };
    return [{ kind: "inbound_too_old", ...place, amountCents: ZERO_CENTS, says }];
  });
  return [...kept, ...unread];
}

/** Letters of a hash that tell it from others. */
const HASH_SHOWN = 12;
