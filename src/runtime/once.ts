/**
 * Calls with an id: one effect per command id, and the first reply for every repeat. A call in
 * flight is joined; what is over is recalled from the log.
 */
import type { Message } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import type { Awaitable, EventLog, Remembered } from "./event-log.ts";
import { Fault } from "./fault.ts";

/** The answer to a command that may be repeated under its id. */
export type OnceAnswer =
  | {
      readonly kind: "answered";
      readonly reply: Message;
      readonly replayed: boolean;
      /** The request that produced the reply: an earlier one, when replayed. */
      readonly requestId: string;
    }
  /** The id was used for another command. Nothing was decided. */
  | { readonly kind: "mismatch" };

export interface OnceKey {
  readonly commandId: string;
  /** Tells a repeat from another command under the same id. */
  readonly fingerprint: string;
  readonly requestId?: string;
}

/** Another writer was faster with another command under this id. */
export class Mismatch extends Fault {
  constructor() {
    super("conflict", "the id was used for another command");
  }
}

interface Running {
  readonly fingerprint: string;
  readonly answer: Promise<OnceAnswer>;
}

const MISMATCH: OnceAnswer = { kind: "mismatch" };

export class OnceCalls {
  readonly #running = new Map<string, Running>();

  constructor(
    private readonly log: EventLog,
    private readonly report: (error: unknown, where: string) => void,
  ) {}

  get size(): number {
    return this.#running.size;
  }

  /** Answers from a call in flight, from the log, or by `run`. Throws Fault. */
  async call(key: OnceKey, run: () => Promise<Message>): Promise<OnceAnswer> {
    const { commandId, fingerprint } = key;
    const running = this.#running.get(commandId);
    if (running !== undefined) {
      // What is in flight may itself be the wrong one: the log knows whose the id is.
      if (running.fingerprint !== fingerprint) return (await this.#known(key)) ?? MISMATCH;
      const answer = await running.answer;
      return answer.kind === "answered" ? { ...answer, replayed: true } : answer;
    }
    const answer = this.#first(key, run);
    this.#running.set(commandId, { fingerprint, answer });
    try {
      return await answer;
    } finally {
      assert(this.#running.delete(commandId), "a call in flight is known until its end");
    }
  }

  async #first(key: OnceKey, run: () => Promise<Message>): Promise<OnceAnswer> {
    // Where the log answers at once the command is decided at once: calls keep their order.
    const recalled = this.#known(key);
    const known = recalled instanceof Promise ? await recalled : recalled;
    if (known !== undefined) return known;
    try {
      const { requestId = "" } = key;
      return { kind: "answered", reply: await run(), replayed: false, requestId };
    } catch (error) {
      if (error instanceof Mismatch) return MISMATCH;
      throw error;
    }
  }

  /** The answer that the log has for this id; undefined where it has none. */
  #known(key: OnceKey): Awaitable<OnceAnswer | undefined> {
    const recalled = this.#recall(key.commandId);
    if (recalled instanceof Promise) return recalled.then((row) => answerOf(row, key));
    return answerOf(recalled, key);
  }

  #recall(commandId: string): Awaitable<Remembered | undefined> {
    try {
      const recalled = this.log.recall(commandId);
      if (!(recalled instanceof Promise)) return recalled;
      return recalled.catch((error: unknown) => this.#unreadable(error));
    } catch (error) {
      return this.#unreadable(error);
    }
  }

  #unreadable(error: unknown): never {
    this.report(error, "recall");
    throw new Fault("busy", "the log could not be read");
  }
}

function answerOf(row: Remembered | undefined, { fingerprint }: OnceKey): OnceAnswer | undefined {
  if (row === undefined) return undefined;
  if (row.fingerprint !== fingerprint) return MISMATCH;
  const reply = JSON.parse(row.reply) as Message;
  return { kind: "answered", reply, replayed: true, requestId: row.requestId };
}
