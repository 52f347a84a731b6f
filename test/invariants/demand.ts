/** A broken invariant, named as in docs/money.md, or by the sentence of the design. */
export class BrokenInvariant extends Error {
  override readonly name = "BrokenInvariant";
}

export function demand(fact: boolean, invariant: string, what: () => unknown): asserts fact {
  if (fact) return;
  const detail = what();
  const text = typeof detail === "string" ? detail : JSON.stringify(detail);
  throw new BrokenInvariant(`${invariant}: ${text}`);
}
