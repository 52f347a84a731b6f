/** `seqr bench NAME`: measurements, each a ratio inside one run. */
import type { BenchOptions } from "../../bench/payments-report.ts";
import { type Command, isSet, UsageError } from "./command.ts";

type Bench = (options: BenchOptions) => Promise<boolean>;

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  payments: async () => (await import("../../bench/payments-report.ts")).benchPayments,
};

/** Not for people: the server that a benchmark starts beside the switch, in its own process. */
const ECHO_SERVER = "echo-server";

export const bench: Command = {
  name: "bench",
  summary: "measure this machine: payments",
  usage:
    `seqr bench NAME [--quick] [--save]\n\nNAME: ${Object.keys(BENCHES).join(", ")}\n\n` +
    "--quick  fewer customers and rounds, done within a minute\n" +
    "--save   keep the figures in bench/results, when run from source",
  options: { quick: { type: "boolean" }, save: { type: "boolean" } },
  wordsMax: 1,
  async run(values, [name]) {
    if (name === ECHO_SERVER) {
      await (await import("../../bench/echo.ts")).serveEcho();
      return 0;
    }
    const load = name === undefined ? undefined : BENCHES[name];
    if (load === undefined) throw new UsageError("name a benchmark");
    const measure = await load();
    const options = { quick: isSet(values, "quick"), save: isSet(values, "save") };
    return (await measure(options)) ? 0 : 1;
  },
};
