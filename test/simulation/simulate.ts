/**
 * `npm run simulate -- --seed N --seeds M`: whole switches in whole worlds, a seed for each. What
 * is told of a seed that fails replays it.
 */
import { installEnclosure } from "./enclosure.ts";

installEnclosure();
// Only now: what is loaded from here on has its time and its chance from a run.
const { main, Misunderstood } = await import("./main.ts");
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Misunderstood)) throw error;
  process.stderr.write(`simulate: ${error.message}\n`);
  process.exitCode = 2;
}
