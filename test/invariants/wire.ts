/**
 * The line between one host and the log. It can be cut, as a crash cuts it; it can hold back what
 * one actor sends another; and it may answer late, so that sends leave through the outbox.
 */
import type { ActorRef } from "../../actors/actor.ts";
import type {
  ActorCommit,
  Awaitable,
  CommitResult,
  DueTimer,
  EventLog,
  LoadedActor,
  OutboxItem,
  Remembered,
} from "../../src/runtime/event-log.ts";
import { nextTurn } from "../conformance/delayed-log.ts";
import { ForwardingLog } from "../conformance/forwarding-log.ts";
import type { TakenState } from "./engine.ts";

/** What becomes of the next commit: it and the host are lost, or it is written and nobody told. */
export type Doom = "commit lost" | "nobody told" | undefined;

export interface WireOptions {
  /** Every answer comes in a later turn of the event loop. */
  readonly late: boolean;
  /** Stored state is a cache and may be left out. */
  readonly snapshots: boolean;
}

export class Wire extends ForwardingLog {
  doom: Doom;
  isCut = false;
  holdsPost = false;
  /** Answers on their way. */
  pending = 0;
  states: TakenState[] = [];

  constructor(
    inner: EventLog,
    private readonly options: WireOptions,
  ) {
    super(inner);
  }

  override load(refs: readonly ActorRef[]): Awaitable<readonly LoadedActor[]> {
    return this.#answer(() => super.load(refs));
  }

  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    if (this.isCut) return silence();
    if (this.doom === "commit lost") return this.#cut();
    for (const { ref, expectedSeq, events, state } of list) {
      if (state === undefined) continue;
      this.states.push({ ref, seq: expectedSeq + events.length, json: state });
    }
    const { snapshots } = this.options;
    const results = super.commit(
      snapshots ? list : list.map((commit) => ({ ...commit, state: undefined })),
    );
    return this.doom === "nobody told" ? this.#cut() : this.#answer(() => results);
  }

  override recall(commandId: string): Awaitable<Remembered | undefined> {
    return this.#answer(() => super.recall(commandId));
  }

  override outboxNext(max: number, after?: string): Awaitable<readonly OutboxItem[]> {
    return this.#answer(() => (this.holdsPost ? [] : super.outboxNext(max, after)));
  }

  override outboxDone(ids: readonly string[]): Awaitable<void> {
    return this.#answer(() => super.outboxDone(ids));
  }

  override timersDue(nowMs: number, max: number): Awaitable<readonly DueTimer[]> {
    return this.#answer(() => super.timersDue(nowMs, max));
  }

  override timersNextAtMs(): Awaitable<number | undefined> {
    return this.#answer(() => super.timersNextAtMs());
  }

  #cut(): Promise<never> {
    this.isCut = true;
    return silence();
  }

  #answer<T>(request: () => Awaitable<T>): Awaitable<T> {
    if (this.isCut) return silence();
    return this.options.late ? this.#later(request) : request();
  }

  /** The request travels one turn of the event loop, and the answer comes with it. */
  async #later<T>(request: () => Awaitable<T>): Promise<T> {
    this.pending++;
    await nextTurn();
    this.pending--;
    return this.isCut ? silence() : request();
  }
}

/** A dead process answers nothing. */
function silence(): Promise<never> {
  return new Promise(() => {});
}
