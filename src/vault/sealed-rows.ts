/**
 * The rows of the vault, each sealed with AES-256-GCM under the data key of its person
 * (data-keys.ts), which is in another file, wrapped by a key that is in neither. Whoever has this
 * object can open everything: the composition root makes of it what each part may have, which is a
 * Vault, and for collection a BankAccountOpener.
 */
import { randomBytes } from "node:crypto";
import { assert } from "../../actors/assert.ts";
import { wipe } from "../../wasm/bytes.ts";
import type { TagOfBankAccount } from "./blind-index.ts";
import type { DataKeys } from "./data-keys.ts";
import type { Kek } from "./key-ring.ts";
import { openBytes, sealBytes } from "./seal.ts";

export type SealedKind =
  /** Name, birth date, phone number, the last four of the bank account. */
  | "person"
  | "bank-account"
  /** What of it is shown. */
  | "bank-account-ending"
  | "pin-key"
  /** Where a mandate was accepted from. */
  | "network-address"
  /** A short message with a code in it, until it is delivered. */
  | "message";

/** Everything of a row but its bytes. They are bound to it: in another place they do not open. */
interface Place {
  readonly token: string;
  readonly kind: SealedKind;
  /** Whose it is: an account id, a merchant's number, or a registration. */
  readonly owner: string;
}

export type SealedRow = Place & {
  /** 12 bytes of IV, the ciphertext, 16 bytes of tag. */
  readonly sealed: Uint8Array;
} & (
    | { readonly version: 1; readonly kekId: string }
    | {
        readonly version: 2;
        /** Names the data key. */
        readonly person: string;
        /** Of a bank account that is being stored: its name in the blind index. */
        readonly tag?: Uint8Array | undefined;
      }
  );
type RowOf<Version extends 1 | 2> = Extract<SealedRow, { version: Version }>;

/** What a crash may have left: sealed, and in no event. */
export interface UnnamedRow {
  readonly token: string;
  readonly owner: string;
  /** When a sweep first found it so; undefined before that. */
  readonly notedAtMs: number | undefined;
}

/** What a sweep may do with rows that nothing names. */
export type Unnamed = Pick<RowStore, "unnamed" | "named" | "noteUnnamed" | "tidy">;

/** Where they are kept. Every change is durable when it returns. */
export interface RowStore {
  insert(rows: readonly SealedRow[]): void;
  find(token: string): SealedRow | undefined;
  remove(tokens: readonly string[]): void;
  /** Every row of the person. */
  removeOf(person: string): void;
  /** Owners of the bank account that this token stands for, its own among them. */
  ownersSharing(token: string): readonly string[];
  /** Whether both tokens stand for one bank account. */
  isSameBankAccount(token: string, other: string): boolean;
  /** Of others than those. */
  hasRowOf(person: string, besides?: readonly string[]): boolean;
  /** Rows that nothing was seen to name yet, by token, at most `max` behind `after`. */
  unnamed(after: string, max: number): readonly UnnamedRow[];
  /** Something names them: nobody asks again. */
  named(tokens: readonly string[]): void;
  /** A sweep found that nothing names them: the first time counts. */
  noteUnnamed(rows: readonly Omit<UnnamedRow, "notedAtMs">[], nowMs: number): void;
  /** Nothing of what was removed is left in the file, its write-ahead log included. */
  tidy(): void;
  /** Rows of version 1, at most `max`. */
  ofVersion1(max: number): readonly RowOf<1>[];
  /** Puts the rows in the place of those of version 1 that have their tokens. All, or none. */
  renew(rows: readonly RowOf<2>[]): void;
  /** How many rows of version 1 each key-encryption key seals. */
  countsOfVersion1(): ReadonlyMap<string, number>;
  close(): void;
}

export interface Sealing {
  readonly kind: SealedKind;
  readonly owner: string;
  /** Under whose data key. Default: the owner's own, for an owner that is no person. */
  readonly person?: string;
  readonly bytes: Uint8Array;
}

const TOKEN_BYTES = 18;

export class SealedRows {
  constructor(
    private readonly dataKeys: DataKeys,
    private readonly rows: RowStore,
    /** Opens rows of version 1. */
    private readonly keks: { kek(id: string): Kek | undefined },
    private readonly tagOf: TagOfBankAccount,
  ) {}

  /** Seals and stores all of them, or none; one token each, in order. */
  put(items: readonly Sealing[]): readonly string[] {
    this.dataKeys.make(items.map(({ owner, person = owner }) => person));
    const rows = items.map(({ kind, owner, person = owner, bytes }) => {
      const token = `${kind.charAt(0)}t_${randomBytes(TOKEN_BYTES).toString("base64url")}`;
      return this.#seal({ token, kind, owner }, person, bytes);
    });
    this.rows.insert(rows);
    return rows.map(({ token }) => token);
  }

  /** The bytes; undefined when the token is unknown, destroyed, or of another kind or owner. */
  open(token: string, kind: SealedKind, owner: string): Uint8Array | undefined {
    const row = this.rows.find(token);
    if (row === undefined || row.kind !== kind || row.owner !== owner) return undefined;
    return this.#unseal(row);
  }

  ownersSharing(token: string): readonly string[] {
    return this.rows.ownersSharing(token);
  }

  isSameBankAccount(token: string, other: string): boolean {
    return this.rows.isSameBankAccount(token, other);
  }

  /** Whoever it belongs to. */
  openOfAny(token: string, kind: SealedKind): Uint8Array | undefined {
    const row = this.rows.find(token);
    return row?.kind === kind ? this.#unseal(row) : undefined;
  }

  /** Under whose data key it lies; undefined for one that is not there, or of version 1. */
  personOf(token: string): string | undefined {
    const row = this.rows.find(token);
    return row?.version === 2 ? row.person : undefined;
  }

  /**
   * A person of whom no row is left has no use for a data key. It goes first: after a crash in
   * between, the rows still say whose it was.
   */
  destroy(tokens: readonly string[]): void {
    const found = tokens.map((token) => this.rows.find(token));
    const persons = new Set(found.flatMap((row) => (row?.version === 2 ? [row.person] : [])));
    const left = [...persons].filter((person) => !this.rows.hasRowOf(person, tokens));
    if (left.length > 0) this.dataKeys.destroy(left);
    this.rows.remove(tokens);
  }

  /** Everything of the person, in every copy of the rows: the key goes first. */
  shred(person: string): void {
    this.dataKeys.destroy([person]);
    this.rows.removeOf(person);
  }

  /**
   * Moves at most `max` rows of version 1 under data keys; gives how many. Their person is not
   * known here: it is their owner. Begun again after a crash it goes on with what is left.
   */
  renew(max: number): number {
    const old = this.rows.ofVersion1(max);
    this.dataKeys.make(old.map(({ owner }) => owner));
    const rows = old.map((row) => {
      const bytes = this.#unseal(row);
      assert(bytes !== undefined, "a row of version 1 opens");
      const renewed = this.#seal(row, row.owner, bytes);
      wipe(bytes);
      return renewed;
    });
    if (rows.length > 0) this.rows.renew(rows);
    return rows.length;
  }

  /** How many rows of version 1 each key-encryption key seals. */
  countsOfVersion1(): ReadonlyMap<string, number> {
    return this.rows.countsOfVersion1();
  }

  #seal({ token, kind, owner }: Place, person: string, bytes: Uint8Array): RowOf<2> {
    const key = this.dataKeys.toOpen(person);
    assert(key !== undefined, "a person has a data key before anything is sealed");
    const sealed = sealBytes(key.expose(), bytes, placeOf2({ token, kind, owner }, person));
    const tag = kind === "bank-account" ? this.tagOf(bytes) : undefined;
    return { version: 2, token, kind, owner, person, sealed, tag };
  }

  #unseal(row: SealedRow): Uint8Array | undefined {
    if (row.version === 2) {
      const key = this.dataKeys.toOpen(row.person);
      return key && openBytes(key.expose(), row.sealed, placeOf2(row, row.person));
    }
    const kek = this.keks.kek(row.kekId);
    assert(kek !== undefined, "the key-encryption key of a row is at hand");
    return openBytes(kek.key.expose(), row.sealed, placeOf1(row));
  }
}

function placeOf1({ token, kind, owner, kekId }: RowOf<1>): string {
  return `${kind}\n${token}\n${owner}\n${kekId}`;
}

/** With its version: a row that says it is of another one does not open. */
function placeOf2({ token, kind, owner }: Place, person: string): string {
  return `2\n${kind}\n${token}\n${owner}\n${person}`;
}
