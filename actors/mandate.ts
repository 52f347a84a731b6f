/**
 * The electronic mandate of an account (FAQ): one standing permission, and afterwards a debit for
 * each approval with PIN. It is kept with its evidence for as long as the account is, and beyond
 * (docs/privacy.md): what was shown, what was said yes to, by which device, when and from where.
 */
import { assert } from "./assert.ts";
import type { DeviceId } from "./ids.ts";
import { type Cents, cents } from "./money.ts";
import type { ReturnCode } from "./return-codes.ts";

/** How the amount of a debit is found, as the text says it. */
export type AmountRule = "as_approved_each_time";

export const AMOUNT_RULE: AmountRule = "as_approved_each_time";

/** Ends the version of a text that says what a return fee is, and that it may be debited. */
const NOTICE = /\+fee([1-9][0-9]{0,5})$/;

/** The version of the text with the notice of a fee (Nacha Operating Rules, Return Fee Entries). */
export function withFeeNotice(version: string, feeCents: Cents): string {
  const noticed = `${version}+fee${feeCents}`;
  assert(noticedFeeCents(noticed) === feeCents, "a notice names its fee");
  return noticed;
}

/** The fee that a text of this version gives notice of; undefined where it has no notice. */
export function noticedFeeCents(version: string): Cents | undefined {
  const amount = NOTICE.exec(version)?.[1];
  return amount === undefined ? undefined : cents(Number(amount));
}

/** What the event that opens an account keeps of it. */
export interface AcceptedMandate {
  readonly textVersion: string;
  /** Hex SHA-256 of the text that was shown; the actor of that name keeps the text. */
  readonly textHash: string;
  readonly acceptedAtMs: number;
  readonly amountRule: AmountRule;
  /** Base64url, by the device key (docs/protocol.md section 3); null before version 3. */
  readonly signature: string | null;
  /** Token of the sealed network address that it came from; null before version 3. */
  readonly address: string | null;
}

export interface Mandate extends AcceptedMandate {
  /** Tokens of the vault, as they were then. */
  readonly person: string;
  readonly bankAccount: string;
  readonly deviceId: DeviceId;
  readonly ended: MandateEnd | null;
}

export interface MandateEnd {
  /** `bank`: by a return that says so. */
  readonly by: "customer" | "operator" | "bank";
  readonly code: ReturnCode | null;
  /** Null where a log of version 2 does not say. */
  readonly atMs: number | null;
}
