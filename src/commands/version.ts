/** `seqr version`: what this program is. */
import { coreName, coreRefused } from "../../wasm/core.ts";
import { EVENT_MIGRATIONS } from "../storage/sqlite/migrations.ts";
import { VERSION } from "../version.ts";
import type { Command } from "./command.ts";

/** Why a faster core does not run. */
function withoutCores(): string {
  const reasons = coreRefused().map(({ name, why }) => `${name}: ${why}`);
  return reasons.length === 0 ? "" : ` (not ${reasons.join(", not ")})`;
}

export const version: Command = {
  usage: "seqr version",
  options: {},
  run() {
    const lines = [
      `seqr ${VERSION}`,
      `schema ${EVENT_MIGRATIONS.length}`,
      `core ${coreName()}${withoutCores()}`,
      `bun ${Bun.version}`,
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
    return Promise.resolve(0);
  },
};
