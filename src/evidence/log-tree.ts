/**
 * Roots and paths of the tree over an event log. Roots of whole segments are kept, one for 1,024
 * events, so that only the first proof after a start reads the hashes of the whole log; it lets
 * others work between two segments.
 */
import { assert } from "../../actors/assert.ts";
import type { ProofLog } from "../runtime/proof-log.ts";
import { leafHash, nodeHash, rootOf, splitOf } from "./merkle.ts";

const SEGMENT = 1_024;

export class LogTree {
  readonly #segments = new Map<number, Uint8Array>();

  constructor(private readonly log: ProofLog) {}

  /** The root over the first `size` events. */
  async root(size: number): Promise<Uint8Array> {
    return await this.#range(0, size);
  }

  /** What proves the event at `position` (from 1) under the root over the first `size`. */
  async path(position: number, size: number): Promise<readonly Uint8Array[]> {
    assert(position >= 1 && position <= size, "an event of the tree is proved");
    const path: Uint8Array[] = [];
    let [from, to] = [0, size];
    const index = position - 1;
    while (to - from > 1) {
      const middle = from + splitOf(to - from);
      if (index < middle) {
        path.push(await this.#range(middle, to));
        to = middle;
      } else {
        path.push(await this.#range(from, middle));
        from = middle;
      }
    }
    return path.reverse();
  }

  /** The root over leaves `from` to `to`, the latter left out; both from 0. */
  async #range(from: number, to: number): Promise<Uint8Array> {
    assert(to > from, "a tree has a leaf");
    const isSegment = to - from === SEGMENT && from % SEGMENT === 0;
    if (isSegment) return this.#segments.get(from) ?? (await this.#segment(from));
    if (to - from < SEGMENT) return this.#small(from, to);
    const middle = from + splitOf(to - from);
    return nodeHash(await this.#range(from, middle), await this.#range(middle, to));
  }

  async #segment(from: number): Promise<Uint8Array> {
    // Payments come first.
    await new Promise((resolve) => setImmediate(resolve));
    const root = this.#small(from, from + SEGMENT);
    this.#segments.set(from, root);
    return root;
  }

  #small(from: number, to: number): Uint8Array {
    return rootOf(this.log.hashes(from + 1, to).map(leafHash));
  }
}
