/** Puts on record, durably and first, that collection opens bank accounts. */
import type { AccessCommand } from "../../actors/bank-account-access.ts";
import type { Host } from "../runtime/host.ts";
import type { BankAccountAccess } from "../vault/bank-accounts.ts";
import { PRINCIPAL } from "./parts.ts";

export function recordAccess(host: Host): (access: BankAccountAccess) => Promise<void> {
  return async (access) => {
    const isFile = access.kind === "file";
    const command: AccessCommand = isFile
      ? { kind: "OpenFileAccounts" }
      : { kind: "OpenBankAccount", token: access.token, owner: access.owner };
    const ref = { kind: "bank-account-access", id: isFile ? access.fileId : access.inbound };
    await host.ask(ref, command, { principal: PRINCIPAL });
  };
}
