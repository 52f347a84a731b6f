/** Rows of a vault in memory, open to the test: it may move and change what is stored. */
import { blindTags } from "../../src/vault/blind-index.ts";
import type { DataKeyRow, DataKeyRows } from "../../src/vault/data-keys.ts";
import { DataKeys } from "../../src/vault/data-keys.ts";
import { type KeyFile, KeyRing, makeKeyFile } from "../../src/vault/key-ring.ts";
import {
  type RowStore,
  type SealedRow,
  SealedRows,
  type UnnamedRow,
} from "../../src/vault/sealed-rows.ts";
import { Vault } from "../../src/vault/vault.ts";

type RowOf<Version extends 1 | 2> = Extract<SealedRow, { version: Version }>;

export class MemoryRows implements RowStore {
  readonly rows = new Map<string, SealedRow>();
  /** Thrown by the next insert, before anything is stored. */
  failure: Error | undefined;

  insert(rows: readonly SealedRow[]): void {
    if (this.failure !== undefined) throw this.failure;
    for (const row of rows) this.rows.set(row.token, row);
  }

  find(token: string): SealedRow | undefined {
    return this.rows.get(token);
  }

  remove(tokens: readonly string[]): void {
    for (const token of tokens) this.rows.delete(token);
  }

  removeOf(person: string): void {
    this.remove(this.#of(person));
  }

  ownersSharing(token: string): readonly string[] {
    const row = this.rows.get(token);
    if (row?.version !== 2 || row.tag === undefined) return [];
    const tag = Buffer.from(row.tag);
    const all = [...this.rows.values()].filter((other) => {
      return other.version === 2 && other.tag !== undefined && tag.equals(other.tag);
    });
    return [...new Set(all.map(({ owner }) => owner))].sort();
  }

  isSameBankAccount(token: string, other: string): boolean {
    const [one, two] = [this.rows.get(token), this.rows.get(other)];
    if (one?.version !== 2 || one.tag === undefined) return false;
    return two?.version === 2 && two.tag !== undefined && Buffer.from(one.tag).equals(two.tag);
  }

  hasRowOf(person: string, besides: readonly string[] = []): boolean {
    return this.#of(person).some((token) => !besides.includes(token));
  }

  tidy(): void {}

  ofVersion1(max: number): readonly RowOf<1>[] {
    return [...this.rows.values()].filter((row) => row.version === 1).slice(0, max);
  }

  renew(rows: readonly RowOf<2>[]): void {
    this.insert(rows);
  }

  countsOfVersion1(): ReadonlyMap<string, number> {
    const old = this.ofVersion1(Number.POSITIVE_INFINITY);
    return new Map(
      [...Map.groupBy(old, ({ kekId }) => kekId)].map(([id, all]) => [id, all.length]),
    );
  }

  unnamed(): readonly UnnamedRow[] {
    return [];
  }

  named(): void {}

  noteUnnamed(): void {}

  close(): void {}

  /** The row of a token, which must be there. */
  at(token: string): SealedRow {
    const row = this.rows.get(token);
    if (row === undefined) throw new Error("no such row");
    return row;
  }

  #of(person: string): readonly string[] {
    const all = [...this.rows.values()];
    return all
      .filter((row) => row.version === 2 && row.person === person)
      .map(({ token }) => token);
  }
}

export class MemoryDataKeys implements DataKeyRows {
  readonly rows = new Map<string, DataKeyRow>();
  /** How often a key was looked for: what the cache did not have. */
  finds = 0;

  find(subject: string): DataKeyRow | undefined {
    this.finds++;
    return this.rows.get(subject);
  }

  insert(rows: readonly DataKeyRow[]): void {
    if (rows.some(({ subject }) => this.rows.has(subject))) throw new Error("it has a key");
    for (const row of rows) this.rows.set(row.subject, row);
  }

  remove(subjects: readonly string[]): void {
    for (const subject of subjects) this.rows.delete(subject);
  }

  wrappedByOthers(kekId: string, max: number): readonly DataKeyRow[] {
    return [...this.rows.values()].filter((row) => row.kekId !== kekId).slice(0, max);
  }

  replace(rows: readonly DataKeyRow[]): void {
    for (const { subject, kekId, wrapped } of rows) {
      this.rows.set(subject, { subject, kekId, wrapped });
    }
  }

  counts(): ReadonlyMap<string, number> {
    const byKek = Map.groupBy(this.rows.values(), ({ kekId }) => kekId);
    return new Map([...byKek].map(([id, all]) => [id, all.length]));
  }

  close(): void {}
}

/** A vault in memory with everything of it at hand. */
export function memoryVault(
  file: KeyFile = makeKeyFile(),
  rows = new MemoryRows(),
  keyRows = new MemoryDataKeys(),
) {
  const keys = new KeyRing(file);
  const dataKeys = new DataKeys(keys, keyRows);
  const sealed = new SealedRows(dataKeys, rows, keys, blindTags(keys));
  return { file, keys, rows, keyRows, dataKeys, sealed, vault: new Vault(sealed) };
}
