/**
 * The desk and the files for the bank: what became of each, a cut-off out of turn, a file that was
 * built and not handed over, and what the bank said on the phone of one that it did not answer for.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { AchFileReply } from "../../actors/ach-file-messages.ts";
import type { RunOrder } from "../../actors/collection-runs.ts";
import type { AchFileId } from "../../actors/ids.ts";
import {
  type FileHistory,
  fileHistory,
  filesNewestFirst,
  findHistory,
} from "../views/file-history.ts";
import { type Api, answers, body, KeyHeader, MayKeyHeader, on, refusals } from "./api.ts";
import { operatorCaller } from "./auth.ts";
import { type AskedRun, type CollectionRuns, problemOf } from "./collection-run.ts";
import { Note, wholeOr } from "./fields.ts";
import {
  CollectionShape,
  FileShape,
  RunShape,
  toCollection,
  toFile,
  toRun,
} from "./file-shapes.ts";
import { fromMoney, MoneyShape, SetMoney } from "./money.ts";
import { onceIfKeyed, requireKey, type SwitchCommand } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { listOf, toList } from "./shapes.ts";

const FileParam = z.object({ file: z.string() });
const ofFile = "/v1/desk/files/{file}";
/** Runs that are shown. */
const RUNS_SHOWN_MAX = 20;
const OUTCOMES = ["accepted", "rejected"] as const;

const Said = z
  .object({
    file: z.string(),
    outcome: z.enum(OUTCOMES),
    status: z.enum(["on_record", "proposed"]),
  })
  .openapi("FileWord");

function route<Path extends string>(method: "get" | "post", path: Path, summary: string) {
  return { method, path, summary, tags: ["desk"], security: [{ key: [] }] };
}

const collectionRoute = createRoute({
  ...route("get", "/v1/desk/collection", "The next run, the one under way, and those asked for"),
  responses: { 200: answers("The collection", CollectionShape) },
});

const listRoute = createRoute({
  ...route("get", "/v1/desk/files", "Files for the bank"),
  request: {
    query: z.object({
      limit: wholeOr(20, 1, 100),
      starting_after: z.string().optional().openapi({ description: "A file of the list" }),
    }),
  },
  responses: { 200: answers("Newest first", listOf(FileShape)), ...refusals("not_found") },
});

const fileRoute = createRoute({
  ...route("get", ofFile, "A file, with every step of its life"),
  request: { params: FileParam },
  responses: { 200: answers("The file", FileShape), ...refusals("not_found") },
});

const handOverRoute = createRoute({
  ...route("post", `${ofFile}/hand-over`, "Hand over a file that was built and not handed over"),
  description: "A file that was handed over is never handed over again: ask the bank about it.",
  request: {
    params: FileParam,
    headers: MayKeyHeader,
    body: body(z.strictObject({ note: Note })),
  },
  responses: {
    200: answers("The run", RunShape),
    ...refusals("not_found", "file_not_at_this_stage", "file_refused", "fault_bank_unreachable"),
  },
});

const abandonRoute = createRoute({
  ...route("post", `${ofFile}/abandon`, "Give up a file that was not handed over"),
  description: "Whatever was in it goes into the next file. Its name is not used again.",
  request: {
    params: FileParam,
    headers: MayKeyHeader,
    body: body(z.strictObject({ note: Note })),
  },
  responses: {
    200: answers("The run", RunShape),
    ...refusals("not_found", "file_not_at_this_stage"),
  },
});

const acknowledgeRoute = createRoute({
  ...route("post", `${ofFile}/acknowledge`, "What the bank said of a file, on the phone"),
  description:
    "`rejected`: the bank has not got it and never will; whatever was in it goes into the next " +
    "file. If the bank has it after all, everybody in it is debited twice: so the first call " +
    "proposes it, and the same call by another person puts it on record. Either takes it out of " +
    "the folder where it may still wait for the bank.",
  request: {
    params: FileParam,
    headers: MayKeyHeader,
    body: body(z.strictObject({ outcome: z.enum(OUTCOMES), note: Note })),
  },
  responses: {
    200: answers("On record, or proposed", Said),
    ...refusals(
      ...(["not_found", "file_not_at_this_stage", "file_contradicted"] as const),
      ...(["second_person_needed", "fault_bank_unreachable"] as const),
    ),
  },
});

const contradictionRoute = createRoute({
  ...route("post", `${ofFile}/contradiction`, "What the bank meant when it said both"),
  description:
    "The bank accepted a file and rejected it, in whatever order. Ask it; `rejected` is taken " +
    "for a file of which nothing has come back or was settled, and from two people: the first " +
    "call proposes it, unless the file is rejected already.",
  request: {
    params: FileParam,
    headers: MayKeyHeader,
    body: body(z.strictObject({ outcome: z.enum(OUTCOMES), note: Note })),
  },
  responses: {
    200: answers("On record, or proposed", Said),
    ...refusals(
      ...(["not_found", "file_not_at_this_stage", "exception_not_open"] as const),
      ...(["second_person_needed", "fault_bank_unreachable"] as const),
    ),
  },
});

const settleRoute = createRoute({
  ...route("post", `${ofFile}/settle`, "What the bank moved for a file, by its own figures"),
  description:
    "Where its statement did not come, or differs. What entries and returns do not explain waits " +
    "in suspense until the bank corrects it. Figures that neither those nor a statement of the " +
    "bank give take two people: the first call proposes them, and the same by another person " +
    "puts them on record.",
  request: {
    params: FileParam,
    headers: KeyHeader,
    body: body(z.strictObject({ debits: SetMoney, credits: SetMoney, note: Note })),
  },
  responses: {
    200: answers(
      "On record",
      z.object({
        ...{ file: z.string(), debits: MoneyShape, credits: MoneyShape },
        status: z.enum(["on_record", "proposed"]),
      }),
    ),
    ...refusals("not_found", "file_not_at_this_stage", "second_person_needed"),
  },
});

const cutOffRoute = createRoute({
  ...route("post", "/v1/desk/files", "Make a file of everything that is due, now"),
  description:
    "The answer comes when the file is with the bank; meanwhile `/v1/desk/collection` tells how " +
    "far it has come. The same key joins the run, or goes on with one that was cut short.",
  request: { headers: MayKeyHeader, body: body(z.strictObject({ note: Note })) },
  responses: {
    201: answers("The run", RunShape),
    ...refusals("not_found", "file_refused", "files_used_up", "fault_bank_unreachable"),
  },
});

export function addDeskFiles(api: Api, services: Services, runs: CollectionRuns): void {
  on(api, collectionRoute, async (c) => {
    operatorCaller(services, c);
    const all = (await runs.list()).slice(-RUNS_SHOWN_MAX).toReversed();
    const shown = all.map((run) => toRun(run, runs.isRunning(run.number)));
    return c.json(toCollection(services.collections, shown));
  });
  on(api, fileRoute, async (c) => {
    operatorCaller(services, c);
    return c.json(toFile(await fileOf(services, c.req.valid("param").file)));
  });
  addUnsent(api, services, runs);
  addWords(api, services);
  on(api, listRoute, async (c) => {
    operatorCaller(services, c);
    await services.viewRunner.catchUp();
    const { limit, starting_after: after } = c.req.valid("query");
    const table = services.views.table(fileHistory.name);
    const found = filesNewestFirst(table, limit + 1, after as AchFileId | undefined);
    if (found === undefined) throw new Problem("not_found");
    return c.json(toList(found.slice(0, limit).map(toFile), found.length > limit));
  });
  on(api, cutOffRoute, async (c) => {
    const principal = operatorCaller(services, c);
    demandBank(services);
    const run = await runs.run(
      c,
      { principal },
      {
        order: { run: "cut_off" },
        note: c.req.valid("json").note,
        work: async () => (await services.collections.cutOffNow()).fileId,
      },
    );
    return c.json(toRun(run, runs.isRunning(run.number)), 201);
  });
}

/** A file that the bank has not got goes there, or never will. */
function addUnsent(api: Api, services: Services, runs: CollectionRuns): void {
  const { collections } = services;
  on(api, handOverRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const { fileId } = await fileOf(services, c.req.valid("param").file);
    const { note } = c.req.valid("json");
    const asked = ofUnsent(services, { run: "hand_over", fileId }, note, ["built"], () =>
      collections.handOverNow(fileId),
    );
    const run = await runs.run(c, { principal }, asked);
    return c.json(toRun(run, runs.isRunning(run.number)));
  });
  on(api, abandonRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const { fileId } = await fileOf(services, c.req.valid("param").file);
    const { note } = c.req.valid("json");
    const asked = ofUnsent(services, { run: "abandon", fileId }, note, ["open", "built"], () =>
      collections.abandonNow(fileId, note),
    );
    const run = await runs.run(c, { principal }, asked);
    return c.json(toRun(run, runs.isRunning(run.number)));
  });
}

/** `act` says false where the file is at another stage by then. */
function ofUnsent(
  services: Services,
  order: Extract<RunOrder, { readonly fileId: AchFileId }>,
  note: string,
  stages: readonly FileHistory["stage"][],
  act: () => Promise<boolean>,
): AskedRun {
  const { fileId } = order;
  return {
    ...{ order, note },
    async refuse() {
      const { stage } = await fileOf(services, fileId);
      return stages.includes(stage) ? undefined : "file_not_at_this_stage";
    },
    async work() {
      if (!(await act())) throw new Problem("file_not_at_this_stage");
      return fileId;
    },
  };
}

/** What the bank said of a file, told by a person who asked. */
function addWords(api: Api, services: Services): void {
  on(api, acknowledgeRoute, async (c) => {
    const { outcome, note } = c.req.valid("json");
    const command: SwitchCommand = { kind: "AcknowledgeFile", outcome, note, persons: "two" };
    const { file, status } = await tellFile(services, c, c.req.valid("param").file, command);
    return c.json({ file, outcome, status });
  });
  on(api, contradictionRoute, async (c) => {
    const { outcome, note } = c.req.valid("json");
    const command: SwitchCommand = { kind: "ResolveContradiction", outcome, note };
    const { file, status } = await tellFile(services, c, c.req.valid("param").file, command);
    return c.json({ file, outcome, status });
  });
  on(api, settleRoute, async (c) => {
    requireKey(c);
    const { debits, credits, note } = c.req.valid("json");
    const command: SwitchCommand = {
      ...{ kind: "SettleByHand", debitCents: fromMoney(debits), creditCents: fromMoney(credits) },
      note,
    };
    const { file, status } = await tellFile(services, c, c.req.valid("param").file, command);
    return c.json({ file, debits, credits, status });
  });
}

async function tellFile(
  services: Services,
  c: DeskContext,
  id: string,
  command: SwitchCommand,
): Promise<{ readonly file: AchFileId; readonly status: "on_record" | "proposed" }> {
  const principal = operatorCaller(services, c);
  const { fileId } = await fileOf(services, id);
  const isRejected = "outcome" in command && command.outcome === "rejected";
  // What is debited anew must not be on its way to the bank as well.
  if (isRejected) await withdraw(services, fileId);
  const { kind } = await onceIfKeyed<AchFileReply>(services, c, { principal }, (askFirst) =>
    askFirst({ kind: "ach-file", id: fileId }, command),
  );
  if (kind === "rejection_proposed" || kind === "settlement_proposed") {
    return { file: fileId, status: "proposed" };
  }
  // What was in a file that is taken back is due again at once, not only at the next opening.
  if (isRejected) void services.collections.endNow();
  return { file: fileId, status: "on_record" };
}

async function withdraw({ collections }: Services, fileId: AchFileId): Promise<void> {
  try {
    await collections.withdrawNow(fileId);
  } catch (error) {
    throw problemOf(error);
  }
}

type DeskContext = Parameters<typeof operatorCaller>[1];

/** Without a way to the bank a file would be made, and stay. */
export function demandBank({ hasBank }: Services): void {
  if (!hasBank) throw new Problem("not_found");
}

/** Throws Problem for one that nobody opened. */
export async function fileOf(services: Services, id: string): Promise<FileHistory> {
  await services.viewRunner.catchUp();
  const file = findHistory(services.views.table(fileHistory.name), id as AchFileId);
  if (file === undefined) throw new Problem("not_found");
  return file;
}
