/**
 * The figures that decisions depend on. Each is configuration; the values here are the defaults.
 * What events mean never depends on them: an old log folds to the same states under any policy.
 */
import { type Cents, cents } from "./money.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export interface Policy {
  /** FAQ: a spending limit of $100. */
  readonly capCents: Cents;
  /** The most that customer service may raise it to. */
  readonly capCentsMax: Cents;
  /** Consecutive wrong PINs that block the account (FAQ: blocked; the number is ours). */
  readonly pinFailuresMax: number;
  /** FAQ: users are 18 or older; the birthday itself counts. */
  readonly ageYearsMin: number;
  /** Whose local date decides the age. */
  readonly timeZone: string;
  /** How long a hold on the limit waits for the lane before the lane is asked. */
  readonly holdMs: number;
  /** Payments of one account that wait for their lanes at the same time. */
  readonly holdsMax: number;
  /** Captured payments of one account that are not collected. */
  readonly purchasesMax: number;
  /** How long a payment request stays open when nobody scans it. */
  readonly requestMs: number;
  /** How long a payer has after a scan; another scan starts it anew. */
  readonly scanMs: number;
  /** What a scan adds beyond that, so that the next one need not. */
  readonly scanStepMs: number;
  /** The longest that a payment request stays open, however often it is scanned. */
  readonly requestMsMax: number;
  /** Payment requests that a web lane holds open at the same time. */
  readonly openRequestsMax: number;
  readonly lanesPerMerchantMax: number;
  /** FAQ: activation code by SMS; validity, tries and resends are ours. */
  readonly codeMs: number;
  readonly codeTriesMax: number;
  readonly codesMax: number;
  /** FAQ: a second time. Debits that came back are presented again so often, at most twice. */
  readonly retriesMax: 0 | 1 | 2;
  /** Banking days after settlement by which an ordinary return has reached us (Nacha). */
  readonly returnDays: number;
  /** Banking days between a return and the next attempt. */
  readonly retryDays: number;
  /** Charged when the last attempt failed; 0: none. The law of the state caps it. */
  readonly returnFeeCents: Cents;
  /** Whether the fee may be debited, where the mandate has the notice; else it is paid by hand. */
  readonly returnFeesByAch: boolean;
  /** What is owed to a merchant below this waits for the settlement of a later day. */
  readonly payoutCentsMin: Cents;
  /** Banking days for which nothing is sent to a bank account that took another one's place. */
  readonly payoutHoldDays: number;
  /** An activated phone number that is not registered by then is free again. */
  readonly claimMs: number;
}

export const DEFAULT_POLICY: Policy = {
  capCents: cents(10_000),
  capCentsMax: cents(100_000),
  pinFailuresMax: 3,
  ageYearsMin: 18,
  timeZone: "America/New_York",
  holdMs: 2 * MINUTE_MS,
  holdsMax: 8,
  purchasesMax: 400,
  requestMs: 5 * MINUTE_MS,
  scanMs: 2 * MINUTE_MS,
  scanStepMs: 15_000,
  requestMsMax: 30 * MINUTE_MS,
  openRequestsMax: 100,
  lanesPerMerchantMax: 10_000,
  codeMs: 10 * MINUTE_MS,
  codeTriesMax: 5,
  codesMax: 3,
  claimMs: DAY_MS,
  retriesMax: 1,
  returnDays: 2,
  retryDays: 3,
  returnFeeCents: cents(2_500),
  returnFeesByAch: false,
  payoutCentsMin: cents(100),
  payoutHoldDays: 3,
};
