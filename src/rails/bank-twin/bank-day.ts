/** When the bank does what, in New York. */
import {
  addBankingDays,
  addDays,
  type BankDate,
  bankDateAt,
  instantOf,
  isBankingDay,
} from "../../../actors/banking-calendar.ts";
import type { Comes } from "./reactions.ts";

const TIME_ZONE = "America/New_York";
/** After the hand-over, by which the bank has read the file. */
const ACKNOWLEDGED_AFTER_MS = 600_000;

/** 08:30: debits and credits of the day before settle, and what came in overnight is there. */
export function openingOf(date: BankDate): number {
  return instantOf(date, 8, 30);
}

/** The opening of the `count`-th banking day after this moment. */
export function nextOpening(atMs: number, count = 1): number {
  return openingOf(addBankingDays(bankDateAt(atMs), count));
}

/** `0830`: the time of day as file headers have it. */
export function timeOf(atMs: number): string {
  const time = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(TIME_ZONE);
  return time.toPlainTime().toString({ smallestUnit: "minute" }).replace(":", "");
}

export function acknowledgedAtMs(handedOverAtMs: number): number {
  return handedOverAtMs + ACKNOWLEDGED_AFTER_MS;
}

/**
 * When entries of this effective date settle; undefined for a date that the bank does not take. On
 * the same day: the last deadline of the Federal Reserve is 16:45, its settlement 18:00.
 */
export function settlesAtMs(effectiveOn: BankDate, nowMs: number): number | undefined {
  const today = bankDateAt(nowMs);
  if (!isBankingDay(effectiveOn) || effectiveOn < today) return undefined;
  if (effectiveOn > today) return openingOf(effectiveOn);
  return nowMs <= instantOf(today, 16, 45) ? instantOf(today, 18, 0) : undefined;
}

/** When the answer to an entry comes that was handed over and settles at these moments. */
export function answeredAtMs(comes: Comes, settlesAt: number, handedOverAtMs: number): number {
  switch (comes.kind) {
    case "banking_days":
      return nextOpening(settlesAt, comes.days);
    case "calendar_days":
      return openingOf(addBankingDays(addDays(bankDateAt(settlesAt), comes.days), 0));
    case "before_settlement":
      return acknowledgedAtMs(handedOverAtMs);
  }
}
