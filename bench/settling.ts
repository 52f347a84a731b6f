/**
 * Processor time is charged to the turn that caused it: a turn begins when what came before it is
 * over (views that follow, garbage of preparing), and ends when what it left behind is.
 */

/** At the least, even where no processor time is told. */
const BEFORE_MS = 300;
const AFTER_MS = 200;
/** A process that used no more than a tick of Linux in such a stretch has nothing left to do. */
const LOOK_MS = 100;
const QUIET_MICROS = 10_000;
/** One that is never quiet is not waited for longer. */
const LOOKS_MAX = 50;

/** Whose processor time it is: the process so far, in microseconds; undefined where not told. */
interface Charged {
  cpuMicros(): number | undefined;
}

/** Does `work` between two rests, and tells what processor time `server` needed for it. */
export async function chargedTo<Result>(
  server: Charged,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly cpuMicros: number | undefined }> {
  // The driver has garbage of its own: it made the requests, on the same machine.
  Bun.gc(true);
  await settled(server, BEFORE_MS);
  const before = server.cpuMicros();
  const result = await work();
  await settled(server, AFTER_MS);
  const after = server.cpuMicros();
  const isTold = before !== undefined && after !== undefined;
  return { result, cpuMicros: isTold ? after - before : undefined };
}

/** Waits for `leastMs` milliseconds, and on until the process is quiet. */
export async function settled(server: Charged, leastMs: number): Promise<void> {
  await Bun.sleep(leastMs - LOOK_MS);
  let before = server.cpuMicros();
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    await Bun.sleep(LOOK_MS);
    const now = server.cpuMicros();
    if (before === undefined || now === undefined || now - before <= QUIET_MICROS) return;
    before = now;
  }
}
