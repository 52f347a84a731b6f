/** The desk and what comes from the bank: taken in out of turn, or imported as a file. */
import { createRoute, z } from "@hono/zod-openapi";
import {
  findInbound,
  type InboundFile,
  inboundFiles,
  inboundNewestFirst,
} from "../views/inbound-files.ts";
import { type Api, answers, body, type ContextOf, MayKeyHeader, on, refusals } from "./api.ts";
import { operatorCaller } from "./auth.ts";
import type { CollectionRuns } from "./collection-run.ts";
import { demandBank } from "./desk-files.ts";
import { Note, wholeOr } from "./fields.ts";
import { RunShape, toRun } from "./file-shapes.ts";
import { InboundShape, toInbound } from "./inbound-shapes.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { listOf, toList } from "./shapes.ts";

const PATH = "/v1/desk/inbound";
const BYTES = ["application/octet-stream", "text/plain"] as const;

/**
 * A header, an entry or an addenda of what comes back, at the beginning of a line. What the bank's
 * own line gives is read whatever it is; a person may have picked the wrong file.
 */
const ACH_LINE = /^(?:101|52[0-9]{2}|6[0-9]{11}|79[89])/m;

function route<Path extends string>(method: "get" | "post", path: Path, summary: string) {
  return { method, path, summary, tags: ["desk"], security: [{ key: [] }] };
}

const listRoute = createRoute({
  ...route("get", PATH, "What came from the bank"),
  request: {
    query: z.object({
      limit: wholeOr(20, 1, 100),
      starting_after: z.string().optional().openapi({ description: "A piece of the list" }),
    }),
  },
  responses: { 200: answers("Newest first", listOf(InboundShape)), ...refusals("not_found") },
});

const pieceRoute = createRoute({
  ...route("get", `${PATH}/{inbound}`, "One piece"),
  request: { params: z.object({ inbound: z.string() }) },
  responses: { 200: answers("The piece", InboundShape), ...refusals("not_found") },
});

const fetchRoute = createRoute({
  ...route("post", `${PATH}/fetch`, "Take in what the bank has for us, now"),
  description: "The answer comes when it is done, and files have ended whose last day is over.",
  request: { headers: MayKeyHeader, body: body(z.strictObject({ note: Note })) },
  responses: {
    200: answers("The run", RunShape),
    ...refusals("not_found", "fault_bank_unreachable"),
  },
});

const importRoute = createRoute({
  ...route("post", PATH, "Import a file of returns that came another way"),
  description:
    "The body is the file as the bank gave it, at most 16 MiB, as `application/octet-stream` or " +
    "`text/plain`. What has no line of an ACH file is refused; all else is read to its end. It " +
    "is believed like the bank's own word, so the first call proposes it (202), and it is " +
    "read when another person imports the same bytes. Read once, they change nothing any more " +
    "and get the same answer.",
  request: {
    headers: MayKeyHeader,
    query: z.object({ note: Note.openapi({ description: "Where it comes from" }) }),
    body: {
      required: true,
      content: Object.fromEntries(BYTES.map((type) => [type, { schema: z.string() }])),
    },
  },
  responses: {
    201: answers("What became of it", InboundShape),
    202: answers(
      "Proposed: nothing of it has been read",
      z.object({ id: z.string(), status: z.literal("proposed") }),
    ),
    ...refusals("length_required", "second_person_needed"),
  },
});

export function addDeskInbound(api: Api, services: Services, runs: CollectionRuns): void {
  on(api, fetchRoute, async (c) => {
    const principal = operatorCaller(services, c);
    demandBank(services);
    const asked = {
      order: { run: "take_in" },
      note: c.req.valid("json").note,
      async work() {
        await services.collections.openNow();
        return null;
      },
    } as const;
    const run = await runs.run(c, { principal }, asked);
    return c.json(toRun(run, runs.isRunning(run.number)));
  });
  on(api, listRoute, async (c) => {
    operatorCaller(services, c);
    await services.viewRunner.catchUp();
    const { limit, starting_after: after } = c.req.valid("query");
    const found = inboundNewestFirst(services.views.table(inboundFiles.name), limit + 1, after);
    if (found === undefined) throw new Problem("not_found");
    return c.json(toList(found.slice(0, limit).map(toInbound), found.length > limit));
  });
  on(api, pieceRoute, async (c) => {
    operatorCaller(services, c);
    return c.json(toInbound(await pieceOf(services, c.req.valid("param").inbound)));
  });
  on(api, importRoute, (c) => importFile(services, runs, c));
}

async function importFile(
  services: Services,
  runs: CollectionRuns,
  c: ContextOf<typeof importRoute>,
): Promise<Response> {
  const principal = operatorCaller(services, c);
  const type = (c.req.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (!BYTES.some((each) => each === type)) throw new Problem("unsupported_media_type");
  const bytes = new Uint8Array(await services.places.without(c.req.arrayBuffer()));
  if (!ACH_LINE.test(Buffer.from(bytes).toString("latin1"))) {
    throw new Problem("invalid_request", { errors: [{ pointer: "", code: "no_ach_file" }] });
  }
  const inbound = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  const { note } = c.req.valid("query");
  const known = await findPiece(services, inbound);
  const run = await runs.runByTwo(
    c,
    { principal, body: bytes },
    {
      order: { run: "import", inbound },
      note,
      persons: known === undefined ? "two" : "one",
      async work() {
        await services.collections.importNow(bytes);
        return null;
      },
    },
  );
  if (run === undefined) return c.json({ id: inbound, status: "proposed" as const }, 202);
  return c.json(toInbound(await pieceOf(services, inbound)), 201);
}

async function pieceOf(services: Services, hash: string): Promise<InboundFile> {
  const file = await findPiece(services, hash);
  if (file === undefined) throw new Problem("not_found");
  return file;
}

async function findPiece(services: Services, hash: string): Promise<InboundFile | undefined> {
  await services.viewRunner.catchUp();
  return findInbound(services.views.table(inboundFiles.name), hash);
}
