/** `seqr bench event-log` as people and programs read it. */

import { eventLogCharts } from "./charts.ts";
import { type EventLogReport, FULL, measureEventLog, QUICK } from "./event-log.ts";
import { type BenchOptions, progress } from "./output.ts";
import { NO_POSTGRES } from "./postgres.ts";
import { runBench } from "./report.ts";
import { brief, machineLine, standingsTable, verdictText, whole } from "./table.ts";

/** True when every payment was made exactly once, and every transfer is in its books. */
export function benchEventLog(options: BenchOptions): Promise<boolean> {
  const measure = () => measureEventLog(options.quick ? QUICK : FULL, progress);
  return runBench({ name: "event-log", measure, render, charts: eventLogCharts, holds }, options);
}

export function holds({ verdict, others }: EventLogReport): boolean {
  return others.length === 0 && verdict.faults.length === 0;
}

export function render(report: EventLogReport): string {
  const { machine, scale, standings, disk, verdict, others } = report;
  const { corePerPostgres, corePerBest, corePerSqlite, hotPerUniform } = report;
  const postgres =
    corePerPostgres === undefined || corePerBest === undefined
      ? NO_POSTGRES
      : `core, 64 in flight, per PostgreSQL, 32 clients: ${brief(corePerPostgres)}; ` +
        `per its best, ${corePerBest.clients} clients: ${brief(corePerBest.ratio)}`;
  return [
    `${machineLine(machine)}\n`,
    `${scale.rounds} rounds; ${whole(scale.customers)} customers, a payment of another one each;\n`,
    "limit, postings and idempotency; fsync before every reply; without views and HTTP\n\n",
    standingsTable(standings),
    `\n${postgres}\n`,
    `core, 64 in flight, per SQLite, one in a transaction: ${brief(corePerSqlite)}\n`,
    `to lanes of one merchant per uniform: ${brief(hotPerUniform)}\n`,
    `fdatasync of this disk: p50 ${brief(disk.p50Ms)} ms, p99 ${brief(disk.p99Ms)} ms\n`,
    verdictText("core", verdict),
    ...others.map((fault) => `${fault}\n`),
  ].join("");
}
