/** An account's identity: pictures come in, somebody looks at them, and they are destroyed. */
import type { AccountCommand, AccountEvent, AccountReply } from "./account-messages.ts";
import type { BlockedAccount, OpenAccount } from "./account-state.ts";
import { answerOnly, type Decision, decided, type Effect, type Meta, send } from "./actor.ts";
import { unreachable } from "./assert.ts";
import {
  documentTokens,
  type Identity,
  isComplete,
  NO_IDENTITY,
  withDocument,
} from "./identity.ts";

type AccountDecision = Decision<AccountEvent, AccountReply>;
type Of<Kind extends AccountCommand["kind"]> = Extract<AccountCommand, { kind: Kind }>;

export function submitDocument(
  { customer }: OpenAccount | BlockedAccount,
  { documentKind, side, token }: Of<"SubmitIdentityDocument">,
  meta: Meta,
): AccountDecision {
  const before = customer.identity;
  if (before.kind === "verified") return answerOnly({ kind: "identity_already_verified" });
  const event: IdentityEvent = {
    kind: "IdentityDocumentSubmitted",
    documentKind,
    side,
    token,
    atMs: meta.nowMs,
  };
  const identity = identityAfter(before, event);
  const kept = documentTokens(identity);
  const obsolete = documentTokens(before).filter((old) => !kept.includes(old));
  return decided([event], { kind: "identity_changed", identity }, destroyed(obsolete));
}

export function decideIdentity(
  { customer }: OpenAccount | BlockedAccount,
  command: Of<"VerifyIdentity"> | Of<"RejectIdentity">,
  meta: Meta,
): AccountDecision {
  const before = customer.identity;
  if (before.kind === "verified") return answerOnly({ kind: "identity_already_verified" });
  if (before.kind !== "pending") return answerOnly({ kind: "identity_not_pending" });
  const event: IdentityEvent =
    command.kind === "VerifyIdentity"
      ? { kind: "IdentityVerified", atMs: meta.nowMs }
      : { kind: "IdentityRejected", reason: command.reason };
  const identity = identityAfter(before, event);
  const obsolete = documentTokens(before);
  return decided([event], { kind: "identity_changed", identity }, destroyed(obsolete));
}

/** With the decision, so that no crash leaves a picture that nobody needs. */
function destroyed(tokens: readonly string[]): readonly Effect[] {
  const destroy = { kind: "DestroySealed" } as const;
  return tokens.map((id) => send({ kind: "documents", id }, destroy));
}

/** Pictures that waited too long are destroyed; the customer takes them again. */
export function expireDocuments({ customer }: OpenAccount | BlockedAccount): AccountDecision {
  const tokens = documentTokens(customer.identity);
  if (tokens.length === 0) return answerOnly({ kind: "noted" });
  return decided([{ kind: "IdentityDocumentsExpired" }], { kind: "noted" }, destroyed(tokens));
}

export type IdentityEvent = Extract<
  AccountEvent,
  {
    kind:
      | "IdentityDocumentSubmitted"
      | "IdentityVerified"
      | "IdentityRejected"
      | "IdentityDocumentsExpired";
  }
>;

export function identityAfter(identity: Identity, event: IdentityEvent): Identity {
  switch (event.kind) {
    case "IdentityDocumentSubmitted": {
      const documents = withDocument(identity, event.documentKind, event.side, event.token);
      if (!isComplete(documents)) return { kind: "none", documents };
      return { kind: "pending", documents, sinceMs: event.atMs };
    }
    case "IdentityVerified":
      return { kind: "verified", atMs: event.atMs };
    case "IdentityRejected":
      return { kind: "rejected", reason: event.reason, documents: undefined };
    case "IdentityDocumentsExpired":
      return NO_IDENTITY;
    default:
      return unreachable(event);
  }
}
