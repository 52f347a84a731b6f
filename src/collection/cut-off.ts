/**
 * The cut-off: everybody who has something to collect or to be paid is asked once, what they file
 * is written, checked by the second opinion, sealed, and handed to the bank. Each step is durable
 * before the next begins; after a crash the run goes on where it was, except between handing over
 * and the bank's word: there only the bank or a person says what happened.
 */
import { achFileId } from "../../actors/ach-file.ts";
import type { AchFileReply, UnsentFile } from "../../actors/ach-file-messages.ts";
import type { FileTotals } from "../../actors/ach-file-totals.ts";
import type { ActorRef } from "../../actors/actor.ts";
import { assert, present } from "../../actors/assert.ts";
import { bankDateAt } from "../../actors/banking-calendar.ts";
import type { CollectionCommand, CollectionReply } from "../../actors/collection-messages.ts";
import { takes } from "../../actors/file-scope.ts";
import type { AchFileId } from "../../actors/ids.ts";
import { ZERO_CENTS } from "../../actors/money.ts";
import { waitingOwners } from "../views/ach-entries.ts";
import { type FileRow, filesUnderWay, findFile } from "../views/ach-files.ts";
import {
  type CollectionParts,
  entriesTable,
  filesTable,
  forEach,
  PRINCIPAL,
  Stretches,
} from "./parts.ts";
import { settleMerchants } from "./payouts.ts";
import { type FilePlan, isLate, laterPlans } from "./plans.ts";
import { TraceSlices } from "./trace-slices.ts";
import { endFiles } from "./window.ts";
import { FileRefused, takeBackLeftOut, writeFile } from "./write-file.ts";

/**
 * Owners that are asked at the same time, each with traces of its own: they share a commit, and
 * whoever pays meanwhile waits for it.
 */
const ASKED_AT_ONCE = 256;
const MODIFIERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** Every name of the day is taken: what is due waits for the files of the next day. */
export class DayFull extends Error {
  override readonly name = "DayFull";
  constructor() {
    super("a day has 36 files and no more");
  }
}

export interface CutOffResult {
  readonly fileId: AchFileId;
  readonly stage: FileRow["stage"];
  readonly totals: FileTotals | undefined;
}

/** The regular cut-off: goes on with what is under way, then takes everything that waits. */
export async function cutOff(parts: CollectionParts): Promise<CutOffResult> {
  const made = await makeFiles(parts, laterPlans(parts));
  return present(made.find(({ stage }) => stage !== "empty") ?? made.at(-1), "a plan makes a file");
}

/**
 * Goes on with what is under way, then makes a file of each plan that it was not of. One that is
 * refused waits for people, and the others go: reversals and payouts have their days, whatever is
 * wrong with a file of debits. Throws FileRefused then.
 */
export async function makeFiles(
  parts: CollectionParts,
  plans: readonly FilePlan[],
): Promise<readonly CutOffResult[]> {
  await parts.viewRunner.demandCaughtUp();
  const made: CutOffResult[] = [];
  const refused: FileRefused[] = [];
  const make = async (fileId: AchFileId): Promise<void> => {
    try {
      made.push(await goOn(parts, fileId));
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error;
      refused.push(error);
    }
  };
  const done: FilePlan[] = [];
  for (const { fileId, plan } of await begun(parts)) {
    await make(fileId);
    done.push(plan);
  }
  for (const plan of plans) {
    if (done.some((other) => Bun.deepEquals(other, plan))) continue;
    await make(await open(parts, plan));
  }
  const [first] = refused;
  if (first !== undefined) throw first;
  return made;
}

async function goOn(parts: CollectionParts, fileId: AchFileId): Promise<CutOffResult> {
  const state = await stateOf(parts, fileId);
  if (state.kind === "open") await build(parts, fileId, state.file);
  await handOver(parts, fileId);
  await parts.viewRunner.demandCaughtUp();
  const after = await stateOf(parts, fileId);
  assert(after.kind !== "vacant", "a file that was opened is there");
  const totals = "totals" in after.file ? after.file.totals : undefined;
  return { fileId, stage: after.kind, totals };
}

const BEGUN: ReadonlySet<string> = new Set(["open", "built"]);

interface Begun {
  readonly fileId: AchFileId;
  readonly plan: FilePlan;
}

/** Files to go on with. One that is too late for its date is given up: its owners file anew. */
async function begun(parts: CollectionParts): Promise<readonly Begun[]> {
  const inTime: Begun[] = [];
  for (const { fileId, stage } of filesUnderWay(filesTable(parts))) {
    if (!BEGUN.has(stage)) continue;
    const state = await stateOf(parts, fileId);
    assert(state.kind === "open" || state.kind === "built", "the views have caught up");
    const { effectiveOn, scope } = state.file;
    const plan = { effectiveOn, scope };
    if (isLate(parts, plan)) await abandon(parts, fileId, "too late for its effective date");
    else inTime.push({ fileId, plan });
  }
  return inTime;
}

/** False for a file that was handed over: then only the bank knows what becomes of it. */
export async function abandon(
  parts: CollectionParts,
  fileId: AchFileId,
  note: string,
): Promise<boolean> {
  const command = { kind: "AbandonFile", note } as const;
  const reply = await parts.host.ask(fileRef(fileId), command, { principal: PRINCIPAL });
  if (reply.kind !== "noted") return false;
  await endFiles(parts, undefined);
  await parts.viewRunner.demandCaughtUp();
  return true;
}

/** Under the first name of the day that is free: one that stayed empty is used again. */
async function open(parts: CollectionParts, plan: FilePlan): Promise<AchFileId> {
  const { host, clock } = parts;
  const createdOn = bankDateAt(clock.nowMs());
  for (const modifier of MODIFIERS) {
    const fileId = achFileId(createdOn, modifier);
    const stage = findFile(filesTable(parts), fileId)?.stage ?? "empty";
    if (stage !== "empty") continue;
    const command = { kind: "OpenFile", createdOn, modifier, ...plan } as const;
    const reply = await host.ask(fileRef(fileId), command, { principal: PRINCIPAL });
    if (reply.kind === "file") return fileId;
  }
  throw new DayFull();
}

async function build(parts: CollectionParts, fileId: AchFileId, file: UnsentFile): Promise<void> {
  await takeBackLeftOut(parts, fileId, file.leftOut);
  // Before anybody is asked, so that what is paid out to merchants is in the same file.
  parts.progress?.step("asking_owners", { fileId });
  if (takes(file.scope, "payout", ZERO_CENTS)) await settleMerchants(parts, file.createdOn);
  await gather(parts, fileId, file);
  const built = await writeFile(parts, fileId, file);
  const command = { kind: "BuildFile", ...built } as const;
  const reply = await parts.host.ask(fileRef(fileId), command, { principal: PRINCIPAL });
  assert(reply.kind === "noted", "an open file is built");
}

/** Asks everybody who may have something, many at a time; not those who were left out before. */
async function gather(
  parts: CollectionParts,
  fileId: AchFileId,
  { effectiveOn, scope, leftOut }: UnsentFile,
): Promise<void> {
  const isLeftOut = ({ kind, id }: ActorRef): boolean =>
    leftOut.some(({ owner }) => owner.kind === kind && owner.id === id);
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
    if (isLeftOut(owner)) return;
    const traces = await slices.take();
    const what = { fileId, effectiveOn, traces, scope };
    slices.give(traces, await fileEntries(parts, owner, what));
    parts.progress?.ownerAsked();
  });
}

async function fileEntries(
  { host }: CollectionParts,
  owner: ActorRef,
  what: Omit<Extract<CollectionCommand, { kind: "FileEntries" }>, "kind">,
): Promise<number> {
  const command = { kind: "FileEntries", ...what } as const;
  const reply = (await host.ask(owner, command, { principal: PRINCIPAL })) as CollectionReply;
  assert(reply.kind === "entries_filed", "an owner says what it filed");
  return reply.entries;
}

/** False for a file that is at another stage: only what was built is handed over, and once. */
export async function handOver(parts: CollectionParts, fileId: AchFileId): Promise<boolean> {
  const { host, gateway, files } = parts;
  const state = await stateOf(parts, fileId);
  if (state.kind !== "built") return false;
  if (isLate(parts, state.file)) throw new FileRefused(["effective_date_past"]);
  const content = files.read(fileId, state.file.sealed);
  assert(content !== undefined, "a built file is kept");
  const options = { principal: PRINCIPAL };
  const reply = await host.ask(fileRef(fileId), { kind: "HandOverFile" }, options);
  assert(reply.kind === "noted", "a built file is handed over");
  parts.progress?.step("handing_over", { fileId });
  const outcome = await gateway.handOver(fileId, content);
  if (outcome === "unknown") return true;
  const command = { kind: "AcknowledgeFile", outcome, note: "at once", persons: "one" } as const;
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
