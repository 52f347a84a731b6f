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
  readonly #death = Promise.withResolvers<never>();
  #isDead = false;

  constructor(private readonly options: SupervisedOptions) {
    const worker = options.spawn();
    this.#worker = worker;
    // Whoever waits for an answer hears of it; nobody else has to.
    this.#death.promise.catch(() => {});
    const started = Promise.withResolvers<void>();
    worker.addEventListener("message", ({ data }) => {
      if (data === READY) started.resolve();
      else if (!this.#isDead) options.heard(data);
    });
    for (const event of ["error", "messageerror", "close"]) {
      worker.addEventListener(event, () => this.#die("the worker died"));
    }
    this.#remote = wrap<Api>(worker);
    this.ready = this.#orDeath(started.promise);
  }

  ask<Answer>(call: (remote: Remote<Api>) => Answer): Promise<Awaited<Answer>> {
    return this.#orDeath(Promise.resolve(call(this.#remote)));
  }

  end(): void {
    this.#remote[releaseProxy]();
    this.#die("the worker was ended");
  }

  #orDeath<Value>(answer: Promise<Value>): Promise<Value> {
    return Promise.race([answer, this.#death.promise]);
  }

  #die(why: string): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#death.reject(this.options.death(why));
    this.#worker.terminate();
    this.options.onDeath();
  }
}
