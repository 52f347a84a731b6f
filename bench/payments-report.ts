/** `seqr bench payments` as people and programs read it. */

import { paymentsCharts } from "./charts.ts";
import { BUSY } from "./measured-switch.ts";
import { type BenchOptions, progress } from "./output.ts";
import { ENTRIES, FULL, measurePayments, type PaymentsReport, QUICK } from "./payments.ts";
import {
  NO_ANSWER,
  type OpenFigures,
  type OpenReport,
  secondsText,
  TWICE_POISSON,
} from "./payments-open.ts";
import { NO_POSTGRES } from "./postgres.ts";
import { runBench } from "./report.ts";
import { brief, machineLine, standingsTable, table, verdictText, whole } from "./table.ts";

/** True when every payment was made exactly once, and none was refused that there was room for. */
export function benchPayments(options: BenchOptions): Promise<boolean> {
  // The last entry shows what the core is worth, which `seqr bench crypto --quick` does, too.
  const entries = options.quick ? ENTRIES.slice(0, -1) : ENTRIES;
  const measure = () => measurePayments(options.quick ? QUICK : FULL, entries, progress);
  return runBench({ name: "payments", measure, render, charts: paymentsCharts, holds }, options);
}

export function holds(report: PaymentsReport): boolean {
  const { verdicts } = report;
  const isWhole = verdicts.every(({ verdict }) => verdict.faults.length === 0);
  return isWhole && faultsOf(report).length === 0;
}

/** What may be answered where more come than can be served; what nobody knew is learnt. */
const PARDONED = [BUSY, NO_ANSWER];

/**
 * What does not hold, beside the event logs. Turned away as busy, and not paid, may be who came
 * when twice as many came as can be served; nobody else is refused anything or has no answer.
 */
export function faultsOf({ verdicts, open, kill, others }: PaymentsReport): readonly string[] {
  const faults = [...others];
  let pardoned = 0;
  for (const { name, refusals, turnedAway } of open.loads) {
    const isOverload = name === TWICE_POISSON;
    if (isOverload) pardoned += turnedAway;
    for (const [code, count] of Object.entries(refusals)) {
      if (isOverload && PARDONED.includes(code)) continue;
      faults.push(`${name}: ${whole(count)} ${code}, who had to be served`);
    }
  }
  const refused = verdicts.reduce((sum, { verdict }) => sum + verdict.refused, 0);
  if (refused !== pardoned) {
    faults.push(`${whole(refused)} refused in all, ${whole(pardoned)} of them where they may be`);
  }
  if (kill.acknowledged !== kill.payments) {
    faults.push(`a kill: ${whole(kill.payments - kill.acknowledged)} payments not acknowledged`);
  }
  return faults;
}

export function render(report: PaymentsReport): string {
  const { machine, scale, standings, ratios, open, kill, verdicts } = report;
  const { perEcho, cpuPerEcho, perPostgres } = ratios;
  const cpu = cpuPerEcho === undefined ? "" : `; CPU of an approval: ${brief(cpuPerEcho)} echoes`;
  return [
    `${machineLine(machine)}\n`,
    `medians of ${scale.rounds} rounds of ${whole(scale.approvals)} approvals, `,
    "each of another customer;\n",
    "signature, PIN proof, limit and postings; fsync before every reply\n\n",
    standingsTable(standings),
    `\nratio: ${brief(perEcho)} approvals per echo of Hono and zod${cpu}\n`,
    perPostgres === undefined
      ? `${NO_POSTGRES}\n`
      : `ratio: ${brief(perPostgres)} approvals per transfer in PostgreSQL, 32 clients\n`,
    `\n${openText(open, scale.open.rounds)}`,
    `\na kill in the middle: ${whole(kill.acknowledged)} of ${whole(kill.payments)} payments `,
    `acknowledged, away for ${whole(kill.awayMs)} ms,\n`,
    `${whole(kill.again)} times sent again, ${whole(kill.afterwards)} due afterwards\n\n`,
    ...verdicts.map(({ name, verdict }) => verdictText(name, verdict)),
    ...faultsOf(report).map((fault) => `NOT as it must be: ${fault}\n`),
  ].join("");
}

const OPEN_HEAD = [
  "open loops",
  "seconds",
  "offered/s",
  "accepted/s",
  "of saturation",
  "p50 ms",
  "p99 ms",
  "p99.9 ms *",
  "CPU us/op",
  "sent late p99 ms *",
];

function openText({ saturation, loads, disk }: OpenReport, rounds: number): string {
  const rows = loads.map((load) => [
    load.name,
    secondsText(load),
    whole(load.offeredPerSecond),
    whole(load.acceptedPerSecond),
    load.acceptedShare.toFixed(2),
    brief(load.p50Ms),
    brief(load.p99Ms),
    brief(load.p999Ms),
    load.cpuMicros === undefined ? "-" : whole(load.cpuMicros),
    brief(load.lateP99Ms),
  ]);
  return [
    `saturation: ${whole(saturation.perSecond)} approvals per s, with ${saturation.clients} `,
    "clients, which reached most above; a loop of as many customers in each round\n",
    `fdatasync of this disk *: p50 ${brief(disk.p50Ms)} ms, p99 ${brief(disk.p99Ms)} ms\n\n`,
    table([OPEN_HEAD, ...rows]),
    `from the intended time; medians of ${rounds} rounds, * all rounds together\n\n`,
    ...loads
      .filter(({ name, refusals }) => name === TWICE_POISSON || Object.keys(refusals).length > 0)
      .map(tailText),
  ].join("");
}

/** Who was turned away, and what that did to the memory of the switch. */
function tailText({ name, refusals, refusalP99Ms, beforeBytes, peakBytes }: OpenFigures): string {
  const codes = Object.entries(refusals).map(([code, count]) => `${whole(count)} ${code}`);
  const refused = codes.length === 0 ? "none" : codes.join(", ");
  const within = refusalP99Ms === undefined ? "" : `, p99 ${brief(refusalP99Ms)} ms`;
  const memory =
    beforeBytes === undefined || peakBytes === undefined
      ? ""
      : `memory: ${whole(beforeBytes / 1e6)} MB before the first, ` +
        `${whole(peakBytes / 1e6)} MB at most *\n`;
  return `${name}:\nrefused *: ${refused}${within}\n${memory}`;
}
