/** ACH files and runs of the collection as the desk is shown them. */
import { z } from "@hono/zod-openapi";
import type { SettlementProposal } from "../../actors/ach-file-messages.ts";
import type { Moved as BankMoved, FileTotals } from "../../actors/ach-file-totals.ts";
import type { CollectionRun } from "../../actors/collection-runs.ts";
import type { RunProgress } from "../collection/progress.ts";
import type { FileHistory } from "../views/file-history.ts";
import { MoneyShape, toMoney } from "./money.ts";
import { orNull, toTime } from "./shapes.ts";

const STAGES = [
  "open",
  "empty",
  "abandoned",
  "built",
  "handing_over",
  "acknowledged",
  "rejected",
  "settled",
  "closed",
] as const;

const Totals = z
  .object({ entries: z.int(), debits: MoneyShape, credits: MoneyShape })
  .openapi("FileTotals");

function toTotals({ entries, debitCents, creditCents }: FileTotals) {
  return { entries, debits: toMoney(debitCents), credits: toMoney(creditCents) };
}

const Moved = z.object({ debits: MoneyShape, credits: MoneyShape }).openapi("MovedByBank");

function toMoved({ debitCents, creditCents }: BankMoved) {
  return { debits: toMoney(debitCents), credits: toMoney(creditCents) };
}

export const FileShape = z
  .object({
    object: z.literal("ach_file"),
    id: z.string().openapi({ example: "ach_20261123_A" }),
    stage: z.enum(STAGES),
    created_on: z.string(),
    effective_on: z.string().openapi({ description: "When the bank is to settle it" }),
    window_on: z.string().openapi({ description: "Last banking day of an ordinary return" }),
    totals: orNull(Totals, "Null until it is built"),
    returned: Totals,
    left_out: z
      .array(z.object({ owner: z.string(), reason: z.string() }))
      .openapi({ description: "Accounts and merchants of whom an entry cannot be written" }),
    stated: orNull(Moved, "What the bank said it moved"),
    unexplained: MoneyShape,
    differing: orNull(Moved, "A statement that does not fit"),
    contradiction: z.enum(["accepted", "rejected"]).nullable().openapi({
      description: "The bank said so after it had said the opposite",
    }),
    rejection_proposed_by: z.string().nullable().openapi({
      description: "Says that the bank has not got it; another person must say so, too",
    }),
    settlement_proposed: orNull(
      z.object({ debits: MoneyShape, credits: MoneyShape, proposed_by: z.string() }),
      "A person's figures of what the bank moved; another person must say the same",
    ),
    sha256: z.string().nullable(),
    steps: z.array(
      z.object({
        at: z.iso.datetime(),
        event: z.string(),
        principal: z.string(),
        note: z.string().nullable(),
      }),
    ),
  })
  .openapi("AchFile");

function toProposed(proposal: SettlementProposal | null) {
  return proposal === null ? null : { ...toMoved(proposal), proposed_by: proposal.by };
}

export function toFile(file: FileHistory) {
  return {
    object: "ach_file" as const,
    id: file.fileId,
    stage: file.stage,
    created_on: file.createdOn,
    effective_on: file.effectiveOn,
    window_on: file.windowOn,
    totals: file.totals === null ? null : toTotals(file.totals),
    returned: toTotals(file.returned),
    left_out: file.leftOut.map(({ owner, rule }) => {
      return { owner: `${owner.kind}/${owner.id}`, reason: rule };
    }),
    stated: file.stated === null ? null : toMoved(file.stated),
    unexplained: toMoney(file.unexplainedCents),
    differing: file.differing === null ? null : toMoved(file.differing),
    contradiction: file.contradiction,
    rejection_proposed_by: file.rejectionProposedBy,
    settlement_proposed: toProposed(file.settlementProposal ?? null),
    sha256: file.sha256,
    steps: file.steps.map(({ event, atMs, principal, note }) => {
      return { at: toTime(atMs), event, principal, note };
    }),
  };
}

export const RunShape = z
  .object({
    object: z.literal("collection_run"),
    number: z.int(),
    run: z.enum(["cut_off", "hand_over", "abandon", "take_in", "import"]),
    note: z.string(),
    by: z.string(),
    asked_at: z.iso.datetime(),
    status: z.enum(["running", "done", "failed", "interrupted"]).openapi({
      description: "`interrupted`: the process ended before it did; the next run goes on",
    }),
    ended_at: z.iso.datetime().nullable(),
    file: z.string().nullable(),
    inbound: z.string().nullable(),
    fault: z.string().nullable(),
  })
  .openapi("CollectionRun");

/** `isRunning`: whether this process is at it, or about to be. */
export function toRun({ order, end, ...run }: CollectionRun, isRunning: boolean) {
  const ended = end?.fault === null ? ("done" as const) : ("failed" as const);
  const open = isRunning ? ("running" as const) : ("interrupted" as const);
  return {
    object: "collection_run" as const,
    number: run.number,
    run: order.run,
    note: run.note,
    by: run.by,
    asked_at: toTime(run.askedAtMs),
    status: isRunning || end === null ? open : ended,
    ended_at: end === null ? null : toTime(end.atMs),
    file: end?.fileId ?? ("fileId" in order ? order.fileId : null),
    inbound: order.run === "import" ? order.inbound : null,
    fault: end?.fault ?? null,
  };
}

const Progress = z
  .object({
    run: z.enum(["opening", "cut_off", "hand_over", "abandon", "import", "end"]),
    since: z.iso.datetime(),
    step: z.enum([
      "begun",
      "asking_owners",
      "writing",
      "checking",
      "handing_over",
      "taking_in",
      "ending_files",
    ]),
    file: z.string().nullable(),
    owners_total: z.int().openapi({ description: "Accounts and merchants to be asked" }),
    owners_asked: z.int(),
    entries_written: z.int(),
    bytes: z.int(),
  })
  .openapi("RunProgress");

function toProgress(progress: RunProgress) {
  return {
    run: progress.run,
    since: toTime(progress.sinceMs),
    step: progress.step,
    file: progress.fileId,
    owners_total: progress.ownersTotal,
    owners_asked: progress.ownersAsked,
    entries_written: progress.entriesWritten,
    bytes: progress.bytes,
  };
}

export const CollectionShape = z
  .object({
    object: z.literal("collection"),
    mode: z.enum(["by_clock", "by_hand"]),
    next_run_at: z.iso.datetime().nullable(),
    progress: orNull(Progress, "Of the run that is under way"),
    runs: z.array(RunShape).openapi({ description: "What people asked for, the newest first" }),
  })
  .openapi("Collection");

export function toCollection(
  now: {
    readonly isByClock: boolean;
    readonly nextAtMs: number;
    readonly progress: RunProgress | undefined;
  },
  runs: ReturnType<typeof toRun>[],
) {
  const { isByClock, nextAtMs, progress } = now;
  return {
    object: "collection" as const,
    mode: isByClock ? ("by_clock" as const) : ("by_hand" as const),
    next_run_at: Number.isFinite(nextAtMs) ? toTime(nextAtMs) : null,
    progress: progress === undefined ? null : toProgress(progress),
    runs,
  };
}
