/** `seqr doctor`: is everything in this data directory as it must be? */
import { existsSync, statSync } from "node:fs";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { dataFiles } from "../data-directory.ts";
import { SqliteLogReader } from "../storage/sqlite/log-reader.ts";
import { actorsOf } from "../switch.ts";
import { type Command, isSet, SANDBOX_DIR, textOf } from "./command.ts";
import { type CheckReport, checkLog, inOneLine } from "./log-check.ts";

export const doctor: Command = {
  usage:
    "seqr doctor [--data DIR] [--json]\n\n" +
    "Folds the whole event log again and compares; looks that whoever was charged was charged\n" +
    "once for what a lane was paid, that each file for the bank was made of what its owners put\n" +
    "into it and left nothing behind, that nothing waits without a timer, and that the log is\n" +
    "made as the program makes it. Exit code 0: all is well; 1: the first fault is named with\n" +
    "its place. A running switch is not disturbed.",
  options: { data: { type: "string" }, json: { type: "boolean" } },
  run(values) {
    const dataDir = textOf(values, "data") ?? SANDBOX_DIR;
    const files = dataFiles(dataDir);
    const report = existsSync(files.events)
      ? examine(files.events)
      : { ...NOTHING_READ, fault: `${dataDir} holds no event log` };
    const fault = report.fault ?? permissionFault(files.keys);
    process.stdout.write(
      isSet(values, "json")
        ? `${JSON.stringify({ ...report, fault: fault ?? null })}\n`
        : tell(report, fault),
    );
    return Promise.resolve(fault === undefined ? 0 : 1);
  },
};

const NOTHING_READ: Omit<CheckReport, "fault"> = {
  events: 0,
  actors: 0,
  accounts: 0,
  entries: 0,
  ledgerSum: 0,
  headHash: "",
};

/** A file that SQLite cannot even open is a fault of the log like any other. */
function examine(file: string): CheckReport {
  let reader: SqliteLogReader;
  try {
    reader = new SqliteLogReader(file);
  } catch (error) {
    return { ...NOTHING_READ, fault: inOneLine(error) };
  }
  try {
    return checkLog(reader, actorsOf(DEFAULT_POLICY));
  } finally {
    reader.close();
  }
}

function permissionFault(keyFile: string): string | undefined {
  if (!existsSync(keyFile)) return "keys.json is missing";
  const isOpen = (statSync(keyFile).mode & 0o077) !== 0;
  return isOpen ? "keys.json can be read by others: chmod 600 it" : undefined;
}

function tell(report: CheckReport, fault: string | undefined): string {
  const lines = [
    `events    ${report.events}`,
    `actors    ${report.actors} (${report.accounts} accounts)`,
    `entries   ${report.entries}, sum ${report.ledgerSum}`,
    `head      ${report.headHash}`,
    fault === undefined ? "all is well" : `FAULT     ${fault}`,
  ];
  return `${lines.join("\n")}\n`;
}
