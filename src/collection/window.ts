/**
 * The end of a file. When the last banking day that may bring an ordinary return is over, every
 * owner is told, and what has not come back is collected; then the file must be whole, down to the
 * cent. A file that was rejected, or given up before it was handed over, goes the other way: every
 * owner takes back what was in it.
 */
import { type AchFileReply, isEveryReturnNoted } from "../../actors/ach-file-messages.ts";
import { type Moved, NO_MOVED } from "../../actors/ach-file-totals.ts";
import type { ActorRef } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import type { BankDate } from "../../actors/banking-calendar.ts";
import type { CollectionReply } from "../../actors/collection-messages.ts";
import type { AchFileId } from "../../actors/ids.ts";
import { endedIn, ownersIn } from "../views/ach-entries.ts";
import { type FileRow, filesUnderWay } from "../views/ach-files.ts";
import { type CollectionParts, entriesTable, filesTable, forEach, PRINCIPAL } from "./parts.ts";

/** Owners that are told at the same time. */
const TOLD_AT_ONCE = 256;

/**
 * Ends every file that can be ended; gives how many. `readDay` is a banking day whose inbound files
 * have been read: the last day of a file's window is over with them. One that cannot end keeps no
 * newer one waiting, nor the limits that grow back with it; what went wrong is thrown after all.
 */
export async function endFiles(
  parts: CollectionParts,
  readDay: BankDate | undefined,
): Promise<number> {
  await parts.viewRunner.demandCaughtUp();
  let ended = 0;
  const faults: unknown[] = [];
  for (const file of filesUnderWay(filesTable(parts))) {
    try {
      if (await end(parts, file, readDay)) ended++;
    } catch (error) {
      faults.push(error);
    }
  }
  if (faults.length > 0) throw faults[0];
  return ended;
}

/** False for one whose time has not come. */
async function end(
  parts: CollectionParts,
  { fileId, stage, windowOn }: FileRow,
  readDay: BankDate | undefined,
): Promise<boolean> {
  if (stage === "rejected" || stage === "abandoned") {
    await takeBack(parts, fileId);
    return true;
  }
  const isOver = stage === "settled" && readDay !== undefined && readDay >= windowOn;
  return isOver && (await collect(parts, fileId));
}

async function collect(parts: CollectionParts, fileId: AchFileId): Promise<boolean> {
  const reply = (await parts.host.ask(fileRef(fileId), DESCRIBE, ASKED)) as AchFileReply;
  assert(reply.kind === "file" && "file" in reply.state, "a file that was opened is there");
  assert("totals" in reply.state.file, "a file that is settled was sent");
  // A return is on its way to its owner, who must not collect the entry meanwhile.
  if (!isEveryReturnNoted(reply.state.file)) return false;
  await tellOwners(parts, fileId, "CollectEntries");
  await parts.viewRunner.demandCaughtUp();
  // From the events: whoever was told before a long outage says nothing the second time.
  await close(parts, fileId, endedIn(entriesTable(parts), fileId));
  return true;
}

const DESCRIBE = { kind: "DescribeFile" } as const;
const ASKED = { principal: PRINCIPAL };

async function takeBack(parts: CollectionParts, fileId: AchFileId): Promise<void> {
  await tellOwners(parts, fileId, "UnfileEntries");
  await close(parts, fileId, NO_MOVED);
}

const ANSWERS = { CollectEntries: "entries_collected", UnfileEntries: "entries_unfiled" } as const;

/** Each owner; one that has been told already changes nothing. */
async function tellOwners(
  parts: CollectionParts,
  fileId: AchFileId,
  kind: keyof typeof ANSWERS,
): Promise<void> {
  const owners = ownersIn(entriesTable(parts), fileId);
  await forEach(owners, TOLD_AT_ONCE, async (owner: ActorRef) => {
    const command = { kind, fileId };
    const reply = (await parts.host.ask(owner, command, ASKED)) as CollectionReply;
    assert(reply.kind === ANSWERS[kind], "an owner says what it did");
  });
}

async function close(
  { host }: CollectionParts,
  fileId: AchFileId,
  { debitCents, creditCents }: Moved,
): Promise<void> {
  const command = { kind: "CloseFile", debitCents, creditCents } as const;
  const reply = (await host.ask(fileRef(fileId), command, ASKED)) as AchFileReply;
  assert(reply.kind === "noted", "a file that ends is whole");
}

function fileRef(fileId: AchFileId): ActorRef {
  return { kind: "ach-file", id: fileId };
}
