/** Chance that repeats itself: the same seed throws the same numbers, on every machine. */
import { assert, present } from "../actors/assert.ts";

export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 bits, as a whole number from 0. Mulberry32, by Tommy Ettinger: public domain. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (bits ^ (bits >>> 14)) >>> 0;
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    assert(count >= 1, "a die has a side");
    return Math.floor((this.#next() / 2 ** 32) * count);
  }

  /** True `times` times in a thousand. */
  perMille(times: number): boolean {
    return this.below(1_000) < times;
  }

  pick<Item>(items: readonly Item[]): Item {
    return present(items[this.below(items.length)], "something to pick from");
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.#next() & 0xff);
  }

  /** `count` different whole numbers below `limit`, in no order. */
  sample(count: number, limit: number): readonly number[] {
    assert(count <= limit, "no number is drawn twice");
    const numbers = Uint32Array.from({ length: limit }, (_, at) => at);
    for (let at = 0; at < count; at++) {
      const other = at + this.below(limit - at);
      [numbers[at], numbers[other]] = [numbers[other] ?? 0, numbers[at] ?? 0];
    }
    return [...numbers.subarray(0, count)];
  }
}
