/**
 * The worker side of wasm/pool.ts: one core of its own, and the derivations that would hold up a
 * page or a switch for as long as a person notices. It answers one call at a time.
 */
import { expose, transfer } from "comlink";
import { wipe } from "./bytes.ts";
import { coreName } from "./core.ts";
import { derivePinKey, type PinKeyInput } from "./pin.ts";

export interface PoolWorker {
  /** Answers once the core has been chosen and has given its known answers: its name. */
  ready(): string;
  /** PIN and device secret are wiped here; the key is handed over, no copy stays. */
  derivePinKey(input: PinKeyInput): Uint8Array;
}

const worker: PoolWorker = {
  ready: coreName,
  derivePinKey(input) {
    try {
      const key = derivePinKey(input);
      return transfer(key, [key.buffer]);
    } finally {
      wipe(input.deviceSecret);
    }
  },
};

expose(worker);
