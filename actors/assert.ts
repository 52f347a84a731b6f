/**
 * Assertions: what the programmer knows must hold. A failed assertion is a bug, never bad input:
 * the actor stops before it writes (house-style rule 15). Assertions stay on in production.
 */

/** Thrown by a failed assertion. The host stops the actor that threw it; nothing is written. */
export class AssertionFailed extends Error {
  override readonly name = "AssertionFailed";
}

/** Throws AssertionFailed unless `fact` holds. State one fact per call, positively. */
export function assert(fact: boolean, what: string): asserts fact {
  if (!fact) throw new AssertionFailed(what);
}

/** Documents that both outcomes are possible here; it checks nothing. */
export function maybe(_possible: boolean): void {}

/** The end of every exhaustive `switch`: a value that reaches it is a bug. */
export function unreachable(value: never): never {
  const kind = (value as { kind?: unknown } | null | undefined)?.kind;
  throw new AssertionFailed(`unreachable: ${typeof kind === "string" ? kind : typeof value}`);
}

/** The element that must be there, for arrays and maps read under noUncheckedIndexedAccess. */
export function present<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new AssertionFailed(`absent: ${what}`);
  return value;
}
