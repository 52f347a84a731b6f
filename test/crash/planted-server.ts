/**
 * Planted bugs, to show that the crash test can fail: switches made of the product's own parts that
 * differ in their event log alone. PLANTED names the bug.
 */
import type { ActorRef } from "../../actors/actor.ts";
import { loadConfig } from "../../src/config.ts";
import type {
  ActorCommit,
  CommitResult,
  EventLog,
  LoadedActor,
  Remembered,
} from "../../src/runtime/event-log.ts";
import { SqliteEventLog } from "../../src/storage/sqlite/event-log.ts";
import { startSwitch } from "../../src/switch.ts";

/** How long an answer is ahead of its write. */
const LATE_MS = 40;

/** The real log, with nothing planted yet. */
class PassingLog implements EventLog {
  protected readonly log: SqliteEventLog;

  constructor(file: string) {
    this.log = new SqliteEventLog(file);
  }

  commit(list: readonly ActorCommit[]): readonly CommitResult[] {
    return this.log.commit(list);
  }

  load(refs: readonly ActorRef[]): readonly LoadedActor[] {
    return this.log.load(refs);
  }

  history(ref: ActorRef, before: number, max: number) {
    return this.log.history(ref, before, max);
  }

  recall(commandId: string): Remembered | undefined {
    return this.log.recall(commandId);
  }

  outboxNext(max: number, after?: string) {
    return this.log.outboxNext(max, after);
  }

  outboxDone(ids: readonly string[]): void {
    this.log.outboxDone(ids);
  }

  timersDue(nowMs: number, max: number) {
    return this.log.timersDue(nowMs, max);
  }

  timersNextAtMs(): number | undefined {
    return this.log.timersNextAtMs();
  }

  read(after: number, max: number) {
    return this.log.read(after, max);
  }

  head() {
    return this.log.head();
  }

  prune(beforeMs: number, max: number): number {
    return this.log.prune(beforeMs, max);
  }

  close(): void {
    this.log.close();
  }
}

/** Says "written" before it writes. */
class EarlyAnswerLog extends PassingLog {
  readonly #late: (readonly ActorCommit[])[] = [];
  readonly #remembered = new Map<string, Remembered>();
  #position = this.head().position;

  override commit(list: readonly ActorCommit[]): readonly CommitResult[] {
    this.#late.push(list);
    if (this.#late.length === 1) setTimeout(() => this.#write(), LATE_MS);
    return list.map(({ events, remember }) => {
      for (const one of remember) this.#remembered.set(one.commandId, one);
      const position = this.#position + 1;
      this.#position += events.length;
      return { kind: "ok", position };
    });
  }

  #write(): void {
    for (const list of this.#late.splice(0)) this.log.commit(list);
  }

  override load(refs: readonly ActorRef[]): readonly LoadedActor[] {
    this.#write();
    return super.load(refs);
  }

  override history(ref: ActorRef, before: number, max: number) {
    this.#write();
    return super.history(ref, before, max);
  }

  override recall(commandId: string): Remembered | undefined {
    return this.#remembered.get(commandId) ?? super.recall(commandId);
  }

  override outboxNext(max: number, after?: string) {
    this.#write();
    return super.outboxNext(max, after);
  }

  override close(): void {
    this.#write();
    super.close();
  }
}

/** Never knows a repeat: idempotency keys are not kept. */
class ForgetfulLog extends PassingLog {
  override commit(list: readonly ActorCommit[]): readonly CommitResult[] {
    return super.commit(list.map((commit) => ({ ...commit, remember: [] })));
  }
}

const PLANTED = { "early-answer": EarlyAnswerLog, forgetful: ForgetfulLog };

/** The words of `seqr serve`: --data DIR --port N. */
const [, , , , dataDir = "", , port = "0"] = process.argv;
const config = loadConfig(dataDir, {}, { port });
const Log = PLANTED[process.env["PLANTED"] as keyof typeof PLANTED];
const { url } = await startSwitch({ config, openLog: (file) => new Log(file) });
process.stdout.write(`${JSON.stringify({ event: "serving", url })}\n`);
