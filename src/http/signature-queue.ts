/**
 * Ed25519 signatures of one event-loop turn, verified together: a batch costs less than its
 * members one by one. What is waiting when the turn ends is verified then, or earlier when
 * BATCH_MAX wait or the first has waited for WAIT_MS. A batch with a bad member is looked through
 * one by one, which costs up to twice as much; so a source whose signatures failed is verified
 * alone for a while, and cannot make others pay.
 */
import { ed25519Verify, ed25519VerifyBatch, type SignedMessage } from "../../wasm/core.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Metrics } from "./metrics.ts";

/** What one call of the module takes. */
const BATCH_MAX = 64;
/** Two together cost what two cost alone (docs/crypto-core.md). */
const BATCH_MIN = 3;
const WAIT_MS = 1;
/** How long a source is verified alone after a failure, and how many such sources are known. */
const DISTRUST_MS = 60_000;
const SOURCES_MAX = 10_000;

interface Waiting {
  readonly item: SignedMessage;
  readonly source: string;
  readonly resolve: (isValid: boolean) => void;
  readonly reject: (error: unknown) => void;
}

export class SignatureQueue {
  #waiting: Waiting[] = [];
  #firstAtMs = 0;
  /** Until when each source is verified alone; oldest first. */
  readonly #distrusted = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly metrics: Pick<Metrics, "signatures">,
    /** Real milliseconds: who waits for a batch waits for real. */
    private readonly realMs: () => number = () => performance.now(),
  ) {}

  /** Whether the signature is right; `source` is who is to blame if not, an account for one. */
  verify(item: SignedMessage, source: string): Promise<boolean> {
    if (this.#isDistrusted(source)) return Promise.resolve(this.#alone(item, source));
    return new Promise((resolve, reject) => {
      const nowMs = this.realMs();
      if (this.#waiting.length === 0) {
        this.#firstAtMs = nowMs;
        setImmediate(() => this.#flush());
      }
      this.#waiting.push({ item, source, resolve, reject });
      const isLong = nowMs - this.#firstAtMs >= WAIT_MS;
      if (isLong || this.#waiting.length >= BATCH_MAX) this.#flush();
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      const verdicts = this.#verdicts(waiting);
      for (const [at, { resolve }] of waiting.entries()) resolve(verdicts[at] === true);
    } catch (error) {
      // A bug: the callers must hear of it, or they would wait for ever.
      for (const { reject } of waiting) reject(error);
    }
  }

  #verdicts(waiting: readonly Waiting[]): readonly boolean[] {
    if (waiting.length < BATCH_MIN) {
      return waiting.map(({ item, source }) => this.#alone(item, source));
    }
    const bad = new Set(ed25519VerifyBatch(waiting.map(({ item }) => item)).bad);
    this.metrics.signatures("together", waiting.length);
    return waiting.map(({ source }, at) => {
      if (bad.has(at)) this.#distrust(source);
      return !bad.has(at);
    });
  }

  #alone({ signature, message, publicKey }: SignedMessage, source: string): boolean {
    const isValid = ed25519Verify(signature, message, publicKey);
    this.metrics.signatures("alone", 1);
    if (!isValid) this.#distrust(source);
    return isValid;
  }

  #isDistrusted(source: string): boolean {
    const untilMs = this.#distrusted.get(source);
    if (untilMs === undefined) return false;
    if (this.clock.nowMs() < untilMs) return true;
    this.#distrusted.delete(source);
    return false;
  }

  #distrust(source: string): void {
    this.#distrusted.delete(source);
    this.#distrusted.set(source, this.clock.nowMs() + DISTRUST_MS);
    if (this.#distrusted.size <= SOURCES_MAX) return;
    for (const [oldest] of this.#distrusted) {
      this.#distrusted.delete(oldest);
      break;
    }
  }
}
