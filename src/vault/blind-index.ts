/**
 * The name of a bank account for the blind index: a keyed hash, under a key of its own, of what the
 * bank knows it by. Checking or savings is no part of it. The same bank account has the same name,
 * and without the key nobody can try numbers.
 */
import type { KeyRing } from "./key-ring.ts";

/** 32 bytes; undefined for bytes that hold no bank account. */
export type TagOfBankAccount = (bytes: Uint8Array) => Uint8Array | undefined;

export function blindTags(keys: Pick<KeyRing, "tag">): TagOfBankAccount {
  return (bytes) => {
    const { routing_number: routing, account_number: account } = fieldsOf(bytes);
    if (typeof routing !== "string" || typeof account !== "string") return undefined;
    return keys.tag("bank-account", routing, account);
  };
}

function fieldsOf(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
