/**
 * Data keys, one for each subject: a person, a merchant, a registration that is under way. Whatever
 * is sealed of a subject is sealed under its key, and the key lies wrapped by the key-encryption
 * key, in a file of its own. So changing the key-encryption key rewraps 32 bytes a subject and
 * touches nothing else; and once a subject's key is destroyed, nothing of it can be read again, in
 * no copy of the other files either (docs/privacy.md).
 */
import { randomBytes } from "node:crypto";
import { assert } from "../../actors/assert.ts";
import { wipe } from "../../wasm/bytes.ts";
import type { KeyProvider, WrappedKey } from "./key-provider.ts";
import { Secret } from "./secret.ts";

export interface DataKeyRow extends WrappedKey {
  readonly subject: string;
}

/** Where wrapped keys are kept. Every change is durable when it returns. */
export interface DataKeyRows {
  find(subject: string): WrappedKey | undefined;
  /** All of them, or none: a subject that has a key keeps it. */
  insert(rows: readonly DataKeyRow[]): void;
  /** Nothing of them is left in the file, its write-ahead log included. */
  remove(subjects: readonly string[]): void;
  /** Keys that another than this key-encryption key wraps, at most `max`. */
  wrappedByOthers(kekId: string, max: number): readonly DataKeyRow[];
  /** Puts the new wrapping in place of one that is still by `from`. All of them, or none. */
  replace(rows: readonly (DataKeyRow & { readonly from: string })[]): void;
  /** How many keys each key-encryption key wraps. */
  counts(): ReadonlyMap<string, number>;
  close(): void;
}

const DATA_KEY_BYTES = 32;
/** Unwrapped keys in memory: an approval finds the key of a payer who paid before. */
const CACHED_MAX = 32_768;

export class DataKeys {
  /** Least recently used first. */
  readonly #cached = new Map<string, Secret<Uint8Array>>();

  constructor(
    private readonly provider: KeyProvider,
    private readonly rows: DataKeyRows,
    private readonly cachedMax = CACHED_MAX,
  ) {
    assert(cachedMax >= 1, "a cache holds something");
  }

  /** Makes a key for each subject that has none. They are durable when this returns. */
  make(subjects: Iterable<string>): void {
    const made = new Map<string, Uint8Array>();
    for (const subject of subjects) {
      assert(subject.length > 0, "a data key has a subject");
      if (made.has(subject) || this.toOpen(subject) !== undefined) continue;
      made.set(subject, new Uint8Array(randomBytes(DATA_KEY_BYTES)));
    }
    if (made.size === 0) return;
    this.rows.insert(
      [...made].map(([subject, key]) => ({ subject, ...this.provider.wrap(subject, key) })),
    );
    for (const [subject, key] of made) this.#keep(subject, key);
  }

  /**
   * The key to open with; undefined where it was destroyed, or never was. It is good until the next
   * call: the cache wipes what it lets go.
   */
  toOpen(subject: string): Secret<Uint8Array> | undefined {
    const cached = this.#cached.get(subject);
    if (cached !== undefined) {
      this.#cached.delete(subject);
      this.#cached.set(subject, cached);
      return cached;
    }
    const row = this.rows.find(subject);
    if (row === undefined) return undefined;
    return this.#keep(subject, this.provider.unwrap(subject, row));
  }

  /** What is sealed of these subjects can never be read again. */
  destroy(subjects: readonly string[]): void {
    for (const subject of subjects) this.#forget(subject);
    this.rows.remove(subjects);
  }

  /**
   * Wraps at most `max` keys anew under the current key-encryption key; gives how many. Each call
   * is whole or nothing, and begun again after a crash it goes on with what is left.
   */
  rewrap(max: number): number {
    const { currentKekId } = this.provider;
    const old = this.rows.wrappedByOthers(currentKekId, max);
    const rows = old.map(({ subject, kekId, wrapped }) => {
      const dataKey = this.provider.unwrap(subject, { kekId, wrapped });
      const row = { subject, from: kekId, ...this.provider.wrap(subject, dataKey) };
      wipe(dataKey);
      return row;
    });
    if (rows.length > 0) this.rows.replace(rows);
    return rows.length;
  }

  counts(): ReadonlyMap<string, number> {
    return this.rows.counts();
  }

  close(): void {
    for (const subject of [...this.#cached.keys()]) this.#forget(subject);
    this.rows.close();
  }

  #keep(subject: string, dataKey: Uint8Array): Secret<Uint8Array> {
    assert(dataKey.length === DATA_KEY_BYTES, "a data key has 32 bytes");
    if (this.#cached.size >= this.cachedMax) {
      const [oldest] = this.#cached.keys();
      if (oldest !== undefined) this.#forget(oldest);
    }
    const kept = new Secret(dataKey);
    this.#cached.set(subject, kept);
    return kept;
  }

  #forget(subject: string): void {
    const cached = this.#cached.get(subject);
    if (cached === undefined) return;
    wipe(cached.expose());
    this.#cached.delete(subject);
  }
}
