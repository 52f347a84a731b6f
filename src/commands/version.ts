/** `seqr version`: what this program is. */
import { coreName } from "../../wasm/core.ts";
import { EVENT_MIGRATIONS } from "../storage/sqlite/event-log.ts";
import { VERSION } from "../version.ts";
import type { Command } from "./command.ts";

export const version: Command = {
  name: "version",
  summary: "version, schema and cryptographic core",
  usage: "seqr version",
  options: {},
  run() {
    const lines = [
      `seqr ${VERSION}`,
      `schema ${EVENT_MIGRATIONS.length}`,
      `core ${coreName()}`,
      `bun ${Bun.version}`,
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
    return Promise.resolve(0);
  },
};
