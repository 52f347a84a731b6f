/**
 * How far a long run has come, on standard error: a bar on a terminal that can draw one, plain
 * lines where they are asked for and nobody watches.
 */
import { progress } from "../../bench/output.ts";

const BAR_COLUMNS = 40;
/** Less than this is done before anybody reads a bar. */
const SHOWN_BYTES_MIN = 4 * 1024 * 1024;
/** Plain lines are kept, in a log perhaps: few of them. */
const PLAIN_PERCENT = 10;

export interface ProgressOptions {
  /** What `total` counts; shown in plain lines. */
  readonly what: string;
  /** With less to do than this nothing is shown. */
  readonly shownMin: number;
  /** Plain lines where standard error is no terminal. */
  readonly isPlainToo: boolean;
  /** The listing comes while it runs: on one terminal it and the bar would mix. */
  readonly isBesideListing: boolean;
}

const OF_BYTES: ProgressOptions = {
  ...{ what: "bytes", shownMin: SHOWN_BYTES_MIN },
  ...{ isPlainToo: false, isBesideListing: true },
};

export class ProgressBar {
  readonly #isBar: boolean;
  readonly #isPlain: boolean;
  #done = 0;
  #percent = -1;

  constructor(
    private readonly total: number,
    private readonly options: ProgressOptions = OF_BYTES,
  ) {
    const isLong = total >= options.shownMin && total > 0;
    const isFree = !options.isBesideListing || !process.stdout.isTTY;
    this.#isBar = isLong && isFree;
    this.#isPlain = isLong && options.isPlainToo && !process.stderr.isTTY;
  }

  add(count: number): void {
    this.#done += count;
    if (!this.#isBar && !this.#isPlain) return;
    const percent = Math.min(100, Math.floor(this.#done / (this.total / 100)));
    if (percent === this.#percent) return;
    this.#percent = percent;
    if (this.#isPlain) this.#tell(percent);
    else this.#draw(percent);
  }

  end(): void {
    if (this.#isBar && !this.#isPlain) progress("");
  }

  #tell(percent: number): void {
    if (percent === 0 || percent % PLAIN_PERCENT !== 0) return;
    process.stderr.write(`${percent} % of ${this.total} ${this.options.what}\n`);
  }

  #draw(percent: number): void {
    const bar = "#".repeat(Math.floor((percent * BAR_COLUMNS) / 100)).padEnd(BAR_COLUMNS);
    progress(`[${bar}] ${percent} %`);
  }
}
