/**
 * Acts of two people of which one has spoken (docs/money.md): who waits for a second one, each
 * once, the oldest first. The word of the second one ends it, and so does whatever makes it
 * pointless; of an account's the account has the last word, for not every event says what is left.
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { AchEntryEvent } from "../../actors/ach-entry.ts";
import type { AchFileEvent } from "../../actors/ach-file-messages.ts";
import type { AchInboundEvent } from "../../actors/ach-inbound.ts";
import { present } from "../../actors/assert.ts";
import { type CollectionRunsEvent, PROPOSALS_MAX } from "../../actors/collection-runs.ts";
import { merchantId, type RefundId } from "../../actors/ids.ts";
import type { Cents } from "../../actors/money.ts";
import type { PurchaseEvent } from "../../actors/purchase.ts";
import type { SettlementEvent } from "../../actors/settlement-messages.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewRows, ViewTable } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";
import { enqueue, leave, waitingBehind } from "./queue.ts";

export const PROPOSED_ACTS = [
  ...(["bank_account", "exception_apply", "exception_give_up", "fee_waiver"] as const),
  ...(["file_rejection", "file_settlement", "import", "payment", "refund"] as const),
  ...(["refund_by_hand", "refund_resolution", "reversal", "write_off"] as const),
] as const;

export type ProposedAct = (typeof PROPOSED_ACTS)[number];

export interface Proposal {
  readonly act: ProposedAct;
  /** Ids and words that the act names; never what somebody wrote. */
  readonly about: readonly string[];
  /** Null where the act has none, or more than one. */
  readonly amountCents: Cents | null;
  /** Of a reversal: how many. */
  readonly entries: number | null;
  readonly by: string;
  /** Unix milliseconds. */
  readonly atMs: number;
  /** Of its event in the feed. */
  readonly position: number;
}

type What = Pick<Proposal, "act" | "about"> & Partial<Pick<Proposal, "amountCents" | "entries">>;

const EVIDENCE = "evidence/";
const IMPORTS = "imports";
const KEPT = "kept/";
const ENTRY = "entry/";
const COUNT = "count/";
const BY_HAND = "refund_by_hand";
const RESOLUTION = "refund_resolution";

export const proposals: View = {
  name: "proposals",
  version: 1,
  apply(events, table) {
    for (const event of events) HEAR[event.ref.kind]?.(event, table);
  },
};

/** By the kind of the actor. */
const HEAR: Readonly<Record<string, (stored: StoredEvent, table: ViewTable) => void>> = {
  account: ofAccount,
  "ach-entry": ofEntry,
  "ach-file": ofFile,
  "ach-inbound": ofInbound,
  "collection-runs": ofRuns,
  merchant: ofMerchant,
  purchase: ofPurchase,
};

function propose(table: ViewTable, stored: StoredEvent, name: string, by: string, what: What) {
  const { atMs, position } = stored;
  const row: Proposal = { amountCents: null, entries: null, ...what, by, atMs, position };
  enqueue(table, name, sortable(position), row);
}

function ofAccount(stored: StoredEvent, table: ViewTable): void {
  const account = stored.ref.id;
  const nameOf = (act: ProposedAct, id = ""): string => `${act}/${account}/${id}`;
  const event = bodyOf<AccountEvent>(stored);
  switch (event.kind) {
    case "PaymentProposed": {
      const { amountCents, evidence, by } = event;
      propose(table, stored, nameOf("payment"), by, {
        act: "payment",
        about: [account],
        amountCents,
      });
      table.put(EVIDENCE + account, JSON.stringify(evidence));
      return;
    }
    case "PaidByHand":
    case "DuePaidByHand":
    case "DebtRecovered":
      if (table.get(EVIDENCE + account) !== JSON.stringify(event.evidence)) return;
      table.remove(EVIDENCE + account);
      leave(table, nameOf("payment"));
      return;
    case "WriteOffProposed":
    case "FeeWaiverProposed": {
      const { paymentId, by } = event;
      const act = event.kind === "WriteOffProposed" ? "write_off" : "fee_waiver";
      propose(table, stored, nameOf(act, paymentId), by, { act, about: [account, paymentId] });
      return;
    }
    case "DebtWrittenOff":
    case "DisputeDecided":
      leave(table, nameOf("write_off", event.paymentId));
      return;
    case "DebitsCollected":
      for (const paymentId of event.paymentIds) leave(table, nameOf("write_off", paymentId));
      return;
    case "FeeWaived":
      leave(table, nameOf("fee_waiver", event.paymentId));
      return;
    default:
      ofRefund(event, stored, table);
  }
}

function ofRefund(event: AccountEvent, stored: StoredEvent, table: ViewTable): void {
  const account = stored.ref.id;
  const byHand = (refundId: RefundId): string => `${BY_HAND}/${account}/${refundId}`;
  const resolution = (refundId: RefundId): string => `${RESOLUTION}/${account}/${refundId}`;
  switch (event.kind) {
    case "RefundByHandProposed": {
      const { refundId, by } = event;
      const what = { act: BY_HAND, about: [account, refundId] } as const;
      propose(table, stored, byHand(refundId), by, what);
      return;
    }
    case "RefundResolutionProposed": {
      const { refundId, by } = event;
      const what = { act: RESOLUTION, about: [account, refundId, event.resolution] } as const;
      propose(table, stored, resolution(refundId), by, what);
      return;
    }
    case "RefundPaidByHand":
    case "RefundSentAgain":
    case "RefundUnclaimed":
      leave(table, byHand(event.refundId));
      leave(table, resolution(event.refundId));
      return;
    default:
  }
}

/** Entries of a file that one person proposed for one reason are a row: it may be thousands. */
function ofEntry(stored: StoredEvent, table: ViewTable): void {
  const event = bodyOf<AchEntryEvent>(stored);
  const { id } = stored.ref;
  switch (event.kind) {
    case "ReversalProposed": {
      const [file = "", trace = ""] = id.split("/");
      const { reason, by } = event;
      withdrawn(table, id);
      const name = `reversal/${file}/${reason}/${by}`;
      const entries = countOf(table, name) + 1;
      table.put(ENTRY + id, JSON.stringify(name));
      table.put(COUNT + name, JSON.stringify(entries));
      // Of one alone: which.
      const about = entries === 1 ? [file, reason, trace] : [file, reason];
      propose(table, stored, name, by, { act: "reversal", about, entries });
      return;
    }
    case "EntryReversed":
    case "ReturnReceived":
      withdrawn(table, id);
      return;
    default:
  }
}

/** The entry waits no more; its row goes with the last of its file. */
function withdrawn(table: ViewTable, id: string): void {
  const known = table.get(ENTRY + id);
  if (known === undefined) return;
  table.remove(ENTRY + id);
  const name = JSON.parse(known) as string;
  const entries = countOf(table, name) - 1;
  if (entries > 0) {
    table.put(COUNT + name, JSON.stringify(entries));
    return;
  }
  table.remove(COUNT + name);
  leave(table, name);
}

function countOf(table: ViewRows, name: string): number {
  return Number(table.get(COUNT + name) ?? 0);
}

function ofFile(stored: StoredEvent, table: ViewTable): void {
  const file = stored.ref.id;
  const event = bodyOf<AchFileEvent>(stored);
  const [rejection, settlement] = [`file_rejection/${file}`, `file_settlement/${file}`];
  switch (event.kind) {
    case "RejectionProposed":
      propose(table, stored, rejection, event.by, { act: "file_rejection", about: [file] });
      return;
    case "SettlementProposed":
      propose(table, stored, settlement, event.by, { act: "file_settlement", about: [file] });
      return;
    case "FileAcknowledged":
    case "FileRejected":
    case "BankContradicted":
    case "ContradictionResolved":
      leave(table, rejection);
      return;
    case "FileSettled":
    case "StatementCorrected":
      leave(table, rejection);
      leave(table, settlement);
      return;
    default:
  }
}

function ofInbound(stored: StoredEvent, table: ViewTable): void {
  const event = bodyOf<AchInboundEvent>(stored);
  if (event.kind === "ExceptionKept") {
    // Known by the event that began it (`exc_91`).
    const place = `${KEPT}${stored.ref.id}/${event.exception.number}`;
    table.put(place, JSON.stringify(`exc_${stored.position}`));
    return;
  }
  if (!("number" in event)) return;
  const name = `${stored.ref.id}/${event.number}`;
  const [apply, giveUp] = [`exception_apply/${name}`, `exception_give_up/${name}`];
  const exception = (): string => JSON.parse(present(table.get(KEPT + name), "it was kept"));
  switch (event.kind) {
    case "ExceptionMatchProposed": {
      const about = [exception(), ...event.to.split("/"), event.code];
      propose(table, stored, apply, event.by, { act: "exception_apply", about });
      return;
    }
    case "ExceptionGiveUpProposed":
      propose(table, stored, giveUp, event.by, { act: "exception_give_up", about: [exception()] });
      return;
    case "ExceptionMatched":
      leave(table, apply);
      return;
    case "ExceptionApplied":
      // The proposal was of all of its money.
      leave(table, giveUp);
      return;
    case "ExceptionResolved":
      leave(table, apply);
      leave(table, giveUp);
      table.remove(KEPT + name);
      return;
    default:
  }
}

function ofRuns(stored: StoredEvent, table: ViewTable): void {
  const event = bodyOf<CollectionRunsEvent>(stored);
  const open = JSON.parse(table.get(IMPORTS) ?? "[]") as readonly string[];
  if (event.kind === "ImportProposed") {
    const { inbound, by } = event;
    const all = [...open, inbound];
    for (const old of all.slice(0, -PROPOSALS_MAX)) leave(table, `import/${old}`);
    table.put(IMPORTS, JSON.stringify(all.slice(-PROPOSALS_MAX)));
    propose(table, stored, `import/${inbound}`, by, { act: "import", about: [inbound] });
  } else if (event.kind === "RunAsked" && event.order.run === "import") {
    const { inbound } = event.order;
    table.put(IMPORTS, JSON.stringify(open.filter((other) => other !== inbound)));
    leave(table, `import/${inbound}`);
  }
}

function ofMerchant(stored: StoredEvent, table: ViewTable): void {
  const event = bodyOf<SettlementEvent>(stored);
  const merchant = merchantId(Number(stored.ref.id));
  const name = `bank_account/${merchant}`;
  if (event.kind === "BankAccountProposed") {
    propose(table, stored, name, event.by, { act: "bank_account", about: [merchant] });
  } else if (event.kind === "BankAccountSet") leave(table, name);
}

function ofPurchase(stored: StoredEvent, table: ViewTable): void {
  const event = bodyOf<PurchaseEvent>(stored);
  const payment = stored.ref.id;
  const name = `refund/${payment}`;
  if (event.kind === "PurchaseRefunded") {
    leave(table, name);
    return;
  }
  const { amountCents, by } = event;
  propose(table, stored, name, by, { act: "refund", about: [payment], amountCents });
}

/** Those behind the one of this position, the oldest first. */
export function proposalsBehind(
  table: ViewRows,
  max: number,
  position: number,
): readonly Proposal[] {
  return waitingBehind(table, max, sortable(position));
}
