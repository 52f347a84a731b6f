/**
 * Callers who were told that the truth comes later, under a key. What they were told is durable; an
 * answer that does not come in time ends in a fault, and the same command id asks again.
 */
import type { Message } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import { Fault } from "./fault.ts";
import type { Root } from "./turn.ts";

type Deadline = ReturnType<typeof setTimeout>;

const NOBODY: ReadonlyMap<Root, Deadline> = new Map();

export class Waiters {
  readonly #byKey = new Map<string, Map<Root, Deadline>>();

  constructor(private readonly waitMsMax: number) {
    assert(waitMsMax > 0, "callers wait for some time");
  }

  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  /** Who waits for `key`. */
  of(key: string): Iterable<Root> {
    return (this.#byKey.get(key) ?? NOBODY).keys();
  }

  wait(root: Root, key: string): void {
    const roots = this.#byKey.get(key) ?? new Map<Root, Deadline>();
    assert(!roots.has(root), "a command waits once");
    this.#byKey.set(key, roots);
    const end = (): void => {
      roots.delete(root);
      if (roots.size === 0 && this.#byKey.get(key) === roots) this.#byKey.delete(key);
      root.reject(new Fault("timeout"));
    };
    roots.set(root, setTimeout(end, this.waitMsMax));
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
    for (const [root, deadline] of roots) {
      clearTimeout(deadline);
      tell(root);
    }
  }
}
