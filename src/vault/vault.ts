/**
 * The vault as most of the switch has it: personal data, PIN keys and messages are sealed and
 * opened by token. Bank accounts are sealed here and opened elsewhere (bank-accounts.ts): no call
 * of this object gives one.
 */
import { assert } from "../../actors/assert.ts";
import type { SealedKind, SealedRows, Sealing } from "./sealed-rows.ts";

export type { Sealing } from "./sealed-rows.ts";

type OpenKind = Exclude<SealedKind, "bank-account" | "message">;
const OPEN_KINDS: readonly OpenKind[] = [
  "person",
  "pin-key",
  "bank-account-ending",
  "network-address",
];

export class Vault {
  constructor(private readonly rows: SealedRows) {}

  /** Seals and stores all of them, or none; one token each, in order. */
  put(items: readonly Sealing[]): readonly string[] {
    return this.rows.put(items);
  }

  /** The bytes; undefined when the token is unknown, destroyed, or of another kind or owner. */
  open(token: string, kind: OpenKind, owner: string): Uint8Array | undefined {
    assert(OPEN_KINDS.includes(kind), "bank accounts are opened by collection only");
    return this.rows.open(token, kind, owner);
  }

  /** For the one who delivers: a message tells its own owner. */
  openMessage(token: string): Uint8Array | undefined {
    return this.rows.openOfAny(token, "message");
  }

  /** Owners of the bank account that this token stands for, its own among them; at most 100. */
  ownersSharing(token: string): readonly string[] {
    return this.rows.ownersSharing(token);
  }

  /** Whether both tokens stand for one bank account: neither is opened for it. */
  isSameBankAccount(token: string, other: string): boolean {
    return this.rows.isSameBankAccount(token, other);
  }

  destroy(tokens: readonly string[]): void {
    this.rows.destroy(tokens);
  }
}
