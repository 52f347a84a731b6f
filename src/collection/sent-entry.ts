/** From a trace number to what was sent under it. */
import type { SentInFile } from "../../actors/ach-entry.ts";
import type { AchFileId } from "../../actors/ids.ts";
import type { SentEntry } from "../../actors/sent-entry.ts";
import { entriesOfTrace } from "../views/ach-entries.ts";
import { type FileRow, findFile } from "../views/ach-files.ts";
import { type CollectionParts, entriesTable, filesTable } from "./parts.ts";

/** Stages at which the bank has the file, or may have it. */
const SENT: ReadonlySet<string> = new Set(["handing_over", "acknowledged", "settled", "closed"]);

/**
 * The newest entry of this sequence number that the bank has got: the sequence begins anew in the
 * end. `fileOf` is asked for each file, and may leave out those that are not meant.
 */
export function findSent(
  parts: Pick<CollectionParts, "views">,
  trace: number,
  fileOf: (fileId: AchFileId) => FileRow | undefined,
): SentInFile | undefined {
  for (const entry of entriesOfTrace(entriesTable(parts), trace)) {
    const file = fileOf(entry.fileId);
    if (file === undefined || !SENT.has(file.stage)) continue;
    return { ...sentOf(entry), windowOn: file.windowOn };
  }
  return undefined;
}

/** The entry of this sequence number in this file: there is at most one. */
export function findSentIn(
  parts: Pick<CollectionParts, "views">,
  fileId: string,
  trace: number,
): SentInFile | undefined {
  return findSent(parts, trace, (other) => {
    return other === fileId ? findFile(filesTable(parts), other) : undefined;
  });
}

function sentOf(entry: SentEntry): SentEntry {
  const { fileId, trace, owner, subject, direction, amountCents, merchantNumber } = entry;
  return { fileId, trace, owner, subject, direction, amountCents, merchantNumber };
}
