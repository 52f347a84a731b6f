#!/usr/bin/env bun
/** The command line: one word, then its options. The single binary begins here. */
import { parseArgs } from "node:util";
import { UsageError } from "./commands/command.ts";
import { WORDS } from "./commands/words.ts";

const NAME_WIDTH = 12;

function help(): string {
  const lines = WORDS.map(({ name, summary }) => `  ${name.padEnd(NAME_WIDTH)}${summary}`);
  return `seqr, a QR payment switch\n\n${lines.join("\n")}\n\nseqr COMMAND --help tells more.\n`;
}

/** The exit code: 0 done, 1 refused or failed, 2 the words are off. */
async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words[0] === "--version" ? ["version"] : words;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    process.stdout.write(help());
    return name === undefined ? 2 : 0;
  }
  const word = WORDS.find((other) => other.name === name);
  if (word === undefined) {
    process.stderr.write(`seqr: no such command: ${name.slice(0, 40)}\n\n${help()}`);
    return 2;
  }
  let usage = "";
  try {
    const command = await word.load();
    usage = command.usage;
    if (rest.includes("--help") || rest.includes("-h")) {
      process.stdout.write(`${usage}\n`);
      return 0;
    }
    const { values, positionals } = parseArgs({
      args: [...rest],
      options: command.options,
      allowPositionals: true,
      strict: true,
    });
    const { wordsMax = 0 } = command;
    if (positionals.length > wordsMax) throw new UsageError("a word too many");
    return await command.run(values, positionals);
  } catch (error) {
    const isUsage = error instanceof UsageError || isParseError(error);
    const message = error instanceof Error ? error.message : "failed";
    const said = isParseError(error) ? parserSaid(message) : message;
    process.stderr.write(`seqr ${name}: ${said}\n`);
    if (isUsage) process.stderr.write(`\n${usage}\n`);
    return isUsage ? 2 : 1;
  }
}

function parserSaid(message: string): string {
  const [, option] = /^Option '(--[a-z-]+)' argument is ambiguous/.exec(message) ?? [];
  if (option !== undefined) return `a value that begins with a dash is said so: ${option}=-...`;
  // The parser's advice after its first sentence is about option names that nobody has here.
  return message.split(/\.\s/)[0] ?? message;
}

function isParseError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" && code.startsWith("ERR_PARSE_ARGS");
}

/** How long what is still ticking may keep a command that has ended from ending. */
const EXIT_MS_MAX = 1_000;

// Files are their owner's, whatever the shell says: keys and sealed data are among them.
process.umask(0o077);
// A reader that went away, or a full disk below a log file, is no reason to stop serving payments.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
process.exitCode = await main(process.argv.slice(2));
// What was printed leaves first: the process ends by itself, or at the latest here.
setTimeout(() => process.exit(), EXIT_MS_MAX).unref();
