/**
 * The least that a server with Hono is: what a start of the switch is compared with. Run by itself
 * it imports nothing else.
 */
import { Hono } from "hono";

const app = new Hono();
app.get("/readyz", (c) => c.json({ status: "ready" }));
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch });
const url = `http://127.0.0.1:${server.port}`;
process.stdout.write(`${JSON.stringify({ event: "serving", url })}\n`);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
