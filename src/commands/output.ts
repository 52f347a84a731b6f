/** Standard output at its own pace: what is printed waits for its reader. */

/** Output that is gathered before it is written. */
const GATHERED_MAX = 64 * 1024;

export class Output {
  #gathered = "";

  add(text: string): void {
    this.#gathered += text;
  }

  get isFull(): boolean {
    return this.#gathered.length >= GATHERED_MAX;
  }

  /** False when the reader went away. */
  flush(): Promise<boolean> {
    const text = this.#gathered;
    this.#gathered = "";
    return new Promise((resolve) => {
      process.stdout.write(text, (error) => resolve(error === undefined || error === null));
    });
  }
}
