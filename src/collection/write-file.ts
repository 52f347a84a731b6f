/**
 * The bytes of a file: written, checked by the second opinion and sealed, piece by piece. An owner
 * of whom an entry cannot be written is left out of it, whole, so that nobody else waits: the file
 * knows so first, then the owner takes back what it had in it.
 */
import type { AchFileReply, FileTerms, LeaveOut, LeftOut } from "../../actors/ach-file-messages.ts";
import { LEFT_OUT_MAX } from "../../actors/ach-file-messages.ts";
import type { FileTotals } from "../../actors/ach-file-totals.ts";
import { assert } from "../../actors/assert.ts";
import type { BankDate } from "../../actors/banking-calendar.ts";
import type { CollectionCommand } from "../../actors/collection-messages.ts";
import type { AchFileId } from "../../actors/ids.ts";
import { addCents, cents, ZERO_CENTS } from "../../actors/money.ts";
import { achDate } from "../rails/ach/dates.ts";
import type { AchFileHeader } from "../rails/ach/file-header.ts";
import { AchWriteError } from "../rails/ach/write-error.ts";
import { type AchBatch, writeAch, writeAchFile } from "../rails/ach/writer.ts";
import { AchCheck, type AchVerdict, checkAch } from "../rails/ach-check/check.ts";
import type { AchExpectations } from "../rails/ach-check/expectations.ts";
import { entriesIn } from "../views/ach-entries.ts";
import { expectationsOf } from "./expectations.ts";
import { alone, batchesOf } from "./file-lines.ts";
import { Originals } from "./originals.ts";
import { type CollectionParts, entriesTable, PRINCIPAL, Stretches } from "./parts.ts";

/** The file could not be written as the bank demands it: nothing was sent. */
export class FileRefused extends Error {
  override readonly name = "FileRefused";
  constructor(readonly rules: readonly string[]) {
    super(`the file does not keep the rules: ${rules.join(", ")}`);
  }
}

export type FileDates = Pick<FileTerms, "createdOn" | "effectiveOn" | "scope">;

export interface WrittenBytes {
  readonly totals: FileTotals;
  /** Hex, of the bytes. */
  readonly sha256: string;
  /** Token of the sealed bytes. */
  readonly sealed: string;
}

const NOTHING: WrittenBytes = {
  totals: { entries: 0, debitCents: ZERO_CENTS, creditCents: ZERO_CENTS },
  sha256: "",
  sealed: "",
};

/** Of all that its owners have filed and that can be written. Throws FileRefused. */
export async function writeFile(
  parts: CollectionParts,
  fileId: AchFileId,
  dates: FileDates,
): Promise<WrittenBytes> {
  await parts.viewRunner.demandCaughtUp();
  if (isEmpty(parts, fileId)) return NOTHING;
  try {
    return await write(parts, fileId, dates);
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error;
    if (!(await leaveOutUnwritable(parts, fileId, dates))) throw error;
  }
  await parts.viewRunner.demandCaughtUp();
  return isEmpty(parts, fileId) ? NOTHING : await write(parts, fileId, dates);
}

function isEmpty(parts: CollectionParts, fileId: AchFileId): boolean {
  return entriesIn(entriesTable(parts), fileId).next().done === true;
}

/** Written, checked and sealed piece by piece: what is handed over is what was checked. */
async function write(
  parts: CollectionParts,
  fileId: AchFileId,
  dates: FileDates,
): Promise<WrittenBytes> {
  const { profile } = parts;
  const { createdOn } = dates;
  parts.progress?.step("writing");
  const header = headerOf(parts, fileId, createdOn);
  const originals = new Originals(parts);
  const batches = batchesOf(parts, fileId, dates, originals);
  const stream = writeAch(header, batches, profile.lineEnd);
  const check = new AchCheck(expectationsOf(profile, createdOn, originals));
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

/** False where nobody's entries are to blame: then the mistake is ours. */
async function leaveOutUnwritable(
  parts: CollectionParts,
  fileId: AchFileId,
  dates: FileDates,
): Promise<boolean> {
  const found = await unwritable(parts, fileId, dates);
  if (found.size === 0 || found.size > LEFT_OUT_MAX) return false;
  for (const command of await withTraces(parts, fileId, found)) {
    const ref = { kind: "ach-file", id: fileId };
    const reply = (await parts.host.ask(ref, command, ASKED)) as AchFileReply;
    assert(reply.kind === "noted", "an open file leaves out whom it is told to");
    await takeBackLeftOut(parts, fileId, [command]);
  }
  return true;
}

/** What was left out is its owner's again; said once more, it changes nothing. */
export async function takeBackLeftOut(
  { host }: CollectionParts,
  fileId: AchFileId,
  leftOut: readonly LeftOut[],
): Promise<void> {
  const command: CollectionCommand = { kind: "UnfileEntries", fileId };
  for (const { owner } of leftOut) await host.ask(owner, command, ASKED);
}

const ASKED = { principal: PRINCIPAL };

/** After the headers of file and batch. */
const ENTRY_LINE = 3;
/** Fields and rules of a batch header that are the payee's. */
const OF_PAYEE: ReadonlySet<string> = new Set(["companyName", "company_name", "statement_name"]);

/** By owner, the first rule that an entry of its own breaks. */
async function unwritable(
  parts: CollectionParts,
  fileId: AchFileId,
  dates: FileDates,
): Promise<ReadonlyMap<string, LeftOut>> {
  const { createdOn } = dates;
  const header = headerOf(parts, fileId, createdOn);
  const found = new Map<string, LeftOut>();
  const stretches = new Stretches();
  const originals = new Originals(parts);
  const expectations = expectationsOf(parts.profile, createdOn, originals);
  for await (const { entry, batch } of alone(parts, fileId, dates, originals)) {
    await stretches.breathe();
    const { owner } = entry;
    if (found.has(nameOf(owner))) continue;
    const rule = await brokenRule(parts, header, expectations, batch);
    if (rule !== undefined) found.set(nameOf(owner), { owner, rule });
  }
  return found;
}

/**
 * Of a file of this entry alone; undefined where it is a good one. What is wrong with dates, bank
 * or description is wrong for everybody: no owner is left out for it.
 */
async function brokenRule(
  { profile }: CollectionParts,
  header: AchFileHeader,
  expectations: AchExpectations,
  batch: () => Promise<AchBatch>,
): Promise<string | undefined> {
  try {
    const { bytes } = await writeAchFile(header, [await batch()], profile.lineEnd);
    const { findings } = checkAch(bytes, expectations);
    return findings.find(({ line, rule }) => line >= ENTRY_LINE || OF_PAYEE.has(rule))?.rule;
  } catch (error) {
    if (!(error instanceof AchWriteError)) throw error;
    const { record, field, reason } = error;
    const isShared = record === "batch header" && !OF_PAYEE.has(field);
    if (isShared || record === "file header") return undefined;
    return new AchWriteError(record, field, reason).message;
  }
}

/** All that they have in the file, whatever can be written of it. */
async function withTraces(
  parts: CollectionParts,
  fileId: AchFileId,
  found: ReadonlyMap<string, LeftOut>,
): Promise<Iterable<LeaveOut>> {
  const commands = new Map<string, LeaveOut>();
  const stretches = new Stretches();
  for (const { entry } of entriesIn(entriesTable(parts), fileId)) {
    await stretches.breathe();
    const { owner, trace, direction, amountCents } = entry;
    const left = found.get(nameOf(owner));
    if (left === undefined) continue;
    const none = { traces: [], debitCents: ZERO_CENTS, creditCents: ZERO_CENTS };
    const before = commands.get(nameOf(owner)) ?? { kind: "LeaveOut", ...left, ...none };
    const part = direction === "debit" ? "debitCents" : "creditCents";
    const sum = { [part]: addCents(before[part], amountCents) };
    const traces = [...before.traces, trace];
    commands.set(nameOf(owner), { ...before, ...sum, traces });
  }
  return commands.values();
}

function nameOf({ kind, id }: LeftOut["owner"]): string {
  return `${kind}/${id}`;
}
