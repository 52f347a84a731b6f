/** The vault of a data directory: its rows, its data keys, and the keys that wrap those. */
import type { DataFiles } from "./data-directory.ts";
import { SqliteDataKeyRows } from "./storage/sqlite/data-key-rows.ts";
import { SqliteVaultRows } from "./storage/sqlite/vault-rows.ts";
import { type BankAccountAccess, BankAccountOpener } from "./vault/bank-accounts.ts";
import { blindTags } from "./vault/blind-index.ts";
import { DataKeys } from "./vault/data-keys.ts";
import type { KeyRing } from "./vault/key-ring.ts";
import { SealedRows } from "./vault/sealed-rows.ts";
import { Vault } from "./vault/vault.ts";

export interface OpenVault {
  readonly vault: Vault;
  readonly rows: SealedRows;
  readonly dataKeys: DataKeys;
  /** For collection, and nobody else. */
  bankAccounts(record: (access: BankAccountAccess) => Promise<void>): BankAccountOpener;
  close(): void;
}

/** Makes the files where absent. Throws OpenFailed; then nothing is left open. */
export function openVault({ vault: file, dataKeys: keyFile }: DataFiles, keys: KeyRing): OpenVault {
  const store = new SqliteVaultRows(file);
  try {
    const dataKeys = new DataKeys(keys, new SqliteDataKeyRows(keyFile));
    const rows = new SealedRows(dataKeys, store, keys, blindTags(keys));
    const close = (): void => {
      store.close();
      dataKeys.close();
    };
    const vault = new Vault(rows);
    const bankAccounts: OpenVault["bankAccounts"] = (record) => new BankAccountOpener(rows, record);
    return { vault, rows, dataKeys, bankAccounts, close };
  } catch (error) {
    store.close();
    throw error;
  }
}
