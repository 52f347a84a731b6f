/** The name of a payment: the same approval is the same payment, under any key. */
import { encodeId, ID_BYTES, type PaymentId } from "../../actors/ids.ts";
import { sha256 } from "../../wasm/core.ts";

/** RFC 9562 section 5.8: a UUID of our own making, from the hash of the 116 bytes. */
export function paymentIdOf(approval: Uint8Array): PaymentId {
  const bytes = sha256(approval).slice(0, ID_BYTES);
  bytes[6] = 0x80 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return encodeId("payment", bytes);
}
