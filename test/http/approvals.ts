/** Approvals as phones make them, and as phones never should: any field changed, then signed. */

import { assert } from "../../actors/assert.ts";
import { idBytes, parseId } from "../../actors/ids.ts";
import { bytes64, text64 } from "../../src/client/phone.ts";
import type { Scan } from "../../src/client/shapes.ts";
import { type ApprovalFields, encodeApproval, payeeTag } from "../../wasm/approval.ts";
import { concatBytes } from "../../wasm/bytes.ts";
import { signP256 } from "../../wasm/p256.ts";
import { pinProof } from "../../wasm/pin.ts";
import { type Customer, cheapPinKey, type Reply, type SwitchRig } from "../switch-rig.ts";

export interface Approval {
  readonly bytes: Uint8Array;
  readonly proof: Uint8Array;
  readonly signature: Uint8Array;
}

/** What the scan showed, in the fields of an approval. */
export function fieldsOf({ phone }: Customer, scan: Scan): ApprovalFields {
  const subject = parseId("paymentRequest", scan.payment_request);
  assert(subject !== undefined, "a scan names its payment request");
  return {
    kind: "purchase",
    pinVersion: scan.pin_version,
    accountId: idBytes(phone.keys.account),
    deviceId: idBytes(phone.keys.device),
    subject: idBytes(subject),
    subjectVersion: scan.version,
    amountCents: scan.amount.amount,
    currency: 840,
    payeeTag: payeeTag(scan.payee.line),
    counter: scan.next_counter,
    clientTimeMs: Date.now(),
    nonce: bytes64(scan.nonce),
  };
}

/** Proves and signs the scan with some fields changed. */
export async function approvalOf(
  customer: Customer,
  scan: Scan,
  changes: Partial<ApprovalFields> = {},
  pin: Uint8Array = customer.pin(),
): Promise<Approval> {
  const { keyPair, ...keys } = customer.phone.keys;
  const bytes = encodeApproval({ ...fieldsOf(customer, scan), ...changes });
  const proof = pinProof(cheapPinKey(pin, keys), bytes);
  return { bytes, proof, signature: await signP256(keyPair.privateKey, concatBytes(bytes, proof)) };
}

/** The approval as the body of `POST /v1/payments`. */
export function wireOf({ bytes, proof, signature }: Approval) {
  return { approval: text64(bytes), proof: text64(proof), signature: text64(signature) };
}

export function sendApproval(
  rig: SwitchRig,
  approval: Approval,
  key: string = crypto.randomUUID(),
): Promise<Reply> {
  return rig.send("POST", "/v1/payments", { key, json: wireOf(approval) });
}

/** A payment request of the rig's till, scanned by the customer. */
export async function scanned(rig: SwitchRig, { phone }: Customer, amountCents = 1_299) {
  const request = await rig.till.ask({ amountCents });
  return { request, scan: await phone.scan(request.qr_text) };
}
