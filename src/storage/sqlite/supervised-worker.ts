/**
 * One worker, from its start to its death, spoken to by comlink: whoever waits for an answer hears
 * of its death. No answer has a deadline: views that are built anew read the whole log.
 */
import { type Remote, releaseProxy, wrap } from "comlink";

export interface SupervisedOptions {
  readonly spawn: () => Worker;
  /** What those who wait are told. */
  readonly death: (why: string) => Error;
  /** Once. */
  readonly onDeath: () => void;
  /** What it says by itself: whatever is not an answer. */
  readonly heard: (said: unknown) => void;
}

/** A worker says this once its address is open: what is sent before that is lost. */
export const READY = "ready";

export class SupervisedWorker<Api> {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #remote: Remote<Api>;
  /** Whoever waits for an answer, to be told of the death. */
  readonly #waiting = new Set<(death: Error) => void>();
  #death: Error | undefined;

  constructor(private readonly options: SupervisedOptions) {
    const worker = options.spawn();
    this.#worker = worker;
    const started = Promise.withResolvers<void>();
    worker.addEventListener("message", ({ data }) => {
      if (data === READY) started.resolve();
      else if (this.#death === undefined) options.heard(data);
    });
    for (const event of ["error", "messageerror", "close"]) {
      worker.addEventListener(event, () => this.#die("the worker died"));
    }
    this.#remote = wrap<Api>(worker);
    this.ready = this.#orDeath(started.promise);
    // Its death is told to whoever waits; where nobody does, that is no fault.
    this.ready.catch(() => {});
  }

  /** Rejects with what the worker threw, or with its death, also when that was before. */
  async ask<Answer>(call: (remote: Remote<Api>) => Answer): Promise<Awaited<Answer>> {
    if (this.#death !== undefined) throw this.#death;
    return await this.#orDeath(Promise.resolve(call(this.#remote)));
  }

  end(): void {
    if (this.#death === undefined) this.#remote[releaseProxy]();
    this.#die("the worker was ended");
  }

  /**
   * One promise of the death for each who waits: a single one for all would hold what every answer
   * has left behind until the worker dies, which may be weeks.
   */
  async #orDeath<Value>(answer: Promise<Value>): Promise<Value> {
    const death = Promise.withResolvers<never>();
    this.#waiting.add(death.reject);
    try {
      return await Promise.race([answer, death.promise]);
    } finally {
      this.#waiting.delete(death.reject);
    }
  }

  #die(why: string): void {
    if (this.#death !== undefined) return;
    const death = this.options.death(why);
    this.#death = death;
    for (const tell of this.#waiting) tell(death);
    this.#worker.terminate();
    this.options.onDeath();
  }
}
