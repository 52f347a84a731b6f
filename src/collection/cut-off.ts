/**
 * The cut-off: everybody who has something to collect or to be paid is asked once, what they file
 * is written, checked by the second opinion, sealed, and handed to the bank. Each step is durable
 * before the next begins; after a crash the run goes on where it was, except between handing over
 * and the bank's word: there only the bank or a person says what happened.
 */
import { achFileId } from "../../actors/ach-file.ts";
import type { AchFileReply } from "../../actors/ach-file-messages.ts";
import type { FileTotals } from "../../actors/ach-file-totals.ts";
import type { ActorRef } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import { addBankingDays, type BankDate, bankDateAt } from "../../actors/banking-calendar.ts";
import type { CollectionReply, TraceBlock } from "../../actors/collection-messages.ts";
import type { AchFileId } from "../../actors/ids.ts";
import { cents, ZERO_CENTS } from "../../actors/money.ts";
import { achDate } from "../rails/ach/dates.ts";
import type { AchFileHeader } from "../rails/ach/file-header.ts";
import { AchWriteError } from "../rails/ach/write-error.ts";
import { writeAch } from "../rails/ach/writer.ts";
import { AchCheck, type AchVerdict } from "../rails/ach-check/check.ts";
import { entriesIn, waitingOwners } from "../views/ach-entries.ts";
import { type FileRow, filesUnderWay, findFile } from "../views/ach-files.ts";
import { expectationsOf } from "./expectations.ts";
import { batchesOf } from "./file-lines.ts";
import {
  type CollectionParts,
  entriesTable,
  filesTable,
  forEach,
  PRINCIPAL,
  Stretches,
} from "./parts.ts";
import { settleMerchants } from "./payouts.ts";
import { TraceSlices } from "./trace-slices.ts";

/**
 * Owners that are asked at the same time, each with traces of its own: they share a commit, and
 * whoever pays meanwhile waits for it.
 */
const ASKED_AT_ONCE = 256;
const MODIFIERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** The file could not be written as the bank demands it: nothing was sent. */
export class FileRefused extends Error {
  override readonly name = "FileRefused";
  constructor(readonly rules: readonly string[]) {
    super(`the file does not keep the rules: ${rules.join(", ")}`);
  }
}

export interface CutOffResult {
  readonly fileId: AchFileId;
  readonly stage: FileRow["stage"];
  readonly totals: FileTotals | undefined;
}

/** Goes on with what is under way, then makes a file of everything that waits. */
export async function cutOff(parts: CollectionParts): Promise<CutOffResult> {
  await parts.viewRunner.demandCaughtUp();
  const begun = filesUnderWay(filesTable(parts)).find(({ stage }) => BEGUN.has(stage));
  const fileId = begun?.fileId ?? (await open(parts));
  const state = await stateOf(parts, fileId);
  if (state.kind === "open")
    await build(parts, fileId, state.file.createdOn, state.file.effectiveOn);
  await handOver(parts, fileId);
  await parts.viewRunner.catchUp();
  const after = await stateOf(parts, fileId);
  assert(after.kind !== "vacant", "a file that was opened is there");
  const totals = "totals" in after.file ? after.file.totals : undefined;
  return { fileId, stage: after.kind, totals };
}

const BEGUN: ReadonlySet<string> = new Set(["open", "built"]);

async function open(parts: CollectionParts): Promise<AchFileId> {
  const { host, clock, profile } = parts;
  const createdOn = bankDateAt(clock.nowMs());
  const effectiveOn = addBankingDays(createdOn, profile.debitLeadDays);
  const modifier = [...MODIFIERS].find((letter) => {
    return findFile(filesTable(parts), achFileId(createdOn, letter)) === undefined;
  });
  assert(modifier !== undefined, "a day has 36 files and no more");
  const fileId = achFileId(createdOn, modifier);
  const command = { kind: "OpenFile", createdOn, modifier, effectiveOn } as const;
  const reply = await host.ask(fileRef(fileId), command, { principal: PRINCIPAL });
  assert(reply.kind === "file", "a new name opens a file");
  return fileId;
}

async function build(
  parts: CollectionParts,
  fileId: AchFileId,
  createdOn: BankDate,
  effectiveOn: BankDate,
): Promise<void> {
  // Before anybody is asked, so that what is paid out to merchants is in the same file.
  parts.progress?.step("asking_owners", { fileId });
  await settleMerchants(parts, createdOn);
  await gather(parts, fileId, effectiveOn);
  await parts.viewRunner.demandCaughtUp();
  const isEmpty = entriesIn(entriesTable(parts), fileId).next().done === true;
  const built = isEmpty ? NOTHING : await write(parts, fileId, createdOn, effectiveOn);
  const command = { kind: "BuildFile", ...built } as const;
  const reply = await parts.host.ask(fileRef(fileId), command, { principal: PRINCIPAL });
  assert(reply.kind === "noted", "an open file is built");
}

const NOTHING = {
  totals: { entries: 0, debitCents: ZERO_CENTS, creditCents: ZERO_CENTS },
  sha256: "",
  sealed: "",
};

/** Written, checked and sealed piece by piece: what is handed over is what was checked. */
async function write(
  parts: CollectionParts,
  fileId: AchFileId,
  createdOn: BankDate,
  effectiveOn: BankDate,
): Promise<typeof NOTHING> {
  const { profile } = parts;
  parts.progress?.step("writing");
  const header = headerOf(parts, fileId, createdOn);
  const stream = writeAch(header, batchesOf(parts, fileId, effectiveOn), profile.lineEnd);
  const check = new AchCheck(expectationsOf(profile, createdOn));
  const hash = new Bun.CryptoHasher("sha256");
  const sealed = parts.files.write(fileId);
  try {
    let next = await stream.next();
    for (; next.done !== true; next = await stream.next()) {
      check.push(next.value);
      hash.update(next.value);
      sealed.push(next.value);
      // Payments go on while a long file is written.
      await new Promise(setImmediate);
    }
    const { entries, bytes, control } = next.value;
    parts.progress?.step("checking", { bytes });
    demandGood(check.end());
    const totals = {
      entries,
      debitCents: cents(Number(control.debitCents)),
      creditCents: cents(Number(control.creditCents)),
    };
    return { totals, sha256: hash.digest("hex"), sealed: sealed.finish() };
  } catch (error) {
    sealed.discard();
    return refuseFile(error);
  }
}

/** The writer names place and reason, never a value. */
function refuseFile(error: unknown): never {
  throw error instanceof AchWriteError ? new FileRefused([error.message]) : error;
}

/** Asks everybody who may have something, many at a time. */
async function gather(parts: CollectionParts, fileId: AchFileId, effectiveOn: BankDate) {
  const slices = new TraceSlices(parts);
  const table = entriesTable(parts);
  let ownersTotal = 0;
  const stretches = new Stretches();
  for (const _ of waitingOwners(table)) {
    ownersTotal++;
    await stretches.breathe();
  }
  parts.progress?.step("asking_owners", { ownersTotal });
  await forEach(waitingOwners(table), ASKED_AT_ONCE, async (owner) => {
    const traces = await slices.take();
    slices.give(traces, await fileEntries(parts, owner, { fileId, effectiveOn, traces }));
    parts.progress?.ownerAsked();
  });
}

async function fileEntries(
  { host }: CollectionParts,
  owner: ActorRef,
  what: { fileId: AchFileId; effectiveOn: BankDate; traces: TraceBlock },
): Promise<number> {
  const command = { kind: "FileEntries", ...what } as const;
  const reply = (await host.ask(owner, command, { principal: PRINCIPAL })) as CollectionReply;
  assert(reply.kind === "entries_filed", "an owner says what it filed");
  return reply.entries;
}

function headerOf(
  { profile, clock }: CollectionParts,
  fileId: AchFileId,
  createdOn: BankDate,
): AchFileHeader {
  const now = Temporal.Instant.fromEpochMilliseconds(clock.nowMs());
  const { hour, minute } = now.toZonedDateTimeISO("America/New_York");
  const two = (value: number): string => String(value).padStart(2, "0");
  return {
    immediateDestination: profile.immediateDestination,
    immediateOrigin: profile.immediateOrigin,
    creationDate: achDate(createdOn),
    creationTime: two(hour) + two(minute),
    fileIdModifier: fileId.slice(-1),
    destinationName: profile.destinationName,
    originName: profile.originName,
    referenceCode: "",
  };
}

/** A second mind reads the file before the bank does. */
function demandGood({ findings }: AchVerdict): void {
  if (findings.length > 0) throw new FileRefused([...new Set(findings.map(({ rule }) => rule))]);
}

/** False for a file that is at another stage: only what was built is handed over, and once. */
export async function handOver(parts: CollectionParts, fileId: AchFileId): Promise<boolean> {
  const { host, gateway, files } = parts;
  const state = await stateOf(parts, fileId);
  if (state.kind !== "built") return false;
  const content = files.read(fileId, state.file.sealed);
  assert(content !== undefined, "a built file is kept");
  const options = { principal: PRINCIPAL };
  const reply = await host.ask(fileRef(fileId), { kind: "HandOverFile" }, options);
  assert(reply.kind === "noted", "a built file is handed over");
  parts.progress?.step("handing_over", { fileId });
  const outcome = await gateway.handOver(fileId, content);
  if (outcome === "unknown") return true;
  const command = { kind: "AcknowledgeFile", outcome, note: "at once" } as const;
  await host.ask(fileRef(fileId), command, options);
  return true;
}

async function stateOf({ host }: CollectionParts, fileId: AchFileId) {
  const options = { principal: PRINCIPAL };
  const reply = (await host.ask(
    fileRef(fileId),
    { kind: "DescribeFile" },
    options,
  )) as AchFileReply;
  assert(reply.kind === "file", "a file describes itself");
  return reply.state;
}

function fileRef(fileId: AchFileId): ActorRef {
  return { kind: "ach-file", id: fileId };
}
