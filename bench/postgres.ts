/**
 * PostgreSQL as people run it: a temporary cluster of its own on a socket in a temporary folder,
 * every commit flushed, and pgbench calling a transfer between two accounts. Nothing of it is left.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { assert, present } from "../actors/assert.ts";
import { Histogram } from "./histogram.ts";
import schema from "./postgres.sql" with { type: "text" };
import { familyCpuMicrosOf } from "./process-figures.ts";
import type { Turn } from "./rounds.ts";

/** The plain line for a machine without it. */
export const NO_POSTGRES =
  "PostgreSQL is not installed, so it was not measured: bench/install-postgres.sh installs it";

const DEBIAN = "/usr/lib/postgresql";

/** The folder of its programs, the newest version's; undefined where it is not installed. */
export function findPostgres(): string | undefined {
  const onPath = Bun.which("initdb");
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const folders = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN, version, "bin"));
  if (onPath !== null) folders.unshift(dirname(onPath));
  return folders.find((folder) =>
    ["initdb", "postgres", "pgbench", "psql"].every((name) => existsSync(join(folder, name))),
  );
}

export interface TransferRun {
  readonly clients: number;
  /** `hot`: every transfer to one account. */
  readonly spread: "uniform" | "hot";
  /** Whole seconds: pgbench knows no others. */
  readonly seconds: number;
}

/** Durable as ours is; room enough that no checkpoint of its own falls into a round. */
const SETTINGS = [
  "listen_addresses=",
  "fsync=on",
  "synchronous_commit=on",
  "shared_buffers=256MB",
  "max_wal_size=8GB",
  "checkpoint_timeout=1h",
];
const READY_MS_MAX = 20_000;
/** What the server still does after its last answer is part of the price. */
const SETTLE_MS = 200;
const USER = "seqr";

export class Cluster {
  #transfers = 0;
  readonly #remove = (): void => rmSync(this.folder, { recursive: true, force: true });

  private constructor(
    private readonly programs: string,
    private readonly folder: string,
    private readonly user: string | undefined,
    private readonly server: Bun.Subprocess,
    private readonly accounts: number,
  ) {}

  /** With `accounts` payers and as many payees. Throws where it does not come up. */
  static async start(programs: string, accounts: number): Promise<Cluster> {
    assert(accounts > 0, "there is somebody to pay");
    // PostgreSQL refuses to run as root, and what it keeps must be its own user's.
    const user = process.getuid?.() === 0 ? serverUser() : undefined;
    const folder = mkdtempSync(join(tmpdir(), "seqr-postgres-"));
    if (user !== undefined) chownSync(folder, await idOf("-u", user), await idOf("-g", user));
    const data = join(folder, "data");
    const initdb = [join(programs, "initdb"), "-D", data, "-U", USER, "-A", "trust", "-N"];
    await run(asUser(user, [...initdb, "-E", "UTF8", "--locale=C"]));
    const settings = [...SETTINGS, `unix_socket_directories=${folder}`];
    const words = settings.flatMap((setting) => ["-c", setting]);
    const server = Bun.spawn(asUser(user, [join(programs, "postgres"), "-D", data, ...words]), {
      cwd: folder,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    const cluster = new Cluster(programs, folder, user, server, accounts);
    process.on("exit", cluster.#remove);
    try {
      await cluster.#fill();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  async #fill(): Promise<void> {
    const deadlineMs = performance.now() + READY_MS_MAX;
    for (;;) {
      const isUp = await this.#sql("SELECT 1").catch(() => undefined);
      if (isUp !== undefined) break;
      if (performance.now() > deadlineMs) throw new Error("PostgreSQL did not come up");
      await Bun.sleep(50);
    }
    await this.#sql(schema);
    await this.#sql(
      `INSERT INTO accounts SELECT id, 1000000000000, 0 FROM generate_series(1, ${
        2 * this.accounts
      }) AS id`,
    );
    await this.#sql("VACUUM ANALYZE accounts");
    await this.#sql("CHECKPOINT");
  }

  /** Runs pgbench once. Throws where a transfer failed. */
  async transfer({ clients, spread, seconds }: TransferRun): Promise<Turn> {
    const before = familyCpuMicrosOf(this.server.pid);
    const script = join(this.folder, `${spread}.sql`);
    const payee = spread === "hot" ? ":accounts + 1" : "random(:accounts + 1, 2 * :accounts)";
    writeFileSync(
      script,
      `\\set payer random(1, :accounts)\n\\set payee ${payee}\n` +
        "SELECT transfer(:payer, :payee, 100, gen_random_uuid());\n",
    );
    chmodSync(script, 0o644);
    const latencies = join(this.folder, "latencies");
    const words = ["-n", "-M", "prepared", "-c", `${clients}`, "-j", `${Math.min(clients, 2)}`];
    words.push("-T", `${seconds}`, "-D", `accounts=${this.accounts}`, "-f", script);
    words.push("-l", "--log-prefix", latencies, "-h", this.folder, "-U", USER, "postgres");
    const { output, cpuMicros } = await run(
      asUser(this.user, [join(this.programs, "pgbench"), ...words]),
      this.folder,
    );
    await Bun.sleep(SETTLE_MS);
    const after = familyCpuMicrosOf(this.server.pid);
    const { transfers, perSecond } = readPgbench(output);
    this.#transfers += transfers;
    return {
      operations: transfers,
      elapsedMs: (transfers * 1_000) / perSecond,
      cpuMicros: before === undefined || after === undefined ? undefined : after - before,
      driverMicros: cpuMicros,
      ...this.#takeLatencies(latencies).middleAndTail,
    };
  }

  /** One file a thread; a line a transfer, whose third word is its microseconds. */
  #takeLatencies(prefix: string): Histogram {
    const histogram = new Histogram();
    const isLog = (name: string): boolean => join(this.folder, name).startsWith(`${prefix}.`);
    for (const name of readdirSync(this.folder).filter(isLog)) {
      const file = join(this.folder, name);
      for (const line of readFileSync(file, "utf8").split("\n")) {
        if (line !== "") histogram.record(Number(line.split(" ")[2]) / 1_000);
      }
      rmSync(file);
    }
    return histogram;
  }

  /** What does not hold after all runs: a transfer that is not there, books out of balance. */
  async faults(): Promise<readonly string[]> {
    const faults: string[] = [];
    const entries = Number(await this.#sql("SELECT count(*) FROM entries"));
    const sum = Number(await this.#sql("SELECT sum(balance_cents) FROM accounts"));
    if (entries !== this.#transfers) {
      faults.push(`PostgreSQL: ${entries} entries of ${this.#transfers} transfers`);
    }
    if (sum !== 0) faults.push(`PostgreSQL: all accounts together are ${sum} cents, not 0`);
    return faults;
  }

  /** SQL given on standard input; gives what it prints. */
  async #sql(text: string): Promise<string> {
    const words = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", this.folder, "-U", USER];
    const psql = asUser(this.user, [join(this.programs, "psql"), ...words, "postgres"]);
    return (await run(psql, this.folder, text)).output.trim();
  }

  async stop(): Promise<void> {
    // The fast shutdown: clients are cut off, and every process ends.
    this.server.kill("SIGINT");
    await this.server.exited;
    process.off("exit", this.#remove);
    this.#remove();
  }
}

function serverUser(): string {
  const users = readFileSync("/etc/passwd", "utf8");
  return /^postgres:/m.test(users) ? "postgres" : "nobody";
}

async function idOf(option: "-u" | "-g", user: string): Promise<number> {
  return Number((await run(["id", option, user])).output);
}

/** As that user, and ended with us however we end. */
function asUser(user: string | undefined, command: readonly string[]): string[] {
  if (Bun.which("setpriv") === null) return [...command];
  const change = user === undefined ? [] : [`--reuid=${user}`, `--regid=${user}`, "--init-groups"];
  return ["setpriv", ...change, "--pdeathsig=INT", "--", ...command];
}

/** Throws what the program said where it fails. */
async function run(
  command: string[],
  cwd = "/",
  input = "",
): Promise<{ readonly output: string; readonly cpuMicros: number }> {
  const child = Bun.spawn(command, {
    cwd,
    stdin: Buffer.from(input),
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, LC_ALL: "C" },
  });
  const texts = [new Response(child.stdout).text(), new Response(child.stderr).text()];
  const [output = "", complaint = ""] = await Promise.all(texts);
  if ((await child.exited) !== 0) throw new Error(`PostgreSQL: ${complaint.trim()}`);
  return { output, cpuMicros: Number(child.resourceUsage()?.cpuTime.total ?? 0) };
}

/** What pgbench prints at the end. Throws where it does not say so, or a transfer failed. */
export function readPgbench(output: string): {
  readonly transfers: number;
  readonly perSecond: number;
} {
  const word = (pattern: RegExp): number =>
    Number(present(pattern.exec(output)?.[1], "what pgbench prints"));
  const failed = word(/^number of failed transactions: ([0-9]+) /m);
  if (failed > 0) throw new Error(`PostgreSQL: ${failed} transfers failed`);
  return {
    transfers: word(/^number of transactions actually processed: ([0-9]+)/m),
    perSecond: word(/^tps = ([0-9.]+) /m),
  };
}
