/** `seqr bench NAME`: measurements, each a ratio inside one run. */
import { type Command, isSet, UsageError } from "./command.ts";

type Bench = (quick: boolean) => Promise<boolean>;

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  payments: async () => (await import("../../bench/payments.ts")).benchPayments,
};

export const bench: Command = {
  name: "bench",
  summary: "measure this machine: payments",
  usage: `seqr bench NAME [--quick]\n\nNAME: ${Object.keys(BENCHES).join(", ")}`,
  options: { quick: { type: "boolean" } },
  async run(values, [name]) {
    const load = name === undefined ? undefined : BENCHES[name];
    if (load === undefined) throw new UsageError("name a benchmark");
    const measure = await load();
    return (await measure(isSet(values, "quick"))) ? 0 : 1;
  },
};
