/**
 * The evidence of one purchase (docs/privacy.md): what the payer said yes to, when and with which
 * signature, what was sent to the bank and what came back. It consists of the very events of the
 * log, each with its proof that it stands there, and of a summary that follows from them; so
 * whoever gets it need not believe us. It names nobody: who a token is, the bank knows by the
 * trace.
 */
import { z } from "zod";

export const EVIDENCE_FORMAT = "seqr-evidence-1";

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z.int().min(0);

/** An event as the log has it, and the way from its hash to the root. */
export const ProvedEvent = z.strictObject({
  position: z.int().min(1),
  actor_kind: z.string(),
  actor_id: z.string(),
  seq: z.int().min(1),
  previous: Count,
  kind: z.string(),
  version: z.int().min(1),
  at_ms: z.int(),
  principal: z.string(),
  command_id: z.string(),
  /** JSON, as it was hashed. */
  data: z.string(),
  previous_hash: Hash,
  hash: Hash,
  path: z.array(Hash).max(64),
});
export type ProvedEvent = z.infer<typeof ProvedEvent>;

const Log = z.strictObject({
  /** Events under the root. */
  size: z.int().min(1),
  root: Hash,
  /** The hash of the last of them, as `seqr doctor` tells it. */
  head: Hash,
  head_path: z.array(Hash).max(64),
  at_ms: Count,
  kid: z.int().min(1).max(255),
  public_key: z.string(),
  signature: z.string(),
});
export type LogProof = z.infer<typeof Log>;

const Mandate = z.strictObject({
  text_version: z.string(),
  text_hash: z.string(),
  /** Null where it was accepted before texts were kept. */
  text: z.string().nullable(),
  amount_rule: z.string(),
  accepted_at_ms: z.int(),
  signature: z.string().nullable(),
  device: z.string(),
  device_algorithm: z.enum(["p256", "ed25519"]),
  device_key: z.string(),
  person_token: z.string(),
  bank_account_token: z.string(),
  address_token: z.string().nullable(),
  ended: z
    .strictObject({ by: z.string(), code: z.string().nullable(), at_ms: z.int().nullable() })
    .nullable(),
});

const Approval = z.strictObject({
  /** 116, 32 and 64 bytes in base64url (docs/protocol.md section 5). */
  approval: z.string(),
  proof: z.string(),
  signature: z.string(),
  authorised_at_ms: z.int(),
});

const AchEntry = z.strictObject({
  file: z.string(),
  /** The last seven digits of the trace number; the first eight are `odfi`. */
  trace: z.string(),
  attempt: z.int().min(1),
  amount_cents: z.int(),
  effective_on: z.string(),
  bank_account_token: z.string(),
  /** Of the file's bytes; null where it was never built. */
  file_sha256: z.string().nullable(),
  handed_over_at_ms: z.int().nullable(),
  is_taken_back: z.boolean(),
  is_collected: z.boolean(),
});

const Return = z.strictObject({
  code: z.string(),
  trace: z.string(),
  /** Of the return itself, 15 digits; null where a person told us. */
  own_trace: z.string().nullable(),
  at_ms: z.int(),
});

const Refund = z.strictObject({ refund: z.string(), amount_cents: z.int(), at_ms: z.int() });

/** As the payer's receipts tab shows it (actors/receipt.ts). */
const Receipt = z.strictObject({
  paymentId: z.string(),
  requestId: z.string(),
  requestNumber: z.int(),
  version: z.int(),
  amountCents: z.int(),
  title: z.string(),
  payee: z.strictObject({
    merchantNumber: z.int(),
    merchantName: z.string(),
    laneId: z.string(),
    laneName: z.string(),
    street: z.string(),
    city: z.string(),
    state: z.string(),
  }),
  paidAtMs: z.int(),
});

const Summary = z.strictObject({
  account: z.string(),
  person: z.string(),
  mandate: Mandate,
  /** Null where it was given before signed approvals were kept. */
  approval: Approval.nullable(),
  receipt: Receipt,
  ach_entries: z.array(AchEntry),
  returns: z.array(Return),
  refunds: z.array(Refund),
});
export type EvidenceSummary = z.infer<typeof Summary>;

export const Evidence = z.strictObject({
  format: z.literal(EVIDENCE_FORMAT),
  payment: z.string(),
  /** Of the bank that sends our files; null where none is configured. */
  odfi: z
    .string()
    .regex(/^[0-9]{8}$/)
    .nullable(),
  summary: Summary,
  events: z.array(ProvedEvent).max(10_000),
  log: Log,
});
export type Evidence = z.infer<typeof Evidence>;
