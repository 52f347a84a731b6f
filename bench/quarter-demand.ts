/** What must hold, by the names of docs/money.md. */

/** `once`: nothing is charged, filed, collected or returned twice. */
export type Invariant =
  | "I1"
  | "I2"
  | "I3"
  | "I4"
  | "I8"
  | "I10"
  | "I11"
  | "I13"
  | "once"
  | "bank"
  | "view"
  /** The switch said so itself. */
  | "fault";

export class InvariantBroken extends Error {
  override readonly name = "InvariantBroken";

  constructor(
    readonly invariant: Invariant,
    readonly what: string,
  ) {
    super(`${invariant}: ${what}`);
  }
}

/** Throws InvariantBroken. */
export function demand(fact: boolean, invariant: Invariant, tell: () => string): asserts fact {
  if (!fact) throw new InvariantBroken(invariant, tell());
}
