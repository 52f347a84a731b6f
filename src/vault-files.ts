/** The vault of a data directory: its rows, its data keys, its files, and what destroys them. */
import type { DataFiles } from "./data-directory.ts";
import { Destroyer } from "./rails/destroyer.ts";
import { SqliteDataKeyRows } from "./storage/sqlite/data-key-rows.ts";
import { SqliteVaultRows } from "./storage/sqlite/vault-rows.ts";
import { type BankAccountAccess, BankAccountOpener } from "./vault/bank-accounts.ts";
import { blindTags } from "./vault/blind-index.ts";
import { DataKeys } from "./vault/data-keys.ts";
import { SealedFiles } from "./vault/documents.ts";
import type { KeyRing } from "./vault/key-ring.ts";
import { SealedRows, type Unnamed } from "./vault/sealed-rows.ts";
import { Vault } from "./vault/vault.ts";

export interface OpenVault {
  readonly vault: Vault;
  readonly rows: SealedRows;
  /** Rows that no event names yet. */
  readonly unnamed: Unnamed;
  readonly dataKeys: DataKeys;
  /** Pictures of documents. */
  readonly documents: SealedFiles;
  /** Files for and from the bank. */
  readonly bankFiles: SealedFiles;
  /** What actors send to when something is to be destroyed. */
  readonly outlets: Readonly<Record<"vault" | "documents" | "bank-files" | "data-key", Destroyer>>;
  /** For collection, and nobody else. */
  bankAccounts(record: (access: BankAccountAccess) => Promise<void>): BankAccountOpener;
  close(): void;
}

/** Makes the files where absent. Throws OpenFailed; then nothing is left open. */
export function openVault(files: DataFiles, keys: KeyRing): OpenVault {
  const store = new SqliteVaultRows(files.vault);
  try {
    const dataKeys = new DataKeys(keys, new SqliteDataKeyRows(files.dataKeys));
    const rows = new SealedRows(dataKeys, store, keys, blindTags(keys));
    const close = (): void => {
      store.close();
      dataKeys.close();
    };
    const vault = new Vault(rows);
    const bankAccounts: OpenVault["bankAccounts"] = (record) => new BankAccountOpener(rows, record);
    const documents = new SealedFiles(keys, files.documents);
    const bankFiles = new SealedFiles(keys, files.ach);
    const shred = (persons: readonly string[]): void => {
      for (const person of persons) rows.shred(person);
    };
    const outlets = {
      vault: new Destroyer(vault),
      documents: new Destroyer(documents),
      "bank-files": new Destroyer(bankFiles),
      "data-key": new Destroyer({ destroy: shred }),
    };
    const parts = { vault, rows, unnamed: store, dataKeys, documents, bankFiles, outlets };
    return { ...parts, bankAccounts, close };
  } catch (error) {
    store.close();
    throw error;
  }
}
