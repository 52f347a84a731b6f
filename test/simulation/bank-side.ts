/**
 * The bank as the outside world has it: it outlives every process of the switch, keeps every byte
 * that reached it, and everything that it said. The line to it breaks on the way there or back, and
 * what it gives may come in another order, or again.
 */
import { type BankDate, bankDateAt } from "../../actors/banking-calendar.ts";
import type {
  BankGateway,
  FileContent,
  HandOverOutcome,
  InboundItem,
} from "../../src/collection/bank-gateway.ts";
import { BankTwin } from "../../src/rails/bank-twin/bank-twin.ts";
import { readForward } from "../../src/rails/bank-twin/forward-file.ts";
import { REACTIONS, type Reaction } from "../../src/rails/bank-twin/reactions.ts";
import type { Mishap } from "../../src/rails/bank-twin/state.ts";
import type { Random } from "../crash/random.ts";
import { LineBroke, type Machine } from "./machine.ts";
import { shuffled } from "./streams.ts";

/** Of a hundred times. */
export interface BankLine {
  readonly lostBefore: number;
  readonly lostAfter: number;
  readonly outOfOrder: number;
  /** That it was taken is not heard: it is given again. */
  readonly notHeard: number;
}

export const GOOD_LINE: BankLine = { lostBefore: 0, lostAfter: 0, outOfOrder: 0, notHeard: 0 };

/** An entry of a file that the bank took. */
export interface SentEntry {
  readonly file: string;
  readonly effectiveOn: BankDate;
  /** 15 digits. */
  readonly trace: string;
  readonly isDebit: boolean;
  readonly amountCents: number;
  readonly bankAccount: string;
  /** Columns 40-54: the reference of a purchase, or another name. */
  readonly individualId: string;
  /** Columns 54-63 of its batch. */
  readonly description: string;
  readonly back: GivenReturn[];
}

/** The debit of a return fee, which has the reference of its purchase too. */
export function isFee({ description }: SentEntry): boolean {
  return description === "RETURN FEE";
}

/** A return as the bank first gave it. */
export interface GivenReturn {
  readonly code: string;
  readonly trace: string;
  readonly ownTrace: string;
  readonly amountCents: number;
  readonly givenAtMs: number;
}

export interface HandedOver {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly atMs: number;
}

const WAY_MS_MAX = 20;

export class BankSide implements BankGateway {
  readonly twin: BankTwin;
  line = GOOD_LINE;
  /** Every time that bytes arrived. */
  readonly handed: HandedOver[] = [];
  readonly entries: SentEntry[] = [];
  /** By trace. */
  readonly byTrace = new Map<string, SentEntry>();
  readonly returns = new Map<string, GivenReturn>();
  readonly given = new Set<string>();
  readonly #planned: Mishap["kind"][] = [];
  /** The bank has a file, and the switch has no word of that yet. */
  isWaitedFor = false;

  constructor(
    private readonly machine: () => Machine,
    private readonly random: Random,
    private readonly bankNumber: string,
    private readonly onGiven: (item: InboundItem, isAgain: boolean) => void,
    private readonly onHanded: (name: string, outcome: string) => void,
    private readonly onAnswered: (row: Reaction) => void,
  ) {
    const clock = { nowMs: () => machine().nowMs, wakeAt: () => () => {} };
    this.twin = new BankTwin(clock, { bankNumber });
  }

  async handOver(name: Parameters<BankGateway["handOver"]>[0], content: FileContent) {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    const bytes = new Uint8Array(Buffer.concat(pieces));
    const outcome = this.#cross(async (): Promise<HandOverOutcome> => {
      const isKnown = this.twin.books().files.some((file) => file.name === name);
      this.handed.push({ name, bytes, atMs: this.machine().nowMs });
      const outcome = await this.twin.handOver(name, [bytes]);
      const taken = this.twin.books().files.find((file) => file.name === name);
      if (!isKnown && taken?.outcome === "accepted") this.#read(name, bytes);
      this.isWaitedFor = taken !== undefined;
      this.onHanded(name, outcome);
      return outcome;
    });
    return await outcome.finally(() => {
      this.isWaitedFor = false;
    });
  }

  withdraw = () => Promise.resolve();

  inbound(after: number): Promise<readonly InboundItem[]> {
    return this.#cross(async () => {
      const items = await this.twin.inbound(after);
      for (const item of items) {
        const isAgain = this.given.has(item.id);
        this.given.add(item.id);
        if (item.kind === "returns") this.#note(item.bytes);
        this.onGiven(item, isAgain);
      }
      const isMixed = this.random.chance(this.line.outOfOrder);
      return isMixed ? shuffled(this.random, items) : items;
    });
  }

  taken(id: string): Promise<void> {
    return this.#cross(async () => {
      if (!this.random.chance(this.line.notHeard)) await this.twin.taken(id);
    });
  }

  plan(mishap: Mishap): void {
    this.twin.plan(mishap);
    this.#planned.push(mishap.kind);
  }

  /** What has gone wrong of all that was planned. */
  get mishaps(): readonly Mishap["kind"][] {
    const left = this.twin.state().mishaps.map(({ kind }) => kind);
    return this.#planned.filter((kind) => {
      const at = left.indexOf(kind);
      if (at !== -1) left.splice(at, 1);
      return at === -1;
    });
  }

  /** True when the bank has said everything of what has happened, and was heard. */
  get isQuiet(): boolean {
    const { due, waiting } = this.twin.state();
    return due.length === 0 && waiting.length === 0;
  }

  #cross<T>(work: () => Promise<T>): Promise<T> {
    const { random, line } = this;
    const lost = random.next() * 100;
    const way = (): number => random.between(0, WAY_MS_MAX);
    return this.machine().outside([way(), way()], async () => {
      if (lost < line.lostBefore) throw new LineBroke("lost on the way to the bank");
      const answer = await work();
      if (lost < line.lostBefore + line.lostAfter) throw new LineBroke("lost on the way back");
      return answer;
    });
  }

  #read(name: string, bytes: Uint8Array): void {
    const reading = readForward(bytes, this.bankNumber);
    if (reading.kind !== "whole") throw new Error("the bank took what it cannot read");
    for (const { header, effectiveOn, entries } of reading.file.batches) {
      for (const { line, trace, amountCents, isDebit } of entries) {
        const entry: SentEntry = {
          ...{ file: name, effectiveOn, trace, isDebit, amountCents },
          bankAccount: line.slice(12, 29).trim(),
          individualId: line.slice(39, 54).trim(),
          description: header.slice(53, 63).trim(),
          back: [],
        };
        this.entries.push(entry);
        this.byTrace.set(trace, entry);
      }
    }
  }

  /** What comes back, by columns (Nacha Operating Rules, Appendix Four): 6 and then 799 or 798. */
  #note(bytes: Uint8Array): void {
    const lines = new TextDecoder("latin1").decode(bytes).split("\n");
    for (const [at, line] of lines.entries()) {
      const entry = lines[at - 1] ?? "";
      if (!/^79[89]/.test(line) || line.length !== 94 || !entry.startsWith("6")) continue;
      const [code, trace, ownTrace] = [line.slice(3, 6), line.slice(6, 21), line.slice(79)];
      const key = `${trace}/${code}/${ownTrace}`;
      if (this.returns.has(key)) continue;
      const amountCents = Number(entry.slice(29, 39));
      const back = { code, trace, ownTrace, amountCents, givenAtMs: this.machine().nowMs };
      this.returns.set(key, back);
      const row = rowOf(entry.slice(12, 29).trim(), entry.slice(37, 39));
      if (row !== undefined) this.onAnswered(row);
      if (line.startsWith("799")) this.byTrace.get(trace)?.back.push(back);
    }
  }

  /** What the bank moved when it settled a file; undefined while it has not. */
  settledOn(file: string): BankDate | undefined {
    const { movements } = this.twin.books();
    return movements.find(({ kind, fileName }) => kind === "settled" && fileName === file)?.on;
  }

  get today(): BankDate {
    return bankDateAt(this.machine().nowMs);
  }
}

/** docs/sandbox.md: by the account number, or by the last two digits of the amount. */
function rowOf(account: string, twoDigits: string): Reaction | undefined {
  const named = account === "9990000098" ? `99900000${twoDigits}` : account;
  return REACTIONS.find((reaction) => reaction.account === named);
}
