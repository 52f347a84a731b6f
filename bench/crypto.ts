/**
 * `seqr bench crypto`: the core in both forms against noble, libsodium.js and the runtime's own
 * cryptography, interleaved in one process. Every answer is checked: a wrong one ends the run.
 */

import { VERSION } from "../src/version.ts";
import { ARTEFACTS } from "../wasm/artefacts.ts";
import { isBinary } from "./child.ts";
import { contest, type Figure, keyOf, type Pace } from "./contest.ts";
import { makeInputs } from "./crypto-inputs.ts";
import { baselineOf, contestantsOf, formsHere, RIVALS, type Rival } from "./crypto-jobs.ts";
import { loadSodium, nativeArgon2 } from "./crypto-rivals.ts";
import { type Judgement, judge } from "./crypto-targets.ts";
import { type Machine, thisMachine } from "./table.ts";

export const FULL: Pace = { rounds: 21, sampleMs: 20, warmUpMsMax: 4_000 };
export const QUICK: Pace = { rounds: 15, sampleMs: 4, warmUpMsMax: 1_000 };

/** A figure, and how many times as fast it is as each rival that did the same. */
export interface Row extends Figure {
  readonly ratios: Readonly<Partial<Record<Rival, number>>>;
}

export interface CryptoReport {
  readonly version: string;
  /** The day, in UTC. */
  readonly date: string;
  readonly machine: Machine;
  readonly pace: Pace;
  readonly rows: readonly Row[];
  readonly targets: readonly Judgement[];
  /** What was not measured here, and why. */
  readonly leftOut: readonly string[];
  readonly artefactBytes: Readonly<Record<string, number>>;
}

/** Throws WrongAnswer where an implementation gives one. */
export async function measureCrypto(
  pace: Pace,
  tell: (text: string) => void,
): Promise<CryptoReport> {
  const machine = thisMachine();
  const forms = formsHere();
  const sodium = await loadSodium();
  const result = contest(contestantsOf(makeInputs(), forms, sodium), pace, tell);
  const artefactBytes = {
    wide: ARTEFACTS.wide().length,
    portable: ARTEFACTS.portable().length,
  };
  const leftOut: string[] = [];
  if (!forms.some(({ name }) => name === "wide")) {
    leftOut.push("wide: this engine has no wide arithmetic");
  }
  if (sodium === undefined) {
    const why = isBinary ? "it is no part of the single binary" : "it is not installed";
    leftOut.push(`libsodium.js: ${why}`);
  }
  if (nativeArgon2 === undefined) leftOut.push("argon2id, native: this runtime has none");
  return {
    version: VERSION,
    date: new Date().toISOString().slice(0, 10),
    machine,
    pace,
    rows: result.figures.map((figure) => ({ ...figure, ratios: ratiosOf(figure, result.ratio) })),
    targets: judge(result, artefactBytes),
    leftOut,
    artefactBytes,
  };
}

function ratiosOf(
  figure: Figure,
  ratio: (one: string, other: string) => number | undefined,
): Row["ratios"] {
  const found = RIVALS.flatMap((rival) => {
    const baseline = baselineOf(figure, rival);
    const times = baseline && ratio(keyOf(figure), keyOf(baseline));
    return times === undefined ? [] : [[rival, times] as const];
  });
  return Object.fromEntries(found);
}
