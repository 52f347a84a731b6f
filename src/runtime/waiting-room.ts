/** Commands that wait for room in the next group: first come, first decided. */
import { assert, present } from "../../actors/assert.ts";
import type { Root } from "./turn.ts";

/** Places in front that are empty before the room is tidied. */
const EMPTY_MAX = 1_024;

export class WaitingRoom {
  #roots: Root[] = [];
  /** Index of the next one; what is before it has gone. */
  #next = 0;

  get size(): number {
    return this.#roots.length - this.#next;
  }

  push(root: Root): void {
    this.#roots.push(root);
  }

  /** Those who were here before everyone who waits now. */
  putFirst(roots: readonly Root[]): void {
    if (roots.length === 0) return;
    this.#roots = [...roots, ...this.#roots.slice(this.#next)];
    this.#next = 0;
  }

  shift(): Root {
    assert(this.size > 0, "somebody waits");
    const root = present(this.#roots[this.#next++], "the next in the room");
    if (this.#next >= EMPTY_MAX || this.size === 0) {
      this.#roots = this.#roots.slice(this.#next);
      this.#next = 0;
    }
    return root;
  }

  takeAll(): readonly Root[] {
    const roots = this.#roots.slice(this.#next);
    this.#roots = [];
    this.#next = 0;
    return roots;
  }
}
