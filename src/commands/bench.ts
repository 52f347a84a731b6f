/** `seqr bench NAME`: measurements, each a ratio inside one run. */
import type { EchoServer } from "../../bench/echo.ts";
import type { BenchOptions } from "../../bench/output.ts";
import { type Command, isSet, UsageError } from "./command.ts";

type Bench = (options: BenchOptions) => Promise<boolean>;

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  crypto: async () => (await import("../../bench/crypto-report.ts")).benchCrypto,
  payments: async () => (await import("../../bench/payments-report.ts")).benchPayments,
  "event-log": async () => (await import("../../bench/event-log-report.ts")).benchEventLog,
};

/** Not for people: the servers that a benchmark starts beside the switch, as own processes. */
const SERVERS: readonly string[] = ["echo-server", "bun-echo-server"] satisfies EchoServer[];

export const bench: Command = {
  name: "bench",
  summary: "measure this machine: crypto, payments, event-log",
  usage:
    `seqr bench NAME [--quick] [--json] [--save]\n\nNAME: ${Object.keys(BENCHES).join(", ")}\n\n` +
    "crypto     the cryptographic core against noble, libsodium.js and the runtime's own\n" +
    "payments   approvals over HTTP against echoes and PostgreSQL, in closed and open loops\n" +
    "event-log  payments without HTTP against plain SQLite and PostgreSQL\n\n" +
    "--quick  less of it, done within a minute\n" +
    "--json   one object on standard output\n" +
    "--save   keep the figures in bench/results; the single binary keeps them where it is run",
  options: { quick: { type: "boolean" }, json: { type: "boolean" }, save: { type: "boolean" } },
  wordsMax: 1,
  async run(values, [name]) {
    if (name !== undefined && SERVERS.includes(name)) {
      await (await import("../../bench/echo.ts")).serveEcho(name as EchoServer);
      return 0;
    }
    const load = name === undefined ? undefined : BENCHES[name];
    if (load === undefined) throw new UsageError("name a benchmark");
    const measure = await load();
    const [quick, json, save] = [
      isSet(values, "quick"),
      isSet(values, "json"),
      isSet(values, "save"),
    ];
    return (await measure({ quick, json, save })) ? 0 : 1;
  },
};
