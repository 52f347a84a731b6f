/**
 * A power cut in the middle of an open loop: the switch is killed and started again on its
 * directory and port, phones send their approvals again under the same keys, and the load goes on.
 * Whether each was paid once is then said by the event log, as of every other load.
 */
import { present } from "../actors/assert.ts";
import { Histogram } from "./histogram.ts";
import type { MeasuredSwitch } from "./measured-switch.ts";
import { driveOpen } from "./open-load.ts";
import type { OpenScale } from "./payments-open.ts";
import { scheduleOf } from "./schedule.ts";

/** So long phones send again, which is longer than any start. */
const AGAIN_MS_MAX = 30_000;
const CONNECTIONS_MAX = 2_048;

export interface KillReport {
  readonly payments: number;
  /** Approvals that found no switch, or one that was starting, and were sent again. */
  readonly again: number;
  /** From the kill until the switch serves again, in milliseconds. */
  readonly awayMs: number;
  /** From the intended time to the answer, the wait for the switch included. */
  readonly maxMs: number;
  /** Of those that were due once the switch served again. */
  readonly afterwards: number;
  readonly acknowledged: number;
}

/** Sends at that rate for twice `halfSeconds`, with a kill in the middle. */
export async function killInTheMiddle(
  one: MeasuredSwitch,
  perSecond: number,
  { halfSeconds, paymentsMax }: OpenScale,
  tell: (text: string) => void,
): Promise<KillReport> {
  const count = Math.max(Math.min(Math.floor(perSecond * 2 * halfSeconds), paymentsMax), 2);
  tell(`a kill in the middle of ${count} payments: tills ask, phones scan and sign`);
  const list = await one.crowd.prepare(count);
  const scheduleMs = scheduleOf("poisson", perSecond, count);
  const middleMs = present(scheduleMs[Math.floor(count / 2)], "the middle of the schedule");
  tell(`a kill in the middle of ${count} payments`);
  const startedMs = performance.now();
  const driving = driveOpen(one.url, one.requestsOf(list), scheduleMs, {
    connectionsMax: CONNECTIONS_MAX,
    againMsMax: AGAIN_MS_MAX,
    patienceMsMax: 2 * AGAIN_MS_MAX,
  });
  await Bun.sleep(middleMs);
  const killedMs = performance.now();
  await one.kill();
  await one.restart();
  const backMs = performance.now();
  const load = await driving;
  const answers = await one.learn(list, load.answers);
  one.note(list, answers);
  return {
    payments: count,
    again: load.again,
    awayMs: backMs - killedMs,
    maxMs: Histogram.of(load.latenciesMs).maxMs,
    afterwards: scheduleMs.filter((dueMs) => dueMs > backMs - startedMs).length,
    acknowledged: answers.filter(({ status }) => status === 200).length,
  };
}
