/** `seqr ach WORD FILE`: ACH files on the command line. */
import { ACH_CHECK_USAGE, achCheck } from "./ach-check.ts";
import { type Command, UsageError, type Values } from "./command.ts";

/** What can be done with a file; each gives the exit code. */
const WORDS: Readonly<Record<string, (values: Values, file: string) => Promise<number>>> = {
  check: achCheck,
};

export const ach: Command = {
  name: "ach",
  summary: "check ACH files that are to be sent",
  usage: ACH_CHECK_USAGE,
  options: {
    today: { type: "string" },
    expect: { type: "string" },
    json: { type: "boolean" },
  },
  wordsMax: 2,
  run(values, [word = "", file]) {
    const does = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
    if (does === undefined) throw new UsageError(`say one of: ${Object.keys(WORDS).join(", ")}`);
    if (file === undefined || file === "") throw new UsageError("name a file");
    return does(values, file);
  },
};
