/** What the running of files needs of the switch. */
import type { AchFileId, LaneId } from "../../actors/ids.ts";
import type { Policy } from "../../actors/policy.ts";
import type { OdfiProfile } from "../rails/ach/odfi-profile.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Host } from "../runtime/host.ts";
import type { ViewProgress, ViewReader, ViewRows } from "../runtime/view.ts";
import type { BankAccountOpener } from "../vault/bank-accounts.ts";
import type { DocumentStore } from "../vault/documents.ts";
import type { Vault } from "../vault/vault.ts";
import { achEntries } from "../views/ach-entries.ts";
import { achFiles } from "../views/ach-files.ts";
import { settlements } from "../views/settlements.ts";
import type { BankGateway } from "./bank-gateway.ts";
import type { Progress } from "./progress.ts";

export interface CollectionParts {
  readonly host: Host;
  readonly clock: Clock;
  readonly views: ViewReader;
  readonly viewRunner: ViewProgress;
  readonly vault: Vault;
  readonly bankAccounts: BankAccountOpener;
  /** Files for and from the bank, sealed: they hold account numbers. */
  readonly files: DocumentStore;
  readonly gateway: BankGateway;
  readonly profile: OdfiProfile;
  readonly policy: Policy;
  /** Something that a person must hear of at once, and that no actor keeps. */
  readonly alarm: (name: CollectionAlarm) => void;
  /** Of the run that is under way. */
  readonly progress?: Progress;
  /** 15 digits: leads from a bank statement to the purchase. */
  readonly receiptNumber: (lane: LaneId, requestNumber: number) => string;
}

export type CollectionAlarm = "entries_returned_for_our_mistake";

/** Who acts: the switch by itself. */
export const PRINCIPAL = "switch:collection";

/** Commands of a file are repeated under the same id, so that a crash repeats nothing. */
export function commandId(fileId: AchFileId | string, step: string): string {
  return `collection/${fileId}/${step}`;
}

export function entriesTable({ views }: Pick<CollectionParts, "views">): ViewRows {
  return views.table(achEntries.name);
}

export function filesTable({ views }: Pick<CollectionParts, "views">): ViewRows {
  return views.table(achFiles.name);
}

export function settlementsTable({ views }: CollectionParts): ViewRows {
  return views.table(settlements.name);
}

/** What a run does at a stretch, in milliseconds: whoever pays meanwhile waits so long. */
const STRETCH_MS = 10;

/**
 * Much work in small steps: who does it says so after each, and now and then everybody else has a
 * turn. Steps that only wait for what is at hand would keep the event loop to themselves.
 */
export class Stretches {
  #sinceMs = performance.now();

  async breathe(): Promise<void> {
    if (performance.now() - this.#sinceMs < STRETCH_MS) return;
    await new Promise(setImmediate);
    this.#sinceMs = performance.now();
  }
}

/** Runs `work` on every item, at most `max` at a time. */
export async function forEach<Item>(
  items: Iterable<Item>,
  max: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      await work(next.value);
    }
  };
  await Promise.all(Array.from({ length: max }, worker));
}
