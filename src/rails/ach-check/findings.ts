/** What the ACH checker found. The list is bounded for each rule, so that none drowns another. */
import { ACH_RULES, type AchRule, isOwnRule } from "./rules.ts";

export interface AchFinding {
  /** From 1. */
  readonly line: number;
  /** First and last column of the field, from 1; a column is a byte. */
  readonly from: number;
  readonly to: number;
  readonly rule: AchRule;
  /** The rule's sentence, and counts or sums where they help. Never what an entry holds. */
  readonly message: string;
}

/** First and last column of a field, as the record layouts give them. */
export type Columns = readonly [from: number, to: number];

/** How many findings of one rule are listed; the rest is counted. */
export const LISTED_PER_RULE_MAX = 20;

export class Findings {
  readonly #listed: AchFinding[] = [];
  readonly #counts = new Map<AchRule, number>();
  #unlisted = 0;
  #isSound = true;

  /** `detail` follows the rule's sentence. It is made of counts and line numbers only. */
  add(rule: AchRule, line: number, [from, to]: Columns, detail = ""): void {
    if (!isOwnRule(rule)) this.#isSound = false;
    const count = this.countOf(rule) + 1;
    this.#counts.set(rule, count);
    if (count > LISTED_PER_RULE_MAX) {
      this.#unlisted++;
      return;
    }
    const { says } = ACH_RULES[rule];
    const message = detail === "" ? says : `${says}: ${detail}`;
    this.#listed.push({ line, from, to, rule, message });
  }

  countOf(rule: AchRule): number {
    return this.#counts.get(rule) ?? 0;
  }

  /** Nothing was found but what another originator may do otherwise. */
  get isSound(): boolean {
    return this.#isSound;
  }

  /** In the order of the file: some rules speak of a header when its batch has ended. */
  listed(): readonly AchFinding[] {
    return this.#listed.toSorted((a, b) => a.line - b.line || a.from - b.from || a.to - b.to);
  }

  get unlisted(): number {
    return this.#unlisted;
  }
}
