/**
 * Approving a payment: the gateway checks everything that needs no state of the account (docs/
 * protocol.md section 5, steps 1 to 5) and the PIN proof, and gives the account the verdicts. It
 * never decides about money itself.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type {
  AccountView,
  ApprovePayment,
  DeviceView,
  PaymentCaptured,
} from "../../actors/account-messages.ts";
import type { Device } from "../../actors/account-state.ts";
import type { Message } from "../../actors/actor.ts";
import {
  type AccountId,
  type DeviceId,
  encodeId,
  laneOfPaymentRequest,
  type PaymentId,
  type PaymentRequestId,
} from "../../actors/ids.ts";
import type { LaneReply, PaymentRequestView } from "../../actors/lane-messages.ts";
import { CURRENCY_NUMERIC, cents } from "../../actors/money.ts";
import { refusalOfClosed } from "../../actors/payment-request.ts";
import { payeeLine } from "../../actors/receipt.ts";
import { isRefusal } from "../../actors/refusals.ts";
import { APPROVAL_BYTES, type ApprovalFields, payeeTag } from "../../wasm/approval.ts";
import { concatBytes, equalBytes, wipe } from "../../wasm/bytes.ts";
import { parseApproval, verifyPinProof } from "../../wasm/core.ts";
import { packSigned } from "../../wasm/signed-approval.ts";
import { paymentIdOf } from "../evidence/payment-id.ts";
import type { AskFirst } from "../runtime/host.ts";
import { type Api, answers, body, CLOSED, type ContextOf, KeyHeader, on, refusals } from "./api.ts";
import { fromBase64Url, toBase64Url } from "./bytes.ts";
import type { Codes } from "./codes.ts";
import { MoneyShape, toMoney } from "./money.ts";
import { checkNonce } from "./nonce.ts";
import { edgeProblem, once, type SwitchCommand } from "./once.ts";
import { Problem } from "./problem.ts";
import { findReceipt } from "./receipts.ts";
import type { Services } from "./services.ts";
import { ReceiptShape, toReceipt } from "./shapes.ts";

const PROOF_BYTES = 32;
const SIGNATURE_BYTES = 64;

const Paid = z
  .object({
    object: z.literal("payment"),
    id: z.string(),
    status: z.literal("captured"),
    receipt: ReceiptShape,
    limit_before: MoneyShape,
    limit_after: MoneyShape,
    next_counter: z.int(),
  })
  .openapi("Payment");

/** The account's own, in the order of its checks (actors/refusals.ts). */
const LADDER = [
  "account_not_open",
  "account_closing",
  "account_blocked",
  "device_not_active",
  "verdict_stale",
  "device_cloned",
  "counter_out_of_step",
  "pin_wrong",
  "identity_not_verified",
  "bank_account_needed",
  "too_many_holds",
  "too_many_purchases",
  "limit_exceeded",
] as const;

const payRoute = createRoute({
  method: "post",
  path: "/v1/payments",
  tags: ["wallet"],
  summary: "Approve a payment",
  description:
    "The approval authenticates itself: device signature, PIN proof, nonce and counter. A " +
    "session is not needed and would not help. The same approval is the same payment, under any " +
    "key.",
  request: {
    headers: KeyHeader,
    body: body(
      z.strictObject({
        approval: z.string().max(256).openapi({ description: "116 bytes, base64url" }),
        proof: z.string().max(64).openapi({ description: "32 bytes, base64url" }),
        signature: z.string().max(128).openapi({ description: "64 bytes, base64url" }),
      }),
    ),
  },
  responses: {
    200: answers("Paid: the receipt", Paid),
    ...refusals(
      "approval_malformed",
      "approval_subject_unknown",
      "lane_not_found",
      ...CLOSED,
      "request_changed",
      "payee_changed",
      "nonce_invalid",
      "nonce_expired",
      "device_signature_invalid",
      ...LADDER,
      "payment_barred",
    ),
  },
});

/** An approval whose bytes have the right form. */
interface GivenApproval {
  readonly bytes: Uint8Array;
  readonly fields: ApprovalFields;
  readonly proof: Uint8Array;
  readonly signature: Uint8Array;
  readonly accountId: AccountId;
  readonly deviceId: DeviceId;
  readonly requestId: PaymentRequestId;
  readonly paymentId: PaymentId;
}

export function addPayments(api: Api, services: Services, codes: Codes): void {
  on(api, payRoute, (c) => pay(services, codes, c));
}

async function pay(
  services: Services,
  codes: Codes,
  c: ContextOf<typeof payRoute>,
): Promise<Response> {
  const given = parseGiven(c.req.valid("json"));
  const principal = `wallet:${given.accountId}`;
  const { reply } = await once<PaymentCaptured>(services, c, { principal }, (ask) =>
    approve(services, given, principal, ask),
  );
  const { feed } = services.host;
  const receipt = reply.receipt ?? (await findReceipt(feed, given.accountId, reply.paymentId));
  if (receipt === undefined) throw new Problem("internal_error");
  return c.json({
    object: "payment" as const,
    id: reply.paymentId,
    status: "captured" as const,
    // As it was when it was paid, so that a repeat is answered alike.
    receipt: toReceipt(codes, receipt, { refunds: [], reversals: [] }),
    limit_before: toMoney(reply.limitBeforeCents),
    limit_after: toMoney(reply.limitAfterCents),
    next_counter: reply.counter + 1,
  });
}

/** Step 1: exact parse. */
function parseGiven(given: { approval: string; proof: string; signature: string }): GivenApproval {
  const bytes = fromBase64Url(given.approval);
  const proof = fromBase64Url(given.proof);
  const signature = fromBase64Url(given.signature);
  if (bytes?.length !== APPROVAL_BYTES || proof?.length !== PROOF_BYTES) {
    throw new Problem("approval_malformed");
  }
  const parsed = parseApproval(bytes);
  if (parsed.kind !== "parsed" || signature?.length !== SIGNATURE_BYTES) {
    throw new Problem("approval_malformed");
  }
  const fields = parsed.approval;
  if (fields.kind !== "purchase") throw new Problem("approval_subject_unknown");
  return {
    bytes,
    fields,
    proof,
    signature,
    accountId: encodeId("account", fields.accountId),
    deviceId: encodeId("device", fields.deviceId),
    requestId: encodeId("paymentRequest", fields.subject),
    paymentId: paymentIdOf(bytes),
  };
}

/** Steps 2 to 6. An edge refusal is answered and forgotten; the account's answer is remembered. */
async function approve(
  services: Services,
  given: GivenApproval,
  principal: string,
  askFirst: AskFirst,
): Promise<Message> {
  const { fields, proof, signature, accountId, deviceId, requestId, paymentId } = given;
  const lane = laneOfPaymentRequest(requestId);
  if (lane === undefined) return edgeProblem("approval_subject_unknown");
  const [request, device] = await Promise.all([
    services.host.ask(
      { kind: "lane", id: lane },
      { kind: "DescribePaymentRequest", requestId } as Message,
      { principal: "switch" },
    ) as Promise<LaneReply>,
    services.host.ask(
      { kind: "account", id: accountId },
      { kind: "DescribeDevice" },
      { principal },
    ),
  ]);
  const stale =
    request.kind === "payment_request" ? checkRequest(services, given, request) : edgeFrom(request);
  // The account forgets a payment once it is collected: its repeat is not a copied phone's.
  const account = { kind: "account", id: accountId } as const;
  if (stale !== undefined || isPaidBy(request, paymentId)) {
    if (await wasPaid(services, given, await phoneOf(services, given, principal, device))) {
      const repeat: SwitchCommand = { kind: "RepeatPayment", paymentId };
      return askFirst(account, repeat);
    }
    if (stale !== undefined) return stale;
  }
  // Step 4.
  if (device.kind !== "device") return edgeFrom(device);
  const { device: known, pinKey } = device as DeviceView;
  if (known.deviceId !== deviceId) return edgeProblem("device_not_active");
  // Step 5: a failure here never touches the PIN count, so a stranger cannot block an account.
  if (!(await isSigned(services, given, known))) return edgeProblem("device_signature_invalid");
  // The verdict is of the key at hand; the account compares that with the one it has by then.
  const { pinVersion } = known;
  if (fields.pinVersion !== pinVersion) return edgeProblem("verdict_stale");
  const pinProofValid = checkProof(services, given, pinKey);
  // A vault that lost the key is our fault: it must not count as a wrong PIN.
  if (pinProofValid === undefined) return edgeProblem("fault_bug");
  const command: ApprovePayment = {
    kind: "ApprovePayment",
    paymentId,
    requestId,
    laneId: lane,
    version: fields.subjectVersion,
    amountCents: cents(fields.amountCents),
    deviceId,
    counter: fields.counter,
    pinVersion,
    pinProofValid,
    signed: toBase64Url(packSigned({ approval: given.bytes, proof, signature })),
  };
  return askFirst(account, command);
}

function isSigned(
  { devices }: Services,
  { accountId, bytes, proof, signature }: GivenApproval,
  device: Device,
): Promise<boolean> {
  return devices.verify(accountId, device, concatBytes(bytes, proof), signature);
}

/** Of an account that has closed since, too: what was paid stays paid. */
async function phoneOf(
  services: Services,
  { accountId }: GivenApproval,
  principal: string,
  device: Message,
): Promise<Device | undefined> {
  if (device.kind === "device") return (device as DeviceView).device;
  const account = { kind: "account", id: accountId } as const;
  const view = await services.host.ask(account, { kind: "DescribeAccount" }, { principal });
  return view.kind === "account" ? (view as AccountView).device : undefined;
}

/**
 * Whether the approval was paid: when its request can no longer be paid or is forgotten, what
 * became of it is in the account's events, and only its own phone is told.
 */
async function wasPaid(
  services: Services,
  given: GivenApproval,
  known: Device | undefined,
): Promise<boolean> {
  if (known === undefined) return false;
  const { accountId, deviceId, fields, paymentId } = given;
  // A counter that was never used paid nothing: most approvals that come too late end here.
  if (known.deviceId !== deviceId || fields.counter > known.counter) return false;
  if (!(await isSigned(services, given, known))) return false;
  const { feed } = services.host;
  return (await findReceipt(feed, accountId, paymentId, fields.counter)) !== undefined;
}

/** Paid by this very approval. */
function isPaidBy(reply: LaneReply, paymentId: PaymentId): boolean {
  return reply.kind === "payment_request" && reply.request.paymentId === paymentId;
}

/** Steps 2 and 3: what was approved is what is asked, by whom it is asked, and in time. */
function checkRequest(
  services: Services,
  { fields, accountId, deviceId, requestId, paymentId }: GivenApproval,
  { request, payee }: PaymentRequestView,
): Message | undefined {
  if (request.paymentId === paymentId) return undefined;
  const nowMs = services.clock.nowMs();
  if (request.status !== "open") return edgeFrom(refusalOfClosed(request));
  if (nowMs >= request.expiresAtMs) return edgeProblem("request_expired");
  const isSame =
    request.version === fields.subjectVersion &&
    request.amountCents === fields.amountCents &&
    fields.currency === CURRENCY_NUMERIC;
  if (!isSame) return edgeProblem("request_changed");
  if (!equalBytes(payeeTag(payeeLine(payee)), fields.payeeTag)) return edgeProblem("payee_changed");
  const subject = { requestId, version: fields.subjectVersion, accountId, deviceId };
  switch (checkNonce(services.keys, subject, fields.nonce, nowMs)) {
    case "invalid":
      return edgeProblem("nonce_invalid");
    case "expired":
      return edgeProblem("nonce_expired");
    case "valid":
      return undefined;
  }
}

/** Undefined where the PIN key is not to be had. */
function checkProof(services: Services, given: GivenApproval, pinKey: string): boolean | undefined {
  const key = services.vault.open(pinKey, "pin-key", given.accountId);
  if (key === undefined) return undefined;
  const isValid = verifyPinProof(key, given.bytes, given.proof);
  wipe(key);
  return isValid;
}

/** A named no of a question is answered like the edge's own: nothing was decided. */
function edgeFrom(reply: Message): Message {
  return isRefusal(reply) ? edgeProblem(reply.kind) : edgeProblem("internal_error");
}
