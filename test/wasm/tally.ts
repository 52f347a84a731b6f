/** What a fuzz run has seen: cases and verdicts by kind. */

/** Kinds that have one verdict by nature say so; all others must have met both. */
export type Nature = "valid" | "invalid" | "both";

export interface Count {
  readonly nature: Nature;
  readonly valid: number;
  readonly invalid: number;
}

/** Two implementations say different things of a case, or one says what cannot be. */
export class Difference extends Error {
  constructor(
    readonly kind: string,
    /** Everything that is needed to ask again, in hex. */
    readonly asked: Readonly<Record<string, string>>,
    readonly answers: Readonly<Record<string, unknown>>,
  ) {
    super(`${kind}: ${JSON.stringify(asked)} ${JSON.stringify(answers)}`);
  }
}

export class Tally {
  readonly counts = new Map<string, Count>();

  count(kind: string, nature: Nature, isValid: boolean): void {
    const { valid, invalid } = this.counts.get(kind) ?? { valid: 0, invalid: 0 };
    this.counts.set(kind, {
      nature,
      valid: valid + (isValid ? 1 : 0),
      invalid: invalid + (isValid ? 0 : 1),
    });
  }

  add(others: Iterable<readonly [string, Count]>): void {
    for (const [kind, { nature, valid, invalid }] of others) {
      const mine = this.counts.get(kind) ?? { valid: 0, invalid: 0 };
      const sums = { valid: mine.valid + valid, invalid: mine.invalid + invalid };
      this.counts.set(kind, { nature, ...sums });
    }
  }

  /** Kinds whose verdicts are not those of their nature; both are asked of 500 cases and more. */
  oneSided(): readonly string[] {
    return [...this.counts].flatMap(([kind, { nature, valid, invalid }]) => {
      const isForeign = nature === "valid" ? invalid > 0 : nature === "invalid" && valid > 0;
      const isLarge = valid + invalid >= 500;
      const isLopsided = nature === "both" && isLarge && Math.min(valid, invalid) === 0;
      return isForeign || isLopsided ? [kind] : [];
    });
  }

  total(): number {
    return [...this.counts.values()].reduce((sum, { valid, invalid }) => sum + valid + invalid, 0);
  }

  lines(): readonly string[] {
    const width = Math.max(...[...this.counts.keys()].map((kind) => kind.length));
    const rows = [...this.counts].sort(([left], [right]) => (left < right ? -1 : 1));
    return rows.map(([kind, { nature, valid, invalid }]) => {
      const figures = [valid + invalid, valid, invalid].map((count) => `${count}`.padStart(9));
      const by = nature === "both" ? "" : `   ${nature} by nature`;
      return `${kind.padEnd(width)}${figures.join("")}${by}`;
    });
  }
}

/** Asks every implementation; one answer for all, or a Difference. */
export function agreed<Answer>(
  kind: string,
  answers: readonly (readonly [name: string, answer: Answer])[],
  asked: () => Readonly<Record<string, string>>,
): Answer {
  const [first] = answers;
  if (first === undefined) throw new Error("somebody must be asked");
  const said = JSON.stringify(first[1]) ?? "undefined";
  if (answers.some(([, answer]) => (JSON.stringify(answer) ?? "undefined") !== said)) {
    throw new Difference(kind, asked(), Object.fromEntries(answers));
  }
  return first[1];
}
