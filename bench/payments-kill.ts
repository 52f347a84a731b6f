/**
 * A kill in the middle of an open loop: the switch is ended at once and started again on its
 * directory and port, phones send their approvals again under the same keys, and the load goes on.
 * Whether each was paid once is then said by the event log, as of every other load.
 */
import { present } from "../actors/assert.ts";
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
  /** Of those that were due once the switch served again. */
  readonly afterwards: number;
  readonly acknowledged: number;
}

/** Sends at that rate for twice `halfSeconds`, each customer once, with a kill in the middle. */
export async function killInTheMiddle(
  one: MeasuredSwitch,
  perSecond: number,
  { halfSeconds }: OpenScale,
  tell: (text: string) => void,
): Promise<KillReport> {
  const wanted = Math.max(Math.floor(perSecond * 2 * halfSeconds), 2);
  const count = Math.min(wanted, one.crowd.size);
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
  const answers = await one.learn(list, load.answers, load.again);
  one.note(list, answers);
  return {
    payments: count,
    again: load.again.reduce((sum, times) => sum + times, 0),
    awayMs: backMs - killedMs,
    afterwards: scheduleMs.filter((dueMs) => dueMs > backMs - startedMs).length,
    acknowledged: answers.filter(({ status }) => status === 200).length,
  };
}
