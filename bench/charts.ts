/** Which charts each benchmark draws of its report. */
import { type Chart, type Series, svgOf } from "./chart.ts";
import { coreName, type EventLogReport } from "./event-log.ts";
import type { GrowthReport, SizeFigures } from "./growth.ts";
import { ENTRIES, type PaymentsReport, postgresName, withClients } from "./payments.ts";
import type { Standing } from "./rounds.ts";
import type { SoakReport } from "./soak.ts";

/** SVG files by their names, without the ending. */
export type Charts = Readonly<Record<string, string>>;

export function paymentsCharts({ scale, standings, open }: PaymentsReport): Charts {
  const [entry] = ENTRIES;
  const counts = [scale.clients, ...scale.sweep].sort((a, b) => a - b);
  const nameOf = (count: number): string => withClients(entry.name, count);
  const pg = (spread: "uniform" | "hot"): Series => ({
    name: spread === "hot" ? "PostgreSQL, one account" : "PostgreSQL",
    points: rates(standings, scale.pgClients, (clients) => postgresName({ clients, spread })),
  });
  return {
    "payments-latency": svgOf({
      title: "Latency of an approval, from its intended time",
      description: "Milliseconds that a share of all approvals did not exceed, in open loops",
      x: { label: "share of all approvals", scale: "percentile" },
      y: { label: "milliseconds", scale: "log" },
      series: open.loads.map(({ name, distribution }) => ({
        name,
        points: distribution.map(({ share, ms }) => [share, ms] as const),
      })),
    }),
    "payments-throughput": svgOf({
      title: "Approvals a second, by clients",
      description: "Approvals over HTTP in closed loops, and transfers in PostgreSQL",
      x: { label: "clients in flight", scale: "log" },
      y: { label: "per second", scale: "linear" },
      series: [
        { name: "approvals, HTTP", points: rates(standings, counts, nameOf) },
        pg("uniform"),
        pg("hot"),
      ],
    }),
  };
}

export function eventLogCharts({ scale, standings }: EventLogReport): Charts {
  const series = (["uniform", "hot"] as const).map((spread) => ({
    name: spread === "hot" ? "to lanes of one merchant" : "to many merchants",
    points: rates(standings, scale.inFlight, (count) => coreName(count, spread)),
  }));
  return {
    "event-log-throughput": svgOf({
      title: "Payments a second without HTTP, by how many are in flight",
      description: "Actor core and event log, every reply durable, closed loops",
      x: { label: "payments in flight", scale: "log" },
      y: { label: "per second", scale: "linear" },
      series,
    }),
  };
}

export function growthCharts({ bySize, byPayments }: GrowthReport): Charts {
  const cost = (one: SizeFigures): number => one.standing.cpuMicros ?? 0;
  const customers = { label: "registered customers", scale: "log" } as const;
  return {
    "growth-cost": svgOf({
      title: "Cost of a payment, by registered customers",
      description: "Processor time of a payment without HTTP, views included",
      x: customers,
      y: { label: "microseconds of processor time", scale: "linear" },
      series: [{ name: "per payment", points: bySize.map((one) => [one.customers, cost(one)]) }],
    }),
    "growth-memory": svgOf({
      title: "Memory of the switch, by registered customers",
      description: "Megabytes in RAM right after the start and after the payments",
      x: customers,
      y: { label: "megabytes", scale: "linear" },
      series: [
        { name: "idle", points: bySize.map((one) => [one.customers, one.idleBytes / 1e6]) },
        { name: "paid", points: bySize.map((one) => [one.customers, one.residentBytes / 1e6]) },
      ],
    }),
    "growth-payments": svgOf({
      title: "Cost of a payment, by payments in the log",
      description: "Times that of a log that stays small",
      x: { label: "payments in the log", scale: "log" },
      y: { label: "times a small log's", scale: "linear" },
      series: [
        {
          name: "ratio",
          points: byPayments.flatMap(({ payments, costRatio }) =>
            costRatio === undefined ? [] : [[payments, costRatio] as const],
          ),
        },
      ],
    }),
  };
}

export function soakCharts({ samples }: SoakReport): Charts {
  const chart: Chart = {
    title: "Memory of the switch under load",
    description: "Megabytes in RAM at half of saturation, whole visits",
    x: { label: "minutes", scale: "linear" },
    y: { label: "megabytes", scale: "linear" },
    series: [
      {
        name: "resident",
        points: samples.map(({ atMs, residentBytes }) => [atMs / 60_000, residentBytes / 1e6]),
      },
    ],
  };
  return { "soak-memory": svgOf(chart) };
}

/** Rates of contenders by a number that their names are made of; those that are there. */
function rates(
  standings: readonly Standing[],
  counts: readonly number[],
  nameOf: (count: number) => string,
): Series["points"] {
  return counts.flatMap((count) => {
    const standing = standings.find(({ name }) => name === nameOf(count));
    return standing === undefined ? [] : [[count, standing.perSecond] as const];
  });
}
