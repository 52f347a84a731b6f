/**
 * What the switching core is to reach, and whether the kept figures do: ratios within one run each.
 * A target that is missed is told; what was not measured is told as that.
 */
import type { EventLogReport } from "./event-log.ts";
import type { GrowthReport } from "./growth.ts";
import type { PaymentsReport } from "./payments.ts";
import { HALF_POISSON, type OpenFigures, TWICE_POISSON } from "./payments-open.ts";
import type { RecoveryReport } from "./recovery.ts";
import { brief, whole } from "./table.ts";

/** The kept reports of full runs; undefined where there is none. */
export interface Reports {
  readonly payments: PaymentsReport | undefined;
  readonly eventLog: EventLogReport | undefined;
  readonly growth: GrowthReport | undefined;
  readonly recovery: RecoveryReport | undefined;
}

export interface Judgement {
  readonly what: string;
  readonly floor: string;
  readonly stretch: string;
  /** Undefined where it was not measured. */
  readonly reached: string | undefined;
  readonly verdict: "not yet measured" | "not overloaded" | "below the floor" | "floor" | "stretch";
}

/** The sizes that the targets are about. */
const CUSTOMERS = 1_000_000;
const THOUSAND = 1_000;
const PAYMENTS = 1_000_000;

export function judge(reports: Reports): readonly Judgement[] {
  const { payments, eventLog, growth, recovery } = reports;
  const million = growth?.bySize.find(({ customers }) => customers === CUSTOMERS);
  const costRatio = million?.costBase === THOUSAND ? million.costRatio : undefined;
  const isLong = recovery !== undefined && recovery.payments >= PAYMENTS;
  return [
    atLeast("core, 64 in flight : PostgreSQL, 32 clients", 10, 24, eventLog?.corePerPostgres),
    atLeast("approvals over HTTP : PostgreSQL, 32 clients", 1.5, 3, payments?.ratios.perPostgres),
    atLeast("approvals over HTTP : Hono with zod", 0.25, 0.5, payments?.ratios.perEcho),
    atLeast("to lanes of one merchant : uniform", 0.9, 1, eventLog?.hotPerUniform),
    atLeast("core, 64 in flight : SQLite, one each", 10, 20, eventLog?.corePerSqlite),
    atMost("cost with a million customers : a thousand", 2, 1.3, costRatio, times),
    atMost("memory, a million idle customers", 600e6, 200e6, million?.idleBytes, megabytes),
    atMost(
      "start after a million payments : bare Hono",
      3,
      2,
      isLong ? Math.max(recovery.stopRatio, recovery.killRatio) : undefined,
      times,
    ),
    tailAtHalf(payments),
    overload(payments),
  ];
}

function atLeast(
  what: string,
  floor: number,
  stretch: number,
  reached: number | undefined,
): Judgement {
  return {
    what,
    floor: `at least ${floor} x`,
    stretch: `${stretch} x`,
    reached: reached === undefined ? undefined : times(reached),
    verdict: verdictOf(reached, (figure, target) => figure >= target, floor, stretch),
  };
}

function atMost(
  what: string,
  floor: number,
  stretch: number,
  reached: number | undefined,
  text: (figure: number) => string,
): Judgement {
  return {
    what,
    floor: `at most ${text(floor)}`,
    stretch: text(stretch),
    reached: reached === undefined ? undefined : text(reached),
    verdict: verdictOf(reached, (figure, target) => figure <= target, floor, stretch),
  };
}

function verdictOf(
  reached: number | undefined,
  holds: (figure: number, target: number) => boolean,
  floor: number,
  stretch: number,
): Judgement["verdict"] {
  if (reached === undefined) return "not yet measured";
  if (holds(reached, stretch)) return "stretch";
  return holds(reached, floor) ? "floor" : "below the floor";
}

/** Three flushes of the disk and what the switch may add. */
const FLUSHES = 3;
const FLOOR_MS = 5;
const STRETCH_MS = 2;

function tailAtHalf(payments: PaymentsReport | undefined): Judgement {
  const what = "half of saturation: p99";
  const flushMs = payments?.open.disk.p99Ms ?? 0;
  const text = (ms: number): string => `${brief(ms)} ms`;
  const figure = loadOf(payments, HALF_POISSON)?.p99Ms;
  const [floor, stretch] = [FLUSHES * flushMs + FLOOR_MS, FLUSHES * flushMs + STRETCH_MS];
  const told = atMost(what, floor, stretch, figure, text);
  // The disk is that of the run: before one there is only the rule.
  const rule = `${FLUSHES} x p99 of fdatasync + ${FLOOR_MS} ms`;
  return figure === undefined
    ? { ...told, floor: rule, stretch: `+ ${STRETCH_MS} ms` }
    : { ...told, floor: `${rule} = ${text(floor)}` };
}

const ACCEPTED_SHARE_MIN = 0.9;
const REFUSAL_MS_MAX = 50;
/** The most that memory may rise and still counts as flat. */
const MEMORY_SHARE_MAX = 1.1;

function overload(payments: PaymentsReport | undefined): Judgement {
  const target = {
    what: "twice saturation",
    floor:
      `accepted ${ACCEPTED_SHARE_MIN} of saturation, ` +
      `refusals within ${REFUSAL_MS_MAX} ms, each payment once`,
    stretch: "memory flat",
  };
  const load = loadOf(payments, TWICE_POISSON);
  if (payments === undefined || load === undefined) {
    return { ...target, reached: undefined, verdict: "not yet measured" };
  }
  const { acceptedShare, refusalP99Ms, beforeBytes, peakBytes } = load;
  const faults = payments.verdicts.flatMap(({ verdict }) => verdict.faults).length;
  const isPrompt = refusalP99Ms === undefined || refusalP99Ms <= REFUSAL_MS_MAX;
  const isFloor = acceptedShare >= ACCEPTED_SHARE_MIN && isPrompt && faults === 0;
  const isTold = beforeBytes !== undefined && peakBytes !== undefined;
  const isFlat = isTold && peakBytes <= beforeBytes * MEMORY_SHARE_MAX;
  const reached = [
    `accepted ${acceptedShare.toFixed(2)}`,
    refusalP99Ms === undefined ? "nobody refused" : `refusals ${brief(refusalP99Ms)} ms`,
    `${faults} faults`,
    isTold ? `memory ${megabytes(beforeBytes)} to ${megabytes(peakBytes)}` : "memory not told",
  ].join(", ");
  if (isServed(load) && faults === 0) return { ...target, reached, verdict: "not overloaded" };
  return {
    ...target,
    reached,
    verdict: isFloor ? (isFlat ? "stretch" : "floor") : "below the floor",
  };
}

/** What the last answers take, and chance in a Poisson schedule, may cost of the rate. */
const SERVED_SHARE_MIN = 0.95;

/** As many were accepted as came, and nobody was refused: nothing is known of an overload. */
function isServed({ refusalP99Ms, acceptedPerSecond, offeredPerSecond }: OpenFigures): boolean {
  return refusalP99Ms === undefined && acceptedPerSecond >= offeredPerSecond * SERVED_SHARE_MIN;
}

function loadOf(payments: PaymentsReport | undefined, name: string): OpenFigures | undefined {
  return payments?.open.loads.find((load) => load.name === name);
}

function times(figure: number): string {
  return `${brief(figure)} x`;
}

function megabytes(bytes: number): string {
  return `${whole(bytes / 1e6)} MB`;
}
