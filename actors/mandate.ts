/**
 * The electronic mandate of an account (FAQ): one standing permission, and afterwards a debit for
 * each approval with PIN. It is kept with its evidence for as long as the account is, and beyond
 * (docs/privacy.md): what was shown, what was said yes to, by which device, when and from where.
 */
import type { DeviceId } from "./ids.ts";
import type { ReturnCode } from "./return-codes.ts";

/** How the amount of a debit is found, as the text says it. */
export type AmountRule = "as_approved_each_time";

export const AMOUNT_RULE: AmountRule = "as_approved_each_time";

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
