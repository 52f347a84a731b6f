/**
 * The entries of a file as the writer takes them: batch after batch, each of one payee, one class
 * and one description, each entry with name, bank account and place. This is one of the two places
 * that open bank accounts, once that is on record; nothing of what they hold is kept.
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { FileTerms } from "../../actors/ach-file-messages.ts";
import { assert, present } from "../../actors/assert.ts";
import { bankDateAt } from "../../actors/banking-calendar.ts";
import type { AchFileId } from "../../actors/ids.ts";
import type { MerchantReply } from "../../actors/merchant.ts";
import { traceNumber } from "../../actors/trace-number.ts";
import { wipe } from "../../wasm/bytes.ts";
import type { PosAddenda } from "../rails/ach/addenda-702.ts";
import { achDate } from "../rails/ach/dates.ts";
import { codeOf, type SecRule } from "../rails/ach/sec-policy.ts";
import { AchWriteError } from "../rails/ach/write-error.ts";
import type { AchEntry } from "../rails/ach/write-rules.ts";
import type { AchBatch } from "../rails/ach/writer.ts";
import type { BankAccount } from "../vault/bank-accounts.ts";
import { Secret } from "../vault/secret.ts";
import { entriesIn, type FiledEntry } from "../views/ach-entries.ts";
import type { Originals } from "./originals.ts";
import { type CollectionParts, entriesTable, PRINCIPAL, Stretches } from "./parts.ts";
import { ruleOf } from "./sec-rules.ts";

/** Our own name on a bank statement, where no merchant is the payee. */
const OWN_NAME = "SEQR";
const PAYOUT = "SETTLEMENT";
/** Entries and addenda of a batch are counted in six columns; a purchase at a till has both. */
const BATCH_ENTRIES_MAX = 499_999;
/** Before the time of a window: SD1300 (Nacha Operating Rules, Company Descriptive Date). */
const SAME_DAY = "SD";
const NAME_COLUMNS = 22;
const LOCATION_COLUMNS = 27;
const CITY_COLUMNS = 15;

export type BatchDates = Pick<FileTerms, "effectiveOn" | "scope">;
type Captured = Extract<AccountEvent, { kind: "PaymentCaptured" }>;

/** The batches of a file, in the order of its groups. */
export async function* batchesOf(
  parts: CollectionParts,
  fileId: AchFileId,
  dates: BatchDates,
  originals: Originals,
): AsyncGenerator<AchBatch> {
  const stretches = new Stretches();
  const openAccount = await parts.bankAccounts.forFile(fileId);
  const rows = entriesIn(entriesTable(parts), fileId);
  let next = rows.next();
  while (next.done !== true) {
    const { group, entry } = next.value;
    const rule = ruleOf(parts.profile, entry);
    const batch = await headerOf(parts, entry, rule, dates);
    let written = 0;
    async function* entries(): AsyncGenerator<AchEntry> {
      while (next.done !== true && next.value.group === group && written < BATCH_ENTRIES_MAX) {
        written++;
        const { entry } = next.value;
        const bankAccount = openAccount(entry.bankAccount, entry.owner.id);
        const line = await lineOf(parts, entry, bankAccount, rule);
        originals.note(line.individualId, entry, batch.companyName);
        yield line;
        parts.progress?.entryWritten();
        await stretches.breathe();
        next = rows.next();
      }
    }
    yield { kind: "originated", header: batch, entries: entries() };
  }
}

/** Every entry of a file in a batch of its own: what is wrong with one shows in it alone. */
export async function* alone(
  parts: CollectionParts,
  fileId: AchFileId,
  dates: BatchDates,
  originals: Originals,
): AsyncGenerator<{ readonly entry: FiledEntry; readonly batch: () => Promise<AchBatch> }> {
  const openAccount = await parts.bankAccounts.forFile(fileId);
  for (const { entry } of entriesIn(entriesTable(parts), fileId)) {
    const batch = async (): Promise<AchBatch> => {
      const rule = ruleOf(parts.profile, entry);
      const header = await headerOf(parts, entry, rule, dates);
      const bankAccount = openAccount(entry.bankAccount, entry.owner.id);
      const line = await lineOf(parts, entry, bankAccount, rule);
      originals.note(line.individualId, entry, header.companyName);
      return { kind: "originated", header, entries: [line] };
    };
    yield { entry, batch };
  }
}

async function headerOf(
  parts: CollectionParts,
  entry: FiledEntry,
  rule: SecRule,
  dates: BatchDates,
): Promise<AchBatch["header"]> {
  const { profile } = parts;
  const settlesAt = dates.scope?.settlesAt ?? null;
  const isMerchants = entry.subject.kind !== "payout" && entry.merchantNumber > 0;
  return {
    serviceClass: rule.serviceClass,
    companyName: isMerchants ? await statementName(parts, entry.merchantNumber) : OWN_NAME,
    companyDiscretionaryData: profile.companyDiscretionaryData,
    companyId: profile.companyId,
    sec: rule.sec,
    entryDescription: rule.description ?? PAYOUT,
    descriptiveDate: settlesAt === null ? "" : SAME_DAY + settlesAt,
    effectiveEntryDate: achDate(dates.effectiveOn),
    odfi: profile.odfi,
  };
}

async function statementName({ host }: CollectionParts, merchantNumber: number): Promise<string> {
  const ref = { kind: "merchant", id: String(merchantNumber) };
  const options = { principal: PRINCIPAL };
  const reply = (await host.ask(ref, { kind: "DescribeMerchant" }, options)) as MerchantReply;
  assert(reply.kind === "merchant", "a payee is a merchant");
  return reply.terms.statementName;
}

async function lineOf(
  parts: CollectionParts,
  entry: FiledEntry,
  bankAccount: BankAccount | undefined,
  rule: SecRule,
): Promise<AchEntry> {
  const { profile } = parts;
  if (bankAccount === undefined) throw notInVault("accountNumber");
  const captured = await captureOf(parts, entry);
  return {
    transactionCode: codeOf(rule, bankAccount.kind),
    routingNumber: bankAccount.routing_number,
    accountNumber: new Secret(bankAccount.account_number),
    amountCents: entry.amountCents,
    individualId: individualId(parts, entry, captured),
    individualName: await nameOf(parts, entry),
    discretionary: rule.discretionary,
    traceNumber: traceNumber(profile.odfi, entry.trace),
    addenda: rule.addenda === "pos" ? [placeOf(present(captured, "a purchase at a till"))] : [],
  };
}

async function nameOf(parts: CollectionParts, entry: FiledEntry): Promise<Secret<string>> {
  const { person, owner } = entry;
  if (person === null) return new Secret(await merchantName(parts, entry.merchantNumber));
  const bytes = parts.vault.open(person, "person", owner.id);
  if (bytes === undefined) throw notInVault("individualName");
  const { name } = JSON.parse(Buffer.from(bytes).toString("utf8")) as { name: string };
  wipe(bytes);
  return new Secret(ascii(name, NAME_COLUMNS) || "CUSTOMER");
}

/** As for any field that cannot be written: nobody else's entries wait for it. */
function notInVault(field: string): AchWriteError {
  return new AchWriteError("entry", field, "not_in_vault");
}

async function merchantName({ host }: CollectionParts, merchantNumber: number): Promise<string> {
  const ref = { kind: "merchant", id: String(merchantNumber) };
  const options = { principal: PRINCIPAL };
  const reply = (await host.ask(ref, { kind: "DescribeMerchant" }, options)) as MerchantReply;
  assert(reply.kind === "merchant", "who is paid out is a merchant");
  return ascii(reply.terms.name, NAME_COLUMNS) || "MERCHANT";
}

/** The event that captured the purchase: what was bought, where and when. */
async function captureOf(
  { host }: CollectionParts,
  { capturedAt }: FiledEntry,
): Promise<Captured | undefined> {
  if (capturedAt === null) return undefined;
  const [event] = await host.feed.read(capturedAt - 1, 1);
  assert(event?.kind === "PaymentCaptured", "the purchase was captured there");
  return JSON.parse(event.data) as Captured;
}

/** The one field that leads from a bank statement to the purchase. */
function individualId(
  { receiptNumber }: CollectionParts,
  { subject, owner }: FiledEntry,
  captured: Captured | undefined,
): string {
  // A prenote has the place of a purchase, and is not one.
  if (captured !== undefined && subject.kind !== "prenote") {
    const { payee, requestNumber } = captured.receipt;
    return receiptNumber(payee.laneId, requestNumber);
  }
  if (subject.kind === "payout") return subject.payoutId;
  // Of no purchase: the end of the account's id tells customer service whose it is.
  return owner.id.slice(-15).toUpperCase();
}

function placeOf({ receipt, terminal }: Captured): PosAddenda {
  const { payee, requestNumber, paymentId, paidAtMs } = receipt;
  const [, month = "", day = ""] = bankDateAt(paidAtMs).split("-");
  return {
    kind: "pos",
    reference1: "",
    reference2: "",
    terminalId: terminal.code,
    serialNumber: String(requestNumber % 1_000_000).padStart(6, "0"),
    purchaseDate: month + day,
    authorisationCode: paymentId.slice(-6).toUpperCase(),
    location: ascii(payee.street, LOCATION_COLUMNS),
    city: ascii(payee.city, CITY_COLUMNS),
    state: payee.state,
  };
}

/** What the file can hold of a text: no accents, nothing beyond ASCII, so many columns. */
function ascii(text: string, columns: number): string {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "");
  return plain
    .replace(/[^\x20-\x7e]/g, "?")
    .slice(0, columns)
    .trim();
}
