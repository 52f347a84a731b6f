/**
 * The vault: personal data, bank accounts and PIN keys, sealed with AES-256-GCM under a
 * key-encryption key that is not in the database. Everything else knows them by token only.
 */
import { randomBytes } from "node:crypto";
import { assert } from "../../actors/assert.ts";
import type { KeyRing } from "./key-ring.ts";
import { openBytes, sealBytes } from "./seal.ts";

export type SealedKind =
  /** Name, birth date, phone number. */
  | "person"
  | "bank-account"
  | "pin-key"
  /** A short message with a code in it, until it is delivered. */
  | "message";

export interface SealedRow {
  readonly token: string;
  readonly kind: SealedKind;
  /** Whose it is: an account id, or a registration. */
  readonly owner: string;
  readonly kekId: string;
  /** 12 bytes of IV, the ciphertext, 16 bytes of tag. */
  readonly sealed: Uint8Array;
}

/** Where rows are kept. `insert` is durable when it returns. */
export interface VaultRows {
  insert(rows: readonly SealedRow[]): void;
  find(token: string): SealedRow | undefined;
  remove(tokens: readonly string[]): void;
  close(): void;
}

export interface Sealing {
  readonly kind: SealedKind;
  readonly owner: string;
  readonly bytes: Uint8Array;
}

const TOKEN_BYTES = 18;

export class Vault {
  constructor(
    private readonly keys: KeyRing,
    private readonly rows: VaultRows,
  ) {}

  /** Seals and stores all of them, or none; one token each, in order. */
  put(items: readonly Sealing[]): readonly string[] {
    const rows = items.map((item) => this.#seal(item));
    this.rows.insert(rows);
    return rows.map(({ token }) => token);
  }

  /** The bytes; undefined when the token is unknown, destroyed, or of another kind or owner. */
  open(token: string, kind: SealedKind, owner: string): Uint8Array | undefined {
    const row = this.rows.find(token);
    if (row === undefined || row.kind !== kind || row.owner !== owner) return undefined;
    return this.#unseal(row);
  }

  /** For the one who delivers: a message tells its own owner. */
  openMessage(token: string): Uint8Array | undefined {
    const row = this.rows.find(token);
    return row?.kind === "message" ? this.#unseal(row) : undefined;
  }

  destroy(tokens: readonly string[]): void {
    this.rows.remove(tokens);
  }

  #seal({ kind, owner, bytes }: Sealing): SealedRow {
    const token = `${kind.charAt(0)}t_${randomBytes(TOKEN_BYTES).toString("base64url")}`;
    const { id: kekId, key } = this.keys.currentKek;
    const sealed = sealBytes(key.expose(), bytes, place(token, kind, owner, kekId));
    return { token, kind, owner, kekId, sealed };
  }

  #unseal({ token, kind, owner, kekId, sealed }: SealedRow): Uint8Array {
    const kek = this.keys.kek(kekId);
    assert(kek !== undefined, "the key-encryption key of a row is at hand");
    return openBytes(kek.key.expose(), sealed, place(token, kind, owner, kekId));
  }
}

/** Binds a row to its place: moved to another token, owner or kind it does not open. */
function place(token: string, kind: SealedKind, owner: string, kekId: string): string {
  return `${kind}\n${token}\n${owner}\n${kekId}`;
}
