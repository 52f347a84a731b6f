/**
 * What a request costs before any payment: the runtime alone, and Hono with zod, which takes the
 * body of an approval, checks its shape, and sends it back. Each runs in a process of its own.
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

/** The runtime alone: no routes, no check, the text of the body as it came. */
async function bareEcho(request: Request): Promise<Response> {
  const text = await request.text();
  return new Response(text, { headers: { "content-type": "application/json" } });
}

/** The servers that stand beside the switch; the words start them in processes of their own. */
const ECHO_SERVERS = {
  "echo-server": echoApp().fetch,
  "bun-echo-server": bareEcho,
};

export type EchoServer = keyof typeof ECHO_SERVERS;

/** Serves until it is told to stop; its first line says where. */
export async function serveEcho(name: EchoServer): Promise<void> {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: ECHO_SERVERS[name] });
  const url = `http://127.0.0.1:${server.port}`;
  process.stdout.write(`${JSON.stringify({ event: "serving", url })}\n`);
  await untilSignal();
  await server.stop(true);
}
