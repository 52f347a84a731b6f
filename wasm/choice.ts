/**
 * Which implementation runs: the wide module where the engine knows wide arithmetic, the portable
 * one where it does not, the reference where no module passes its known answers. Compiling the
 * artefact is the probe: an engine without the instructions refuses it as a whole.
 */
import { ARTEFACTS } from "./artefacts.ts";
import { assert } from "./assert.ts";
import { fallBack } from "./fall-back.ts";
import { CORE_NAMES, type CoreName, type Implementation } from "./implementation.ts";
import { instantiate } from "./module.ts";
import { selfTest } from "./self-test.ts";

export interface Choice {
  readonly implementation: Implementation;
  /** Those that were tried before, and why each was not taken. */
  readonly refused: readonly { readonly name: CoreName; readonly why: string }[];
}

/** Tries `first` and what comes after it in CORE_NAMES. The reference is taken at the end. */
export function chooseCore(
  first: CoreName = "wide",
  make: (name: CoreName) => Implementation = makeCore,
): Choice {
  const refused: { name: CoreName; why: string }[] = [];
  for (const name of CORE_NAMES.slice(CORE_NAMES.indexOf(first))) {
    const tried = attempt(name, make);
    if (typeof tried !== "string") return { implementation: tried, refused };
    refused.push({ name, why: tried });
  }
  // Without a core that gives right answers nothing may be signed, paid or proven.
  assert(false, `no core passes its known answers: ${JSON.stringify(refused)}`);
}

function attempt(
  name: CoreName,
  make: (name: CoreName) => Implementation,
): Implementation | string {
  try {
    const implementation = make(name);
    const failed = selfTest(implementation);
    return failed === undefined ? implementation : `known answer: ${failed}`;
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return "this engine does not compile it";
    return error instanceof Error ? error.name : "unknown error";
  }
}

export function makeCore(name: CoreName): Implementation {
  return name === "reference" ? fallBack : instantiate(name, ARTEFACTS[name]());
}

/** The name in `text`; undefined for any other text, which means the first that works. */
export function coreNameOf(text: string | undefined): CoreName | undefined {
  return CORE_NAMES.find((name) => name === text);
}
