/**
 * A notification of change edits the record in the vault, never the books: the owner goes on with
 * a token of the corrected bank account (Nacha: within six banking days, or before the next entry).
 */
import type { SentEntry } from "../../actors/sent-entry.ts";
import type { CorrectedParts } from "../rails/ach/corrected.ts";
import { transactionCode } from "../rails/ach/transaction-codes.ts";
import { endingOf } from "../vault/bank-account-ending.ts";
import type { BankAccount } from "../vault/bank-accounts.ts";
import { entriesOfTrace } from "../views/ach-entries.ts";
import { type CollectionParts, entriesTable, PRINCIPAL } from "./parts.ts";

/** What the bank says, and where it says it. */
export interface Change {
  /** C01 to C13. */
  readonly code: string;
  /** The inbound file, by the hash of its bytes. */
  readonly inbound: string;
  readonly commandId: string;
}

/** False where the change is of something else than the bank account. */
export async function correctBankAccount(
  parts: CollectionParts,
  sent: SentEntry,
  { code, inbound, commandId }: Change,
  corrected: CorrectedParts,
): Promise<boolean> {
  const { host, bankAccounts } = parts;
  const { owner, fileId, trace } = sent;
  const filed = entriesOfTrace(entriesTable(parts), trace).find((one) => one.fileId === fileId);
  if (filed === undefined) return false;
  const { bankAccount: of } = filed;
  const now = await bankAccounts.forCorrection(inbound, of, owner.id);
  if (now === undefined) return false;
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
  const { token, others } = bankAccounts.replace(of, owner.id, next);
  const told = owner.kind === "merchant" ? endingFor(parts, owner.id, next) : { others };
  const command = { kind: "CorrectBankAccount", of, token, code, ...told };
  await host.ask(owner, command, { principal: PRINCIPAL, commandId });
  return true;
}

/** Merchants are shown how the number of theirs ends. */
function endingFor({ vault }: CollectionParts, id: string, account: BankAccount) {
  const [ending = ""] = vault.put([endingOf(id, account)]);
  return { ending };
}
