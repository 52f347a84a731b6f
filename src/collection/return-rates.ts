/**
 * Return rates (Nacha): returns over sixty days by the debits that were originated in them, held
 * against three thresholds, and watched from half of each. Counts stand beside the rates: of 200
 * debits one that nobody authorised is half a percent already.
 */
import { type BankDate, bankDateAt } from "../../actors/banking-calendar.ts";
import type { Clock } from "../runtime/clock.ts";
import type { ViewReader } from "../runtime/view.ts";
import {
  daysOfReturns,
  type RateClass,
  type ReturnCounts,
  returnRates,
  sumOfReturns,
} from "../views/return-rates.ts";

/** Calendar days (Nacha: sixty, or two calendar months). */
export const RATE_DAYS = 60;

/** Basis points: 0.5 %, 3 % and 15 % (Nacha Operating Rules, return rate levels). */
export const THRESHOLDS: Readonly<Record<RateClass, number>> = {
  unauthorised: 50,
  administrative: 300,
  overall: 1_500,
};

export const RATE_CLASSES = Object.keys(THRESHOLDS) as readonly RateClass[];

/** `watch`: half of the threshold is reached; `above`: it is passed, and the bank will ask. */
export type RateLevel = "good" | "watch" | "above";

export interface ReturnRate {
  readonly kind: RateClass;
  readonly returned: number;
  /** Rounded down; null where nothing was originated. */
  readonly basisPoints: number | null;
  readonly thresholdBasisPoints: number;
  readonly level: RateLevel;
}

const WHOLE = 10_000;

/** One rate from its counts; levels are compared without rounding. */
export function rateFrom(kind: RateClass, counts: ReturnCounts): ReturnRate {
  const { originated, [kind]: returned } = counts;
  const thresholdBasisPoints = THRESHOLDS[kind];
  const [is, allowed] = [returned * WHOLE, originated * thresholdBasisPoints];
  const isWatched = returned > 0 && 2 * is >= allowed;
  const level = is > allowed ? "above" : isWatched ? "watch" : "good";
  const basisPoints = originated === 0 ? null : Math.floor(is / originated);
  return { kind, returned, basisPoints, thresholdBasisPoints, level };
}

export function ratesFrom(counts: ReturnCounts): readonly ReturnRate[] {
  return RATE_CLASSES.map((kind) => rateFrom(kind, counts));
}

/** The counts of the time that the rates are of; of one merchant, or of all. */
export function recentReturns(
  views: ViewReader,
  today: BankDate,
  merchantNumber?: number,
): ReturnCounts {
  const table = views.table(returnRates.name);
  return sumOfReturns(daysOfReturns(table, today, RATE_DAYS, merchantNumber));
}

/** Rates that somebody must look at, over all merchants. */
export function ratesToWatch(views: ViewReader, clock: Clock): readonly RateClass[] {
  const counts = recentReturns(views, bankDateAt(clock.nowMs()));
  return ratesFrom(counts).flatMap(({ kind, level }) => (level === "good" ? [] : [kind]));
}
