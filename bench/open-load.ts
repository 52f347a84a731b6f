/**
 * The open loop: requests go when they are meant to go, however the server does, and the latency of
 * each counts from that moment. A closed loop waits out a slow server and then reports one slow
 * answer where a thousand people would have waited: coordinated omission.
 */
import { assert, present } from "../actors/assert.ts";
import { type Answer, Connection } from "./connection.ts";
import type { Load } from "./load.ts";

export interface OpenOptions {
  /** So many requests are under way at once; one that is due beyond waits, and its time runs. */
  readonly connectionsMax: number;
  /**
   * A request that found no server, or one that says 503, is sent again as a phone does it, until
   * so long after the last one was due. Default: never, and what was said stands.
   */
  readonly againMsMax?: number;
  /** So long after the last one was due an answer is waited for. */
  readonly patienceMsMax?: number;
}

/** Latencies are milliseconds from the intended time to the last byte in. */
export interface OpenLoad extends Load {
  /**
   * Milliseconds from the intended time until the bytes went out for the first time, the wait for
   * a connection included; for one that never went, until it was given up.
   */
  readonly lateMs: Float64Array;
  /** Unix milliseconds of the moment that the schedule counts from. */
  readonly startedAtMs: number;
  /** How often each was sent again. */
  readonly again: Uint32Array;
}

const PATIENCE_MS_MAX = 30_000;
/** Between two tries of a request that found no server; one that says how long, is obeyed. */
const AGAIN_MS = 50;
const BROKEN: Answer = { status: 0, body: "" };
const UNAVAILABLE = 503;
/** Stands for the lateness of what has not gone out. */
const NOT_YET = -1;

/** Sends `requests[n]` at `scheduleMs[n]`, and resolves when each has its answer or none came. */
export function driveOpen(
  url: string,
  requests: readonly Uint8Array[],
  scheduleMs: Float64Array,
  options: OpenOptions,
): Promise<OpenLoad> {
  assert(requests.length === scheduleMs.length, "a time for each request");
  assert(requests.length > 0, "there is something to send");
  return new OpenRun(url, requests, scheduleMs, options).run();
}

class OpenRun {
  readonly #answers: Answer[];
  readonly #latenciesMs: Float64Array;
  readonly #lateMs: Float64Array;
  readonly #again: Uint32Array;
  readonly #done = Promise.withResolvers<void>();
  readonly #connections = new Set<Connection>();
  readonly #idle: Connection[] = [];
  /** Due, and without a connection; oldest first, from `#served` on. */
  readonly #waiting: number[] = [];
  #served = 0;
  /** Connections that are there or being opened. */
  #taken = 0;
  #next = 0;
  #left: number;
  #startedMs = 0;
  #isOver = false;

  constructor(
    private readonly url: string,
    private readonly requests: readonly Uint8Array[],
    private readonly scheduleMs: Float64Array,
    private readonly options: OpenOptions,
  ) {
    this.#left = requests.length;
    this.#answers = new Array(requests.length);
    this.#latenciesMs = new Float64Array(requests.length);
    this.#lateMs = new Float64Array(requests.length).fill(NOT_YET);
    this.#again = new Uint32Array(requests.length);
  }

  async run(): Promise<OpenLoad> {
    this.#startedMs = performance.now();
    const startedAtMs = performance.timeOrigin + this.#startedMs;
    const { patienceMsMax = PATIENCE_MS_MAX } = this.options;
    const deadline = setTimeout(() => this.#giveUp(), this.#lastDueMs + patienceMsMax);
    this.#sendDue();
    await this.#done.promise;
    const elapsedMs = performance.now() - this.#startedMs;
    clearTimeout(deadline);
    this.#isOver = true;
    for (const connection of this.#connections) connection.close();
    return {
      answers: this.#answers,
      latenciesMs: this.#latenciesMs,
      lateMs: this.#lateMs,
      elapsedMs,
      startedAtMs,
      again: this.#again,
    };
  }

  get #lastDueMs(): number {
    return present(this.scheduleMs.at(-1), "the last time of the schedule");
  }

  /** Milliseconds since the schedule began. */
  get #nowMs(): number {
    return performance.now() - this.#startedMs;
  }

  /** Sends what is due, and wakes for what comes next. Timers are whole milliseconds. */
  #sendDue(): void {
    if (this.#isOver) return;
    const nowMs = this.#nowMs;
    for (; this.#next < this.requests.length; this.#next++) {
      const dueMs = this.scheduleMs[this.#next] ?? 0;
      if (dueMs > nowMs) {
        setTimeout(() => this.#sendDue(), dueMs - nowMs);
        return;
      }
      this.#dispatch(this.#next);
    }
  }

  #dispatch(at: number): void {
    const connection = this.#takeIdle();
    if (connection !== undefined) void this.#exchange(connection, at);
    else if (this.#taken < this.options.connectionsMax) void this.#connect(at);
    else this.#waiting.push(at);
  }

  /** One that the server closed meanwhile is let go. */
  #takeIdle(): Connection | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined || connection.isOpen) return connection;
      this.#drop(connection);
    }
  }

  #drop(connection: Connection): void {
    if (this.#connections.delete(connection)) this.#taken--;
  }

  async #connect(at: number): Promise<void> {
    this.#taken++;
    try {
      const connection = await Connection.open(this.url);
      this.#connections.add(connection);
      if (this.#isOver) connection.close();
      await this.#exchange(connection, at);
    } catch {
      this.#taken--;
      this.#answered(at, BROKEN);
      this.#serveWaiting();
    }
  }

  async #exchange(connection: Connection, at: number): Promise<void> {
    this.#noteLate(at);
    const answer = await connection.exchange(present(this.requests[at], "a request to send"));
    if (connection.isOpen) this.#idle.push(connection);
    else this.#drop(connection);
    this.#answered(at, answer);
    this.#serveWaiting();
  }

  #serveWaiting(): void {
    const at = this.#waiting[this.#served];
    if (at === undefined || this.#isOver) return;
    this.#served++;
    this.#dispatch(at);
  }

  #answered(at: number, answer: Answer): void {
    if (this.#isOver) return;
    const { againMsMax } = this.options;
    const isFinal = answer.status !== 0 && answer.status !== UNAVAILABLE;
    if (!isFinal && againMsMax !== undefined && this.#nowMs < this.#lastDueMs + againMsMax) {
      this.#again[at] = (this.#again[at] ?? 0) + 1;
      const pauseMs = answer.retryAfterMs ?? AGAIN_MS;
      setTimeout(() => this.#isOver || this.#dispatch(at), pauseMs);
      return;
    }
    this.#conclude(at, answer);
    this.#left--;
    if (this.#left === 0) this.#done.resolve();
  }

  #conclude(at: number, answer: Answer): void {
    const latencyMs = this.#nowMs - (this.scheduleMs[at] ?? 0);
    this.#answers[at] = answer;
    this.#latenciesMs[at] = latencyMs;
    if (this.#lateMs[at] === NOT_YET) this.#lateMs[at] = latencyMs;
  }

  /** Only the first time counts: what is sent again is late because of the server. */
  #noteLate(at: number): void {
    if (this.#lateMs[at] === NOT_YET) this.#lateMs[at] = this.#nowMs - (this.scheduleMs[at] ?? 0);
  }

  /** Nobody knows what became of those that have no answer by now. */
  #giveUp(): void {
    for (let at = 0; at < this.requests.length; at++) {
      if (this.#answers[at] === undefined) this.#conclude(at, BROKEN);
    }
    this.#isOver = true;
    this.#done.resolve();
  }
}
