/** The OpenAPI application, and how a route joins it. */
import { OpenAPIHono, type RouteConfig, type RouteHandler, z } from "@hono/zod-openapi";
import { RETENTION, type RetentionClass } from "../../actors/retention.ts";
import { checkOf } from "./checked.ts";
import type { Env } from "./edge.ts";
import { MoneyShape } from "./money.ts";
import { statusOf } from "./problem.ts";
import type { ProblemCode } from "./problem-table.ts";
import { PaymentRequestShape } from "./shapes.ts";

export type Api = OpenAPIHono<Env>;

export function makeApi(): Api {
  return new OpenAPIHono<Env>();
}

export type ContextOf<Route extends RouteConfig> = Parameters<RouteHandler<Route, Env>>[0];

/** Adds a route whose handler answers for itself; the schemas check what comes in. */
export function on<Route extends RouteConfig>(
  api: Api,
  route: Route,
  handler: (c: ContextOf<Route>) => Response | Promise<Response>,
): void {
  api.openAPIRegistry.registerPath(route);
  const check = checkOf(route);
  api.on(route.method, route.path.replaceAll(/\{(.+?)\}/g, ":$1"), async (c) => {
    await check(c);
    return await handler(c as unknown as ContextOf<Route>);
  });
}

/** A class of retention that has not ended. */
export const KeptShape = z
  .object({
    class: z.enum(Object.keys(RETENTION) as [RetentionClass, ...RetentionClass[]]),
    what: z.string(),
    why: z.string(),
    until: z.iso.datetime(),
  })
  .openapi("Kept");

export const ProblemShape = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    user_message: z.string(),
    seqr_code: z.int().optional(),
    retryable: z.boolean(),
    money_taken: z.enum(["no", "unknown"]),
    request_id: z.string(),
    errors: z.array(z.object({ pointer: z.string(), code: z.string() })).optional(),
    // What some of the codes tell beyond their name.
    payment_request: PaymentRequestShape.optional(),
    revision: z.int().optional(),
    block_reasons: z.array(z.string()).optional(),
    expected_counter: z.int().optional(),
    expected_number: z.int().optional(),
    is_open: z.boolean().optional(),
    kept: z.array(KeptShape).optional(),
    attempts_left: z.int().optional(),
    tries_left: z.int().optional(),
    missing: MoneyShape.optional(),
    available: MoneyShape.optional(),
    left: MoneyShape.optional(),
    last_on: z.string().optional(),
    rules: z.array(z.string()).optional(),
  })
  .openapi("Problem");

/** One documented answer in JSON. */
export function answers<Shape extends z.ZodType>(description: string, schema: Shape) {
  return { description, content: { "application/json": { schema } } } as const;
}

export interface RefusedAnswer {
  readonly description: string;
  readonly content: {
    readonly "application/problem+json": { readonly schema: typeof ProblemShape };
  };
  readonly "x-codes": readonly ProblemCode[];
}

export function refusedWith(codes: readonly ProblemCode[]): RefusedAnswer {
  return {
    description: `Refused: ${codes.map((code) => `\`${code}\``).join(", ")}`,
    content: { "application/problem+json": { schema: ProblemShape } },
    "x-codes": codes,
  };
}

/** Why a payment request can no longer be paid or changed. */
export const CLOSED = [
  "request_not_found",
  "request_cancelled",
  "request_superseded",
  "request_expired",
  "request_paid",
] as const;

/** The refusals that are a route's own, by status; `document.ts` adds those of its form. */
export function refusals(...codes: readonly ProblemCode[]): Record<number, RefusedAnswer> {
  const byStatus = Map.groupBy(codes, statusOf);
  return Object.fromEntries([...byStatus].map(([status, group]) => [status, refusedWith(group)]));
}

/** A JSON body that must be there. */
export function body<Shape extends z.ZodType>(schema: Shape) {
  return { required: true, content: { "application/json": { schema } } } as const;
}

const KEY = {
  description: "1 to 255 printable ASCII characters",
  example: "till-4/2026-11-22/0001",
};

/** On money routes. That it is missing is told by its own name, so the schema lets it be. */
export const KeyHeader = z.object({
  "idempotency-key": z
    .string()
    .optional()
    .openapi({ ...KEY, param: { required: true } }),
});

/** On every other route that does something. */
export const MayKeyHeader = z.object({ "idempotency-key": z.string().optional().openapi(KEY) });
