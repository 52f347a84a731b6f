/** The form of planted offences: a rule, files in memory, and how many findings they are worth. */

export interface Sample {
  readonly rule: string;
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  /** How many findings the rule must make of it. */
  readonly finds: number;
}

/** One file; its findings are 1 unless said otherwise. */
type Offence = readonly [path: string, text: string, finds?: number];
type Innocent = readonly [path: string, text: string];

interface Table {
  readonly rule: string;
  /** Files that every sample stands beside. */
  readonly beside?: Readonly<Record<string, string>>;
  readonly offences: Readonly<Record<string, Offence>>;
  readonly innocents: Readonly<Record<string, Innocent>>;
}

/** One sample a line of the table. */
export function table({ rule, beside, offences, innocents }: Table): Sample[] {
  const sample = (what: string, [path, text]: Innocent, finds: number): Sample => {
    return { rule, what, files: { ...beside, [path]: text }, finds };
  };
  return [
    ...Object.entries(offences).map(([what, [path, text, finds = 1]]) =>
      sample(what, [path, text], finds),
    ),
    ...Object.entries(innocents).map(([what, one]) => sample(`spares ${what}`, one, 0)),
  ];
}
