/**
 * The only way to what a bank account is: whoever holds a BankAccountOpener. The composition root
 * makes one and hands it to collection, which writes files and reads what the bank sends back; no
 * route and no view has it, and `test/tidy/import-table.ts` keeps it so. Before anything is opened
 * it is on record: one record for a file, whose entries name their tokens in the event log anyway,
 * and one for each bank account that a notification of change speaks of (docs/privacy.md).
 */
import { wipe } from "../../wasm/bytes.ts";
import type { SealedRows } from "./sealed-rows.ts";

/** As the vault keeps it, JSON. */
export interface BankAccount {
  readonly routing_number: string;
  readonly account_number: string;
  readonly kind: "checking" | "savings";
}

/** Why bank accounts are opened, and which: tokens and ids, nothing personal. */
export type BankAccountAccess =
  /** All that the entries of the file name. */
  | { readonly kind: "file"; readonly fileId: string }
  | {
      readonly kind: "correction";
      /** The inbound file that speaks of it, by the hash of its bytes. */
      readonly inbound: string;
      readonly token: string;
      readonly owner: string;
    };

export interface Replaced {
  readonly token: string;
  /** Owners of the same bank account. */
  readonly others: readonly string[];
}

export class BankAccountOpener {
  constructor(
    private readonly rows: SealedRows,
    /** Durable when it resolves; when it fails, nothing is opened. */
    private readonly record: (access: BankAccountAccess) => Promise<void>,
  ) {}

  /** Of the entries of one file, by token and owner. */
  async forFile(
    fileId: string,
  ): Promise<(token: string, owner: string) => BankAccount | undefined> {
    await this.record({ kind: "file", fileId });
    return (token, owner) => this.#open(token, owner);
  }

  /** The one that the bank has a correction of. */
  async forCorrection(
    inbound: string,
    token: string,
    owner: string,
  ): Promise<BankAccount | undefined> {
    await this.record({ kind: "correction", inbound, token, owner });
    return this.#open(token, owner);
  }

  /**
   * Seals what takes the place of `old`, for the same person; gives its token, and who else has the
   * same bank account.
   */
  replace(old: string, owner: string, next: BankAccount): Replaced {
    const bytes = Buffer.from(JSON.stringify(next));
    const person = this.rows.personOf(old) ?? owner;
    const [token = ""] = this.rows.put([{ kind: "bank-account", owner, person, bytes }]);
    wipe(bytes);
    const others = this.rows.ownersSharing(token).filter((other) => other !== owner);
    return { token, others };
  }

  #open(token: string, owner: string): BankAccount | undefined {
    const bytes = this.rows.open(token, "bank-account", owner);
    if (bytes === undefined) return undefined;
    const opened = JSON.parse(Buffer.from(bytes).toString("utf8")) as BankAccount;
    wipe(bytes);
    return opened;
  }
}
