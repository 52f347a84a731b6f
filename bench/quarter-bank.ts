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

export class WatchedBank implements BankGateway {
  bytes = 0;
  /** Of the newest file. */
  newestBytes = 0;

  constructor(
    private readonly bank: BankTwin,
    private readonly books: QuarterBooks,
  ) {}

  async handOver(fileId: AchFileId, content: FileContent): Promise<HandOverOutcome> {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    this.bytes += bytes.length;
    this.newestBytes = bytes.length;
    try {
      this.books.file(fileId).compare(bytes);
    } catch (error) {
      if (!(error instanceof InvariantBroken)) throw error;
      this.books.broken ??= error;
    }
    return await this.bank.handOver(fileId, [bytes]);
  }

  async inbound(skip?: number): Promise<readonly InboundItem[]> {
    return await this.bank.inbound(skip);
  }

  async taken(id: string): Promise<void> {
    await this.bank.taken(id);
  }
}
