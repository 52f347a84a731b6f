/** Every implementation that this engine runs; what is said of one must hold for all. */
import { makeCore } from "../../wasm/choice.ts";
import { CORE_NAMES, type CoreName, type Implementation } from "../../wasm/implementation.ts";

export const CORES: readonly Implementation[] = CORE_NAMES.flatMap((name) => made(name));

function made(name: CoreName): Implementation[] {
  try {
    return [makeCore(name)];
  } catch (error) {
    // The engine refuses to compile it; any other failure is one of ours.
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    console.log(`This engine cannot run the ${name} core: its tests are skipped.`);
    return [];
  }
}
