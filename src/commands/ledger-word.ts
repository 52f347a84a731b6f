/** What a word of `seqr ledger` is. */
import type { Command, Values } from "./command.ts";

export interface LedgerWord {
  readonly usage: string;
  /** Beside `--data` and `--json`, which every word takes. */
  readonly options: Command["options"];
  /** Words that follow the word itself. */
  readonly wordsMax: number;
  /** Gives the exit code. */
  run(values: Values, words: readonly string[]): Promise<number>;
}
