/** Words of the desk: one that lists, one that shows, and acts that change something. */
import { UsageError, type Values } from "./command.ts";
import { atTheDesk } from "./desk-call.ts";

export interface Act {
  /** What must be named behind it. */
  readonly words: readonly string[];
  run(values: Values, words: readonly string[]): Promise<number>;
}

export interface DeskWord {
  readonly list: (values: Values) => Promise<number>;
  readonly show: (values: Values, id: string) => Promise<number>;
  /** Tells an id from a word that is none. */
  readonly idForm: RegExp;
  /** What an id is one of: `an account`. */
  readonly what: string;
  readonly acts: Readonly<Record<string, Act>>;
}

/** Does what the words say. Throws UsageError for words that say nothing. */
export function atWord(desk: DeskWord, values: Values, words: readonly string[]): Promise<number> {
  const [first, ...rest] = words;
  if (first === undefined) return atTheDesk(() => desk.list(values));
  const act = Object.hasOwn(desk.acts, first) ? desk.acts[first] : undefined;
  if (act !== undefined) {
    if (rest.length !== act.words.length) {
      throw new UsageError(`say: ${[first, ...act.words].join(" ")}`);
    }
    return atTheDesk(() => act.run(values, rest));
  }
  if (!desk.idForm.test(first) || rest.length > 0) throw new UsageError(`name ${desk.what}`);
  return atTheDesk(() => desk.show(values, first));
}
