/** What only a sandbox has: its time can be moved ahead, and everything due on the way happens. */
import { createRoute, z } from "@hono/zod-openapi";
import { type Api, answers, body, type ContextOf, MayKeyHeader, on, refusals } from "./api.ts";
import { operatorCaller } from "./auth.ts";
import { hasKey, requireKey } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { toTime } from "./shapes.ts";

/** Of one call: who moves further calls again, and sees how far it has come. */
const STEP_MS_MAX = 31 * 86_400_000;

const SandboxClock = z
  .object({ object: z.literal("clock"), now: z.iso.datetime() })
  .openapi("SandboxClock");

const PATH = "/v1/test_helpers/clock";
const common = { tags: ["sandbox"], security: [{ key: [] }] };

const readRoute = createRoute({
  ...common,
  method: "get",
  path: PATH,
  summary: "Sandbox: what time it is",
  responses: { 200: answers("The clock", SandboxClock), ...refusals("not_found") },
});

const advanceRoute = createRoute({
  ...common,
  method: "post",
  path: `${PATH}/advance`,
  summary: "Sandbox: move time ahead; whatever falls due on the way happens at its own time",
  description:
    "Files are made and handed over, the bank answers, debits are collected or come back. The " +
    "answer comes when all of it is done. A time that is past moves nothing.",
  request: { headers: MayKeyHeader, body: body(z.strictObject({ to: z.iso.datetime() })) },
  responses: { 200: answers("The clock afterwards", SandboxClock), ...refusals("not_found") },
});

export function addTestHelpers(api: Api, services: Services): void {
  on(api, readRoute, (c) => {
    sandboxOf(services, c);
    return c.json({ object: "clock" as const, now: toTime(services.clock.nowMs()) });
  });
  on(api, advanceRoute, async (c) => {
    const sandbox = sandboxOf(services, c);
    if (hasKey(c)) requireKey(c);
    const toMs = Date.parse(c.req.valid("json").to);
    if (toMs - services.clock.nowMs() > STEP_MS_MAX) {
      throw new Problem("invalid_request", { errors: [{ pointer: "/to", code: "too_big" }] });
    }
    const nowMs = await sandbox.advanceTo(toMs);
    return c.json({ object: "clock" as const, now: toTime(nowMs) });
  });
}

function sandboxOf(
  services: Services,
  c: ContextOf<typeof readRoute> | ContextOf<typeof advanceRoute>,
): NonNullable<Services["sandbox"]> {
  operatorCaller(services, c);
  if (services.sandbox === undefined) throw new Problem("not_found");
  return services.sandbox;
}
