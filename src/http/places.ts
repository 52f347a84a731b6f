/**
 * Who is worked on. Whoever came beyond would wait for longer than a quarter of a second, and all
 * behind him for longer still: he is asked at once to come again, which costs a tenth of an answer,
 * so that as many are answered in time as without him. A request has a place once its body is there
 * and as long as it waits for nothing but the switch: lines that stand still take nobody's place.
 */
import { assert } from "../../actors/assert.ts";

export const PLACES = 512;
/** Kept for people who must be able to act while the switch is overrun. */
export const DESK_PLACES = 32;
const DESK = "/v1/desk/";
/** What must be seen at any time, and takes no place. */
const ALWAYS_OPEN: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

export class Places {
  #taken = 0;

  constructor(private readonly max = PLACES) {}

  /** Whether a request for this path is to come again. */
  isFullFor(path: string): boolean {
    if (ALWAYS_OPEN.has(path)) return false;
    return this.#taken >= this.max + (path.startsWith(DESK) ? DESK_PLACES : 0);
  }

  /** Runs in a place of its own. */
  async take(path: string, run: () => Promise<void>): Promise<void> {
    if (ALWAYS_OPEN.has(path)) return await run();
    this.#taken++;
    try {
      await run();
    } finally {
      this.#taken--;
      assert(this.#taken >= 0, "only what was taken is given back");
    }
  }

  /** Gives up the place of whoever asks while he waits for the world outside. */
  async without<Waited>(wait: Promise<Waited>): Promise<Waited> {
    this.#taken--;
    try {
      return await wait;
    } finally {
      this.#taken++;
    }
  }
}
