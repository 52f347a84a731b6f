/** Commands that wait for room in the next group: first come, first decided. */
import { assert, present } from "../../actors/assert.ts";
import type { Root } from "./turn.ts";

/** Places in front that are empty before the room is tidied. */
const EMPTY_MAX = 1_024;

export class WaitingRoom {
  /** Those who were put before everyone else, the very first at the end. */
  readonly #first: Root[] = [];
  #others: Root[] = [];
  /** Index of the next of the others; what is before it has gone. */
  #next = 0;

  get size(): number {
    return this.#first.length + this.#others.length - this.#next;
  }

  push(root: Root): void {
    this.#others.push(root);
  }

  /** Those who came before everyone who waits now. */
  putFirst(roots: readonly Root[]): void {
    for (const root of roots.toReversed()) this.#first.push(root);
  }

  shift(): Root {
    assert(this.size > 0, "somebody waits");
    const first = this.#first.pop();
    if (first !== undefined) return first;
    const root = present(this.#others[this.#next++], "the next in the room");
    if (this.#next >= EMPTY_MAX || this.#next === this.#others.length) {
      this.#others = this.#others.slice(this.#next);
      this.#next = 0;
    }
    return root;
  }

  takeAll(): readonly Root[] {
    const roots = Array.from({ length: this.size }, () => this.shift());
    assert(this.size === 0, "nobody is left");
    return roots;
  }
}
