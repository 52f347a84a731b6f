/**
 * The assertion of wasm/, which runs on phones too and imports nothing from actors/. Bytes from
 * outside never reach it: parsers and verifiers answer those with a named fault or `false`.
 */

/** Thrown when a caller broke the contract of a function in wasm/: a bug, never bad input. */
export class AssertionFailed extends Error {
  override readonly name = "AssertionFailed";
}

/** Throws AssertionFailed unless `fact` holds. State one fact per call, positively. */
export function assert(fact: boolean, what: string): asserts fact {
  if (!fact) throw new AssertionFailed(what);
}
