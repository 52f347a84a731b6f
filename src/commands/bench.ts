/** `seqr bench NAME`: measurements, each a ratio inside one run. */
import type { EchoServer } from "../../bench/echo.ts";
import type { BenchOptions } from "../../bench/output.ts";
import { type Command, isSet, textOf, UsageError, type Values } from "./command.ts";

type Bench = (options: BenchOptions) => Promise<boolean>;

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  crypto: async () => (await import("../../bench/crypto-report.ts")).benchCrypto,
  payments: async () => (await import("../../bench/payments-report.ts")).benchPayments,
  "event-log": async () => (await import("../../bench/event-log-report.ts")).benchEventLog,
  growth: async () => (await import("../../bench/growth-report.ts")).benchGrowth,
  recovery: async () => (await import("../../bench/recovery-report.ts")).benchRecovery,
  profile: async () => (await import("../../bench/profile-report.ts")).benchProfile,
  ach: async () => (await import("../../bench/ach-report.ts")).benchAch,
  quarter: async () => (await import("../../bench/quarter-report.ts")).benchQuarter,
  soak: async () => (await import("../../bench/soak-report.ts")).benchSoak,
  all: async () => (await import("../../bench/all.ts")).benchAll,
};

/** Not for people: the servers that a benchmark starts beside the switch, as own processes. */
const SERVERS: readonly string[] = ["echo-server", "bun-echo-server"] satisfies EchoServer[];

/** Not for people: what ach, growth and recovery measure from inside. */
const GROWTH_SUBJECT = "growth-subject";
const ACH_SUBJECT = "ach-subject";
const BARE_HONO = "bare-hono";

export const bench: Command = {
  usage:
    `seqr bench NAME [--quick] [--json] [--save]\n\nNAME: ${Object.keys(BENCHES).join(", ")}\n\n` +
    "crypto     the cryptographic core against noble, libsodium.js and the runtime's own\n" +
    "payments   approvals over HTTP against echoes and PostgreSQL, in closed and open loops\n" +
    "event-log  payments without HTTP against plain SQLite and PostgreSQL\n" +
    "growth     cost, memory and files with many customers, and with many payments\n" +
    "recovery   start with many payments in the log, after a stop and after a kill\n" +
    "profile    where the time of an approval goes on the main thread, by stage\n" +
    "ach        a file of a million entries, and a cut-off and returns through the switch\n" +
    "quarter    10,000 customers for a quarter: collection, returns, payouts, all invariants\n" +
    "soak       whole visits at half of saturation for ten minutes, with its memory\n" +
    "all        all of them but profile, ach, quarter and soak; their figures are kept\n\n" +
    "--quick  less of it, done within a minute\n" +
    "--json   one object on standard output\n" +
    "--save   keep the figures in bench/results; the single binary keeps them where it is run\n\n" +
    "--accounts N,N,...  growth: registered customers; a million takes about ten minutes\n" +
    "--payments N        growth, recovery: payments in the log; 10,000,000 want hours and 70 GB\n" +
    "--entries N         ach: of the cut-off; a million want half an hour\n" +
    "--minutes N         soak: how long\n" +
    "--keep DIR          growth, recovery: where the towns stay, to be used again",
  options: {
    quick: { type: "boolean" },
    json: { type: "boolean" },
    save: { type: "boolean" },
    accounts: { type: "string" },
    payments: { type: "string" },
    entries: { type: "string" },
    minutes: { type: "string" },
    keep: { type: "string" },
  },
  wordsMax: 1,
  async run(values, [name]) {
    if (name !== undefined && SERVERS.includes(name)) {
      await (await import("../../bench/echo.ts")).serveEcho(name as EchoServer);
      return 0;
    }
    if (name === BARE_HONO) {
      await import("../../bench/bare-hono.ts");
      return await new Promise<number>(() => {});
    }
    if (name === ACH_SUBJECT) {
      await (await import("../../bench/ach-subject.ts")).serveAch();
      return 0;
    }
    if (name === GROWTH_SUBJECT) {
      await (await import("../../bench/growth-subject.ts")).serveGrowth();
      return 0;
    }
    const load = name === undefined ? undefined : BENCHES[name];
    if (load === undefined) throw new UsageError("name a benchmark");
    const options = optionsOf(values);
    const measure = await load();
    return (await measure(options)) ? 0 : 1;
  },
};

function optionsOf(values: Values): BenchOptions {
  const accounts = textOf(values, "accounts");
  const payments = textOf(values, "payments");
  const entries = textOf(values, "entries");
  const minutes = textOf(values, "minutes");
  const keepIn = textOf(values, "keep");
  return {
    quick: isSet(values, "quick"),
    json: isSet(values, "json"),
    save: isSet(values, "save"),
    ...(accounts === undefined ? {} : { accounts: accounts.split(",").map(countOf) }),
    ...(payments === undefined ? {} : { payments: countOf(payments) }),
    ...(entries === undefined ? {} : { entries: countOf(entries) }),
    ...(minutes === undefined ? {} : { minutes: minutesOf(minutes) }),
    ...(keepIn === undefined ? {} : { keepIn }),
  };
}

/** At least a thousand: below that there is nothing to measure. */
function countOf(text: string): number {
  if (!/^[1-9][0-9]{3,8}$/.test(text)) throw new UsageError(`not a number from 1000 on: ${text}`);
  return Number(text);
}

function minutesOf(text: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(text)) throw new UsageError(`not a number of minutes: ${text}`);
  return Number(text);
}
