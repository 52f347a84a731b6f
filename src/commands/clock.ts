/** `seqr clock +3d`: moves a sandbox's time ahead, day by day. */
import { progress } from "../../bench/output.ts";
import { type Command, UsageError } from "./command.ts";
import { atTheDesk, DESK_OPTIONS, DESK_USAGE, deskCall } from "./desk-call.ts";

const STEP = /^\+([1-9][0-9]{0,3})([dhm])$/;
const SECONDS = { d: 86_400, h: 3_600, m: 60 } as const;
const DAY_MS = 86_400_000;
const SECONDS_MAX = 3_660 * SECONDS.d;

export const clock: Command = {
  usage:
    "seqr clock [+3d | +12h | +30m] [--url URL]\n\n" +
    "Whatever falls due on the way happens at its own time: files go to the sandbox's bank, " +
    "debits\nare collected or come back. Without a step it tells the time.\n\n" +
    DESK_USAGE,
  options: DESK_OPTIONS,
  wordsMax: 1,
  run(values, [step]) {
    const seconds = step === undefined ? 0 : secondsOf(step);
    const { desk } = deskCall(values);
    return atTheDesk(async () => {
      let now = await desk.clock();
      const fromMs = Date.parse(now);
      const untilMs = fromMs + seconds * 1_000;
      for (let toMs = fromMs; toMs < untilMs; ) {
        toMs = Math.min(toMs + DAY_MS, untilMs);
        now = await desk.advanceClock(toMs);
        progress(now);
      }
      if (seconds > 0) progress("");
      process.stdout.write(`${now}\n`);
      return 0;
    });
  },
};

function secondsOf(step: string): number {
  const [, count = "", unit = ""] = STEP.exec(step) ?? [];
  const seconds = Number(count) * SECONDS[unit as keyof typeof SECONDS];
  if (!(seconds > 0)) throw new UsageError("a step is +3d, +12h or +30m");
  if (seconds > SECONDS_MAX) throw new UsageError("at most ten years at once");
  return seconds;
}
