/**
 * The figures of docs/performance.md: what the kept results say, between marks in the page. Where a
 * full run has not been kept the page says so, and no figure stands there.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "../actors/assert.ts";
import type { EventLogReport } from "./event-log.ts";
import type { GrowthReport, SizeFigures } from "./growth.ts";
import { RESULTS } from "./output.ts";
import type { PaymentsReport } from "./payments.ts";
import { secondsText } from "./payments-open.ts";
import type { ProfileReport } from "./profile.ts";
import { BARE_HONO, type RecoveryReport } from "./recovery.ts";
import type { Standing } from "./rounds.ts";
import type { SoakReport } from "./soak.ts";
import { brief, type Machine, machineLine, whole } from "./table.ts";
import { judge, type Reports } from "./targets.ts";

export const PAGE = join(import.meta.dir, "../docs/performance.md");
const CHARTS = "../bench/results";

/** What is kept with every report. */
interface Kept {
  readonly version: string;
  readonly date: string;
  readonly machine: Machine;
}

/** Everything that full runs have kept so far. */
export interface KeptReports extends Reports {
  readonly profile: ProfileReport | undefined;
  readonly soak: SoakReport | undefined;
}

export function readReports(folder = RESULTS): KeptReports {
  return {
    payments: read<PaymentsReport>(folder, "payments"),
    eventLog: read<EventLogReport>(folder, "event-log"),
    growth: read<GrowthReport>(folder, "growth"),
    recovery: read<RecoveryReport>(folder, "recovery"),
    profile: read<ProfileReport>(folder, "profile"),
    soak: read<SoakReport>(folder, "soak"),
  };
}

function read<Report>(folder: string, name: string): Report | undefined {
  const file = join(folder, `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Report) : undefined;
}

/** The page with the figures of these reports between its marks. */
export function pageWith(page: string, reports: KeptReports): string {
  const { payments, eventLog, growth, recovery, profile, soak } = reports;
  const parts: Readonly<Record<string, string>> = {
    targets: targetsOf(reports),
    payments: sectionOf("payments", payments, paymentsSection),
    "event-log": sectionOf("event-log", eventLog, eventLogSection),
    growth: sectionOf("growth", growth, growthSection),
    recovery: sectionOf("recovery", recovery, recoverySection),
    profile: sectionOf("profile", profile, profileSection),
    soak: sectionOf("soak", soak, soakSection),
  };
  return Object.entries(parts).reduce((text, [name, part]) => between(text, name, part), page);
}

/** Writes the figures of all kept reports into the page; from source only. */
export function writePage(): void {
  writeFileSync(PAGE, pageWith(readFileSync(PAGE, "utf8"), readReports()));
}

function between(page: string, name: string, part: string): string {
  const from = `<!-- figures of ${name} -->\n`;
  const to = "<!-- until here -->\n";
  const start = page.indexOf(from);
  const end = page.indexOf(to, start);
  assert(start !== -1 && end > start, "the page has both marks");
  return `${page.slice(0, start + from.length)}\n${part}\n${page.slice(end)}`;
}

function targetsOf(reports: Reports): string {
  return tableOf(
    ["what", "floor", "stretch", "reached", ""],
    judge(reports).map(({ what, floor, stretch, reached, verdict }) => [
      what,
      floor,
      stretch,
      reached ?? "",
      verdict === "below the floor" ? `**${verdict}**` : verdict,
    ]),
  );
}

function sectionOf<Report extends { readonly machine: Machine }>(
  name: string,
  report: Report | undefined,
  section: (report: Report) => string,
): string {
  if (report === undefined) {
    return `Not yet measured: \`seqr bench ${name} --save\` on a quiet machine.\n`;
  }
  const { version, date, machine } = report as Report & Kept;
  return `seqr ${version}, ${date}; ${machineLine(machine)}\n\n${section(report)}`;
}

function paymentsSection({ standings, open, kill, verdicts }: PaymentsReport): string {
  const loads = open.loads.map((load) => [
    load.name,
    secondsText(load),
    whole(load.offeredPerSecond),
    load.acceptedShare.toFixed(2),
    brief(load.p50Ms),
    brief(load.p99Ms),
    brief(load.p999Ms),
    load.cpuMicros === undefined ? "" : whole(load.cpuMicros),
    load.refusalP99Ms === undefined ? "none" : brief(load.refusalP99Ms),
    brief(load.lateP99Ms),
  ]);
  const once = verdicts.every(({ verdict }) => verdict.faults.length === 0);
  return [
    standingsOf(standings),
    `\nOpen loops; saturation ${whole(open.saturation.perSecond)} approvals per second, with `,
    `${open.saturation.clients} clients; fdatasync: p50 ${brief(open.disk.p50Ms)} ms, p99 `,
    `${brief(open.disk.p99Ms)} ms. (all): of all rounds together.\n\n`,
    tableOf(
      [
        "from the intended time",
        "seconds",
        "offered/s",
        "accepted, of saturation",
        "p50 ms",
        "p99 ms",
        "p99.9 ms (all)",
        "CPU us each",
        "refusals p99 ms (all)",
        "sent late p99 ms (all)",
      ],
      loads,
    ),
    `\nA kill in the middle: ${whole(kill.acknowledged)} of ${whole(kill.payments)} payments `,
    `acknowledged, away for ${whole(kill.awayMs)} ms, sent again ${whole(kill.again)} times. `,
    `Every payment exactly once: ${once ? "yes" : "**no**"}.\n\n`,
    `![Latency of an approval](${CHARTS}/payments-latency.svg)\n`,
    `![Approvals a second](${CHARTS}/payments-throughput.svg)\n`,
  ].join("");
}

function eventLogSection(report: EventLogReport): string {
  const { standings, disk, verdict, corePerPostgres, corePerBest } = report;
  const ratios =
    corePerPostgres === undefined || corePerBest === undefined
      ? ""
      : `\nCore, 64 in flight: ${brief(corePerPostgres)} times PostgreSQL with 32 clients, ` +
        `${brief(corePerBest.ratio)} times its best, with ${corePerBest.clients}.\n`;
  return [
    standingsOf(standings),
    ratios,
    `\nfdatasync: p50 ${brief(disk.p50Ms)} ms, p99 ${brief(disk.p99Ms)} ms. `,
    `Every payment exactly once: ${verdict.faults.length === 0 ? "yes" : "**no**"}.\n\n`,
    `![Payments a second without HTTP](${CHARTS}/event-log-throughput.svg)\n`,
  ].join("");
}

const SIZE_HEAD = ["CPU us per payment", "ratio", "payers", "RAM MB", "heap MB", "files MB"];

function growthSection({ bySize, byPayments, checked, faults }: GrowthReport): string {
  return [
    tableOf(
      ["registered customers", ...SIZE_HEAD, "idle RAM MB"],
      bySize.map((one) => [...sizeRow(one.customers, one), whole(one.idleBytes / 1e6)]),
    ),
    "\n",
    tableOf(
      ["payments in the log", ...SIZE_HEAD],
      byPayments.map((one) => sizeRow(one.payments, one)),
    ),
    `\nAll ${whole(checked)} payments that were made are in the logs, once: `,
    `${faults.length === 0 ? "yes" : "**no**"}.\n\n`,
    `![Cost of a payment](${CHARTS}/growth-cost.svg)\n`,
    `![Memory](${CHARTS}/growth-memory.svg)\n`,
    `![Cost by payments in the log](${CHARTS}/growth-payments.svg)\n`,
  ].join("");
}

function sizeRow(size: number, figures: SizeFigures): readonly string[] {
  const { standing, costRatio, payers, residentBytes, liveBytes, fileBytes } = figures;
  const bytes = [residentBytes, liveBytes, fileBytes].map((one) => whole(one / 1e6));
  const ratio = costRatio?.toFixed(2) ?? "unknown";
  return [whole(size), whole(standing.cpuMicros ?? 0), ratio, whole(payers), ...bytes];
}

function recoverySection(report: RecoveryReport): string {
  const { standings, payments, fileBytes, stopRatio, killRatio, acknowledged, faults } = report;
  const isWhole = faults.length === 0 ? "yes" : "**no**";
  return [
    `${whole(fileBytes / 1e6)} MB of files; payments in the log before the first kill.\n\n`,
    tableOf(
      ["from the start to the first answer", "payments in the log", "ms", "CPU ms"],
      standings.map(({ name, p50Ms = 0, cpuMicros = 0 }) => [
        name,
        name === BARE_HONO ? "" : whole(payments),
        whole(p50Ms),
        whole(cpuMicros / 1_000),
      ]),
    ),
    `\nTimes a bare start: ${brief(stopRatio)} after a stop, ${brief(killRatio)} after a kill. `,
    `All ${whole(acknowledged)} acknowledged payments in the log, once: ${isWhole}.\n`,
  ].join("");
}

function profileSection({ payments, stages, threadMicros, cpuMicros }: ProfileReport): string {
  const share = (micros: number): string => `${((micros / threadMicros) * 100).toFixed(1)} %`;
  const cpu = cpuMicros === undefined ? "" : `; processor of the process: ${whole(cpuMicros)} us`;
  return [
    tableOf(
      ["main thread, by stage", "us per approval", "share"],
      [
        ...stages.map(([stage, micros]) => [stage, whole(micros), share(micros)]),
        ["all", whole(threadMicros), ""],
      ],
    ),
    `\n${whole(payments)} approvals; waiting for the disk included${cpu}.\n`,
  ].join("");
}

function soakSection(report: SoakReport): string {
  const { scale, visits, offeredPerSecond, p50Ms, p99Ms, memoryRatio, verdict } = report;
  return [
    `${scale.minutes} minutes, ${whole(visits)} visits at ${whole(offeredPerSecond)} per second; `,
    `p50 ${brief(p50Ms)} ms, p99 ${brief(p99Ms)} ms from the intended time. `,
    `Memory in the last fifth: ${memoryRatio?.toFixed(2) ?? "not told"} times that of the second. `,
    `Every payment exactly once: ${verdict.faults.length === 0 ? "yes" : "**no**"}.\n\n`,
    `![Memory under load](${CHARTS}/soak-memory.svg)\n`,
  ].join("");
}

function standingsOf(standings: readonly Standing[]): string {
  const told = (figure: number | undefined, text: (figure: number) => string): string =>
    figure === undefined ? "" : text(figure);
  return tableOf(
    ["closed loops", "per second", "p50 ms", "p99 ms", "CPU us each"],
    standings.map(({ name, perSecond, p50Ms, p99Ms, cpuMicros }) => [
      name,
      whole(perSecond),
      told(p50Ms, brief),
      told(p99Ms, brief),
      told(cpuMicros, whole),
    ]),
  );
}

/** The first column to the left, the figures to the right. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  const rule = head.map((_, at) => (at === 0 ? "---" : "---:"));
  return [head, rule, ...rows].map(line).join("");
}
