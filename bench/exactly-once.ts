/**
 * The exactly-once check: what the callers were told against what the event log holds. A payment
 * that was acknowledged stands there once, at the account and at the lane, and nothing stands there
 * that nobody was told of.
 */
import type { AccountEvent } from "../actors/account-messages.ts";
import type { LaneEvent } from "../actors/lane-messages.ts";
import { entryOf, imbalanceCents } from "../actors/ledger.ts";
import type { StoredEvent } from "../src/runtime/event-log.ts";
import { bodyOf } from "../src/views/event-body.ts";

/** An approval that was sent, and what its caller was told. */
export interface Told {
  readonly requestId: string;
  readonly amountCents: number;
  readonly outcome:
    | {
        readonly kind: "acknowledged";
        readonly paymentId: string;
        /** What the receipt says, to be compared with what was approved. */
        readonly requestId: string;
        readonly amountCents: number;
      }
    | { readonly kind: "refused"; readonly code: string }
    /** The connection broke: nobody knows. */
    | { readonly kind: "unanswered" };
}

export interface OnceVerdict {
  readonly acknowledged: number;
  readonly refused: number;
  /** Payments in the log. */
  readonly captured: number;
  /** All ledger accounts together, in cents. */
  readonly ledgerSum: number;
  /** What does not hold; empty when all is well. The first FAULTS_MAX of them. */
  readonly faults: readonly string[];
}

export const FAULTS_MAX = 20;

/** Where one payment stands in the log. */
interface Standing {
  captured: number;
  paid: number;
  requestId: string;
  amountCents: number;
}

type Captured = Extract<AccountEvent, { kind: "PaymentCaptured" }>;
type Paid = Extract<LaneEvent, { kind: "PaymentRequestPaid" }>;

/** `events` is the whole log, `told` every approval that was ever sent to its switch. */
export function checkExactlyOnce(
  told: readonly Told[],
  events: Iterable<StoredEvent>,
): OnceVerdict {
  const faults: string[] = [];
  const standings = new Map<string, Standing>();
  let ledgerSum = 0;
  for (const event of events) ledgerSum += note(event, standings);
  const acknowledged = new Set<string>();
  for (const one of told) {
    const fault = faultOf(one, standings, acknowledged);
    if (fault !== undefined) faults.push(fault);
  }
  for (const [paymentId, { captured, paid }] of standings) {
    if (acknowledged.has(paymentId)) continue;
    faults.push(`${paymentId}: captured ${captured}, paid ${paid}, and nobody was told`);
  }
  if (ledgerSum !== 0) faults.push(`all ledger accounts together are ${ledgerSum} cents, not 0`);
  let captured = 0;
  for (const standing of standings.values()) captured += standing.captured;
  return {
    acknowledged: acknowledged.size,
    refused: told.filter(({ outcome }) => outcome.kind === "refused").length,
    captured,
    ledgerSum,
    faults: faults.slice(0, FAULTS_MAX),
  };
}

/**
 * The same of a switch that was killed, from `events` after which `told` was paid: of payments that
 * nobody was told of there may be any number, each of them once.
 */
export function faultsOfTold(
  told: readonly Told[],
  events: Iterable<StoredEvent>,
): readonly string[] {
  const standings = new Map<string, Standing>();
  for (const event of events) note(event, standings);
  const acknowledged = new Set<string>();
  const faults = told.flatMap((one) => faultOf(one, standings, acknowledged) ?? []);
  for (const [paymentId, { captured, paid }] of standings) {
    if (acknowledged.has(paymentId) || (captured === 1 && paid === 1)) continue;
    faults.push(`${paymentId}: captured ${captured}, paid ${paid}`);
  }
  return faults.slice(0, FAULTS_MAX);
}

/** Takes up the two events that a payment leaves behind; gives what its postings add up to. */
function note(event: StoredEvent, standings: Map<string, Standing>): number {
  if (event.kind === "PaymentCaptured") {
    const body = bodyOf<Captured>(event);
    const { paymentId, requestId, amountCents } = body.receipt;
    standingOf(standings, paymentId, requestId, amountCents).captured++;
    const entry = entryOf(body);
    return entry === undefined ? 0 : imbalanceCents(entry);
  }
  if (event.kind === "PaymentRequestPaid") {
    const { paymentId, requestId, amountCents } = bodyOf<Paid>(event);
    standingOf(standings, paymentId, requestId, amountCents).paid++;
  }
  return 0;
}

/** Events of one payment that name another request or amount count for neither. */
function standingOf(
  standings: Map<string, Standing>,
  paymentId: string,
  requestId: string,
  amountCents: number,
): Standing {
  const known = standings.get(paymentId);
  if (known?.requestId === requestId && known.amountCents === amountCents) return known;
  const key = known === undefined ? paymentId : `${paymentId} for ${requestId}, ${amountCents}`;
  const standing = standings.get(key) ?? { captured: 0, paid: 0, requestId, amountCents };
  standings.set(key, standing);
  return standing;
}

/** What is wrong with one answer; a payment that is rightly acknowledged joins the set. */
function faultOf(
  { requestId, amountCents, outcome }: Told,
  standings: ReadonlyMap<string, Standing>,
  acknowledged: Set<string>,
): string | undefined {
  if (outcome.kind === "unanswered") return `${requestId}: no answer came`;
  if (outcome.kind === "refused") return undefined;
  const { paymentId } = outcome;
  if (acknowledged.has(paymentId)) return `${paymentId}: acknowledged to two approvals`;
  acknowledged.add(paymentId);
  if (outcome.requestId !== requestId || outcome.amountCents !== amountCents) {
    return `${paymentId}: its receipt is not of what was approved (${requestId})`;
  }
  const standing = standings.get(paymentId);
  if (standing === undefined) return `${paymentId}: acknowledged and not in the log`;
  if (standing.requestId !== requestId || standing.amountCents !== amountCents) {
    return `${paymentId}: the log has another request or amount`;
  }
  const { captured, paid } = standing;
  if (captured !== 1 || paid !== 1) return `${paymentId}: captured ${captured}, paid ${paid}`;
  return undefined;
}
