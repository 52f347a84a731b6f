/**
 * A world with one switch in it, made from a seed: its machine, its disk, its network, its bank and
 * its people. Everything that can happen here is a task of one loop.
 */
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ActorRef, AnyActor, Message } from "../../actors/actor.ts";
import { isBankingDay } from "../../actors/banking-calendar.ts";
import { DEFAULT_POLICY, type Policy } from "../../actors/policy.ts";
import { ApiProblem, Caller } from "../../src/client/call.ts";
import { Desk } from "../../src/client/desk.ts";
import { MoneyDesk } from "../../src/client/money-desk.ts";
import { addOperator, dataFiles, initialise, readKeys } from "../../src/data-directory.ts";
import { SANDBOX_ODFI } from "../../src/odfi-config.ts";
import type { EventLog, StoredEvent } from "../../src/runtime/event-log.ts";
import { Fault } from "../../src/runtime/fault.ts";
import { actorsOf } from "../../src/switch.ts";
import { achFiles, type FileRow, filesUnderWay } from "../../src/views/ach-files.ts";
import type { Random } from "../crash/random.ts";
import type { Rare } from "../invariants/rare.ts";
import { BankSide } from "./bank-side.ts";
import { Books } from "./books.ts";
import { Disk, type LogKind, useDisk } from "./disk.ts";
import { enclose } from "./enclosure.ts";
import { Finding } from "./finding.ts";
import { Loop, OUTSIDE } from "./loop.ts";
import { LineBroke, Machine } from "./machine.ts";
import { type Answer, Network } from "./network.ts";
import { nameOfRow } from "./rare-states.ts";
import { useGateway } from "./sms-gateway.ts";
import { streamOf } from "./streams.ts";

/** A bug that is planted, to show that a run finds it. */
export interface Plant {
  readonly actors?: (policy: Policy) => readonly AnyActor[];
  readonly wrapLog?: (log: EventLog) => EventLog;
  /** Put in place of a part of the product; gives the way to take it back. */
  readonly patch?: () => () => void;
}

export interface WorldOptions {
  readonly seed: number;
  readonly startMs: number;
  readonly logKind: LogKind;
  readonly plant?: Plant | undefined;
  readonly tell: (line: string) => void;
  readonly rare: Rare<string>;
}

/** Where data directories are: in memory where the machine has such a folder. */
const SHARED_MEMORY = "/dev/shm";
const OPERATORS = ["alice", "bob"] as const;
export type Operator = (typeof OPERATORS)[number];

const PATIENCE_MAX = 200;
const PAUSE_MS = 2_000;
/** A supervisor starts the process again within so long; now and then a day later. */
const REVIVE_MS_MAX = 20_000;
const DAY_MS = 86_400_000;
/** A process is up, and at its first work, after so many tasks. */
const STARTING_TASKS_MAX = 40;

export class World {
  readonly loop: Loop;
  readonly machine: Machine;
  readonly disk: Disk;
  readonly bank: BankSide;
  readonly network: Network;
  readonly caller: Caller;
  readonly books = new Books();
  readonly rare: Rare<string>;
  readonly dataDir: string;
  readonly #keys = new Map<Operator, string>();
  readonly #failed = Promise.withResolvers<never>();
  #reviving: Promise<void> | undefined;
  /** Chance of what the world does to the switch. */
  readonly chance: Random;
  /** What hears every answer that arrives. */
  onAnswer: (answer: Answer) => void = () => {};
  /** Deaf to faults: nothing goes wrong any more, and what does is a finding. */
  isCalm = false;
  /** The gateway takes no messages. */
  isSmsDown = false;
  /** Who came, whether they stayed or not. */
  newcomers = 0;
  #commands = 0;
  readonly #unpatch: (() => void) | undefined;

  constructor(readonly options: WorldOptions) {
    const { seed, startMs, logKind, plant, rare } = options;
    this.rare = rare;
    this.chance = streamOf(seed, "world");
    this.dataDir = mkdtempSync(join(memoryFolder(), "seqr-sim-"));
    this.#unpatch = plant?.patch?.();
    this.loop = new Loop({
      beforeTask: (task) => this.machine.beforeTask(task),
      elapse: (byMs) => this.machine.elapse(byMs),
    });
    this.disk = new Disk({
      ...{ kind: logKind, wrap: plant?.wrapLog },
      crashHere: () => this.machine.crashHere(),
      onTrap: ({ kind, when }) => rare.reach(`crash ${when} ${kind}`),
    });
    const bankChance = streamOf(seed, "bank");
    const { immediateDestination } = SANDBOX_ODFI;
    this.bank = new BankSide(
      () => this.machine,
      bankChance,
      immediateDestination,
      (item, isAgain) => {
        this.tell(`the bank gives ${item.kind} ${item.id}${isAgain ? " again" : ""}`);
        if (isAgain) rare.reach("given again");
      },
      (name, outcome) => this.tell(`the bank has ${name}: ${outcome}`),
      (row) => rare.reach(nameOfRow(row)),
    );
    const actors = plant?.actors === undefined ? {} : { actors: plant.actors };
    this.machine = new Machine(
      {
        ...{ dataDir: this.dataDir, loop: this.loop, bank: this.bank, ...actors },
        returnFees: streamOf(seed, "fees").chance(60) ? "by_ach" : "by_hand",
        openLog: (file) => this.disk.open(file),
        log: (fields) => this.#logged(fields),
        onCrash: () => this.#crashed(),
      },
      startMs,
    );
    const hear = (answer: Answer): void => this.#hear(answer);
    this.network = new Network(this.loop, this.machine, streamOf(seed, "network"), rare, hear);
    this.caller = new Caller("http://switch.test", this.network.fetch);
    enclose({
      ...{ loop: this.loop, random: streamOf(seed, "inside"), nowMs: () => this.nowMs },
      serve: (listener) => this.machine.listen(listener),
      opened: (database) => this.machine.opened(database),
    });
    useDisk(this.disk);
    useGateway(() => !this.isSmsDown);
  }

  get nowMs(): number {
    return this.machine.nowMs;
  }

  /** Runs what `story` does until it is over, or until something is found. */
  async run(story: () => Promise<void>): Promise<void> {
    const begun = new Promise<void>((resolve) => this.loop.add(resolve)).then(story);
    await this.loop.until(Promise.race([begun, this.#failed.promise]));
  }

  async begin(): Promise<void> {
    initialise(this.dataDir);
    const keys = readKeys(this.dataDir);
    for (const name of OPERATORS) {
      this.#keys.set(name, addOperator(this.dataDir, keys, name, "sandbox"));
    }
    await this.up();
  }

  dispose(): void {
    useDisk(undefined);
    this.machine.dispose();
    enclose(undefined);
    this.#unpatch?.();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  found(error: unknown): void {
    this.#failed.reject(error);
  }

  tell(line: string): void {
    this.options.tell(`${new Date(this.nowMs).toISOString()} ${line}`);
  }

  desk(operator: Operator = "alice"): Desk {
    return new Desk(this.caller, this.#keys.get(operator) ?? "");
  }

  money(operator: Operator = "alice"): MoneyDesk {
    return new MoneyDesk(this.caller, this.keyOf(operator));
  }

  keyOf(operator: Operator): string {
    return this.#keys.get(operator) ?? "";
  }

  /** The switch is up, or is started until it is. */
  async up(): Promise<void> {
    while (!this.machine.isUp) {
      this.#reviving ??= this.#revive().finally(() => {
        this.#reviving = undefined;
      });
      await this.#reviving;
    }
  }

  async #revive(): Promise<void> {
    const { machine, loop, chance } = this;
    await loop.wait(chance.between(1, REVIVE_MS_MAX));
    const isLong = !this.isCalm && machine.starts > 0 && chance.chance(4);
    if (isLong) {
      machine.nowMs += DAY_MS;
      this.rare.reach("down for a day");
    }
    if (!this.isCalm && machine.starts > 0 && chance.chance(12)) {
      machine.crashAfter(chance.between(0, STARTING_TASKS_MAX));
    }
    try {
      await machine.start();
      this.tell("the switch is up");
    } catch (error) {
      if (!(error instanceof LineBroke)) this.found(error);
      else this.rare.reach("crash while starting");
    }
  }

  /** What is asked until there is a yes or a no; undefined where somebody gives up. */
  async persist<T>(call: () => Promise<T>): Promise<T> {
    for (let patience = PATIENCE_MAX; ; patience--) {
      try {
        return await call();
      } catch (error) {
        if (!isPassing(error) || patience <= 0) throw error;
      }
      await this.loop.wait(PAUSE_MS);
      await this.heal();
    }
  }

  /** A process that acknowledges nothing any more is started anew. */
  async heal(): Promise<void> {
    const { machine } = this;
    if (machine.isUp && machine.running.services.host.failure !== undefined) {
      this.tell("the log failed: the process is started anew");
      await machine.stop().catch(() => {});
    }
    await this.up();
  }

  /** Says a command to an actor where no route does; once, however often it must be said. */
  async say<Reply extends Message>(
    ref: ActorRef,
    command: Message,
    operator: Operator = "alice",
  ): Promise<Reply> {
    const id = `simulated/${++this.#commands}`;
    const options = { principal: `desk:${operator}`, commandId: id, fingerprint: id };
    return await this.persist(async () => {
      const answer = await this.machine.inside(() => {
        return this.machine.running.services.host.askOnce(ref, command, options);
      });
      if (answer.kind !== "answered") throw new Finding("I6", "an id of its own");
      return answer.reply as Reply;
    });
  }

  /** Every event of the log. */
  async events(): Promise<readonly StoredEvent[]> {
    const read = async () => {
      const { feed } = this.machine.running.services.host;
      return await feed.read(0, Number.MAX_SAFE_INTEGER);
    };
    return await this.persist(() => this.machine.inside(read));
  }

  /** Names of the files that are at a stage, as the switch has them. */
  async filesAt(...stages: readonly FileRow["stage"][]): Promise<readonly FileRow["fileId"][]> {
    const read = async () => {
      const { views, viewRunner } = this.machine.running.services;
      await viewRunner.catchUp();
      return filesUnderWay(views.table(achFiles.name));
    };
    const rows = await this.persist(() => this.machine.inside(read));
    return rows.filter(({ stage }) => stages.includes(stage)).map(({ fileId }) => fileId);
  }

  /** Asks what changes nothing. */
  async look<Reply extends Message>(ref: ActorRef, command: Message): Promise<Reply> {
    return await this.persist(
      () =>
        this.machine.inside(() => {
          const { host } = this.machine.running.services;
          return host.ask(ref, command, { principal: "desk:alice" });
        }) as Promise<Reply>,
    );
  }

  #crashed(): void {
    this.tell("the switch crashes");
    if (this.network.paying > 0) this.rare.reach("crash in the middle of a payment");
    if (this.bank.isWaitedFor) {
      this.bank.isWaitedFor = false;
      this.rare.reach("crash while the bank has the file and we have no word");
    }
    this.loop.add(() => void this.up(), 0, OUTSIDE);
  }

  #hear(answer: Answer): void {
    try {
      this.onAnswer(answer);
    } catch (error) {
      this.found(error);
    }
  }

  #logged(fields: Readonly<Record<string, string | number | boolean>>): void {
    const { event, name } = fields;
    if (event === "request") return;
    this.tell(`log: ${JSON.stringify(fields)}`);
    // A failed assertion is a bug, whatever went wrong before it.
    const isBug = name === "AssertionFailed" || event === "bug" || name === "TypeError";
    if (isBug || (this.isCalm && event === "fault")) {
      this.found(new Finding("the switch fails by itself", fields));
    }
  }

  /** The actors as this switch has them. */
  get actors(): readonly AnyActor[] {
    return (this.options.plant?.actors ?? actorsOf)(DEFAULT_POLICY);
  }

  /** The views are lost, as with a disk that did not keep their last writes. */
  async loseViews(): Promise<void> {
    const { views } = dataFiles(this.dataDir);
    await this.machine.stop().catch(() => {});
    for (const end of ["", "-wal", "-shm"]) rmSync(views + end, { force: true });
    this.rare.reach("views lost");
    await this.up();
  }

  /** Moves time to a moment, through the switch, as an operator does; however long that takes. */
  async goTo(toMs: number): Promise<void> {
    const { rare } = this;
    const from = this.nowMs;
    while (this.nowMs < toMs) {
      const stepMs = Math.min(toMs, this.nowMs + 31 * DAY_MS);
      await this.persist(() => this.desk().advanceClock(stepMs));
    }
    noteDays(rare, from, this.nowMs);
  }
}

function memoryFolder(): string {
  try {
    accessSync(SHARED_MEMORY, constants.W_OK);
    return SHARED_MEMORY;
  } catch {
    return tmpdir();
  }
}

const SIGN_IN_AGAIN = ["unauthenticated", "challenge_invalid"];

/** A broken line, or a switch that may answer better next time. */
export function isPassing(error: unknown): boolean {
  if (error instanceof LineBroke) return true;
  if (error instanceof Fault) return error.kind !== "bug";
  if (!(error instanceof ApiProblem)) return false;
  // A restart voids challenges, and a session ends: the phone signs in anew.
  return error.status === 503 || SIGN_IN_AGAIN.includes(error.code);
}

function noteDays(rare: Rare<string>, fromMs: number, toMs: number): void {
  const zoned = (ms: number) =>
    Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO("America/New_York");
  const [from, to] = [zoned(fromMs), zoned(toMs)];
  if (from.offset !== to.offset) rare.reach("over a change of daylight saving");
  for (let day = from.toPlainDate(); Temporal.PlainDate.compare(day, to) < 0; ) {
    const isWeekend = day.dayOfWeek > 5;
    if (isWeekend) rare.reach("over a weekend");
    else if (!isBankingDay(day.toString() as Parameters<typeof isBankingDay>[0])) {
      rare.reach("over a holiday");
    }
    day = day.add({ days: 1 });
  }
}
