/**
 * Who is worked on, and who stands in line. Few are worked on at once, and those who come in for
 * others do so when the loop has been at the door in between, few at a time: it is back there
 * within a few hundredths of a second, however many come. The others wait in the order of coming. A
 * line that was empty a moment ago may grow long: a second of standing still is made up for by
 * waiting. One that lasts is an overrun, and is kept short: whoever finds it full would wait for
 * longer than a quarter of a second, and all behind him for longer still; he is asked at once to
 * come again, which costs a tenth of an answer. A request takes a place once its body is there, and
 * gives it up while it waits for anything but the switch: lines that stand still take nobody's
 * place.
 */
import { assert } from "../../actors/assert.ts";

export interface PlacesLimits {
  readonly atWork: number;
  readonly inLine: number;
  /** How long a line may be that is not older than `BURST_MS`. */
  readonly inYoungLine: number;
  /** Who come in for others at one visit of the loop at the door. */
  readonly perVisit: number;
}

export const PLACES: PlacesLimits = {
  // Half of them are made durable together while the others are checked.
  atWork: 128,
  inLine: 384,
  inYoungLine: 896,
  perVisit: 32,
};
const BURST_MS = 1_000;
/** Kept for people who must be able to act while the switch is overrun. */
export const DESK_PLACES = 32;
const DESK = "/v1/desk/";
/** What must be seen at any time, and takes no place. */
const ALWAYS_OPEN: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

export class Places {
  #atWork = 0;
  /** Called when it is their turn. */
  readonly #line: (() => void)[] = [];
  /** When the first of this line came. */
  #lineSinceMs = 0;
  #isAdmitting = false;

  constructor(
    private readonly limits = PLACES,
    private readonly nowMs = () => performance.now(),
  ) {}

  /** Whether a request for this path is to come again. */
  isFullFor(path: string): boolean {
    if (ALWAYS_OPEN.has(path)) return false;
    // Together: a place that somebody has just left is free, though nobody has come in for him yet.
    const inside = this.#atWork + this.#line.length - (path.startsWith(DESK) ? DESK_PLACES : 0);
    const { atWork, inLine, inYoungLine } = this.limits;
    if (inside < atWork + inLine) return false;
    return this.#isLineOld || inside >= atWork + inYoungLine;
  }

  /** Runs in a place of its own, when it is its turn. */
  async take(path: string, run: () => Promise<void>): Promise<void> {
    if (ALWAYS_OPEN.has(path)) return await run();
    if (this.#mustWait(path)) await this.#wait();
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

  get #isLineOld(): boolean {
    return this.#line.length > 0 && this.nowMs() - this.#lineSinceMs > BURST_MS;
  }

  #wait(): Promise<void> {
    if (this.#line.length === 0) this.#lineSinceMs = this.nowMs();
    return new Promise((resolve) => this.#line.push(resolve));
  }

  /** Nobody passes those in line, but for the desk. */
  #mustWait(path: string): boolean {
    const { atWork } = this.limits;
    if (path.startsWith(DESK)) return this.#atWork >= atWork + DESK_PLACES;
    return this.#atWork >= atWork || this.#line.length > 0;
  }

  #leave(): void {
    this.#atWork--;
    assert(this.#atWork >= 0, "only what was taken is given back");
    this.#admitSoon();
  }

  #admitSoon(): void {
    const isRoom = this.#atWork < this.limits.atWork && this.#line.length > 0;
    if (!isRoom || this.#isAdmitting) return;
    this.#isAdmitting = true;
    setImmediate(() => this.#admit());
  }

  #admit(): void {
    this.#isAdmitting = false;
    const free = Math.max(this.limits.atWork - this.#atWork, 0);
    for (const next of this.#line.splice(0, Math.min(free, this.limits.perVisit))) {
      this.#atWork++;
      next();
    }
    this.#admitSoon();
  }
}
