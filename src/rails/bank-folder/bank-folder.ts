/**
 * A bank behind a folder, which somebody else carries to and fro (SFTP, a mounted share): our files
 * go into `outbound`, what comes lies in `inbound` (docs/ach.md). No outcome is known before an
 * acknowledgement comes. Account numbers stand in the files: everything is for its owner alone.
 */
import type { AchFileId } from "../../../actors/ids.ts";
import type {
  BankGateway,
  FileContent,
  HandOverOutcome,
  InboundItem,
} from "../../collection/bank-gateway.ts";
import type { Clock } from "../../runtime/clock.ts";
import { makeFolder } from "./folders.ts";
import { Inbound } from "./inbound.ts";
import { Outbound } from "./outbound.ts";

export class BankFolder implements BankGateway {
  readonly #outbound: Outbound;
  readonly #inbound: Inbound;

  /** Makes the folders where they are absent, and ends what a dead process began. */
  constructor(
    root: string,
    private readonly clock: Pick<Clock, "nowMs">,
  ) {
    makeFolder(root);
    this.#outbound = new Outbound(root);
    this.#inbound = new Inbound(root);
  }

  async handOver(fileId: AchFileId, content: FileContent): Promise<HandOverOutcome> {
    return await this.#outbound.put(fileId, content);
  }

  async inbound(skip = 0): Promise<readonly InboundItem[]> {
    this.#inbound.forget(this.clock.nowMs());
    return this.#inbound.items(skip);
  }

  async taken(id: string): Promise<void> {
    const item = this.#inbound.find(id);
    if (item?.kind === "acknowledgement") {
      this.#outbound.acknowledge(item.fileName, item.outcome);
    } else if (item?.kind === "statement") {
      // The bank moved money for them: it has them.
      for (const { fileName } of item.lines) this.#outbound.conclude(fileName, "accepted");
    }
    this.#inbound.take(id);
  }

  /** Where nobody has carried it to the bank yet, nobody will. */
  async withdraw(fileId: AchFileId): Promise<void> {
    this.#outbound.conclude(fileId, "rejected");
  }

  /** Something came that could not be read: it lies in `refused`, with the reason beside it. */
  get hasRefused(): boolean {
    return this.#inbound.areRefused;
  }
}
