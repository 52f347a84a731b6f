/** What no start needs is loaded a moment later, before somebody has to wait for it. */
import type { Metrics } from "./http/metrics.ts";
import { loadNumberingPlans } from "./http/phone-number.ts";

/** After the start, in real milliseconds. */
const WARM_UP_MS = 1_000;

/** Gives the way to let it be. */
export function warmUp(
  metrics: Metrics,
  report: (error: unknown, where: string) => void,
): () => void {
  const timer = setTimeout(() => {
    loadNumberingPlans();
    metrics.watchProcess().catch((error: unknown) => report(error, "metrics"));
  }, WARM_UP_MS);
  timer.unref();
  return () => clearTimeout(timer);
}
