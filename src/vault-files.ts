/** The vault of a data directory: its rows, its data keys, and the keys that wrap those. */
import type { DataFiles } from "./data-directory.ts";
import { SqliteDataKeyRows } from "./storage/sqlite/data-key-rows.ts";
import { SqliteVaultRows } from "./storage/sqlite/vault-rows.ts";
import { DataKeys } from "./vault/data-keys.ts";
import type { KeyRing } from "./vault/key-ring.ts";
import { Vault } from "./vault/vault.ts";

export interface OpenVault {
  readonly vault: Vault;
  readonly dataKeys: DataKeys;
  close(): void;
}

/** Makes the files where absent. Throws OpenFailed; then nothing is left open. */
export function openVault({ vault: file, dataKeys: keyFile }: DataFiles, keys: KeyRing): OpenVault {
  const rows = new SqliteVaultRows(file);
  try {
    const dataKeys = new DataKeys(keys, new SqliteDataKeyRows(keyFile));
    const close = (): void => {
      rows.close();
      dataKeys.close();
    };
    return { vault: new Vault(dataKeys, rows, keys), dataKeys, close };
  } catch (error) {
    rows.close();
    throw error;
  }
}
