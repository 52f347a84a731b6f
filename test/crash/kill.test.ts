/**
 * kill -9 of the real process under load, again and again, on one directory and one port, while
 * phones and tills go on paying. Nothing that was acknowledged is lost, nothing happens twice.
 *
 *     CRASH_KILLS=200 CRASH_SEED=7 bun test test/crash/kill.test.ts
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { Caller } from "../../src/client/call.ts";
import { type Folder, makeDataDir, seqr, temporaryFolder } from "../commands/cli.ts";
import { type Audit, auditLog, openHolds } from "./audit.ts";
import { type Drivers, startDrivers } from "./drivers.ts";
import { eventually, freePort, type ServeOptions, SwitchProcess } from "./process.ts";
import { type Random, seededRandom } from "./random.ts";
import { Recorder } from "./recorder.ts";
import { foundTown, ledgerSum, type Town } from "./town.ts";

const KILLS = Number(process.env["CRASH_KILLS"] ?? "20");
const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);
const TEST_MS_MAX = 120_000 + KILLS * 10_000;

let folder: Folder;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

test(
  `${KILLS} kills under load lose nothing that was acknowledged and double nothing`,
  async () => {
    const run = await CrashRun.begin(join(folder.path, "killed"), "src/main.ts");
    for (let kill = 1; kill <= KILLS; kill++) {
      await run.killAndStart();
      expect({ kill, seed: SEED, ...findings(run.audit()) }).toEqual({
        kill,
        seed: SEED,
        ...NOTHING,
      });
    }
    const { audit, doctor } = await run.end();
    console.log(run.figures(audit));
    expect({ seed: SEED, ...findings(audit) }).toEqual({ seed: SEED, ...NOTHING });
    expect(run.drivers.faults).toEqual([]);
    expect(run.recorder.unanswered()).toEqual([]);
    expect(openHolds(run.eventsFile)).toBe(0);
    expect(audit.payments).toBeGreaterThan(KILLS);
    expect(doctor).toBe(0);
  },
  TEST_MS_MAX,
);

test.each([
  ["a switch that answers before it writes is caught: payments are lost", "early-answer", "lost"],
  ["a switch that forgets keys is caught: payment requests are doubled", "forgetful", "doubled"],
] as const)(
  "%s",
  async (_, planted, finding) => {
    const dataDir = join(folder.path, planted);
    const run = await CrashRun.begin(dataDir, "test/crash/planted-server.ts", planted);
    let found = 0;
    for (let kill = 1; kill <= 10 && found === 0; kill++) {
      await run.killAndStart();
      found = run.audit()[finding].length;
    }
    run.abandon();
    expect(found).toBeGreaterThan(0);
  },
  TEST_MS_MAX,
);

const NOTHING = { lost: [], doubled: [], faults: [] };

/** The first lines are enough to see what it is. */
function findings({ lost, doubled, faults }: Audit) {
  return { lost: lost.slice(0, 5), doubled: doubled.slice(0, 5), faults: faults.slice(0, 5) };
}

class CrashRun {
  readonly eventsFile: string;
  #kills = 0;

  private constructor(
    private readonly options: ServeOptions,
    private readonly deskKey: string,
    private readonly random: Random,
    private process: SwitchProcess,
    readonly recorder: Recorder,
    readonly town: Town,
    readonly drivers: Drivers,
  ) {
    this.eventsFile = join(options.dataDir, "events.db");
  }

  static async begin(dataDir: string, script: string, planted = ""): Promise<CrashRun> {
    const deskKey = await makeDataDir(dataDir);
    const environment = { PLANTED: planted };
    const options = { dataDir, port: freePort(), script, environment };
    const process = await SwitchProcess.start(options);
    const recorder = new Recorder();
    const caller = new Caller(process.url, recorder.fetcher);
    const town = await foundTown(caller, deskKey, { tills: 16, customers: 40 + 2 * KILLS });
    const random = seededRandom(SEED);
    const drivers = startDrivers(town, recorder, random);
    return new CrashRun(options, deskKey, random, process, recorder, town, drivers);
  }

  /** Some time under load, then SIGKILL, then the next start; some starts are killed as well. */
  async killAndStart(): Promise<void> {
    const { random } = this;
    await Bun.sleep(random.between(100, 1_000));
    await this.#kill();
    if (random.chance(25)) {
      this.process = new SwitchProcess(this.options);
      this.process.untilServing().catch(() => {});
      await Bun.sleep(random.between(20, 300));
      await this.#kill();
    }
    this.process = await SwitchProcess.start(this.options);
  }

  audit(): Audit {
    return auditLog(this.eventsFile, this.recorder.answers);
  }

  /** Lets the sales come to their end, then looks at the whole. */
  async end(): Promise<{ readonly audit: Audit; readonly doctor: number }> {
    await this.drivers.finish();
    await eventually(() => openHolds(this.eventsFile) === 0);
    const sum = await ledgerSum(this.process.url, this.deskKey);
    const beside = await seqr(["doctor", "--data", this.options.dataDir]);
    this.process.terminate();
    const code = await this.process.ended();
    const after = await seqr(["doctor", "--data", this.options.dataDir]);
    const audit = this.audit();
    const faults = [...audit.faults];
    if (sum !== 0) faults.push(`the desk says the ledger sums to ${sum}`);
    if (code !== 0) faults.push(`the last stop ended with ${code}`);
    return { audit: { ...audit, faults }, doctor: Math.max(beside.code, after.code) };
  }

  abandon(): void {
    void this.drivers.finish().catch(() => {});
    this.process.kill();
  }

  figures({ acknowledged, payments, events, lost, doubled }: Audit): string {
    const { resent, postponed, broken, answers } = this.recorder;
    const overLimit = answers.filter(({ body }) => body.includes('"limit_exceeded"')).length;
    return (
      `kills ${this.#kills}, acknowledged ${acknowledged}, lost ${lost.length}, ` +
      `doubled ${doubled.length} (payments ${payments}, events ${events}, answers ` +
      `${answers.length}, over the limit ${overLimit}, sent again ${resent}, asked to wait ` +
      `${postponed}, ` +
      `broken lines ${broken.length}, seed ${SEED})`
    );
  }

  async #kill(): Promise<void> {
    this.#kills++;
    this.process.kill();
    await this.process.ended();
  }
}
