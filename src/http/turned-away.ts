/** Requests that were asked to come again before they were looked at: told in metrics and log. */
import type { Services } from "./services.ts";

/** Between two lines: an overrun is told, and not by as many lines as there are requests. */
const LINE_MS = 1_000;

/** Notes one of them. */
export function turnedAway({ metrics, log }: Pick<Services, "metrics" | "log">): () => void {
  let count = 0;
  let toldAtMs = -Infinity;
  return () => {
    metrics.request("turned away", 503, 0);
    metrics.refusal("fault_busy");
    count++;
    const nowMs = performance.now();
    if (nowMs - toldAtMs < LINE_MS) return;
    log({ event: "turned_away", requests: count });
    toldAtMs = nowMs;
    count = 0;
  };
}
