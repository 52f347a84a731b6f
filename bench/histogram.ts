/**
 * A histogram of latencies after the pattern of HdrHistogram: buckets as wide as a 1,024th of what
 * they hold, so that a quantile is off by less than a thousandth, however many are recorded.
 */
import { assert } from "../actors/assert.ts";

/** Whole microseconds below this have a bucket each; above, each doubling has half as many. */
const FINE = 2_048;
const FINE_BITS = 11;
const HALF = FINE / 2;
/** 71 minutes: what takes longer is counted as this. */
const MICROS_MAX = 2 ** 32 - 1;
const DOUBLINGS = 32 - FINE_BITS;

/** So many of all took so long at the most. */
export interface Point {
  /** 0 to 1. */
  readonly share: number;
  readonly ms: number;
}

export class Histogram {
  readonly #counts = new Float64Array(FINE + DOUBLINGS * HALF);
  #count = 0;
  #maxMicros = 0;

  /** Milliseconds, as clocks tell them; what is below zero counts as zero. */
  static of(latenciesMs: Iterable<number>): Histogram {
    const histogram = new Histogram();
    for (const ms of latenciesMs) histogram.record(ms);
    return histogram;
  }

  get count(): number {
    return this.#count;
  }

  /** The longest of all, in milliseconds; 0 where nothing was recorded. */
  get maxMs(): number {
    return this.#maxMicros / 1_000;
  }

  record(ms: number): void {
    assert(!Number.isNaN(ms), "a latency is a number");
    const micros = Math.min(Math.max(Math.round(ms * 1_000), 0), MICROS_MAX);
    const at = bucketOf(micros);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#count++;
    this.#maxMicros = Math.max(this.#maxMicros, micros);
  }

  add(other: Histogram): void {
    for (const [at, count] of other.#counts.entries()) {
      this.#counts[at] = (this.#counts[at] ?? 0) + count;
    }
    this.#count += other.#count;
    this.#maxMicros = Math.max(this.#maxMicros, other.#maxMicros);
  }

  /** Milliseconds that `share` (0 to 1) of all did not exceed, by nearest rank. */
  quantileMs(share: number): number {
    assert(this.#count > 0, "a quantile has samples");
    assert(share >= 0 && share <= 1, "a share lies between 0 and 1");
    const rank = Math.max(Math.ceil(share * this.#count), 1);
    let seen = 0;
    for (const [at, count] of this.#counts.entries()) {
      seen += count;
      // The bucket's upper end, but never more than was seen.
      if (seen >= rank) return Math.min(lastMicrosOf(at), this.#maxMicros) / 1_000;
    }
    return this.maxMs;
  }

  /** The two that a turn is told by. */
  get middleAndTail(): { readonly p50Ms: number; readonly p99Ms: number } {
    return { p50Ms: this.quantileMs(0.5), p99Ms: this.quantileMs(0.99) };
  }

  /** The distribution for a chart: every decade of the tail in `steps`, as far as samples reach. */
  points(steps = 10): readonly Point[] {
    const points: Point[] = [];
    for (let step = 0; ; step++) {
      const share = 1 - 10 ** (-step / steps);
      points.push({ share, ms: this.quantileMs(share) });
      if ((1 - share) * this.#count < 1) return points;
    }
  }
}

function bucketOf(micros: number): number {
  if (micros < FINE) return micros;
  const doublings = FINE_BITS_OFFSET - Math.clz32(micros);
  return FINE + (doublings - 1) * HALF + (Math.floor(micros / 2 ** doublings) - HALF);
}

/** `clz32` counts from the other end: 2,048 has 20 zeros before it and is one doubling. */
const FINE_BITS_OFFSET = 32 - FINE_BITS;

/** The greatest number of microseconds that falls into this bucket. */
function lastMicrosOf(at: number): number {
  if (at < FINE) return at;
  const doublings = Math.floor((at - FINE) / HALF) + 1;
  const first = (((at - FINE) % HALF) + HALF) * 2 ** doublings;
  return first + 2 ** doublings - 1;
}
