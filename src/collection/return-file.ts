/**
 * Files of returns and notifications of change: read to the end whatever is wrong in them; what can
 * be acted on is, once, and the rest is kept for a person, with its bytes sealed. Read again after
 * a crash, a file gets the same answers, and nothing happens twice.
 */
import {
  type AchEntryReply,
  achEntryRef,
  type ReceivedReturn,
  type SentInFile,
  unknownEntryRef,
} from "../../actors/ach-entry.ts";
import { AssertionFailed, assert } from "../../actors/assert.ts";
import { type BankDate, bankDateAt } from "../../actors/banking-calendar.ts";
import type { AchFileId } from "../../actors/ids.ts";
import type { InboundException, MovedMoney, ReadReturn } from "../../actors/inbound-exception.ts";
import { isOurMistake } from "../../actors/return-codes.ts";
import { parseAchDate } from "../rails/ach/dates.ts";
import type { AchFault, AchReason } from "../rails/ach/fault.ts";
import type { CorrectionItem, ReturnItem } from "../rails/ach/items.ts";
import { readInbound } from "../rails/ach/reader.ts";
import { transactionCode } from "../rails/ach/transaction-codes.ts";
import { type FileRow, findFile } from "../views/ach-files.ts";
import { bookedOn } from "./booked-on.ts";
import { correctBankAccount } from "./correction.ts";
import { ExceptionKeeper } from "./exception-keeper.ts";
import { type CollectionParts, commandId, filesTable, PRINCIPAL } from "./parts.ts";
import { findSent } from "./sent-entry.ts";

/**
 * Returns whose entries are told at the same time: they share a commit. Each entry hears of its own
 * in the order of the file, and what is for a person is numbered in that order.
 */
const TOLD_AT_ONCE = 256;

/** Faults of a file that has more, or may have: it breaks off, or is not read to its end. */
const BROKEN_OFF: ReadonlySet<AchReason> = new Set([
  "file_control_missing",
  "file_too_large",
  "too_many_entries",
]);

/** What the bank says that its file holds, and that is not what was read. */
const COUNTED: ReadonlySet<string> = new Set(["entriesAndAddenda", "debitCents", "creditCents"]);

function lacksReturns({ reason, field }: AchFault): boolean {
  return BROKEN_OFF.has(reason) || (reason === "total_differs" && COUNTED.has(field));
}

/** What became of a piece of the file. */
type Outcome = "applied" | "known" | ForPerson;

interface ForPerson extends Omit<InboundException, "number" | "sealed"> {
  readonly bytes: Uint8Array | null;
}

/** Reads a file of returns; the same bytes again change nothing. */
export async function takeReturns(parts: CollectionParts, bytes: Uint8Array): Promise<void> {
  const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  await new ReturnFile(parts, hash, bytes).take();
}

class ReturnFile {
  /** Undefined where the file does not say. */
  #createdOn: BankDate | undefined;
  readonly #today: BankDate;
  /** What the columns of a batch header say, and our files: many returns are of few of them. */
  readonly #bookedOn = new Map<string | undefined, BankDate>();
  readonly #files = new Map<AchFileId, FileRow | undefined>();
  readonly #exceptions: ExceptionKeeper;
  /** Of the newest pieces, in the order of the file. */
  #outcomes: (Outcome | Promise<Outcome>)[] = [];
  /** Returns with money that were kept for a person: the file may say one twice. */
  readonly #doubted = new Set<string>();
  /** The first sign that the file has, or should have, returns that were not read. */
  #lacking: AchFault | undefined;
  #applied = 0;
  #known = 0;

  constructor(
    private readonly parts: CollectionParts,
    private readonly hash: string,
    private readonly bytes: Uint8Array,
  ) {
    this.#exceptions = new ExceptionKeeper(parts, hash, bytes.length);
    this.#today = bankDateAt(parts.clock.nowMs());
  }

  async take(): Promise<void> {
    const { bytes } = this;
    if ((await this.#exceptions.begin()) === "finished") return;
    await this.parts.viewRunner.demandCaughtUp();
    for await (const item of readInbound([bytes])) {
      if (item.kind === "file_header") {
        this.#createdOn = parseAchDate(item.header.creationDate ?? "");
        this.#bookedOn.clear();
      } else if (item.kind === "return") this.#hear(this.#return(item));
      else if (item.kind === "correction") {
        // What it speaks of may be in a return above it.
        await this.#conclude();
        this.#hear(this.#correction(item));
        await this.#conclude();
      } else if (item.kind === "exception") {
        const { line, reason } = item;
        this.#hear({ line, reason, bytes: item.bytes.expose(), received: null, money: null });
      } else if (item.kind === "fault" && lacksReturns(item.fault)) {
        this.#lacking ??= item.fault;
      }
      if (this.#outcomes.length >= TOLD_AT_ONCE) await this.#conclude();
    }
    // The returns that it lacks are nowhere: somebody asks the bank for the whole file.
    const { line, reason } = this.#lacking ?? {};
    if (line !== undefined && reason !== undefined) this.#hear(forPerson(line, reason));
    await this.#conclude();
    await this.#exceptions.end(this.#applied, this.#known);
  }

  /** A promise that is broken is heard of at the latest when the pieces are concluded. */
  #hear(outcome: Outcome | Promise<Outcome>): void {
    if (outcome instanceof Promise) outcome.catch(() => {});
    this.#outcomes.push(outcome);
  }

  async #conclude(): Promise<void> {
    const outcomes = await Promise.all(this.#outcomes);
    this.#outcomes = [];
    const kept: Promise<void>[] = [];
    for (const outcome of outcomes) {
      if (outcome === "applied") this.#applied++;
      else if (outcome === "known") this.#known++;
      else {
        const { bytes, ...exception } = outcome;
        kept.push(this.#exceptions.keep(exception, bytes));
      }
    }
    await Promise.all(kept);
  }

  #return({ line, batch, entry, records }: ReturnItem): Outcome | Promise<Outcome> {
    const last = records.at(-1);
    assert(last !== undefined, "a return has a record");
    const { originalTrace } = last;
    assert(originalTrace !== undefined, "a return is kept when its original trace can be read");
    const { code, traceNumber: ownTrace } = last;
    const booked = this.#dayOf(batch?.settlementDay);
    const read: ReadReturn = {
      ...{ originalTrace, code: code ?? null, ownTrace: ownTrace ?? null, bookedOn: booked },
    };
    // Dishonoured and contested returns are for a person; nothing is booked for them.
    if (last.kind !== "return") return forPerson(line, last.kind, read);
    const amountCents = entry?.amountCents;
    const direction = transactionCode(entry?.transactionCode ?? "")?.direction;
    if (amountCents === undefined || direction === undefined) {
      return forPerson(line, "amount_unreadable", read);
    }
    // Cut off before its own trace, a return cannot be told from the whole one that follows.
    if (code === undefined || ownTrace === undefined) {
      return forPerson(line, "own_trace_unreadable", read);
    }
    const received = { code, ownTrace, amountCents, direction, bookedOn: booked };
    return this.#tellEntry(line, received, read);
  }

  #dayOf(settlementDay: string | undefined): BankDate {
    const known = this.#bookedOn.get(settlementDay);
    if (known !== undefined) return known;
    const day = bookedOn(settlementDay, this.#createdOn, this.#today);
    this.#bookedOn.set(settlementDay, day);
    return day;
  }

  async #tellEntry(line: number, received: ReceivedReturn, read: ReadReturn): Promise<Outcome> {
    const { originalTrace } = read;
    const found = this.#find(originalTrace);
    const ref = found === undefined ? unknownEntryRef(originalTrace) : achEntryRef(found);
    const sent = found ?? null;
    const command = { kind: "ReceiveReturn", sent, received, inbound: this.hash };
    const options = { principal: PRINCIPAL };
    const reply = (await this.parts.host.ask(ref, command, options)) as AchEntryReply;
    switch (reply.kind) {
      case "return_applied":
        if (isOurMistake(received.code, received.direction)) {
          this.parts.alarm("entries_returned_for_our_mistake");
        }
        return "applied";
      case "return_known":
        return "known";
      case "return_doubted": {
        const { code, ownTrace, direction, amountCents } = received;
        const name = `${originalTrace}/${code}/${ownTrace}`;
        if (this.#doubted.has(name)) return "known";
        this.#doubted.add(name);
        return forPerson(line, reply.doubt, read, { of: "return", direction, amountCents });
      }
      default:
        throw new AssertionFailed("a return is answered as one");
    }
  }

  #find(originalTrace: string): SentInFile | undefined {
    const { odfi } = this.parts.profile;
    if (!originalTrace.startsWith(odfi)) return undefined;
    const trace = Number(originalTrace.slice(odfi.length));
    return findSent(this.parts, trace, (fileId) => this.#file(fileId));
  }

  #file(fileId: AchFileId): FileRow | undefined {
    if (!this.#files.has(fileId)) {
      this.#files.set(fileId, findFile(filesTable(this.parts), fileId));
    }
    return this.#files.get(fileId);
  }

  async #correction({ line, record, corrected }: CorrectionItem): Promise<Outcome> {
    const found = this.#find(record.originalTrace ?? "");
    if (record.kind !== "correction" || corrected.kind !== "known" || found === undefined) {
      return forPerson(line, "correction_not_understood");
    }
    const code = record.changeCode ?? "";
    const id = commandId(this.hash, `correct/${line}`);
    const change = { code, inbound: this.hash, commandId: id };
    const isDone = await correctBankAccount(this.parts, found, change, corrected.parts);
    return isDone ? "applied" : forPerson(line, "correction_not_for_a_bank_account");
  }
}

function forPerson(
  line: number,
  reason: string,
  received: ReadReturn | null = null,
  money: MovedMoney | null = null,
): ForPerson {
  return { line, reason, bytes: null, received, money };
}
