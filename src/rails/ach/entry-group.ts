/**
 * An entry and the addenda below it, sorted into what they are: an entry, returns, notifications
 * of change. A return belongs to its entry only as long as the original trace stays the same: where
 * the line of the next entry was lost, its return must not be taken for one of the entry before.
 */
import { Secret } from "../../vault/secret.ts";
import { decodePosAddenda, POS_TRACE_COLUMNS } from "./addenda-702.ts";
import { decodeTextAddenda, entrySequenceOf, TEXT_COLUMNS } from "./addenda-705.ts";
import { decodeNoc, NOC_COLUMNS, type NocAddenda, type RefusedNocAddenda } from "./addenda-798.ts";
import { type AnyReturnAddenda, decodeReturn, RETURN_COLUMNS } from "./addenda-799.ts";
import type { AchBatchHeader } from "./batch-header.ts";
import { CHANGE_CODES, isRefusedChange } from "./change-codes.ts";
import { RECORD_COLUMNS, type Readable } from "./columns.ts";
import { correctedOf } from "./corrected.ts";
import { ENTRY_COLUMNS, type EntryRecord } from "./entry.ts";
import type { AchReason, Columns, FieldFault } from "./fault.ts";
import type { AchItem, EntryItem } from "./items.ts";
import type { Piece } from "./lines.ts";
import { isReturnCode } from "./return-codes.ts";

export interface PieceFault {
  readonly columns: Columns;
  readonly field: string;
  readonly reason: AchReason;
  readonly expected?: string;
}

/** Whom the group tells what it found. */
export interface Told {
  item(item: AchItem): void;
  fault(piece: Piece, fault: PieceFault): void;
  /** The faults of the fields of a record. */
  fields(piece: Piece, faults: readonly FieldFault[]): void;
  exception(piece: Piece, fault: PieceFault, pieces: readonly Piece[]): void;
}

interface Head {
  readonly piece: Piece;
  readonly record: Readable<EntryRecord>;
}
type ReturnRecord = Readable<AnyReturnAddenda>;
type ChangeRecord = Readable<NocAddenda> | Readable<RefusedNocAddenda>;

export class EntryGroup {
  readonly #texts: EntryItem["addenda"][number][] = [];
  readonly #returns: { piece: Piece; record: ReturnRecord }[] = [];
  readonly #changes: { piece: Piece; record: ChangeRecord }[] = [];
  readonly #pieces: Piece[] = [];
  #addenda = 0;

  /** `head` is undefined for addenda that stand below no entry. */
  constructor(
    private readonly head: Head | undefined,
    private readonly batch: Readable<AchBatchHeader> | undefined,
    private readonly told: Told,
  ) {
    if (head !== undefined) this.#pieces.push(head.piece);
  }

  get size(): number {
    return this.#addenda;
  }

  add(piece: Piece): void {
    this.#addenda++;
    this.#pieces.push(piece);
    switch (piece.text.slice(0, 3)) {
      case "702":
        this.#addPos(piece);
        break;
      case "705":
        this.#addText(piece);
        break;
      case "798": {
        const { record, faults } = decodeNoc(piece.text);
        this.told.fields(piece, faults);
        this.#changes.push({ piece, record });
        break;
      }
      case "799": {
        const { record, faults } = decodeReturn(piece.text);
        this.told.fields(piece, faults);
        this.#returns.push({ piece, record });
        break;
      }
      default: {
        const unknown = { columns: [2, 3], field: "addendaType", reason: UNKNOWN_TYPE } as const;
        this.told.fault(piece, unknown);
        this.told.exception(piece, unknown, [piece]);
      }
    }
  }

  #addPos(piece: Piece): void {
    const { record, faults } = decodePosAddenda(piece.text);
    this.told.fields(piece, faults);
    const trace = this.head?.record.traceNumber;
    if (trace !== undefined && record.traceNumber !== undefined && record.traceNumber !== trace) {
      this.told.fault(piece, {
        columns: POS_TRACE_COLUMNS,
        field: "traceNumber",
        reason: "addenda_trace",
        expected: trace,
      });
    }
    const { traceNumber: _, ...addenda } = record;
    this.#texts.push(addenda);
  }

  #addText(piece: Piece): void {
    const { record, faults } = decodeTextAddenda(piece.text);
    this.told.fields(piece, faults);
    const { addendaSequence, entrySequence, ...addenda } = record;
    const number = this.#texts.length + 1;
    if (addendaSequence !== undefined && addendaSequence !== number) {
      this.told.fault(piece, {
        columns: TEXT_COLUMNS.addendaSequence,
        field: "addendaSequence",
        reason: "addenda_sequence",
        expected: String(number),
      });
    }
    const trace = this.head?.record.traceNumber;
    const expected = trace === undefined ? undefined : entrySequenceOf(trace);
    if (expected !== undefined && entrySequence !== undefined && entrySequence !== expected) {
      this.told.fault(piece, {
        columns: TEXT_COLUMNS.entrySequence,
        field: "entrySequence",
        reason: "addenda_trace",
        expected,
      });
    }
    this.#texts.push(addenda);
  }

  /** The entry is complete: tells what it was. */
  close(): void {
    this.#checkFlag();
    this.#closeReturns();
    for (const { piece, record } of this.#changes) this.#closeChange(piece, record);
    const isAnswer = this.#returns.length > 0 || this.#changes.length > 0;
    const { head, batch } = this;
    if (head !== undefined && !isAnswer) {
      const { piece, record: entry } = head;
      const { line, offset } = piece;
      const columns = [offset + 1, offset + RECORD_COLUMNS] as const;
      const bytes = new Secret(joinLines(this.#pieces));
      const addenda = this.#texts;
      this.told.item({ kind: "entry", line, columns, batch, entry, addenda, bytes });
    }
  }

  #checkFlag(): void {
    const { head } = this;
    const flag = head?.record.hasAddenda;
    if (head === undefined || flag === undefined || flag === this.#addenda > 0) return;
    const expected = this.#addenda > 0 ? "1" : "0";
    const columns = ENTRY_COLUMNS.addendaFlag;
    this.told.fault(head.piece, {
      columns,
      field: "addendaFlag",
      reason: "addenda_flag",
      expected,
    });
  }

  /** The records of one original trace are one return. */
  #closeReturns(): void {
    const byTrace = new Map<string, { line: number; records: ReturnRecord[] }>();
    for (const { piece, record } of this.#returns) {
      const { originalTrace: trace, traceNumber: own } = record;
      if (trace === undefined) {
        this.#unmatched(piece, RETURN_COLUMNS.originalTrace);
        continue;
      }
      const entryTrace = this.head?.record.traceNumber;
      if (own !== undefined && entryTrace !== undefined && own !== entryTrace) {
        const columns = RETURN_COLUMNS.traceNumber;
        this.told.fault(piece, { columns, field: "traceNumber", reason: "addenda_trace" });
      }
      if (!isReturnCode(record.code ?? "")) {
        const columns = RETURN_COLUMNS.code;
        this.#except(piece, { columns, field: "code", reason: "unknown_return_code" });
      }
      const same = byTrace.get(trace);
      if (same === undefined) byTrace.set(trace, { line: piece.line, records: [record] });
      else same.records.push(record);
    }
    let entry = this.head?.record;
    let line = this.head?.piece.line;
    for (const { line: own, records } of byTrace.values()) {
      const [first, ...later] = records;
      if (first === undefined) continue;
      const { batch } = this;
      this.told.item({
        kind: "return",
        line: line ?? own,
        batch,
        entry,
        records: [first, ...later],
      });
      // The entry above is the first trace's.
      entry = undefined;
      line = undefined;
    }
  }

  #closeChange(piece: Piece, record: ChangeRecord): void {
    const { changeCode = "", correctedData } = record;
    if (record.originalTrace === undefined) {
      this.#unmatched(piece, NOC_COLUMNS.originalTrace);
      return;
    }
    const code = record.kind === "correction" ? changeCode : (record.refusedCode ?? "");
    const corrected = correctedOf(code, correctedData?.expose() ?? "");
    if (record.kind === "correction" && !isRefusedChange(code) && !CHANGE_CODES.has(code)) {
      const columns = NOC_COLUMNS.changeCode;
      this.#except(piece, { columns, field: "changeCode", reason: "unknown_change_code" });
    } else if (record.kind === "correction" && corrected.kind === "unreadable") {
      const columns = NOC_COLUMNS.correctedData;
      this.#except(piece, { columns, field: "correctedData", reason: "corrected_data_unreadable" });
    }
    const { head, batch } = this;
    const line = head?.piece.line ?? piece.line;
    this.told.item({ kind: "correction", line, batch, entry: head?.record, record, corrected });
  }

  #unmatched(piece: Piece, columns: Columns): void {
    this.#except(piece, { columns, field: "originalTrace", reason: "original_trace_unreadable" });
  }

  /** With the line of the entry: a person needs both. */
  #except(piece: Piece, what: PieceFault): void {
    const { head } = this;
    this.told.exception(piece, what, head === undefined ? [piece] : [head.piece, piece]);
  }
}

const UNKNOWN_TYPE: AchReason = "unknown_addenda_type";

/** Pieces as they came, one to a line. */
export function joinLines(pieces: readonly Piece[]): Uint8Array {
  const newline = Uint8Array.of(0x0a);
  const parts = pieces.flatMap(({ bytes }, at) => (at === 0 ? [bytes] : [newline, bytes]));
  return new Uint8Array(Buffer.concat(parts));
}
