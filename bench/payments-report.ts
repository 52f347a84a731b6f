/** `seqr bench payments` as people and programs read it. */

import { paymentsCharts } from "./charts.ts";
import { isBinary } from "./child.ts";
import { type BenchOptions, progress, publish } from "./output.ts";
import { ENTRIES, FULL, measurePayments, type PaymentsReport, QUICK } from "./payments.ts";
import type { OpenFigures, OpenReport } from "./payments-open.ts";
import { writePage } from "./performance-doc.ts";
import { NO_POSTGRES } from "./postgres.ts";
import { brief, machineLine, standingsTable, table, verdictText, whole } from "./table.ts";

/** True when every payment was made exactly once, and none was refused that there was room for. */
export async function benchPayments(options: BenchOptions): Promise<boolean> {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  // The last entry shows what the core is worth, which `seqr bench crypto --quick` does, too.
  const entries = options.quick ? ENTRIES.slice(0, -1) : ENTRIES;
  const report = await measurePayments(options.quick ? QUICK : FULL, entries, progress);
  progress("");
  publish("payments", report, render(report), options, paymentsCharts(report));
  if (options.save && !options.quick && !isBinary) writePage();
  return holds(report);
}

/** Refused may only be who came when twice as many came as can be served. */
export function holds({ verdicts, open, kill }: PaymentsReport): boolean {
  const turnedAway = open.loads.reduce((sum, load) => {
    return sum + (load.name.startsWith("twice") ? refusedOf(load) : 0);
  }, 0);
  const refused = verdicts.reduce((sum, { verdict }) => sum + verdict.refused, 0);
  const isWhole = verdicts.every(({ verdict }) => verdict.faults.length === 0);
  return isWhole && refused <= turnedAway && kill.acknowledged === kill.payments;
}

function refusedOf({ refusals }: OpenFigures): number {
  return Object.values(refusals).reduce((sum, count) => sum + count, 0);
}

export function render(report: PaymentsReport): string {
  const { machine, scale, standings, ratios, open, kill, verdicts } = report;
  const { perEcho, cpuPerEcho, perPostgres } = ratios;
  const cpu = cpuPerEcho === undefined ? "" : `; CPU of an approval: ${brief(cpuPerEcho)} echoes`;
  return [
    `${machineLine(machine)}\n`,
    `${scale.clients} clients in flight where not said; ${scale.rounds} rounds of `,
    `${whole(scale.approvals)} approvals, each of another customer;\n`,
    "signature, PIN proof, limit and postings; fsync before every reply\n\n",
    standingsTable(standings),
    `\nratio: ${brief(perEcho)} approvals per echo of Hono and zod${cpu}\n`,
    perPostgres === undefined
      ? `${NO_POSTGRES}\n`
      : `ratio: ${brief(perPostgres)} approvals per transfer in PostgreSQL, 32 clients\n`,
    `\n${openText(open)}`,
    `\na kill in the middle: ${whole(kill.acknowledged)} of ${whole(kill.payments)} payments `,
    `acknowledged, away for ${whole(kill.awayMs)} ms,\n`,
    `${whole(kill.again)} times sent again, ${whole(kill.afterwards)} due afterwards\n\n`,
    ...verdicts.map(({ name, verdict }) => verdictText(name, verdict)),
  ].join("");
}

const OPEN_HEAD = [
  "open loop, from the intended time",
  "offered/s",
  "accepted/s",
  "of saturation",
  "p50 ms",
  "p99 ms",
  "p99.9 ms",
  "driver late p99 ms",
];

function openText({ saturation, loads, disk }: OpenReport): string {
  const rows = loads.map((load) => [
    load.name,
    whole(load.offeredPerSecond),
    whole(load.acceptedPerSecond),
    brief(load.acceptedShare),
    brief(load.p50Ms),
    brief(load.p99Ms),
    brief(load.p999Ms),
    brief(load.lateP99Ms),
  ]);
  return [
    `saturation: ${whole(saturation)} approvals per s; fdatasync of this disk: `,
    `p50 ${brief(disk.p50Ms)} ms, p99 ${brief(disk.p99Ms)} ms\n\n`,
    table([OPEN_HEAD, ...rows]),
    ...loads.filter((load) => refusedOf(load) > 0 || load.name.startsWith("twice")).map(tailText),
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
      : `; memory ${whole(beforeBytes / 1e6)} MB before, ${whole(peakBytes / 1e6)} MB at most`;
  return `${name}: refused: ${refused}${within}${memory}\n`;
}
