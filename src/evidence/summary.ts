/** What the events of a purchase say, for people: nothing in it does not follow from them. */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { AchEntryEvent } from "../../actors/ach-entry.ts";
import type { AchFileEvent } from "../../actors/ach-file-messages.ts";
import { assert } from "../../actors/assert.ts";
import type { DebitFiled } from "../../actors/collection-messages.ts";
import { idBytes } from "../../actors/ids.ts";
import type { MandateTextKept } from "../../actors/mandate-text.ts";
import { CURRENCY_NUMERIC } from "../../actors/money.ts";
import type { PurchaseEvent } from "../../actors/purchase.ts";
import { unpackSigned } from "../../wasm/signed-approval.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import { accountEventOf } from "./account-events.ts";
import type { EvidenceSummary } from "./evidence.ts";

type Of<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;
type AchEntryShown = EvidenceSummary["ach_entries"][number];

interface Told {
  readonly stored: StoredEvent;
  readonly event: AccountEvent;
}

const TRACE_DIGITS = 7;

/** Throws AssertionFailed where the events are not those of one purchase. */
export function summaryOf(events: readonly StoredEvent[], paymentId: string): EvidenceSummary {
  const own = events
    .filter(({ ref }) => ref.kind === "account")
    .map((stored): Told => ({ stored, event: accountEventOf(stored) }));
  assert(new Set(own.map(({ stored }) => stored.ref.id)).size === 1, "one account pays");
  const opened = one(own, "AccountOpened", () => true);
  const captured = one(own, "PaymentCaptured", ({ receipt }) => receipt.paymentId === paymentId);
  assert(opened !== undefined && captured !== undefined, "it is opened before it pays");
  const account = opened.stored.ref.id;
  return {
    account,
    person: opened.event.personId,
    mandate: mandateOf(events, own, opened.event, captured.stored.position),
    approval: approvalOf(own, opened.event, account, paymentId),
    receipt: { ...captured.event.receipt },
    ach_entries: achEntriesOf(events, own, paymentId),
    returns: returnsOf(events, own, paymentId),
    refunds: refundsOf(events, paymentId),
  };
}

function one<Kind extends AccountEvent["kind"]>(
  told: readonly Told[],
  kind: Kind,
  isWanted: (event: Of<Kind>) => boolean,
): { readonly stored: StoredEvent; readonly event: Of<Kind> } | undefined {
  for (const { stored, event } of told) {
    if (event.kind !== kind) continue;
    const wanted = event as Of<Kind>;
    if (isWanted(wanted)) return { stored, event: wanted };
  }
  return undefined;
}

function mandateOf(
  events: readonly StoredEvent[],
  own: readonly Told[],
  { device, ...opened }: Of<"AccountOpened">,
  capturedAt: number,
): EvidenceSummary["mandate"] {
  let { mandate, vault }: Pick<Of<"AccountOpened">, "mandate" | "vault"> = opened;
  let since = 0;
  // Another bank account comes with a mandate of its own: that of the time of the purchase.
  for (const { stored, event } of own) {
    if (event.kind !== "BankAccountReplaced" || stored.position > capturedAt) continue;
    if (event.mandate === null) continue;
    vault = { ...vault, person: event.person ?? vault.person, bankAccount: event.token };
    mandate = event.mandate;
    since = stored.position;
  }
  const kept = events.find(({ ref }) => ref.kind === "mandate-text" && ref.id === mandate.textHash);
  return {
    text_version: mandate.textVersion,
    text_hash: mandate.textHash,
    text: kept === undefined ? null : (JSON.parse(kept.data) as MandateTextKept).text,
    amount_rule: mandate.amountRule,
    accepted_at_ms: mandate.acceptedAtMs,
    signature: mandate.signature,
    device: device.deviceId,
    device_algorithm: device.algorithm,
    device_key: device.publicKey,
    person_token: vault.person,
    bank_account_token: vault.bankAccount,
    address_token: mandate.address,
    ended: mandateEndOf(own.filter(({ stored }) => stored.position > since)),
  };
}

/** Whoever ended it first; of what came after it was accepted. */
function mandateEndOf(own: readonly Told[]): EvidenceSummary["mandate"]["ended"] {
  for (const { event } of own) {
    if (event.kind === "MandateEnded") return { by: "bank", code: event.code, at_ms: event.atMs };
    if (event.kind === "ClosingBegun") return { by: event.by, code: null, at_ms: event.atMs };
  }
  return null;
}

/** The bytes as the phone signed them, put together again. */
function approvalOf(
  own: readonly Told[],
  { device }: Of<"AccountOpened">,
  account: string,
  paymentId: string,
): EvidenceSummary["approval"] {
  const found = one(own, "PaymentAuthorised", (event) => event.paymentId === paymentId);
  if (found?.event.signed === undefined) return null;
  const { requestId, version, amountCents, counter, signed, atMs } = found.event;
  const bytes = unpackSigned(new Uint8Array(Buffer.from(signed, "base64url")), {
    kind: "purchase",
    pinVersion: device.pinVersion,
    accountId: idBytes(account as Parameters<typeof idBytes>[0]),
    deviceId: idBytes(device.deviceId),
    subject: idBytes(requestId),
    subjectVersion: version,
    amountCents,
    currency: CURRENCY_NUMERIC,
    counter,
  });
  if (bytes === undefined) return null;
  const text = (part: Uint8Array): string => Buffer.from(part).toString("base64url");
  return {
    approval: text(bytes.approval),
    proof: text(bytes.proof),
    signature: text(bytes.signature),
    authorised_at_ms: atMs,
  };
}

function achEntriesOf(
  events: readonly StoredEvent[],
  own: readonly Told[],
  paymentId: string,
): AchEntryShown[] {
  return own.flatMap(({ event }) => {
    if (event.kind !== "DebitsFiled") return [];
    const debit = event.debits.find((other) => other.paymentId === paymentId);
    return debit === undefined ? [] : [achEntryOf(events, own, event, debit)];
  });
}

function achEntryOf(
  events: readonly StoredEvent[],
  own: readonly Told[],
  { fileId, effectiveOn, vault }: Of<"DebitsFiled">,
  { paymentId, trace, attempt, amountCents }: DebitFiled,
): AchEntryShown {
  const ofFile = events.filter(({ ref }) => ref.kind === "ach-file" && ref.id === fileId);
  const fileEvents = ofFile.map(({ data }) => JSON.parse(data) as AchFileEvent);
  const built = fileEvents.find((event) => event.kind === "FileBuilt");
  const handedOver = fileEvents.find((event) => event.kind === "FileHandedOver");
  return {
    file: fileId,
    trace: String(trace).padStart(TRACE_DIGITS, "0"),
    attempt,
    amount_cents: amountCents,
    effective_on: effectiveOn,
    bank_account_token: vault.bankAccount,
    file_sha256: built?.sha256 ?? null,
    handed_over_at_ms: handedOver?.atMs ?? null,
    is_taken_back: own.some(
      ({ event }) => event.kind === "DebitsUnfiled" && event.fileId === fileId,
    ),
    is_collected: own.some(({ event }) => {
      if (event.kind !== "DebitsCollected" || event.fileId !== fileId) return false;
      return event.paymentIds.includes(paymentId);
    }),
  };
}

type ReturnReceived = Extract<AchEntryEvent, { kind: "ReturnReceived" }>;

function returnsOf(
  events: readonly StoredEvent[],
  own: readonly Told[],
  paymentId: string,
): EvidenceSummary["returns"] {
  const read = events
    .filter(({ ref, kind }) => ref.kind === "ach-entry" && kind === "ReturnReceived")
    .map(({ ref, data }) => ({ ref, event: JSON.parse(data) as ReturnReceived }));
  return own.flatMap(({ stored, event }) => {
    if (event.kind !== "DebitReturned" && event.kind !== "DebitReopened") return [];
    if (event.paymentId !== paymentId) return [];
    const file = event.kind === "DebitReturned" ? event.fileId : "";
    const entry = read.find(({ ref }) => ref.id.endsWith(`${file}/${event.trace}`));
    return [
      {
        code: event.code,
        trace: String(event.trace).padStart(TRACE_DIGITS, "0"),
        own_trace: entry?.event.ownTrace ?? null,
        at_ms: stored.atMs,
      },
    ];
  });
}

function refundsOf(events: readonly StoredEvent[], paymentId: string): EvidenceSummary["refunds"] {
  return events
    .filter(({ ref, kind }) => {
      return ref.kind === "purchase" && ref.id === paymentId && kind === "PurchaseRefunded";
    })
    .map(({ atMs, data }) => {
      const { refundId, amountCents } = JSON.parse(data) as Extract<
        PurchaseEvent,
        { kind: "PurchaseRefunded" }
      >;
      return { refund: refundId, amount_cents: amountCents, at_ms: atMs };
    });
}
