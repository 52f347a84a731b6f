/**
 * The exports of an artefact without wasm/module.ts around them: what the batch equation itself
 * says, with coefficients of the caller's choice. wasm/module.ts looks through a batch that fails,
 * so a batch that fails for no reason is seen here only.
 */
import { ARTEFACTS } from "../../wasm/artefacts.ts";
import type { SignedMessage } from "../../wasm/primitives.ts";
import { encode } from "./points.ts";

interface Exports {
  readonly memory: WebAssembly.Memory;
  init(): void;
  input(): number;
  verifyBatch(count: number): number;
}

const HEAD_BYTES = 116;
const INPUT_BYTES = 65_536;
/** What the module takes at once. */
export const RAW_ITEMS_MAX = 64;

export class Raw {
  readonly #module: Exports;
  readonly #memory: Uint8Array;

  constructor(readonly form: "wide" | "portable") {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(ARTEFACTS[form]()));
    this.#module = exports as unknown as Exports;
    this.#module.init();
    this.#memory = new Uint8Array(this.#module.memory.buffer);
  }

  /** The first address behind what the caller may write. */
  get inputEnd(): number {
    return this.#module.input() + INPUT_BYTES;
  }

  /** Coefficients are below 2^128. All items have the right lengths and fit the module. */
  verifyBatch(items: readonly SignedMessage[], coefficients: readonly bigint[]): boolean {
    const input = this.#module.input();
    let at = input;
    for (const [index, { signature, publicKey, message }] of items.entries()) {
      this.#memory.set(signature, at);
      this.#memory.set(publicKey, at + 64);
      this.#memory.set(encode(coefficients[index] ?? 0n).subarray(0, 16), at + 96);
      new DataView(this.#memory.buffer).setUint32(at + 112, message.length, true);
      this.#memory.set(message, at + HEAD_BYTES);
      at += HEAD_BYTES + message.length;
      if (at > input + INPUT_BYTES) throw new Error("the items do not fit");
    }
    return this.#module.verifyBatch(items.length) !== 0;
  }
}
