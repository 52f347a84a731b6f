/** How many of something each one has, up to a maximum for each. */
import { assert } from "../../actors/assert.ts";

export class Tally {
  readonly #counts = new Map<string, number>();

  constructor(private readonly max: number) {}

  /** One more; false, and nothing counted, when there are as many as may be. */
  add(whose: string): boolean {
    const count = this.#counts.get(whose) ?? 0;
    if (count >= this.max) return false;
    this.#counts.set(whose, count + 1);
    return true;
  }

  remove(whose: string): void {
    const count = this.#counts.get(whose) ?? 0;
    assert(count > 0, "only what was counted is taken away");
    if (count === 1) this.#counts.delete(whose);
    else this.#counts.set(whose, count - 1);
  }
}
