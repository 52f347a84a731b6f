/**
 * The desk and what nobody could act on: the queue, oldest first, and the ways in which a person
 * clears up what an inbound piece left over (docs/operations.md).
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { AchInboundEvent, AchInboundReply } from "../../actors/ach-inbound.ts";
import type { InboundException, Resolution } from "../../actors/inbound-exception.ts";
import { ZERO_CENTS } from "../../actors/money.ts";
import { isReturnCode, RETURN_CODES, type ReturnCode } from "../../actors/return-codes.ts";
import { findSentIn } from "../collection/sent-entry.ts";
import { achExceptions, findException, openExceptions } from "../views/ach-exceptions.ts";
import { bodyOf } from "../views/event-body.ts";
import { type Api, answers, body, type ContextOf, MayKeyHeader, on, refusals } from "./api.ts";
import { operatorCaller } from "./auth.ts";
import { Note, wholeOr } from "./fields.ts";
import {
  ExceptionShape,
  exceptionId,
  parseExceptionId,
  ShownExceptionShape,
  toException,
  toShown,
} from "./inbound-shapes.ts";
import { MoneyShape, toMoney } from "./money.ts";
import { onceIfKeyed, type SwitchCommand } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { listOf, toList } from "./shapes.ts";

const PATH = "/v1/desk/exceptions";
const CODES = Object.keys(RETURN_CODES) as [ReturnCode, ...ReturnCode[]];
const RESOLUTIONS = ["noted", "back_to_bank", "applied", "written_off"] as const;
const TRACE_MAX = 9_999_999;
const ExceptionParam = z.object({ exception: z.string() });

function route<Path extends string>(method: "get" | "post", path: Path, summary: string) {
  return { method, path, summary, tags: ["desk"], security: [{ key: [] }] };
}

const listRoute = createRoute({
  ...route("get", PATH, "What of the bank's words waits for a person"),
  request: {
    query: z.object({
      limit: wholeOr(50, 1, 100),
      starting_after: z.string().optional().openapi({ description: "An exception" }),
    }),
  },
  responses: { 200: answers("Oldest first", listOf(ExceptionShape)), ...refusals("not_found") },
});

const exceptionRoute = createRoute({
  ...route("get", `${PATH}/{exception}`, "One of them, and what its bytes show"),
  description: "Of bank accounts the last four digits, and no names.",
  request: { params: ExceptionParam },
  responses: {
    200: answers("The exception", ShownExceptionShape),
    ...refusals("not_found"),
  },
});

const resolveRoute = createRoute({
  ...route("post", `${PATH}/{exception}/resolve`, "Clear up what an inbound piece left over"),
  description:
    "`noted`: no money moved, and somebody has looked. `back_to_bank`: the bank takes it back or " +
    "gives it back. `applied`: it is a return of that entry, of that code; what the bank moved " +
    "beyond its amount stays open. `written_off`: nobody ever understood it. To give up, and to " +
    "apply to a credit of ours that the bank does not name with its money, for that is paid " +
    "again, the first call proposes, and the same call by another person agrees.",
  request: {
    params: ExceptionParam,
    headers: MayKeyHeader,
    body: body(
      z.strictObject({
        resolution: z.enum(RESOLUTIONS),
        note: Note,
        entry: z
          .strictObject({ file: z.string().max(40), trace: z.int().min(0).max(TRACE_MAX) })
          .optional(),
        code: z.enum(CODES).optional(),
      }),
    ),
  },
  responses: {
    200: answers(
      "`open`: a part of its money still is",
      z.object({
        exception: z.string(),
        status: z.enum(["resolved", "proposed", "open"]),
        left: MoneyShape,
      }),
    ),
    ...refusals(
      "not_found",
      "exception_not_open",
      "resolution_does_not_fit",
      "second_person_needed",
    ),
  },
});

export function addDeskExceptions(api: Api, services: Services): void {
  on(api, listRoute, async (c) => {
    operatorCaller(services, c);
    await services.viewRunner.catchUp();
    const { limit, starting_after: text } = c.req.valid("query");
    const after = text === undefined ? undefined : positionOf(text);
    const found = openExceptions(services.views.table(achExceptions.name), limit + 1, after);
    const { odfi } = services.collections;
    const data = found.slice(0, limit).map((one) => toException(one, odfi));
    return c.json(toList(data, found.length > limit));
  });
  on(api, exceptionRoute, async (c) => {
    operatorCaller(services, c);
    const position = positionOf(c.req.valid("param").exception);
    await services.viewRunner.catchUp();
    const found = findException(services.views.table(achExceptions.name), position);
    if (found === undefined) throw new Problem("not_found");
    const { collections } = services;
    const isSealed = found.kind === "inbound" && found.sealed !== null;
    const shows = isSealed ? await collections.shown(found.inbound, found.sealed) : [];
    return c.json({ ...toException(found, collections.odfi), shows: shows.map(toShown) });
  });
  on(api, resolveRoute, (c) => resolve(services, c));
}

function positionOf(text: string): number {
  const position = parseExceptionId(text);
  if (position === undefined) throw new Problem("not_found");
  return position;
}

interface Kept {
  readonly inbound: string;
  readonly exception: InboundException;
}

async function resolve(services: Services, c: ContextOf<typeof resolveRoute>): Promise<Response> {
  const principal = operatorCaller(services, c);
  const position = positionOf(c.req.valid("param").exception);
  const { inbound, exception } = await keptAt(services, position);
  const command: SwitchCommand = {
    ...{ kind: "ResolveException", number: exception.number, note: c.req.valid("json").note },
    resolution: await resolutionOf(services, c, exception),
  };
  const ref = { kind: "ach-inbound", id: inbound };
  const reply = await onceIfKeyed<AchInboundReply>(services, c, { principal }, (askFirst) =>
    askFirst(ref, command),
  );
  const left = reply.kind === "exception_resolved" ? reply.leftCents : ZERO_CENTS;
  const resolved = left === 0 ? ("resolved" as const) : ("open" as const);
  const isProposed = reply.kind === "give_up_proposed" || reply.kind === "match_proposed";
  const status = isProposed ? ("proposed" as const) : resolved;
  return c.json({ exception: exceptionId(position), status, left: toMoney(left) });
}

/** From the log: one that is cleared up by now is known to a repeat of the call all the same. */
async function keptAt({ host }: Services, position: number): Promise<Kept> {
  const [event] = await host.feed.read(position - 1, 1);
  const isKept = event?.position === position && event.kind === "ExceptionKept";
  if (!isKept || event.ref.kind !== "ach-inbound") throw new Problem("not_found");
  type ExceptionKept = Extract<AchInboundEvent, { kind: "ExceptionKept" }>;
  return { inbound: event.ref.id, exception: bodyOf<ExceptionKept>(event).exception };
}

async function resolutionOf(
  services: Services,
  c: ContextOf<typeof resolveRoute>,
  { received }: InboundException,
): Promise<Resolution> {
  const { resolution: kind, entry, code: given } = c.req.valid("json");
  if (kind !== "applied") return { kind };
  const read = received?.code ?? "";
  const code = given ?? (isReturnCode(read) ? read : undefined);
  const missing = [entry === undefined ? ["/entry"] : [], code === undefined ? ["/code"] : []];
  const errors = missing.flat().map((pointer) => ({ pointer, code: "required" }));
  if (entry === undefined || code === undefined) throw new Problem("invalid_request", { errors });
  await services.viewRunner.catchUp();
  const sent = findSentIn(services, entry.file, entry.trace);
  if (sent === undefined) throw new Problem("resolution_does_not_fit");
  return { kind, sent, code };
}
