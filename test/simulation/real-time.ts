/** The event loop and the clock of this machine, as they are before a run replaces them. */

/** The event loop's next turn: microtasks have all their turns before it. */
const immediate = setImmediate;
const { now } = performance;

export function realTurn(): Promise<void> {
  return new Promise((resolve) => immediate(resolve));
}

/** Milliseconds, for measuring. */
export function realNowMs(): number {
  return now.call(performance);
}
