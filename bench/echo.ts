/**
 * What a request costs before any payment: Hono and zod alone. It takes the body of an approval,
 * checks its shape, and sends it back. `seqr bench echo-server` runs it in a process of its own.
 */
import { zValidator } from "@hono/zod-validator";
import { Hono } from "hono";
import { z } from "zod";
import { untilSignal } from "../src/commands/signals.ts";

/** The shape that `POST /v1/payments` takes. */
const Approval = z.strictObject({
  approval: z.string().max(256),
  proof: z.string().max(64),
  signature: z.string().max(128),
});

function echoApp(): Hono {
  const app = new Hono();
  app.post("/v1/payments", zValidator("json", Approval), (c) => c.json(c.req.valid("json")));
  return app;
}

/** Serves until it is told to stop; its first line says where. */
export async function serveEcho(): Promise<void> {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: echoApp().fetch });
  const url = `http://127.0.0.1:${server.port}`;
  process.stdout.write(`${JSON.stringify({ event: "serving", url })}\n`);
  await untilSignal();
  await server.stop(true);
}
