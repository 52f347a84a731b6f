/** What return codes mean, written down anew from docs/money.md: a second opinion. */
export type Meaning = "again" | "consent" | "closed" | "revoked" | "disputed" | "frozen" | "ours";

const MEANINGS: Readonly<Record<Meaning, string>> = {
  again: "R01 R09",
  consent: "R08",
  closed: "R02 R03 R04 R13 R20",
  revoked: "R05 R07 R10",
  disputed: "R11 R29",
  frozen: "R15 R16",
  ours: "R17 R18 R19 R23 R24 R25 R26 R27 R28",
};

/** Undefined: nobody acts on it. */
export function meaningOfCode(code: string): Meaning | undefined {
  const found = Object.entries(MEANINGS).find(([, codes]) => codes.split(" ").includes(code));
  return found?.[0] as Meaning | undefined;
}

/** Sixty days instead of two banking days. */
export function mayComeLate(code: string): boolean {
  return ["R05", "R07", "R10", "R11"].includes(code);
}

/** The block that a returned debit or prenote opens. */
export const BLOCK_OF: Readonly<Record<Meaning, string | undefined>> = {
  again: "collection_failed",
  consent: "collection_failed",
  closed: "collection_failed",
  revoked: "disputed",
  disputed: "disputed",
  frozen: "compliance",
  ours: undefined,
};
