/**
 * The shadow check: a sample of live verdicts is computed again by the reference. One disagreement
 * is one too many: the reference's verdict stands, the alarm is told, and from then on the
 * reference answers alone.
 */
import { assert } from "./assert.ts";
import type { Implementation } from "./implementation.ts";

export interface Shadow {
  /** The part of the verdicts that is computed again: 0 none, 1 all. */
  readonly rate: number;
  /** Told once, with the job that went wrong; no bytes of it. */
  readonly alarm: (job: ShadowedJob) => void;
  /** A number in [0, 1), new for each verdict. */
  readonly random: () => number;
}

export type ShadowedJob = "ed25519Verify" | "ed25519VerifyBatch" | "verifyQr" | "verifyPinProof";

/** `suspect` under the eyes of `reference`. */
export function shadowed(
  suspect: Implementation,
  reference: Implementation,
  { rate, alarm, random }: Shadow,
): Implementation {
  assert(rate >= 0 && rate <= 1, "a rate is a part of all");
  let active = suspect;

  /** The verdict of `again`, where it was asked and differs. */
  function judge<V>(
    job: ShadowedJob,
    verdict: V,
    again: () => V,
    isSame: (other: V) => boolean,
  ): V {
    if (active === reference || random() >= rate) return verdict;
    const other = again();
    if (isSame(other)) return verdict;
    active = reference;
    alarm(job);
    return other;
  }

  return {
    ...suspect,
    get name() {
      return active.name;
    },
    sha256: (message) => active.sha256(message),
    sha512: (message) => active.sha512(message),
    hmacSha256: (key, message) => active.hmacSha256(key, message),
    hkdfSha256: (ikm, salt, info, length) => active.hkdfSha256(ikm, salt, info, length),
    argon2id: (password, salt, cost) => active.argon2id(password, salt, cost),
    base32Decode: (text) => active.base32Decode(text),
    qrFault: (payload) => active.qrFault(payload),
    approvalFault: (body) => active.approvalFault(body),
    ed25519Verify(signature, message, publicKey) {
      const verdict = active.ed25519Verify(signature, message, publicKey);
      const again = () => reference.ed25519Verify(signature, message, publicKey);
      return judge("ed25519Verify", verdict, again, (other) => other === verdict);
    },
    ed25519VerifyBatch(items) {
      const verdict = active.ed25519VerifyBatch(items);
      if (items.length === 0) return verdict;
      // One member stands for all: a batch by the reference takes long enough to be felt.
      const at = Math.floor(random() * items.length);
      const item = items[at];
      assert(item !== undefined, "a batch has this member");
      const isBad = verdict.bad.includes(at);
      const again = () => reference.ed25519Verify(item.signature, item.message, item.publicKey);
      const isValid = judge("ed25519VerifyBatch", !isBad, again, (other) => other === !isBad);
      return isValid === !isBad ? verdict : reference.ed25519VerifyBatch(items);
    },
    verifyQr(payload, publicKey) {
      const verdict = active.verifyQr(payload, publicKey);
      const again = () => reference.verifyQr(payload, publicKey);
      const isSame = (other: typeof verdict) =>
        other?.kind === verdict?.kind && other?.at === verdict?.at;
      return judge("verifyQr", verdict, again, isSame);
    },
    verifyPinProof(pinKey, body, proof) {
      const verdict = active.verifyPinProof(pinKey, body, proof);
      const again = () => reference.verifyPinProof(pinKey, body, proof);
      return judge("verifyPinProof", verdict, again, (other) => other === verdict);
    },
  };
}
