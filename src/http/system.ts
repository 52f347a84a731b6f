/** What operators and other programs ask of the switch itself: health, metrics, keys, documents. */
import { readFileSync } from "node:fs";
import type { Context } from "hono";
import { coreName } from "../../wasm/core.ts";
import type { Api } from "./api.ts";
import { operatorCaller } from "./auth.ts";
import { toBase64Url } from "./bytes.ts";
import { swaggerFile } from "./docs-page.ts";
import type { Env } from "./edge.ts";
import {
  describeProblem,
  isProblemCode,
  PROBLEM_CODES,
  Problem,
  type ProblemCode,
} from "./problem.ts";
import type { Services } from "./services.ts";

export function addSystem(api: Api, services: Services): void {
  api.get("/healthz", (c) => c.json({ status: "alive", version: services.version }));
  api.get("/readyz", (c) => ready(services, c));
  api.get("/metrics", async (c) => {
    // How a business goes is nobody else's; a sandbox has none.
    if (services.mode === "live") operatorCaller(services, c);
    c.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    return c.body(await services.metrics.text());
  });
  api.get("/.well-known/seqr-keys.json", (c) => {
    c.header("cache-control", "public, max-age=3600");
    const keys = services.keys.qrKeys.map(({ kid, publicKey }) => ({
      kid,
      algorithm: "Ed25519",
      public_key: toBase64Url(publicKey),
    }));
    return c.json({ keys });
  });
  api.get("/problems", (c) => c.json(PROBLEM_CODES.map(problemPage)));
  api.get("/problems/:code", (c) => {
    const code = c.req.param("code");
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
