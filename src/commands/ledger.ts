/** `seqr ledger`: the books, folded anew from the event log of a data directory. */
import { type Command, UsageError, type Values } from "./command.ts";
import { ledgerBalance } from "./ledger-balance.ts";
import { ledgerLines } from "./ledger-lines.ts";
import { ledgerReconcile } from "./ledger-reconcile.ts";
import type { LedgerWord } from "./ledger-word.ts";
import { inOneLine } from "./log-check.ts";

/** What can be asked of the books; without a word, the trial balance. */
const WORDS: Readonly<Record<string, LedgerWord>> = {
  lines: ledgerLines,
  reconcile: ledgerReconcile,
};

const OPTIONS = { data: { type: "string" }, json: { type: "boolean" } } as const;
const ALL = [ledgerBalance, ...Object.values(WORDS)];

export const ledger: Command = {
  usage: ALL.map(({ usage }) => usage).join("\n\n"),
  options: Object.assign({ ...OPTIONS }, ...ALL.map(({ options }) => options)),
  wordsMax: 2,
  async run(values, [name, ...words]) {
    const word = wordOf(name);
    if (words.length > word.wordsMax) throw new UsageError("a word too many");
    demandOptions(values, word, name);
    try {
      return await word.run(values, words);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new Error(inOneLine(error), { cause: error });
    }
  },
};

function wordOf(name: string | undefined): LedgerWord {
  if (name === undefined) return ledgerBalance;
  const word = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
  if (word === undefined) throw new UsageError(`say one of: ${Object.keys(WORDS).join(", ")}`);
  return word;
}

/** An option of another word would be silently of no use here. */
function demandOptions(values: Values, { options }: LedgerWord, name = "the balance"): void {
  const strange = Object.keys(values).find((key) => !(key in OPTIONS) && !(key in options));
  if (strange !== undefined) throw new UsageError(`--${strange} says nothing to ${name}`);
}
