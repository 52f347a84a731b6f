/**
 * What comes from the bank: acknowledgements, statements, returns and notifications of change. A
 * file of returns is read to its end whatever is wrong in it; what can be acted on is, once, and
 * the rest is kept for a person, with its bytes sealed. Read again after a crash, it gets the same
 * answers, and nothing happens twice.
 */
import {
  type AchEntryReply,
  achEntryRef,
  type ReceivedReturn,
  type SentEntry,
  type SentInFile,
  unknownEntryRef,
} from "../../actors/ach-entry.ts";
import type { AchFileReply } from "../../actors/ach-file-messages.ts";
import {
  type AchInboundCommand,
  type AchInboundReply,
  EXCEPTIONS_MAX,
  type InboundException,
} from "../../actors/ach-inbound.ts";
import type { ActorRef } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import type { BankStatementCommand } from "../../actors/bank-statement.ts";
import { type BankDate, bankDateAt } from "../../actors/banking-calendar.ts";
import type { Cents } from "../../actors/money.ts";
import { parseAchDate } from "../rails/ach/dates.ts";
import type { CorrectionItem, ReturnItem } from "../rails/ach/items.ts";
import { readInbound } from "../rails/ach/reader.ts";
import { transactionCode } from "../rails/ach/transaction-codes.ts";
import { entriesOfTrace } from "../views/ach-entries.ts";
import { findFile } from "../views/ach-files.ts";
import type { InboundItem } from "./bank-gateway.ts";
import { bookedOn } from "./booked-on.ts";
import { correctBankAccount } from "./correction.ts";
import { type CollectionParts, commandId, entriesTable, filesTable, PRINCIPAL } from "./parts.ts";

/** What became of an item; `waiting`: it cannot be acted on yet, and is given again. */
export type ItemOutcome = "done" | "waiting";

export async function takeItem(parts: CollectionParts, item: InboundItem): Promise<ItemOutcome> {
  switch (item.kind) {
    case "acknowledgement": {
      const { outcome } = item;
      const command = { kind: "AcknowledgeFile", outcome, note: "the bank" } as const;
      return await tellFile(parts, item.fileName, command);
    }
    case "statement": {
      await keepStatement(parts, item);
      let outcome: ItemOutcome = "done";
      for (const { fileName, debitCents, creditCents } of item.lines) {
        const command = { kind: "SettleFile", debitCents, creditCents, on: item.date } as const;
        if ((await tellFile(parts, fileName, command)) === "waiting") outcome = "waiting";
      }
      return outcome;
    }
    case "returns":
      await takeReturns(parts, item.bytes);
      return "done";
  }
}

/** The bank's own figures are on record before the files say what they make of them. */
async function keepStatement(
  { host }: CollectionParts,
  { id: itemId, date, lines }: Extract<InboundItem, { kind: "statement" }>,
): Promise<void> {
  const ref = { kind: "bank-statement", id: date };
  const command: BankStatementCommand = { kind: "ReceiveStatement", itemId, lines };
  await host.ask(ref, command, { principal: PRINCIPAL });
}

/** A file that is not at that stage yet will be; totals that differ are for a person. */
async function tellFile(
  { host }: CollectionParts,
  fileName: string,
  command: { readonly kind: string },
): Promise<ItemOutcome> {
  const ref = { kind: "ach-file", id: fileName };
  const reply = (await host.ask(ref, command, { principal: PRINCIPAL })) as AchFileReply;
  return reply.kind === "noted" ? "done" : "waiting";
}

/** Reads a file of returns; the same bytes again change nothing. */
export async function takeReturns(parts: CollectionParts, bytes: Uint8Array): Promise<void> {
  const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  await new ReturnFile(parts, hash, bytes).take();
}

class ReturnFile {
  readonly #ref: ActorRef;
  /** Undefined where the file does not say. */
  #createdOn: BankDate | undefined;
  #exceptions = 0;
  #applied = 0;
  #known = 0;

  constructor(
    private readonly parts: CollectionParts,
    private readonly hash: string,
    private readonly bytes: Uint8Array,
  ) {
    this.#ref = { kind: "ach-inbound", id: hash };
  }

  async take(): Promise<void> {
    const { bytes } = this;
    const received = await this.#ask({ kind: "ReceiveInbound", bytes: bytes.length });
    if (received.kind === "inbound" && received.state.kind === "finished") return;
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
    await this.#ask({ kind: "FinishInbound", applied: this.#applied, known: this.#known });
  }

  async #ask(command: AchInboundCommand): Promise<AchInboundReply> {
    const options = { principal: PRINCIPAL };
    return (await this.parts.host.ask(this.#ref, command, options)) as AchInboundReply;
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
    money: { readonly direction: "debit" | "credit"; readonly amountCents: Cents } | null,
  ): Promise<void> {
    // A file of junk is not kept line by line; money is never left out.
    if (this.#exceptions >= EXCEPTIONS_MAX && money === null) return;
    const number = ++this.#exceptions;
    const sealed = bytes === null ? null : this.parts.files.put(this.hash, bytes);
    const exception: InboundException = { number, line, reason, sealed, money };
    await this.#ask({ kind: "KeepException", exception });
  }
}

/** Stages at which the bank has the file, or may have it. */
const SENT: ReadonlySet<string> = new Set(["handing_over", "acknowledged", "settled", "closed"]);

function sentOf(entry: SentEntry): SentEntry {
  const { fileId, trace, owner, subject, direction, amountCents, merchantNumber } = entry;
  return { fileId, trace, owner, subject, direction, amountCents, merchantNumber };
}
