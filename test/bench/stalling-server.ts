/**
 * A server that answers at once, and stands still for 200 ms of every two seconds. The path /stalls
 * tells when it did, in Unix milliseconds: `[[from, until], ...]`.
 */
import { EVERY_MS, STALL_MS } from "./stalls.ts";

const stalls: (readonly [from: number, until: number])[] = [];
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: ({ url }) => Response.json(url.endsWith("/stalls") ? stalls : "here"),
});

function now(): number {
  return performance.timeOrigin + performance.now();
}

function stall(): void {
  const from = now();
  Bun.sleepSync(STALL_MS);
  stalls.push([from, now()]);
}

// In the middle of each two seconds: who begins a little later still sees as many whole stalls.
setTimeout(() => {
  stall();
  setInterval(stall, EVERY_MS);
}, EVERY_MS / 2);

process.stdout.write(`http://127.0.0.1:${server.port}\n`);
