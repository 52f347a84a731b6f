/** What a run has found: the first fact that does not hold, named as docs/money.md names it. */

const DETAILS_MAX = 1_500;

export class Finding extends Error {
  override readonly name = "Finding";
  constructor(
    readonly rule: string,
    details: unknown = undefined,
  ) {
    super(details === undefined ? rule : `${rule}: ${told(details)}`);
  }
}

/** `details` is asked for only when the fact does not hold. */
export function expectFact(fact: boolean, rule: string, details?: () => unknown): asserts fact {
  if (!fact) throw new Finding(rule, details?.());
}

function told(details: unknown): string {
  const text = typeof details === "string" ? details : JSON.stringify(details);
  return (text ?? "undefined").slice(0, DETAILS_MAX);
}
