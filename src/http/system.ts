/** What operators and other programs ask of the switch itself: health, metrics, keys, documents. */
import { readFileSync } from "node:fs";
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { coreName } from "../../wasm/core.ts";
import { type Api, answers, on, refusals } from "./api.ts";
import { operatorCaller } from "./auth.ts";
import { toBase64Url } from "./bytes.ts";
import { swaggerFile } from "./docs-page.ts";
import type { Env } from "./edge.ts";
import { describeProblem, Problem } from "./problem.ts";
import { isProblemCode, PROBLEM_CODES, type ProblemCode } from "./problem-table.ts";
import type { Services } from "./services.ts";

const ProblemPage = z
  .object({ code: z.string(), status: z.int(), title: z.string(), say: z.string() })
  .openapi("ProblemPage");
const Ready = z.object({
  status: z.string().openapi({ description: "ready, starting, draining, or what failed" }),
  mode: z.enum(["live", "sandbox"]),
  core: z.string().optional(),
});

function page<Path extends string>(path: Path, summary: string) {
  return { method: "get" as const, path, summary, tags: ["system"] };
}

const healthRoute = createRoute({
  ...page("/healthz", "The process lives"),
  responses: { 200: answers("Alive", z.object({ status: z.string(), version: z.string() })) },
});

const readyRoute = createRoute({
  ...page("/readyz", "The switch acknowledges payments"),
  responses: { 200: answers("It does", Ready), 503: answers("It does not", Ready) },
});

const metricsRoute = createRoute({
  ...page("/metrics", "Figures for Prometheus"),
  description: "In live mode with an operator's key as bearer token.",
  responses: {
    200: { description: "Exposition format", content: { "text/plain": { schema: z.string() } } },
    ...refusals("unauthenticated", "forbidden"),
  },
});

const keysRoute = createRoute({
  ...page("/.well-known/seqr-keys.json", "The public keys that sign codes"),
  responses: {
    200: answers(
      "Ed25519, 32 bytes as base64url",
      z.object({
        keys: z.array(
          z.object({ kid: z.int(), algorithm: z.literal("Ed25519"), public_key: z.string() }),
        ),
      }),
    ),
  },
});

const problemsRoute = createRoute({
  ...page("/problems", "Every no that the switch says"),
  responses: { 200: answers("By code", z.array(ProblemPage)) },
});

const problemRoute = createRoute({
  ...page("/problems/{code}", "One of them: the `type` of a problem leads here"),
  request: { params: z.object({ code: z.string() }) },
  responses: { 200: answers("The problem", ProblemPage), ...refusals("not_found") },
});

export function addSystem(api: Api, services: Services): void {
  on(api, healthRoute, (c) => c.json({ status: "alive", version: services.version }));
  on(api, readyRoute, (c) => ready(services, c));
  on(api, metricsRoute, async (c) => {
    // How a business goes is nobody else's; a sandbox has none.
    if (services.mode === "live") operatorCaller(services, c);
    c.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    return c.body(await services.metrics.text());
  });
  on(api, keysRoute, (c) => {
    c.header("cache-control", "public, max-age=3600");
    const keys = services.keys.qrKeys.map(({ kid, publicKey }) => ({
      kid,
      algorithm: "Ed25519",
      public_key: toBase64Url(publicKey),
    }));
    return c.json({ keys });
  });
  on(api, problemsRoute, (c) => c.json(PROBLEM_CODES.map(problemPage)));
  on(api, problemRoute, (c) => {
    const { code } = c.req.valid("param");
    if (!isProblemCode(code)) throw new Problem("not_found");
    return c.json(problemPage(code));
  });
  api.get("/docs", (c) => c.redirect("/docs/index.html"));
  api.get("/docs/:file", (c) => docs(c));
}

/** Not ready: draining, or the event log acknowledges nothing. */
function ready(services: Services, c: Context<Env>): Response {
  const { isDraining, failure } = services.host;
  const state = isDraining ? "draining" : failure === undefined ? "ready" : failure.kind;
  const body = { status: state, mode: services.mode, core: coreName() };
  return c.json(body, state === "ready" ? 200 : 503);
}

function problemPage(code: ProblemCode) {
  return { code, ...describeProblem(code) };
}

function docs(c: Context<Env>): Response {
  const file = swaggerFile(c.req.param("file") ?? "");
  if (file === undefined) throw new Problem("not_found");
  c.header("content-type", file.type);
  c.header("cache-control", "public, max-age=3600");
  c.header(
    "content-security-policy",
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
      "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'",
  );
  return c.body("text" in file ? file.text : new Uint8Array(readFileSync(file.path)).buffer);
}
