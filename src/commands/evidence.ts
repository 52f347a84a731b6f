/** `seqr evidence`: what proves one purchase, and whether such a file proves what it says. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { loadConfig } from "../config.ts";
import { dataFiles, readKeys } from "../data-directory.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { type Verdict, verifyEvidence } from "../evidence/verify.ts";
import { EvidenceFiles } from "../evidence-files.ts";
import { RealClock } from "../runtime/clock.ts";
import { type Command, isSet, SANDBOX_DIR, textOf, UsageError, type Values } from "./command.ts";
import { statNamed, unwritable } from "./named-file.ts";

/** A purchase has some dozens of events of a few hundred bytes. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;

export const evidence: Command = {
  usage:
    "seqr evidence PAYMENT [--data DIR] [--out FILE] [--size N]\n\n" +
    "Mandate, approval as the phone signed it, receipt, ACH entries and returns of a\n" +
    "purchase, as events of the log with the proof that they stand there. --size N: under the\n" +
    "root over the first N events, for a hash of event N that was kept elsewhere. A running\n" +
    "switch is not disturbed.\n\n" +
    "seqr evidence verify FILE [--key=KEY] [--head=HASH] [--json]\n\n" +
    "Computes every claim of the file again; needs neither a switch nor a network. --key: the\n" +
    "switch's public key, as /.well-known/seqr-keys.json has it; --head: the hash that was\n" +
    "kept. Exit code 0: it proves what it says; 1: it does not.",
  options: {
    data: { type: "string" },
    out: { type: "string" },
    size: { type: "string" },
    key: { type: "string" },
    head: { type: "string" },
    json: { type: "boolean" },
  },
  wordsMax: 2,
  async run(values, [what, file]) {
    if (what === "verify") return await verify(values, file);
    if (what === undefined || file !== undefined)
      throw new UsageError("say: PAYMENT, or verify FILE");
    return await write(values, what);
  },
};

async function write(values: Values, payment: string): Promise<number> {
  const dataDir = textOf(values, "data") ?? SANDBOX_DIR;
  const { events } = dataFiles(dataDir);
  if (!existsSync(events)) throw new Error(`${dataDir} holds no event log`);
  const { odfi } = loadConfig(dataDir, process.env);
  const files = new EvidenceFiles(events, readKeys(dataDir), odfi?.odfi ?? null, new RealClock());
  try {
    const position = files.captureOf(payment);
    if (position === undefined) throw new Error("no such payment was captured");
    const found = await files.of(position, sizeOf(values));
    if (found === undefined) throw new UsageError("--size does not reach from it to the end");
    give(found, textOf(values, "out"));
  } finally {
    files.close();
  }
  return 0;
}

function sizeOf(values: Values): number | undefined {
  const text = textOf(values, "size");
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]{0,15}$/.test(text)) throw new UsageError("--size is a number of events");
  return Number(text);
}

function give(found: Evidence, out: string | undefined): void {
  const text = `${JSON.stringify(found, null, 2)}\n`;
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(out, text, { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw unwritable(out, error);
  }
}

async function verify(values: Values, file: string | undefined): Promise<number> {
  if (file === undefined) throw new UsageError("say which: verify FILE");
  if (statNamed(file).size > FILE_BYTES_MAX) throw new Error(`${file} is too large to be evidence`);
  const verdict = await verifyEvidence(readFileSync(file, "utf8"));
  const { evidence: read } = verdict;
  const [key, head] = [textOf(values, "key"), textOf(values, "head")];
  const checks = [...verdict.checks];
  if (key !== undefined) checks.push({ name: "key", isGood: read?.log.public_key === key });
  if (head !== undefined) checks.push({ name: "head", isGood: read?.log.head === head });
  const isGood = checks.every((check) => check.isGood !== false);
  process.stdout.write(
    isSet(values, "json")
      ? `${JSON.stringify({ ok: isGood, checks: checks.map(shown), log: read?.log ?? null })}\n`
      : tell({ evidence: read, checks, isGood }),
  );
  return isGood ? 0 : 1;
}

function shown({ name, isGood }: Verdict["checks"][number]) {
  return { check: name, result: isGood === undefined ? "absent" : isGood ? "good" : "bad" };
}

const NAME_WIDTH = 20;

function tell({ evidence: read, checks, isGood }: Verdict): string {
  const lines = checks.map((check) => {
    const { check: name, result } = shown(check);
    return `${name.padEnd(NAME_WIDTH)}${result}`;
  });
  if (read !== undefined) {
    const { size, head, public_key: key } = read.log;
    lines.push(
      `${"payment".padEnd(NAME_WIDTH)}${read.payment}`,
      `${"log of".padEnd(NAME_WIDTH)}${size} events, the last ${head}`,
      `${"signed by".padEnd(NAME_WIDTH)}${key}`,
    );
  }
  lines.push(isGood ? "it proves what it says" : "IT DOES NOT PROVE WHAT IT SAYS");
  return `${lines.join("\n")}\n`;
}
