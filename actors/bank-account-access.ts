/**
 * The record of who opened bank accounts: one actor for each file that is written and for each
 * inbound file that corrects one, named by it. A file is one record, however many entries it has:
 * which tokens they name stands in the events of their owners, under the same file
 * (docs/privacy.md). Who and when stand beside each event, as everywhere in the log.
 */
import { type ActorDefinition, answerOnly, decided, type StoredBody } from "./actor.ts";
import { assert, unreachable } from "./assert.ts";

export type AccessCommand =
  /** All bank accounts that the entries of this file name are about to be opened. */
  | { readonly kind: "OpenFileAccounts" }
  /** One is about to be opened: the bank has a correction of it. */
  | { readonly kind: "OpenBankAccount"; readonly token: string; readonly owner: string }
  | { readonly kind: "DescribeAccess" };

export type AccessEvent =
  | { readonly kind: "FileAccountsOpened" }
  | { readonly kind: "BankAccountOpened"; readonly token: string; readonly owner: string };

export interface AccessState {
  /** How often: a file whose writing was broken off is written again. */
  readonly openings: number;
}

export type AccessReply =
  | { readonly kind: "noted" }
  | { readonly kind: "access"; readonly openings: number };

const NOTED = { kind: "noted" } as const;

export const bankAccountAccessActor: ActorDefinition<
  AccessState,
  AccessCommand,
  AccessEvent,
  AccessReply
> = {
  kind: "bank-account-access",
  schemaVersion: 1,
  eventKinds: ["FileAccountsOpened", "BankAccountOpened"],
  init: () => ({ openings: 0 }),
  decide(state, command) {
    switch (command.kind) {
      case "DescribeAccess":
        return answerOnly({ kind: "access", openings: state.openings });
      case "OpenFileAccounts":
        return decided([{ kind: "FileAccountsOpened" }], NOTED);
      case "OpenBankAccount": {
        const { token, owner } = command;
        assert(token.length > 0 && owner.length > 0, "what is opened has a token and an owner");
        return decided([{ kind: "BankAccountOpened", token, owner }], NOTED);
      }
      default:
        return unreachable(command);
    }
  },
  apply: ({ openings }) => ({ openings: openings + 1 }),
  upcast(stored: StoredBody) {
    assert(stored.version === 1, "the record of openings has events of version 1");
    return stored.body as AccessEvent;
  },
};
