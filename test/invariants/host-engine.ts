/** Runs commands on real hosts, one after another on the same log, as restarts and crashes go. */
import type { ActorRef, AnyActor, Message } from "../../actors/actor.ts";
import { VirtualClock } from "../../src/runtime/clock.ts";
import type { EventLog, LogHead, StoredEvent } from "../../src/runtime/event-log.ts";
import { Host } from "../../src/runtime/host.ts";
import { nextTurn } from "../conformance/delayed-log.ts";
import type { Call, Engine, Rest, RestartKind, TakenState } from "./engine.ts";
import { START_MS } from "./town.ts";
import { Wire, type WireOptions } from "./wire.ts";

export interface Storage {
  open(): EventLog;
  /** Another log object on what was written, as a new process has it. */
  reopen(log: EventLog): EventLog;
  close(log: EventLog): void;
}

export interface HostEngineOptions extends WireOptions {
  readonly storage: Storage;
  readonly cellsMax: number;
}

/** Turns of the event loop within which a host comes to rest. */
const TURNS_MAX = 5_000;
/** Turns without any movement that count as rest. */
const QUIET_TURNS = 3;
const CLIENT = "test";
/** What leaves the host is not looked at here. */
const NOWHERE = { deliver: () => Promise.resolve() };

export class HostEngine implements Engine {
  readonly reports: string[] = [];
  readonly #clock = new VirtualClock(START_MS);
  #log: EventLog;
  #wire: Wire;
  #host: Host;

  constructor(
    private readonly actors: readonly AnyActor[],
    private readonly options: HostEngineOptions,
  ) {
    this.#log = options.storage.open();
    this.#wire = new Wire(this.#log, options);
    this.#host = this.#boot();
  }

  get nowMs(): number {
    return this.#clock.nowMs();
  }

  submit(call: Call): void {
    const { ref, command, commandId, fingerprint } = call;
    const options = { principal: CLIENT, commandId, fingerprint, requestId: commandId };
    this.#host.askOnce(ref, command, options).then(
      (answer) => {
        if (answer.kind === "mismatch") call.mismatch = true;
        else call.reply = answer.reply;
      },
      (fault: unknown) => {
        call.fault = fault;
      },
    );
  }

  async rest(): Promise<void> {
    let quiet = 0;
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      await nextTurn();
      if (this.#wire.isCut || this.reports.length > 0) return;
      quiet = this.#isQuiet() ? quiet + 1 : 0;
      if (quiet >= QUIET_TURNS) return;
      // The virtual clock looks at what is due through a timer of the real one.
      if (turn > 100) await Bun.sleep(1);
    }
    throw new Error("the host does not come to rest");
  }

  async pass(ms: number): Promise<void> {
    this.#clock.advance(ms);
    await this.rest();
  }

  ask(ref: ActorRef, command: Message): Promise<Message> {
    return this.#host.ask(ref, command, { principal: CLIENT });
  }

  read(after: number): readonly StoredEvent[] {
    return now(this.#log.read(after, 10_000));
  }

  stateOf(ref: ActorRef): string | undefined {
    const [loaded] = now(this.#log.load([ref]));
    return loaded?.state?.json;
  }

  takeStates(): readonly TakenState[] {
    const { states } = this.#wire;
    this.#wire.states = [];
    return states;
  }

  head(): LogHead {
    return now(this.#log.head());
  }

  post(open: boolean): Rest {
    this.#wire.holdsPost = !open;
    if (!open) return undefined;
    this.#host.outbox.wake();
    return this.rest();
  }

  async restart(how: RestartKind, during: () => void): Promise<void> {
    const { holdsPost } = this.#wire;
    if (how === "drained") {
      during();
      // A host that stops in order lets payments come to their end.
      this.#wire.holdsPost = false;
      this.#host.outbox.wake();
      await this.#host.drain();
    } else {
      this.#wire.doom = how;
      during();
      await this.rest();
      this.#wire.isCut = true;
      this.#host.timers.stop();
    }
    const { states } = this.#wire;
    this.#log = this.options.storage.reopen(this.#log);
    this.#wire = new Wire(this.#log, this.options);
    // What a lost commit would have stored was never the state of anything.
    this.#wire.states = states;
    this.#wire.holdsPost = holdsPost;
    this.#host = this.#boot();
    await this.#host.start();
    await this.rest();
  }

  deliver(): void {}

  fire(): void {}

  async finish(): Promise<void> {
    await this.post(true);
  }

  close(): void {
    this.#wire.isCut = true;
    this.#host.timers.stop();
    this.options.storage.close(this.#log);
  }

  #boot(): Host {
    return new Host({
      actors: this.actors,
      log: this.#wire,
      clock: this.#clock,
      outlets: { sms: NOWHERE, documents: NOWHERE },
      report: (error, where) => this.reports.push(`${where}: ${String(error)}`),
      limits: { cellsMax: this.options.cellsMax },
    });
  }

  #isQuiet(): boolean {
    const { waiting, groupUnits } = this.#host.figures();
    if (this.#wire.pending > 0 || waiting > 0 || groupUnits > 0) return false;
    if (!this.#wire.holdsPost && now(this.#log.outboxNext(1)).length > 0) return false;
    return now(this.#log.timersDue(this.nowMs, 1)).length === 0;
  }
}

/** The logs under test answer at once; what is late is the wire. */
function now<T>(answer: T | Promise<T>): T {
  if (answer instanceof Promise) throw new Error("this log answers at once");
  return answer;
}
