/** Evidence from the event log of a data directory, read beside the switch that writes it. */
import { existsSync } from "node:fs";
import type { Evidence } from "./evidence/evidence.ts";
import { exportEvidence, type LogSigner } from "./evidence/export.ts";
import { LogTree } from "./evidence/log-tree.ts";
import type { Clock } from "./runtime/clock.ts";
import { SqliteProofLog } from "./storage/sqlite/proof-log.ts";

interface Opened {
  readonly log: SqliteProofLog;
  readonly tree: LogTree;
}

export class EvidenceFiles {
  #opened: Opened | undefined;

  constructor(
    private readonly file: string,
    private readonly signer: LogSigner,
    private readonly odfi: string | null,
    private readonly clock: Clock,
  ) {}

  /**
   * Of the purchase that was captured at this position, under the root over the first `size` events
   * of the log; undefined where so many are not there, or the log is no file of ours.
   */
  async of(capturedAt: number, size?: number): Promise<Evidence | undefined> {
    if (!existsSync(this.file)) return undefined;
    const { log, tree } = this.#open();
    const under = size ?? log.head().position;
    if (under < capturedAt || under > log.head().position) return undefined;
    const { signer, odfi } = this;
    const nowMs = this.clock.nowMs();
    return await exportEvidence({ log, tree, signer, odfi, nowMs, size: under }, capturedAt);
  }

  /** For those who have no view at hand. */
  captureOf(paymentId: string): number | undefined {
    return existsSync(this.file) ? this.#open().log.captureOf(paymentId) : undefined;
  }

  close(): void {
    this.#opened?.log.close();
    this.#opened = undefined;
  }

  #open(): Opened {
    if (this.#opened === undefined) {
      const log = new SqliteProofLog(this.file);
      this.#opened = { log, tree: new LogTree(log) };
    }
    return this.#opened;
  }
}
