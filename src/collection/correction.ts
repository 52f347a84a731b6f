/**
 * A notification of change edits the record in the vault, never the books: the owner goes on with
 * a token of the corrected bank account (Nacha: within six banking days, or before the next entry).
 */
import type { SentEntry } from "../../actors/ach-entry.ts";
import { wipe } from "../../wasm/bytes.ts";
import type { CorrectedParts } from "../rails/ach/corrected.ts";
import { transactionCode } from "../rails/ach/transaction-codes.ts";
import { entriesOfTrace } from "../views/ach-entries.ts";
import { type CollectionParts, entriesTable, PRINCIPAL } from "./parts.ts";

/** As the vault keeps it, JSON. */
export interface BankAccount {
  readonly routing_number: string;
  readonly account_number: string;
  readonly kind: "checking" | "savings";
}

/** False where the change is of something else than the bank account. */
export async function correctBankAccount(
  parts: CollectionParts,
  sent: SentEntry,
  code: string,
  corrected: CorrectedParts,
  id: string,
): Promise<boolean> {
  const { host, vault } = parts;
  const { owner, fileId, trace } = sent;
  const filed = entriesOfTrace(entriesTable(parts), trace).find((one) => one.fileId === fileId);
  const bytes = filed && vault.open(filed.bankAccount, "bank-account", owner.id);
  if (filed === undefined || bytes === undefined) return false;
  const now = JSON.parse(Buffer.from(bytes).toString("utf8")) as BankAccount;
  wipe(bytes);
  const kind = transactionCode(corrected.code ?? "")?.account;
  const next: BankAccount = {
    routing_number: corrected.routing ?? now.routing_number,
    account_number: corrected.account?.expose() ?? now.account_number,
    kind: kind === "checking" || kind === "savings" ? kind : now.kind,
  };
  const isSame =
    next.routing_number === now.routing_number &&
    next.account_number === now.account_number &&
    next.kind === now.kind;
  if (isSame) return false;
  const [token] = vault.put([
    { kind: "bank-account", owner: owner.id, bytes: Buffer.from(JSON.stringify(next)) },
  ]);
  const command = { kind: "CorrectBankAccount", of: filed.bankAccount, token, code };
  await host.ask(owner, command, { principal: PRINCIPAL, commandId: id });
  return true;
}
