/** A fault planted in the sources of the core, which the named tests must find. */
export interface Mutant {
  /** What the core would then do. */
  readonly what: string;
  /** Below wasm/. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
  /** Test files of test/wasm, without `.test.ts`; one red test is enough. */
  readonly tests: readonly string[];
}

/** One row of a table: what, from, to, tests. */
export type Row = readonly [what: string, from: string, to: string, ...tests: string[]];

export function mutantsOf(file: string, rows: readonly Row[]): readonly Mutant[] {
  return rows.map(([what, from, to, ...tests]) => ({ what, file, from, to, tests }));
}
