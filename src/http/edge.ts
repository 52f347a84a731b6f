/**
 * What happens to every request before and after its route: one fused step instead of a stack of
 * middlewares, because each of those costs more than the payment it guards.
 */
import type { Context, MiddlewareHandler } from "hono";
import { concatBytes } from "../../wasm/bytes.ts";
import { problemResponse } from "./problem.ts";
import type { ProblemCode } from "./problem-table.ts";
import type { Services } from "./services.ts";

export interface EdgeVariables {
  requestId: string;
  /** The code of the problem that was answered. */
  problem: ProblemCode | undefined;
}

export interface Env {
  Variables: EdgeVariables;
}

/** Bodies of JSON routes; pictures have their own maximum. */
export const BODY_BYTES_MAX = 64 * 1024;
export const PICTURE_BYTES_MAX = 8 * 1024 * 1024;
/** A file of returns that is imported: about 85,000 of them. */
export const INBOUND_BYTES_MAX = 16 * 1024 * 1024;
const REQUEST_ID_FORM = /^[A-Za-z0-9._-]{8,64}$/;

const SECURITY_HEADERS: readonly (readonly [string, string])[] = [
  ["cache-control", "no-store"],
  ["x-content-type-options", "nosniff"],
  ["referrer-policy", "no-referrer"],
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
  ["strict-transport-security", "max-age=31536000"],
];

/** `turnAway` notes who finds no place. */
export function edge(services: Services, turnAway: () => void): MiddlewareHandler<Env> {
  const { places } = services;
  return async (c, next) => {
    const startedMs = performance.now();
    const requestId = requestIdOf(c.req.header("x-request-id"));
    c.set("requestId", requestId);
    const fault = await readSmallBody(c, bytesMaxOf(c));
    // The door asked when the body was still on its way: many may have come together since.
    const isTurnedAway = fault === undefined && places.isFullFor(c.req.path);
    if (fault !== undefined) c.res = problemResponse(c, fault);
    else if (isTurnedAway) c.res = problemResponse(c, "fault_busy");
    else await places.take(c.req.path, next);
    const { headers, status } = c.res;
    addEdgeHeaders(headers, requestId);
    if (isTurnedAway) turnAway();
    else note(services, c, status, performance.now() - startedMs);
  };
}

/** The caller's own, where it has a form that a log can hold. */
export function requestIdOf(given: string | null | undefined): string {
  const isFit = typeof given === "string" && REQUEST_ID_FORM.test(given);
  return isFit ? given : Bun.randomUUIDv7("base64url");
}

/** What stands on every answer, whoever gives it. */
export function addEdgeHeaders(headers: Headers, requestId: string): void {
  headers.set("x-request-id", requestId);
  for (const [name, value] of SECURITY_HEADERS) {
    if (!headers.has(name)) headers.set(name, value);
  }
}

/**
 * Whatever is small is here when it is worked on: a caller who never sends it keeps nobody out. Who
 * sends more says how much, and is not read before he has said who he is; a body that comes in
 * chunks says nothing, and nobody's are kept beyond what is small. Gives what is wrong with it.
 */
async function readSmallBody(c: Context, bytesMax: number): Promise<ProblemCode | undefined> {
  const length = c.req.header("content-length");
  if (length !== undefined) {
    const bytes = Number(length);
    if (bytes > 0 && bytes <= BODY_BYTES_MAX) await c.req.arrayBuffer();
    return bytes <= bytesMax ? undefined : "body_too_large";
  }
  const { url, method, headers, body, signal } = c.req.raw;
  if (body === null) return undefined;
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX)
      return bytesMax === BODY_BYTES_MAX ? "body_too_large" : "length_required";
    parts.push(part);
  }
  c.req.raw = new Request(url, { method, headers, signal, body: concatBytes(...parts) });
  return undefined;
}

function bytesMaxOf({ req }: Context): number {
  const { method, path } = req;
  if (method === "PUT" && path.startsWith("/v1/account/identity/")) return PICTURE_BYTES_MAX;
  return method === "POST" && path === "/v1/desk/inbound" ? INBOUND_BYTES_MAX : BODY_BYTES_MAX;
}

/** Route patterns, never paths: a path may hold an id. */
function note(services: Services, c: Context<Env>, status: number, elapsedMs: number): void {
  const route = `${c.req.method} ${c.req.routePath}`;
  const problem = c.get("problem");
  services.metrics.request(route, status, elapsedMs);
  if (problem !== undefined) services.metrics.refusal(problem);
  if (status < 500) return;
  services.log({
    event: "request_failed",
    route,
    status,
    problem: problem ?? "",
    request_id: c.get("requestId"),
    elapsed_ms: Math.round(elapsedMs),
  });
}
