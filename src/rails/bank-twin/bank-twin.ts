/**
 * The sandbox's bank: it takes our ACH files as bytes, and answers over the banking days that
 * follow with acknowledgements, statements, and files of returns and notifications of change, as
 * bytes, too. Account numbers decide what comes of an entry (docs/sandbox.md); time is the clock's.
 * It reads and writes by code of its own: a misreading of ours finds nobody here who shares it.
 */
import { assert } from "../../../actors/assert.ts";
import { type Cents, ZERO_CENTS } from "../../../actors/money.ts";
import type {
  BankGateway,
  FileContent,
  HandOverOutcome,
  InboundItem,
} from "../../collection/bank-gateway.ts";
import type { Clock } from "../../runtime/clock.ts";
import { acknowledgedAtMs } from "./bank-day.ts";
import { isBankNumber } from "./columns.ts";
import { catchUp, mishapOf } from "./course.ts";
import { receive } from "./hand-over.ts";
import type { BankTwinState, KnownFile, Mishap, Movement, WaitingItem } from "./state.ts";

export interface BankTwinOptions {
  /** Nine digits of the bank, which files must be addressed to. */
  readonly bankNumber: string;
  /** Where it goes on: what `state` gave. */
  readonly state?: BankTwinState;
  /**
   * Called with every change before it is answered, to keep the state: the bank's own, which goes
   * on changing. It is written at once, or copied.
   */
  readonly keep?: (state: BankTwinState) => void;
}

/** What the bank knows of us: the third side of a reconciliation beside our files and our books. */
export interface BankBooks {
  /** Of our account; it starts at 0. Every movement is in it. */
  readonly balanceCents: Cents;
  readonly movements: readonly Movement[];
  readonly files: readonly KnownFile[];
  /** Names that were handed over once more, and refused. */
  readonly duplicates: number;
}

/** Items that are given at once. */
const INBOUND_MAX = 100;
const MISHAPS_MAX = 100;

export class BankTwin implements BankGateway {
  readonly #state: BankTwinState;
  readonly #bankNumber: string;
  readonly #keep: BankTwinOptions["keep"];

  constructor(
    private readonly clock: Clock,
    { bankNumber, state = newState(), keep }: BankTwinOptions,
  ) {
    assert(isBankNumber(bankNumber), "a bank has a number");
    assert(state.version === 1, "the state is of version 1");
    this.#bankNumber = bankNumber;
    this.#state = structuredClone(state);
    this.#keep = keep;
  }

  async handOver(name: string, content: FileContent): Promise<HandOverOutcome> {
    const bytes = await wholeOf(content);
    const nowMs = this.#catchUp();
    const state = this.#state;
    const known = state.files.find((file) => file.name === name);
    if (known !== undefined) {
      state.duplicates++;
      this.#changed();
      return known.outcome;
    }
    const fate = mishapOf(state, "file_rejected", "file_lost");
    if (fate?.kind === "file_lost") {
      this.#changed();
      return "unknown";
    }
    const isDoomed = fate?.kind === "file_rejected";
    const { outcome } = receive(state, {
      ...{ name, bytes, nowMs, isDoomed },
      bankNumber: this.#bankNumber,
    });
    const isSilent = mishapOf(state, "acknowledgement_lost") !== undefined;
    if (!isSilent) {
      const item = { kind: "acknowledgement", fileName: name, outcome } as const;
      state.due.push({ kind: "tell", atMs: acknowledgedAtMs(nowMs), item });
    }
    const isUnheard = mishapOf(state, "outcome_unknown") !== undefined;
    this.#changed();
    return isUnheard ? "unknown" : outcome;
  }

  /** What was handed over has arrived, or was lost for ever. */
  async withdraw(): Promise<void> {}

  async inbound(skip = 0): Promise<readonly InboundItem[]> {
    this.#catchUp();
    return this.#state.waiting.slice(skip, skip + INBOUND_MAX).map(itemOf);
  }

  async taken(id: string): Promise<void> {
    this.#catchUp();
    this.#state.waiting = this.#state.waiting.filter((item) => item.id !== id);
    this.#changed();
  }

  /** Something goes wrong at the next occasion from now on; several wait their turn. */
  plan(mishap: Mishap): void {
    this.#catchUp();
    assert(this.#state.mishaps.length < MISHAPS_MAX, "mishaps are few");
    this.#state.mishaps.push(mishap);
    this.#changed();
  }

  /** Of our account. */
  balanceCents(): Cents {
    this.#catchUp();
    return this.#state.balanceCents;
  }

  books(): BankBooks {
    this.#catchUp();
    const { balanceCents, movements, files, duplicates } = this.#state;
    return structuredClone({ balanceCents, movements, files, duplicates });
  }

  /**
   * Plain data for JSON. It holds the account numbers and names of entries that are to be answered:
   * those of a sandbox, which are nobody's.
   */
  state(): BankTwinState {
    return structuredClone(this.#state);
  }

  #catchUp(): number {
    const nowMs = this.clock.nowMs();
    catchUp(this.#state, nowMs, this.#bankNumber);
    return nowMs;
  }

  #changed(): void {
    this.#keep?.(this.#state);
  }
}

/** A sandbox has small files: it reads them whole. */
async function wholeOf(content: FileContent): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of content) {
    pieces.push(piece);
    length += piece.length;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function newState(): BankTwinState {
  return {
    version: 1,
    ...{ files: [], duplicates: 0, due: [], waiting: [], mishaps: [], movements: [] },
    ...{ items: 0, ownTraces: 0, balanceCents: ZERO_CENTS },
  };
}

function itemOf(item: WaitingItem): InboundItem {
  if (item.kind !== "returns") return structuredClone(item);
  return { kind: "returns", id: item.id, bytes: Uint8Array.fromBase64(item.base64) };
}
