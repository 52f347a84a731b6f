/**
 * The switch as a process of its own: started, killed and started again on one directory and port.
 */
import { join } from "node:path";
import { cleanEnvironment, ROOT } from "../commands/cli.ts";

/** A start that has not told its address by then has failed. */
const START_MS_MAX = 30_000;
const END_MS_MAX = 30_000;

export interface ServeOptions {
  readonly dataDir: string;
  readonly port: number;
  /** By default the product; a planted one shows that the test can fail. */
  readonly script?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export class ServeFailed extends Error {
  override readonly name = "ServeFailed";
  constructor(
    readonly code: number | null,
    readonly stderr: string,
  ) {
    super(`serve ended with ${code}: ${stderr}`);
  }
}

/** A running `seqr serve`. */
export class SwitchProcess {
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #stderr: Promise<string>;
  /** Everything that was printed so far. */
  #stdout = "";
  readonly #banner = Promise.withResolvers<void>();

  constructor(options: ServeOptions) {
    const { dataDir, port, script = "src/main.ts", environment } = options;
    const words = ["serve", "--data", dataDir, "--port", String(port)];
    this.#child = Bun.spawn([process.execPath, join(ROOT, script), ...words], {
      cwd: ROOT,
      env: cleanEnvironment(environment),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#stderr = new Response(this.#child.stderr).text();
    void this.#follow();
  }

  /** Throws ServeFailed where it ends before it serves. */
  static async start(options: ServeOptions): Promise<SwitchProcess> {
    const started = new SwitchProcess(options);
    await started.untilServing();
    return started;
  }

  async untilServing(): Promise<void> {
    const tooLong = setTimeout(() => this.kill(), START_MS_MAX);
    try {
      await this.#banner.promise;
    } finally {
      clearTimeout(tooLong);
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  /** The base address, as the process itself told it. */
  get url(): string {
    return /"url":"([^"]+)"/.exec(this.#stdout)?.[1] ?? "";
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** As power loss of the process: nothing of it runs on. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  terminate(): void {
    this.#child.kill("SIGTERM");
  }

  /** The exit code, or 128 and the number of the signal. Kills what does not end. */
  async ended(): Promise<number> {
    const tooLong = setTimeout(() => this.kill(), END_MS_MAX);
    const code = await this.#child.exited;
    clearTimeout(tooLong);
    return code;
  }

  stderr(): Promise<string> {
    return this.#stderr;
  }

  async #follow(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stdout) {
      this.#stdout += decoder.decode(chunk, { stream: true });
      if (this.#stdout.includes('"event":"serving"')) this.#banner.resolve();
    }
    const code = await this.#child.exited;
    this.#banner.reject(new ServeFailed(code, await this.#stderr));
  }
}

/** Below the range that outgoing connections take theirs from, so that it stays free between. */
const PORT_MIN = 21_000;
const PORTS = 10_000;

/** A port that nobody listens on now. */
export function freePort(): number {
  for (let tries = 0; tries < 100; tries++) {
    const port = PORT_MIN + Math.floor(Math.random() * PORTS);
    try {
      Bun.serve({ hostname: "127.0.0.1", port, fetch: () => new Response() }).stop(true);
      return port;
    } catch {
      // Taken: the next one.
    }
  }
  throw new Error("no free port");
}

/** Asks again until `isSo` or the deadline; tells which. */
export async function eventually(
  isSo: () => boolean | Promise<boolean>,
  deadlineMs = 20_000,
): Promise<boolean> {
  const endsAtMs = performance.now() + deadlineMs;
  while (performance.now() < endsAtMs) {
    if (await isSo()) return true;
    await Bun.sleep(20);
  }
  return false;
}
