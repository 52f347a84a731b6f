/**
 * The port to the bank that takes our ACH files. There is no standard form of acknowledgement: an
 * adapter tells of each file one of three things, and gives what comes in piece by piece.
 */
import type { BankDate } from "../../actors/banking-calendar.ts";
import type { AchFileId } from "../../actors/ids.ts";
import type { Cents } from "../../actors/money.ts";

/**
 * What the bank says of a file at once. `unknown` is not `rejected`: the bytes may have arrived, so
 * nothing is sent again until the bank or a person says what became of them.
 */
export type HandOverOutcome = "accepted" | "rejected" | "unknown";

/** The bytes of a file, in pieces of any length: it may be larger than memory. */
export type FileContent = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** A line of the bank's statement: what it moved for one of our files on that day. */
export interface StatementLine {
  /** The name that the file was handed over by, as the bank writes it. */
  readonly fileName: string;
  /** Our debits: paid into our account. Returns of the days after are not taken off. */
  readonly debitCents: Cents;
  /** Our credits: paid out of it. */
  readonly creditCents: Cents;
}

/** `id` is the bank's: the same piece has the same id each time, other pieces have others. */
export type InboundItem =
  | {
      readonly id: string;
      readonly kind: "acknowledgement";
      readonly fileName: string;
      readonly outcome: "accepted" | "rejected";
    }
  /** A file of returns or of notifications of change, as it came: it may be damaged. */
  | { readonly id: string; readonly kind: "returns"; readonly bytes: Uint8Array }
  | {
      readonly id: string;
      readonly kind: "statement";
      readonly date: BankDate;
      readonly lines: readonly StatementLine[];
    };

export interface BankGateway {
  /**
   * Hands over a file under its name. The bank takes a name once: a second time it refuses the
   * bytes as a duplicate, and the answer is what became of the first, never `rejected` for being
   * the second, which would put debits back that the bank is collecting.
   */
  handOver(fileId: AchFileId, content: FileContent): Promise<HandOverOutcome>;
  /**
   * People say that the bank has not got it and never will: what waits on the way to it does not
   * arrive later. Said of a file that the bank has, or once more, it changes nothing.
   */
  withdraw(fileId: AchFileId): Promise<void>;
  /**
   * What is there and not yet taken, oldest first, without the first `skip`: those that could not
   * be taken hide none behind them. A bounded number of items at once; none when there are no more.
   */
  inbound(skip?: number): Promise<readonly InboundItem[]>;
  /** The item is done with and not given again. Said of an item once more, it changes nothing. */
  taken(id: string): Promise<void>;
}

/** The line to the bank broke, or what it answered could not be understood. */
export class BankUnreachable extends Error {
  override readonly name = "BankUnreachable";
  constructor(cause: unknown) {
    super("the bank cannot be reached", { cause });
  }
}

/** The same bank, whose faults are told as faults of the world and not as bugs of ours. */
export function reachable(bank: BankGateway): BankGateway {
  const named = async <Answer>(asked: Promise<Answer>): Promise<Answer> => {
    try {
      return await asked;
    } catch (cause) {
      throw new BankUnreachable(cause);
    }
  };
  return {
    handOver: (fileId, content) => named(bank.handOver(fileId, content)),
    withdraw: (fileId) => named(bank.withdraw(fileId)),
    inbound: (skip) => named(bank.inbound(skip)),
    taken: (id) => named(bank.taken(id)),
  };
}
