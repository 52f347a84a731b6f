/**
 * Repeats of calls that leave nothing in an actor which a second one could do twice: challenges,
 * sessions and scans. Their answers are kept in memory, for as long as they are of use; after a
 * restart the call is simply made anew.
 */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Clock } from "../runtime/clock.ts";
import type { Env } from "./edge.ts";
import { type CallKey, callKey, hasKey } from "./once.ts";
import { Problem } from "./problem.ts";

/** The oldest answer goes when there are more; its repeat is a call of its own. */
const ANSWERS_MAX = 10_000;

interface Kept {
  readonly fingerprint: string;
  readonly answer: Promise<string>;
  readonly expiresAtMs: number;
}

export class Repeats {
  /** Oldest first. */
  readonly #kept = new Map<string, Kept>();

  constructor(
    private readonly clock: Clock,
    /** How long an answer is of use, in milliseconds. */
    private readonly keptMs: number,
  ) {}

  /**
   * Answers with what `run` gives, as JSON: once per key and body, where a key is given. A call in
   * flight is joined; a call that fails is not remembered. Throws Problem.
   */
  async answer(
    c: Context<Env>,
    keysOf: string,
    status: ContentfulStatusCode,
    run: () => Promise<unknown>,
  ): Promise<Response> {
    const body = hasKey(c) ? await this.#recall(c, await callKey(c, keysOf), run) : undefined;
    c.header("content-type", "application/json");
    return c.body(body ?? JSON.stringify(await run()), status);
  }

  async #recall(
    c: Context<Env>,
    { commandId, fingerprint }: CallKey,
    run: () => Promise<unknown>,
  ): Promise<string> {
    const nowMs = this.clock.nowMs();
    const known = this.#kept.get(commandId);
    if (known !== undefined && nowMs < known.expiresAtMs) {
      if (known.fingerprint !== fingerprint) throw new Problem("idempotency_mismatch");
      const answer = await known.answer;
      c.header("idempotent-replayed", "true");
      return answer;
    }
    const answer = run().then((body) => JSON.stringify(body));
    const kept = { fingerprint, answer, expiresAtMs: nowMs + this.keptMs };
    this.#keep(commandId, kept, nowMs);
    try {
      return await answer;
    } catch (error) {
      if (this.#kept.get(commandId) === kept) this.#kept.delete(commandId);
      throw error;
    }
  }

  #keep(commandId: string, kept: Kept, nowMs: number): void {
    this.#kept.delete(commandId);
    for (const [id, { expiresAtMs }] of this.#kept) {
      if (nowMs < expiresAtMs && this.#kept.size < ANSWERS_MAX) break;
      this.#kept.delete(id);
    }
    this.#kept.set(commandId, kept);
  }
}
