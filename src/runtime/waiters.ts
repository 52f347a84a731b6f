/**
 * Callers who were told that the truth comes later, under a key. What they were told is durable; an
 * answer that does not come in time ends in a fault, and the same command id asks again.
 */
import type { Message } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import { Fault } from "./fault.ts";
import type { Root } from "./turn.ts";

export interface WaiterLimits {
  /** How long a caller waits for a promised answer, in real milliseconds. */
  readonly laterMsMax: number;
  /** Callers who wait for promised answers; those beyond ask again under their command id. */
  readonly waitersMax: number;
}

type Deadline = ReturnType<typeof setTimeout>;

const NOBODY: ReadonlyMap<Root, Deadline> = new Map();

export class Waiters {
  readonly #byKey = new Map<string, Map<Root, Deadline>>();
  #count = 0;

  constructor(private readonly limits: WaiterLimits) {
    assert(limits.laterMsMax > 0, "callers wait for some time");
    assert(limits.waitersMax > 0, "some callers may wait");
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Who waits for `key`. */
  of(key: string): Iterable<Root> {
    return (this.#byKey.get(key) ?? NOBODY).keys();
  }

  wait(root: Root, key: string): void {
    if (this.#count >= this.limits.waitersMax) {
      root.reject(new Fault("timeout", "too many callers wait"));
      return;
    }
    const roots = this.#byKey.get(key) ?? new Map<Root, Deadline>();
    assert(!roots.has(root), "a command waits once");
    this.#count++;
    this.#byKey.set(key, roots);
    const end = (): void => {
      this.#count--;
      roots.delete(root);
      if (roots.size === 0 && this.#byKey.get(key) === roots) this.#byKey.delete(key);
      root.reject(new Fault("timeout"));
    };
    roots.set(root, setTimeout(end, this.limits.laterMsMax));
  }

  answer(key: string, reply: Message): void {
    this.#take(key, (root) => root.resolve(reply));
  }

  /** No answer can come any more. */
  rejectAll(fault: Fault): void {
    for (const key of [...this.#byKey.keys()]) this.#take(key, (root) => root.reject(fault));
    assert(this.isEmpty, "nobody waits any more");
  }

  #take(key: string, tell: (root: Root) => void): void {
    const roots = this.#byKey.get(key) ?? NOBODY;
    this.#byKey.delete(key);
    this.#count -= roots.size;
    assert(this.#count >= 0, "callers who wait are counted");
    for (const [root, deadline] of roots) {
      clearTimeout(deadline);
      tell(root);
    }
  }
}
