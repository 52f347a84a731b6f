/**
 * What is to be put into files, and what is in them: the owners of money to collect or to pay, the
 * entries of each file in the order in which they are written, and the way from a trace number back
 * to its entry. The truth is in the events of the owners; a file is written from these rows and
 * compared with the totals that the owners said.
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { OwnerLeftOut } from "../../actors/ach-file-messages.ts";
import { type Moved, NO_MOVED } from "../../actors/ach-file-totals.ts";
import type { ActorRef, Message } from "../../actors/actor.ts";
import { assert, present } from "../../actors/assert.ts";
import type { EntrySubject, RefundFiled } from "../../actors/collection-messages.ts";
import type { AchFileId, PaymentId } from "../../actors/ids.ts";
import type { LaneKind } from "../../actors/lane-messages.ts";
import type { MerchantEvent } from "../../actors/merchant.ts";
import { addCents, type Cents, ZERO_CENTS } from "../../actors/money.ts";
import type { SentEntry } from "../../actors/sent-entry.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewRows, ViewTable } from "../runtime/view.ts";
import { keysOfTrace, leadNoMore, leadTo, sortableTrace } from "./entry-traces.ts";
import { bodyOf } from "./event-body.ts";

/** An entry of a file, with what its line is written from. */
export interface FiledEntry extends SentEntry {
  /** 1; above it the debit is presented again. */
  readonly attempt: number;
  /** Tokens of the vault; a merchant has no person. */
  readonly person: string | null;
  readonly bankAccount: string;
  /** Feed position of the event that captured the purchase; null where there is none. */
  readonly capturedAt: number | null;
  readonly laneKind: LaneKind | null;
}

/** Entries of one group make one batch: same kind, same company name, same description. */
export type EntryGroup = string;

const OWNER = "owner/";
const PURCHASE = "purchase/";
const ENTRY = "entry/";
const CREDIT = "credit/";
const ENDED = "ended/";
const NUMBER_DIGITS = 10;
const PAGE_MAX = 1_000;

export const achEntries: View = {
  name: "ach-entries",
  version: 8,
  apply(events, table) {
    for (const event of events) {
      if (event.ref.kind === "account") applyAccount(event, table);
      else if (event.ref.kind === "merchant") applyMerchant(event, table);
      else if (event.kind === "OwnerLeftOut") applyLeftOut(event, table);
    }
  },
};

/** Events after which something of their account may be filed. */
const WAITING: ReadonlySet<string> = new Set([
  "AccountOpened",
  "DebitsUnfiled",
  "FeesUnfiled",
  "FeeSetOff",
  "RefundsUnfiled",
  "PrenoteUnfiled",
  "RefundGranted",
  "RetryAllowed",
  "PaidByHand",
  "DuePaidByHand",
  "DebtRecovered",
  "RefundSetOff",
  "RefundReturned",
  "RefundSentAgain",
  "DisputeDecided",
  "BlockLifted",
  "BankAccountReplaced",
  "DebitReversed",
  "ReversalLapsed",
] satisfies AccountEvent["kind"][]);

function applyAccount(stored: StoredEvent, table: ViewTable): void {
  const { ref, kind } = stored;
  if (WAITING.has(kind)) noteWaiting(table, ref, true);
  switch (kind as AccountEvent["kind"]) {
    case "PaymentCaptured": {
      const { receipt, terminal } = bodyOf<EventOf<"PaymentCaptured">>(stored);
      const row = JSON.stringify([stored.position, terminal.laneKind]);
      table.put(PURCHASE + receipt.paymentId, row);
      // The newest one, for a prenote is sent as the debits after it will be.
      table.put(ownerKey(ref), row);
      return;
    }
    case "DebitReturned": {
      const { retryFrom } = bodyOf<EventOf<"DebitReturned">>(stored);
      if (retryFrom !== null) noteWaiting(table, ref, true);
      return;
    }
    case "ReturnFeeCharged": {
      // Before version 6 it does not say.
      const { debitBy = null } = bodyOf<Partial<EventOf<"ReturnFeeCharged">> & Message>(stored);
      if (debitBy !== null) noteWaiting(table, ref, true);
      return;
    }
    case "DebitsCollected":
    case "FeesCollected": {
      type Collected = EventOf<"DebitsCollected" | "FeesCollected">;
      const { fileId, amountCents, hasMore } = bodyOf<Collected>(stored);
      if (hasMore) noteWaiting(table, ref, true);
      addEnded(table, fileId, { debitCents: amountCents, creditCents: ZERO_CENTS });
      return;
    }
    case "DebitReversed": {
      const { fileId, from, amountCents } = bodyOf<EventOf<"DebitReversed">>(stored);
      // Its file has nothing of it to collect any more.
      const debitCents = from === "in_flight" ? amountCents : ZERO_CENTS;
      addEnded(table, fileId, { debitCents, creditCents: ZERO_CENTS });
      return;
    }
    case "RefundsPaid": {
      const { fileId, refundIds } = bodyOf<EventOf<"RefundsPaid">>(stored);
      for (const refundId of refundIds) arrived(table, `${refundId}/${fileId}`);
      return;
    }
    case "PrenoteFiled":
      prenote(bodyOf<EventOf<"PrenoteFiled">>(stored), ref, table);
      return;
    case "DebitsFiled":
      debits(bodyOf<EventOf<"DebitsFiled">>(stored), ref, table);
      return;
    case "FeesFiled":
      fees(bodyOf<EventOf<"FeesFiled">>(stored), ref, table);
      return;
    case "RefundsFiled":
      refunds(bodyOf<EventOf<"RefundsFiled">>(stored), ref, table);
      return;
    default:
  }
}

/** Its entries are not in the file: nothing was ever sent under their traces. */
function applyLeftOut(stored: StoredEvent, table: ViewTable): void {
  const fileId = stored.ref.id;
  for (const trace of bodyOf<OwnerLeftOut>(stored).traces) {
    const keys = keysOfTrace(table, trace);
    const key = keys.find((key) => key.startsWith(`${fileId}/`));
    assert(key !== undefined, "what is left out was filed");
    const entry = JSON.parse(present(table.get(ENTRY + key), "with its row")) as FiledEntry;
    const { subject } = entry;
    if ("refundId" in subject) table.remove(`${CREDIT}${subject.refundId}/${fileId}`);
    table.remove(ENTRY + key);
    leadNoMore(table, trace, key);
  }
}

type EventOf<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;
type MerchantEventOf<Kind extends MerchantEvent["kind"]> = Extract<MerchantEvent, { kind: Kind }>;

function applyMerchant(stored: StoredEvent, table: ViewTable): void {
  const { ref, kind } = stored;
  switch (kind as MerchantEvent["kind"]) {
    case "PayoutMade":
    case "PayoutUnfiled":
    case "BankAccountSet":
      noteWaiting(table, ref, true);
      return;
    case "PayoutFiled": {
      const event = bodyOf<MerchantEventOf<"PayoutFiled">>(stored);
      const { payoutId, fileId, trace, amountCents, bankAccount } = event;
      noteWaiting(table, ref, false);
      credited(table, `${ref.id}/${payoutId}`, fileId, amountCents);
      file(table, `payout/${sortableId(ref.id)}`, {
        ...{ fileId, trace, owner: ref, subject: { kind: "payout", payoutId } },
        ...{ direction: "credit", amountCents, merchantNumber: Number(ref.id), attempt: 1 },
        ...{ person: null, bankAccount, capturedAt: null, laneKind: null },
      });
      return;
    }
    case "PayoutArrived": {
      const { payoutId } = bodyOf<MerchantEventOf<"PayoutArrived">>(stored);
      arrived(table, `${ref.id}/${payoutId}`);
      return;
    }
    default:
  }
}

/** Who waits for what is no purchase. */
const WAITS = "1";

function ownerKey({ kind, id }: ActorRef): string {
  return `${OWNER}${kind}/${id}`;
}

function noteWaiting(table: ViewTable, ref: ActorRef, isWaiting: boolean): void {
  const key = ownerKey(ref);
  if (!isWaiting) table.remove(key);
  else if (table.get(key) === undefined) table.put(key, WAITS);
}

function prenote(event: EventOf<"PrenoteFiled">, owner: ActorRef, table: ViewTable): void {
  const { fileId, trace, vault, hasMore } = event;
  const waits = table.get(ownerKey(owner)) ?? WAITS;
  const [capturedAt, laneKind] = waits === WAITS ? NO_CAPTURE : readCapture(waits);
  noteWaiting(table, owner, hasMore);
  // Before the first purchase it is sent as for a web lane.
  file(table, `prenote/${laneKind ?? "web"}`, {
    ...{ fileId, trace, owner, subject: { kind: "prenote" }, direction: "debit" },
    ...{ amountCents: ZERO_CENTS, merchantNumber: 0, attempt: 1 },
    ...{ ...vault, capturedAt, laneKind },
  });
}

function debits(event: EventOf<"DebitsFiled">, owner: ActorRef, table: ViewTable): void {
  const { fileId, vault, hasMore } = event;
  noteWaiting(table, owner, hasMore);
  for (const { paymentId, trace, amountCents, attempt, merchantNumber } of event.debits) {
    const { capturedAt, laneKind } = captureOf(table, paymentId);
    const turn = attempt > 1 ? "retry" : "first";
    file(table, `debit/${turn}/${laneKind}/${sortableId(merchantNumber)}`, {
      ...{ fileId, trace, owner, subject: { kind: "debit", paymentId }, direction: "debit" },
      ...{ amountCents, merchantNumber, attempt, ...vault, capturedAt, laneKind },
    });
  }
}

function fees(event: EventOf<"FeesFiled">, owner: ActorRef, table: ViewTable): void {
  const { fileId, vault, hasMore } = event;
  noteWaiting(table, owner, hasMore);
  for (const { paymentId, trace, amountCents, merchantNumber } of event.fees) {
    const { capturedAt, laneKind } = captureOf(table, paymentId);
    file(table, `fee/${sortableId(merchantNumber)}`, {
      ...{ fileId, trace, owner, subject: { kind: "fee", paymentId }, direction: "debit" },
      ...{ amountCents, merchantNumber, attempt: 1, ...vault, capturedAt, laneKind },
    });
  }
}

function refunds(event: EventOf<"RefundsFiled">, owner: ActorRef, table: ViewTable): void {
  const { fileId, vault, hasMore } = event;
  noteWaiting(table, owner, hasMore);
  for (const filed of event.refunds) {
    const { refundId, paymentId, merchantNumber, trace, amountCents, reverses } = filed;
    const none = { capturedAt: null, laneKind: null };
    const { capturedAt, laneKind } = paymentId === null ? none : captureOf(table, paymentId);
    const subject = creditSubject(filed);
    // A reversal goes where the debit came from, whatever bank account it is today.
    const bankAccount = reverses?.bankAccount ?? vault.bankAccount;
    credited(table, `${refundId}/${fileId}`, fileId, amountCents);
    file(table, `${subject.kind}/${laneKind ?? "none"}/${sortableId(merchantNumber)}`, {
      ...{ fileId, trace, owner, subject, direction: "credit", amountCents, merchantNumber },
      ...{ attempt: 1, ...vault, bankAccount, capturedAt, laneKind },
    });
  }
}

function creditSubject({ refundId, paymentId, reverses }: RefundFiled): EntrySubject {
  if (reverses === undefined) return { kind: "refund", refundId, paymentId };
  return { kind: "reversal", refundId, paymentId: present(paymentId, "it was bought"), reverses };
}

function captureOf(
  table: ViewTable,
  paymentId: PaymentId,
): { readonly capturedAt: number; readonly laneKind: LaneKind } {
  const row = table.get(PURCHASE + paymentId);
  assert(row !== undefined, "what is filed was captured");
  const [capturedAt, laneKind] = readCapture(row);
  return { capturedAt, laneKind };
}

const NO_CAPTURE: readonly [null, null] = [null, null];

function readCapture(row: string): readonly [number, LaneKind] {
  return JSON.parse(row) as [number, LaneKind];
}

function file(table: ViewTable, group: EntryGroup, entry: FiledEntry): void {
  const { fileId, trace } = entry;
  const key = `${fileId}/${group}/${sortableTrace(trace)}`;
  table.put(ENTRY + key, JSON.stringify(entry));
  leadTo(table, trace, key);
}

function sortableId(number: number | string): string {
  return String(number).padStart(NUMBER_DIGITS, "0");
}

/** A credit on its way, until it has arrived: the event of its arrival names no amount. */
function credited(table: ViewTable, credit: string, fileId: AchFileId, amountCents: Cents): void {
  table.put(CREDIT + credit, JSON.stringify([fileId, amountCents]));
}

function arrived(table: ViewTable, credit: string): void {
  const row = table.get(CREDIT + credit);
  assert(row !== undefined, "what arrives was sent");
  const [fileId, creditCents] = JSON.parse(row) as [AchFileId, Cents];
  table.remove(CREDIT + credit);
  addEnded(table, fileId, { debitCents: ZERO_CENTS, creditCents });
}

function addEnded(table: ViewTable, fileId: AchFileId, more: Moved): void {
  const before = endedIn(table, fileId);
  const debitCents = addCents(before.debitCents, more.debitCents);
  const creditCents = addCents(before.creditCents, more.creditCents);
  table.put(ENDED + fileId, JSON.stringify({ debitCents, creditCents }));
}

/** Of a file what was collected and what has arrived, whoever was told of its end and when. */
export function endedIn(table: ViewRows, fileId: AchFileId): Moved {
  const row = table.get(ENDED + fileId);
  return row === undefined ? NO_MOVED : (JSON.parse(row) as Moved);
}

/** Everybody who may have something for the next file. */
export function* waitingOwners(table: ViewRows): Generator<ActorRef> {
  for (const { key } of rows(table, OWNER)) yield refIn(key.slice(OWNER.length));
}

/**
 * Everybody who has something in the file, each once. Read from its entries: that is done once a
 * file, and rows of their own would be written with every entry.
 */
export function* ownersIn(table: ViewRows, fileId: AchFileId): Generator<ActorRef> {
  const named = new Set<string>();
  for (const { entry } of entriesIn(table, fileId)) {
    const { owner } = entry;
    const name = `${owner.kind}/${owner.id}`;
    if (named.has(name)) continue;
    named.add(name);
    yield owner;
  }
}

/** The entries of a file, group after group, by trace. */
export function* entriesIn(
  table: ViewRows,
  fileId: AchFileId,
): Generator<{ readonly group: EntryGroup; readonly entry: FiledEntry }> {
  const prefix = `${ENTRY}${fileId}/`;
  for (const { key, value } of rows(table, prefix)) {
    const group = key.slice(prefix.length, key.lastIndexOf("/"));
    yield { group, entry: JSON.parse(value) as FiledEntry };
  }
}

/** Entries that had this sequence number, newest file first: the sequence begins anew. */
export function entriesOfTrace(table: ViewRows, trace: number): readonly FiledEntry[] {
  return keysOfTrace(table, trace).flatMap((key) => {
    const entry = table.get(ENTRY + key);
    return entry === undefined ? [] : [JSON.parse(entry) as FiledEntry];
  });
}

/** Feed position of the event that captured the purchase; undefined for an unknown one. */
export function capturePosition(table: ViewRows, paymentId: PaymentId): number | undefined {
  const row = table.get(PURCHASE + paymentId);
  return row === undefined ? undefined : readCapture(row)[0];
}

function refIn(path: string): ActorRef {
  const at = path.indexOf("/");
  return { kind: path.slice(0, at), id: path.slice(at + 1) };
}

function* rows(table: ViewRows, prefix: string) {
  let after: string | undefined;
  for (;;) {
    const page = table.range({
      ...{ prefix, max: PAGE_MAX },
      ...(after === undefined ? {} : { after }),
    });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_MAX) return;
    after = last.key;
  }
}
