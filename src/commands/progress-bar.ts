/**
 * A bar on standard error for a file that takes its time. Only where standard output goes
 * elsewhere: on one terminal the bar and the listing would mix.
 */
import { progress } from "../../bench/output.ts";

const BAR_COLUMNS = 40;
/** Less than this is done before anybody reads a bar. */
const SHOWN_BYTES_MIN = 4 * 1024 * 1024;

export class ProgressBar {
  readonly #isShown: boolean;
  #done = 0;
  #percent = -1;

  constructor(private readonly totalBytes: number) {
    this.#isShown = !process.stdout.isTTY && totalBytes >= SHOWN_BYTES_MIN;
  }

  add(bytes: number): void {
    this.#done += bytes;
    const percent = Math.min(100, Math.floor(this.#done / (this.totalBytes / 100)));
    if (!this.#isShown || percent === this.#percent) return;
    this.#percent = percent;
    const bar = "#".repeat(Math.floor((percent * BAR_COLUMNS) / 100)).padEnd(BAR_COLUMNS);
    progress(`[${bar}] ${percent} %`);
  }

  end(): void {
    if (this.#isShown) progress("");
  }
}
