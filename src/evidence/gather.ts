/** The events that speak of one purchase: of its payer, its files, its entries and its refunds. */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { ActorRef } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { HashedEvent, ProofLog } from "../runtime/proof-log.ts";
import { accountEventOf } from "./account-events.ts";

/** Of the account, whatever payment they are of: what the mandate is, and who ended it. */
const OF_THE_MANDATE: ReadonlySet<string> = new Set([
  "AccountOpened",
  "BankAccountReplaced",
  "MandateEnded",
  "ClosingBegun",
  "AccountClosed",
]);

/** Of a file: what was sent, and what the bank said to it. Returns of others are not shown. */
const OF_THE_FILE: ReadonlySet<string> = new Set([
  "FileOpened",
  "FileBuilt",
  "FileHandedOver",
  "FileAcknowledged",
  "FileRejected",
  "FileSettled",
  "FileClosed",
]);

const TAKEN_BACK: ReadonlySet<string> = new Set(["DebitsUnfiled", "FeesUnfiled"]);

/** In the order of the log, each once. `capturedAt` is the position of the purchase's capture. */
export function gatherEvents(log: ProofLog, capturedAt: number): readonly HashedEvent[] {
  const captured = log.at(capturedAt);
  assert(captured?.event.kind === "PaymentCaptured", "the purchase was captured there");
  const paymentId = paymentIdIn(captured.event);
  const found = new Map<number, HashedEvent>();
  const keep = (ref: ActorRef, isWanted: (event: StoredEvent) => boolean): StoredEvent[] => {
    const kept = [...log.history(ref)].filter(({ event }) => isWanted(event));
    for (const one of kept) found.set(one.event.position, one);
    return kept.map(({ event }) => event);
  };
  const own = keep(captured.event.ref, ({ kind, data }) => {
    return OF_THE_MANDATE.has(kind) || data.includes(`"${paymentId}"`);
  });
  for (const event of own) {
    const account = accountEventOf(event);
    const isAccepted = account.kind === "AccountOpened" || account.kind === "BankAccountReplaced";
    if (isAccepted && account.mandate !== null) {
      keep({ kind: "mandate-text", id: account.mandate.textHash }, () => true);
    }
    const entries = entriesOf(account);
    if (entries === undefined) continue;
    const { fileId } = entries;
    keep(
      captured.event.ref,
      ({ kind, data }) => TAKEN_BACK.has(kind) && data.includes(`"${fileId}"`),
    );
    keep({ kind: "ach-file", id: fileId }, ({ kind }) => OF_THE_FILE.has(kind));
    for (const entry of entries.filed) {
      if (entry.paymentId !== paymentId) continue;
      keep({ kind: "ach-entry", id: `${fileId}/${entry.trace}` }, () => true);
    }
  }
  keep({ kind: "purchase", id: paymentId }, () => true);
  return [...found.values()].sort((a, b) => a.event.position - b.event.position);
}

/** Put into a file: debits, refunds, or the fees of debits that came back. */
function entriesOf(event: AccountEvent) {
  switch (event.kind) {
    case "DebitsFiled":
      return { fileId: event.fileId, filed: event.debits };
    case "RefundsFiled":
      return { fileId: event.fileId, filed: event.refunds };
    case "FeesFiled":
      return { fileId: event.fileId, filed: event.fees };
    default:
      return undefined;
  }
}

export function paymentIdIn(captured: StoredEvent): string {
  const event = accountEventOf(captured);
  assert(event.kind === "PaymentCaptured", "a purchase is captured");
  return event.receipt.paymentId;
}
