/**
 * Who is worked on, and who stands in line. Few are worked on at once, and those who come in for
 * others do so when the loop has been at the door in between: it is back there within a few
 * hundredths of a second, however many come. The others wait in the order in which they came;
 * whoever finds the line full would wait for longer than a quarter of a second, and all behind him
 * for longer still: he is asked at once to come again, which costs a tenth of an answer. A request
 * takes a place once its body is there, and gives it up while it waits for anything but the switch:
 * lines that stand still take nobody's place.
 */
import { assert } from "../../actors/assert.ts";

/** Half of them are made durable together while the others are checked. */
export const AT_WORK = 128;
export const IN_LINE = 384;
/** Kept for people who must be able to act while the switch is overrun. */
export const DESK_PLACES = 32;
const DESK = "/v1/desk/";
/** What must be seen at any time, and takes no place. */
const ALWAYS_OPEN: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

export class Places {
  #atWork = 0;
  /** Called when it is their turn. */
  readonly #line: (() => void)[] = [];
  #isAdmitting = false;

  constructor(
    private readonly atWorkMax = AT_WORK,
    private readonly inLineMax = IN_LINE,
  ) {}

  /** Whether a request for this path is to come again. */
  isFullFor(path: string): boolean {
    if (ALWAYS_OPEN.has(path) || this.#line.length < this.inLineMax) return false;
    return this.#mustWait(path);
  }

  /** Runs in a place of its own, when it is its turn. */
  async take(path: string, run: () => Promise<void>): Promise<void> {
    if (ALWAYS_OPEN.has(path)) return await run();
    if (this.#mustWait(path)) await new Promise<void>((resolve) => this.#line.push(resolve));
    else this.#atWork++;
    try {
      await run();
    } finally {
      this.#leave();
    }
  }

  /** Gives up the place of whoever asks while he waits for the world outside. */
  async without<Waited>(wait: Promise<Waited>): Promise<Waited> {
    this.#leave();
    try {
      return await wait;
    } finally {
      // He has begun already: he goes on at once, beyond the maximum if need be.
      this.#atWork++;
    }
  }

  /** Nobody passes those in line, but for the desk. */
  #mustWait(path: string): boolean {
    if (path.startsWith(DESK)) return this.#atWork >= this.atWorkMax + DESK_PLACES;
    return this.#atWork >= this.atWorkMax || this.#line.length > 0;
  }

  #leave(): void {
    this.#atWork--;
    assert(this.#atWork >= 0, "only what was taken is given back");
    if (this.#isAdmitting || this.#line.length === 0) return;
    this.#isAdmitting = true;
    setImmediate(() => this.#admit());
  }

  #admit(): void {
    this.#isAdmitting = false;
    while (this.#atWork < this.atWorkMax) {
      const next = this.#line.shift();
      if (next === undefined) return;
      this.#atWork++;
      next();
    }
  }
}
