/** What a word of `seqr ach` is. */
import type { Command, Values } from "./command.ts";

export interface AchWord {
  readonly usage: string;
  readonly options: Command["options"];
  /** Gives the exit code. */
  run(values: Values, file: string): Promise<number>;
}
