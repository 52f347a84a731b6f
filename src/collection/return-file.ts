/**
 * Files of returns and notifications of change: read to the end whatever is wrong in them; what can
 * be acted on is, once, and the rest is kept for a person, with its bytes sealed. Read again after
 * a crash, a file gets the same answers, and nothing happens twice.
 */
import {
  type AchEntryReply,
  achEntryRef,
  type ReceivedReturn,
  type SentEntry,
  type SentInFile,
  unknownEntryRef,
} from "../../actors/ach-entry.ts";
import type { MovedMoney } from "../../actors/ach-inbound.ts";
import { assert } from "../../actors/assert.ts";
import { type BankDate, bankDateAt } from "../../actors/banking-calendar.ts";
import { isReturnCode, meaningOf } from "../../actors/return-codes.ts";
import { parseAchDate } from "../rails/ach/dates.ts";
import type { CorrectionItem, ReturnItem } from "../rails/ach/items.ts";
import { readInbound } from "../rails/ach/reader.ts";
import { transactionCode } from "../rails/ach/transaction-codes.ts";
import { entriesOfTrace } from "../views/ach-entries.ts";
import { findFile } from "../views/ach-files.ts";
import { bookedOn } from "./booked-on.ts";
import { correctBankAccount } from "./correction.ts";
import { ExceptionKeeper } from "./exception-keeper.ts";
import { type CollectionParts, commandId, entriesTable, filesTable, PRINCIPAL } from "./parts.ts";

/** Reads a file of returns; the same bytes again change nothing. */
export async function takeReturns(parts: CollectionParts, bytes: Uint8Array): Promise<void> {
  const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  await new ReturnFile(parts, hash, bytes).take();
}

class ReturnFile {
  /** Undefined where the file does not say. */
  #createdOn: BankDate | undefined;
  readonly #exceptions: ExceptionKeeper;
  #applied = 0;
  #known = 0;

  constructor(
    private readonly parts: CollectionParts,
    private readonly hash: string,
    private readonly bytes: Uint8Array,
  ) {
    this.#exceptions = new ExceptionKeeper(parts, hash, bytes.length);
  }

  async take(): Promise<void> {
    const { bytes } = this;
    if ((await this.#exceptions.begin()) === "finished") return;
    await this.parts.viewRunner.catchUp();
    for await (const item of readInbound([bytes])) {
      if (item.kind === "file_header") {
        this.#createdOn = parseAchDate(item.header.creationDate ?? "");
      } else if (item.kind === "return") await this.#return(item);
      else if (item.kind === "correction") await this.#correction(item);
      else if (item.kind === "exception") {
        await this.#keep(item.line, item.reason, item.bytes.expose(), null);
      }
    }
    await this.#exceptions.end(this.#applied, this.#known);
  }

  async #return({ line, batch, entry, records }: ReturnItem): Promise<void> {
    const last = records.at(-1);
    assert(last !== undefined, "a return has a record");
    const { originalTrace } = last;
    assert(originalTrace !== undefined, "a return is kept when its original trace can be read");
    // Dishonoured and contested returns are for a person; nothing is booked for them.
    if (last.kind !== "return") return await this.#keep(line, last.kind, null, null);
    const amountCents = entry?.amountCents;
    const direction = transactionCode(entry?.transactionCode ?? "")?.direction;
    if (amountCents === undefined || direction === undefined) {
      return await this.#keep(line, "amount_unreadable", null, null);
    }
    // Cut off before its own trace, a return cannot be told from the whole one that follows.
    const { code, traceNumber: ownTrace } = last;
    if (code === undefined || ownTrace === undefined) {
      return await this.#keep(line, "own_trace_unreadable", null, null);
    }
    const today = bankDateAt(this.parts.clock.nowMs());
    const booked = bookedOn(batch?.settlementDay, this.#createdOn, today);
    const received = { code, ownTrace, amountCents, direction, bookedOn: booked };
    await this.#tellEntry(line, originalTrace, received);
  }

  async #tellEntry(line: number, originalTrace: string, received: ReceivedReturn): Promise<void> {
    const found = this.#find(originalTrace);
    const ref = found === undefined ? unknownEntryRef(originalTrace) : achEntryRef(found);
    const sent = found ?? null;
    const command = { kind: "ReceiveReturn", sent, received, inbound: this.hash };
    const options = { principal: PRINCIPAL };
    const reply = (await this.parts.host.ask(ref, command, options)) as AchEntryReply;
    switch (reply.kind) {
      case "return_applied":
        this.#applied++;
        if (isOurMistake(received.code)) this.parts.alarm("entries_returned_for_our_mistake");
        return;
      case "return_known":
        this.#known++;
        return;
      case "return_doubted": {
        const { direction, amountCents } = received;
        return await this.#keep(line, reply.doubt, null, { direction, amountCents });
      }
      case "entry":
        assert(false, "a return is answered as one");
    }
  }

  /** The newest entry of this trace that the bank has got; the sequence begins anew in the end. */
  #find(originalTrace: string): SentInFile | undefined {
    const { odfi } = this.parts.profile;
    if (!originalTrace.startsWith(odfi)) return undefined;
    const trace = Number(originalTrace.slice(odfi.length));
    for (const entry of entriesOfTrace(entriesTable(this.parts), trace)) {
      const file = findFile(filesTable(this.parts), entry.fileId);
      if (file === undefined || !SENT.has(file.stage)) continue;
      return { ...sentOf(entry), windowOn: file.windowOn };
    }
    return undefined;
  }

  async #correction({ line, record, corrected }: CorrectionItem): Promise<void> {
    const found = this.#find(record.originalTrace ?? "");
    if (record.kind !== "correction" || corrected.kind !== "known" || found === undefined) {
      return await this.#keep(line, "correction_not_understood", null, null);
    }
    const code = record.changeCode ?? "";
    const id = commandId(this.hash, `correct/${line}`);
    const change = { code, inbound: this.hash, commandId: id };
    const isDone = await correctBankAccount(this.parts, found, change, corrected.parts);
    if (isDone) this.#applied++;
    else await this.#keep(line, "correction_not_for_a_bank_account", null, null);
  }

  async #keep(
    line: number,
    reason: string,
    bytes: Uint8Array | null,
    money: Omit<MovedMoney, "of"> | null,
  ): Promise<void> {
    const moved = money === null ? null : ({ of: "return", ...money } as const);
    await this.#exceptions.keep({ line, reason, money: moved }, bytes);
  }
}

function isOurMistake(code: string): boolean {
  return isReturnCode(code) && meaningOf(code).action === "our_defect";
}

/** Stages at which the bank has the file, or may have it. */
const SENT: ReadonlySet<string> = new Set(["handing_over", "acknowledged", "settled", "closed"]);

function sentOf(entry: SentEntry): SentEntry {
  const { fileId, trace, owner, subject, direction, amountCents, merchantNumber } = entry;
  return { fileId, trace, owner, subject, direction, amountCents, merchantNumber };
}
