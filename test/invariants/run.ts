/**
 * One run: a town is set up, the steps are taken, and after each of them the log, the actors and
 * every answer are held against the invariants.
 */
import type { AccountState } from "../../actors/account-state.ts";
import type { AnyActor } from "../../actors/actor.ts";
import type { LaneState } from "../../actors/lane-state.ts";
import { isRefusal } from "../../actors/refusals.ts";
import { Answers } from "./answers.ts";
import { Auditor } from "./auditor.ts";
import { Commands, type Told } from "./commands.ts";
import { demand } from "./demand.ts";
import type { Call, Engine } from "./engine.ts";
import { checkAccount, checkLane } from "./live.ts";
import { type Expected, expected } from "./oracle.ts";
import type { Rare } from "./rare.ts";
import { Repeats } from "./repeats.ts";
import { Replica } from "./replica.ts";
import { MINUTE_MS, type SimpleStep, type Slip, type Step } from "./steps.ts";
import { POLICY, type SetUp, setUpCommands } from "./town.ts";

export interface RunOptions {
  readonly accounts: number;
  /** Every command is answered before the engine rests, unless the post is held back. */
  readonly answersAtOnce: boolean;
}

/** The longest that a payment request or a hold can take to come to its end. */
const END_ROUNDS = 2 + Math.ceil(POLICY.requestMsMax / POLICY.holdMs);

export class Run {
  readonly auditor: Auditor;
  readonly #replica: Replica;
  readonly #commands: Commands;
  readonly #answers: Answers;
  readonly #repeats: Repeats;
  #waiting: Call[] = [];
  #isPostOpen = true;
  #calls = 0;

  constructor(
    private readonly engine: Engine,
    actors: readonly AnyActor[],
    private readonly rare: Rare,
    private readonly options: RunOptions,
  ) {
    this.auditor = new Auditor(rare);
    this.#replica = new Replica(actors);
    this.#commands = new Commands(this.auditor);
    this.#answers = new Answers(this.auditor, rare);
    this.#repeats = new Repeats(this.auditor, this.#answers, rare);
  }

  /** Returns the head hash of the log at the end. */
  async all(steps: readonly Step[]): Promise<string> {
    for (const round of setUpCommands(this.options.accounts)) await this.#setUp(round);
    for (const step of steps) await this.#take(step);
    await this.#end();
    return this.engine.head().hash;
  }

  async #setUp(round: readonly SetUp[]): Promise<void> {
    const calls = round.map((told) => this.#call(told));
    for (const call of calls) this.engine.submit(call);
    await this.engine.rest();
    await this.engine.finish();
    await this.#look();
    for (const { reply, command } of calls) {
      const isDone = reply !== undefined && !isRefusal(reply);
      demand(isDone, "the town is set up", () => [command, reply]);
    }
  }

  async #take(step: Step): Promise<void> {
    switch (step.kind) {
      case "together":
        return this.#at(step.steps);
      case "race":
        return this.#at(racers(step));
      case "buy":
        await this.#at([{ kind: "open", lane: step.lane, amount: step.amount }]);
        await this.#at([{ kind: "scan", lane: step.lane, back: 0 }]);
        return this.#at([approval(step.account, step.lane)]);
      case "guess":
        for (let attempt = 0; attempt < step.tries; attempt++) {
          await this.#at([approval(step.account, step.lane, "wrong pin")]);
        }
        return;
      case "linger":
        for (let scan = 0; scan < step.scans; scan++) {
          await this.#at([{ kind: "scan", lane: step.lane, back: 0 }]);
          await this.#take({ kind: "pass", ms: 1.5 * MINUTE_MS });
        }
        return;
      case "restart":
        return this.#restart(step);
      case "pass":
      case "post":
      case "deliver":
      case "fire":
        return this.#move(step);
      default:
        return this.#at([step]);
    }
  }

  /** Nobody says anything; something moves. */
  async #move(step: Extract<Step, { kind: "pass" | "post" | "deliver" | "fire" }>): Promise<void> {
    if (step.kind === "pass") await this.engine.pass(step.ms);
    if (step.kind === "post") {
      this.#isPostOpen = step.open;
      await this.engine.post(step.open);
    }
    if (step.kind === "deliver") this.engine.deliver(step.pick, step.stays);
    if (step.kind === "fire") this.engine.fire(step.pick);
    await this.#look();
  }

  /** All of these in one moment, before any of them is answered. */
  async #at(steps: readonly SimpleStep[]): Promise<void> {
    const { calls, repeats } = this.#prepare(steps);
    const [alone] = calls.length === 1 ? calls : [];
    const opinion = alone && expected(this.auditor, alone, this.engine.nowMs);
    const isKnown = alone !== undefined && this.#repeats.changesNothing(alone);
    const { position } = this.auditor;
    for (const call of calls) this.engine.submit(call);
    await this.engine.rest();
    await this.#look();
    if (isKnown) demand(this.auditor.position === position, "I6", () => alone.command);
    // What is remembered under its id may have been said of another state of affairs.
    if (alone !== undefined && repeats === 0) this.#compare(alone, opinion);
  }

  /** The reply of a command that was sent alone, against the second opinion. */
  #compare({ command, reply }: Call, opinion: Expected): void {
    const mayWait = !this.options.answersAtOnce || !this.#isPostOpen;
    if (opinion === undefined || (reply === undefined && mayWait)) return;
    const fields = reply as unknown as Readonly<Record<string, unknown>> | undefined;
    const isAsExpected = Object.entries(opinion).every(
      ([field, value]) => fields?.[field] === value,
    );
    demand(isAsExpected, "the ladder", () => ({ command, reply, opinion }));
  }

  /** The calls of these steps; `repeats` of them are repeats under an id that was used before. */
  #prepare(steps: readonly SimpleStep[]): { calls: Call[]; repeats: number } {
    const calls: Call[] = [];
    let repeats = 0;
    for (const step of steps) {
      if (step.kind === "repeat") {
        const isAlone = steps.length === 1;
        const again = this.#repeats.of(step, isAlone, (told) => this.#call(told));
        if (again === undefined) continue;
        calls.push(again);
        if (step.as !== "under another id") repeats++;
      } else {
        const told = this.#commands.of(step, this.engine.nowMs);
        if (told !== undefined) calls.push(this.#call(told));
      }
    }
    this.#repeats.note(calls);
    this.#waiting.push(...calls);
    return { calls, repeats };
  }

  #call(told: Told): Call {
    const commandId = `call-${++this.#calls}`;
    return newCall(told, commandId);
  }

  async #restart({ how, steps, again }: Extract<Step, { kind: "restart" }>): Promise<void> {
    if (this.auditor.held > 0) this.rare.reach("restart with a hold pending");
    const { calls } = this.#prepare(steps);
    const { position } = this.engine.head();
    await this.engine.restart(how, () => {
      for (const call of calls) this.engine.submit(call);
    });
    const unheard = this.#waiting.filter(({ reply, mismatch }) => reply === undefined && !mismatch);
    const isWritten = this.engine.head().position > position;
    if (how === "commit lost" && unheard.length > 0) this.rare.reach("crash before a commit");
    if (how === "nobody told" && unheard.length > 0 && isWritten) {
      this.rare.reach("crash after a commit, nobody told");
    }
    this.#waiting = this.#waiting.filter((call) => !unheard.includes(call));
    await this.#look();
    if (!again) return;
    const asked = new Map(unheard.map((call) => [call.commandId, newCall(call, call.commandId)]));
    if (asked.size > 0) this.rare.reach("command repeated after a crash");
    this.#waiting.push(...asked.values());
    for (const call of asked.values()) this.engine.submit(call);
    await this.engine.rest();
    await this.#look();
  }

  /** Everything arrives, time passes all holds and requests, and the books are closed. */
  async #end(): Promise<void> {
    await this.#move({ kind: "post", open: true });
    for (let round = 0; round < END_ROUNDS; round++) {
      await this.engine.finish();
      await this.engine.pass(POLICY.holdMs);
    }
    await this.engine.finish();
    await this.#look();
    this.auditor.demandAllEnded();
    for (const { id, open } of this.auditor.lanes.values()) {
      demand(open.length === 0, "every request ends", () => [id, open]);
    }
    demand(this.#waiting.length === 0, "everyone is answered", () => this.#waiting);
  }

  /** Reads what was written, event by event, and holds everything against it. */
  async #look(): Promise<void> {
    const { engine, auditor } = this;
    this.#replica.expect(engine.takeStates());
    for (;;) {
      const events = engine.read(auditor.position);
      if (events.length === 0) break;
      for (const event of events) {
        auditor.hear(event);
        this.#replica.hear(event);
      }
    }
    demand(engine.reports.length === 0, "no bug", () => engine.reports);
    for (const key of auditor.touched) await this.#checkActor(key);
    auditor.touched.clear();
    this.#hearAnswers();
  }

  async #checkActor(key: string): Promise<void> {
    const [kind = "", id = ""] = key.split(":");
    const rebuilt = this.#replica.stateOf(key);
    if (kind === "lane") checkLane(this.auditor, id, rebuilt as LaneState);
    if (kind !== "account") return;
    const reply = await this.engine.ask({ kind, id }, { kind: "DescribeAccount" });
    checkAccount(this.auditor, id, reply, rebuilt as AccountState);
  }

  #hearAnswers(): void {
    const still: Call[] = [];
    for (const call of this.#waiting) {
      demand(call.fault === undefined, "no fault", () => [call.command, String(call.fault)]);
      if (call.reply !== undefined) this.#answers.hear(call, call.reply);
      else if (!call.mismatch) still.push(call);
      this.#repeats.demandMismatch(call);
    }
    this.#waiting = still;
    const mayWait = !this.options.answersAtOnce || !this.#isPostOpen;
    demand(mayWait || still.length === 0, "everyone is answered", () => still);
  }
}

function newCall({ ref, command }: Told, commandId: string): Call {
  const fingerprint = JSON.stringify(command);
  return {
    ref,
    command,
    commandId,
    fingerprint,
    reply: undefined,
    mismatch: false,
    fault: undefined,
  };
}

function approval(account: number, lane: number, slip: Slip = "none"): SimpleStep {
  return { kind: "approve", account, lane, back: 0, slip };
}

/** Payers of one request in one moment, and the till among them. */
function racers({ lane, payers, till, place }: Extract<Step, { kind: "race" }>): SimpleStep[] {
  const steps: SimpleStep[] = payers.map((payer) => approval(payer, lane));
  const at = place % (payers.length + 1);
  if (till === "cancels") steps.splice(at, 0, { kind: "cancel", lane, back: 0 });
  if (till === "opens another") steps.splice(at, 0, { kind: "open", lane, amount: 100 });
  if (till === "updates") {
    steps.splice(at, 0, { kind: "update", lane, back: 0, amount: 99, match: "any" });
  }
  return steps;
}
