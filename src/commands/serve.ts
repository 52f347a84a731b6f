/** `seqr serve`: the switch on a data directory, until it is told to stop. */
import { type Config, loadConfig } from "../config.ts";
import { startSwitch } from "../switch.ts";
import { type Command, textOf, UsageError } from "./command.ts";
import { untilSignal } from "./signals.ts";

export const serve: Command = {
  usage:
    "seqr serve --data DIR [--port N] [--host ADDRESS]\n\n" +
    "Configuration: DIR/config.json, then SEQR_* variables, then these options.\n" +
    "SIGTERM or SIGINT finish what runs and stop; a second one ends at once.",
  options: {
    data: { type: "string" },
    port: { type: "string" },
    host: { type: "string" },
  },
  async run(values) {
    const dataDir = textOf(values, "data");
    if (dataDir === undefined) throw new UsageError("say where: --data DIR");
    const config = loadConfig(dataDir, process.env, overridesOf(values));
    // From the first moment: a signal during the start is a stop right after it.
    const asked = untilSignal();
    const running = await startSwitch({ config });
    process.stdout.write(`${banner(config, running.url)}\n`);
    await asked;
    await running.stop();
    return 0;
  },
};

export function overridesOf(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const port = textOf(values, "port");
  const hostname = textOf(values, "host");
  return {
    ...(port === undefined ? {} : { port }),
    ...(hostname === undefined ? {} : { hostname }),
  };
}

/** One line for people and programs: where it listens, on what, and how. */
function banner({ dataDir, mode }: Config, url: string): string {
  return JSON.stringify({ event: "serving", url, mode, data: dataDir, docs: `${url}/docs` });
}
