/** `seqr ach WORD FILE`: ACH files on the command line. */
import { achCheck } from "./ach-check.ts";
import { achRead } from "./ach-read.ts";
import type { AchWord } from "./ach-word.ts";
import { type Command, UsageError } from "./command.ts";

/** What can be done with a file. */
const WORDS: Readonly<Record<string, AchWord>> = {
  check: achCheck,
  read: achRead,
};

export const ach: Command = {
  usage: Object.values(WORDS)
    .map(({ usage }) => usage)
    .join("\n\n"),
  options: Object.assign({}, ...Object.values(WORDS).map(({ options }) => options)),
  wordsMax: 2,
  run(values, [word = "", file]) {
    const does = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
    if (does === undefined) throw new UsageError(`say one of: ${Object.keys(WORDS).join(", ")}`);
    if (file === undefined || file === "") throw new UsageError("name a file");
    const other = Object.keys(values).find((name) => !Object.hasOwn(does.options, name));
    if (other !== undefined) throw new UsageError(`--${other} says nothing to ${word}`);
    return does.run(values, file);
  },
};
