/**
 * What stands between the switch and the sandbox's bank in a simulated quarter: it reads the bytes
 * of every file on their way, by its own columns, and compares them with the journal.
 */
import type { AchFileId } from "../actors/ids.ts";
import type {
  BankGateway,
  FileContent,
  HandOverOutcome,
  InboundItem,
} from "../src/collection/bank-gateway.ts";
import type { BankTwin } from "../src/rails/bank-twin/bank-twin.ts";
import type { QuarterBooks } from "./quarter-books.ts";
import { InvariantBroken } from "./quarter-demand.ts";
import type { FileBooks } from "./quarter-file.ts";

export class WatchedBank implements BankGateway {
  bytes = 0;
  /** Of the newest file. */
  newestBytes = 0;

  constructor(
    private readonly bank: BankTwin,
    private readonly books: QuarterBooks,
  ) {}

  async handOver(fileId: AchFileId, content: FileContent): Promise<HandOverOutcome> {
    this.newestBytes = 0;
    return await this.bank.handOver(fileId, this.#watched(this.books.file(fileId), content));
  }

  async withdraw(): Promise<void> {
    await this.bank.withdraw();
  }

  async inbound(skip?: number): Promise<readonly InboundItem[]> {
    return await this.bank.inbound(skip);
  }

  async taken(id: string): Promise<void> {
    await this.bank.taken(id);
  }

  /** The same bytes; what of them is not as it was posted breaks the books. */
  async *#watched(file: FileBooks, content: FileContent): AsyncGenerator<Uint8Array> {
    this.#demand(() => file.comparePostings());
    const decoder = new TextDecoder("latin1");
    let rest = "";
    let entries = 0;
    for await (const piece of content) {
      this.bytes += piece.length;
      this.newestBytes += piece.length;
      const lines = (rest + decoder.decode(piece)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (!line.startsWith("6")) continue;
        entries++;
        this.#demand(() => file.compareLine(line));
      }
      yield piece;
    }
    this.#demand(() => file.compareCount(entries));
  }

  #demand(compare: () => void): void {
    try {
      compare();
    } catch (error) {
      if (!(error instanceof InvariantBroken)) throw error;
      this.books.broken ??= error;
    }
  }
}
