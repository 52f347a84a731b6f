/**
 * The event loop of a simulated run. Whatever waits, waits here: immediates, timers, what is under
 * way on the network and to the bank. Tasks run one at a time, by time and then in order, and each
 * belongs to somebody: when a process ends, what it was waiting for ends with it, between two
 * tasks. That is how a crash can fall between any two steps of the switch.
 */
import { realTurn } from "./real-time.ts";

/** Somebody who has tasks: a process of the switch, or the world around it. */
export class Owner {
  isGone = false;
  constructor(readonly name: string) {}
}

/** Phones, tills, the bank, the network: no crash of the switch ends them. */
export const OUTSIDE = new Owner("outside");

export interface Task {
  readonly atMs: number;
  readonly order: number;
  readonly owner: Owner;
  readonly run: () => void;
}

/** Nothing is left that could happen, and the run has not come to its end. */
export class Stuck extends Error {
  override readonly name = "Stuck";
}

/** Tasks in one millisecond: whoever looks again and again for something lets it come. */
const TASKS_PER_MS = 20;

export interface LoopHooks {
  /** Before each task: whoever wants a process to end here drops it. */
  beforeTask(task: Task): void;
  /** Time passes because nothing is left to do now. */
  elapse(byMs: number): void;
}

export class Loop {
  /** Soonest first. */
  readonly #tasks: Task[] = [];
  #order = 0;
  #nowMs = 0;
  #ranNow = 0;
  /** Whose task runs, or ran last: what it adds is its own. */
  owner: Owner = OUTSIDE;
  ran = 0;

  constructor(private readonly hooks: LoopHooks) {}

  /** Milliseconds since the loop began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  add(run: () => void, delayMs = 0, owner = this.owner): Task {
    const atMs = this.#nowMs + Math.max(0, Math.ceil(delayMs));
    const task: Task = { atMs, order: this.#order++, owner, run };
    if (owner.isGone) return task;
    let at = this.#tasks.length;
    while (at > 0 && (this.#tasks[at - 1] as Task).atMs > atMs) at--;
    this.#tasks.splice(at, 0, task);
    return task;
  }

  cancel(task: Task): void {
    const at = this.#tasks.indexOf(task);
    if (at !== -1) this.#tasks.splice(at, 1);
  }

  /** The owner is gone, and nothing that it waited for happens any more. */
  drop(owner: Owner): void {
    owner.isGone = true;
    for (let at = this.#tasks.length - 1; at >= 0; at--) {
      if (this.#tasks[at]?.owner === owner) this.#tasks.splice(at, 1);
    }
  }

  /** Resolves after so many milliseconds, in a task of whoever asks. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.add(resolve, delayMs));
  }

  /** Runs tasks until `end` has come. Throws what it throws, and Stuck. */
  async until<T>(end: Promise<T>): Promise<T> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    end.then(over, over);
    for (;;) {
      // The microtasks of a task have all their turns.
      await realTurn();
      if (isOver) return await end;
      const next = this.#tasks[0];
      if (next === undefined) throw new Stuck("nothing is left to do");
      if (next.atMs > this.#nowMs) this.#elapse(next.atMs);
      else if (this.#ranNow >= TASKS_PER_MS) this.#elapse(this.#nowMs + 1);
      else this.#run(next);
    }
  }

  #elapse(toMs: number): void {
    const byMs = toMs - this.#nowMs;
    this.#nowMs = toMs;
    this.#ranNow = 0;
    this.hooks.elapse(byMs);
  }

  #run(task: Task): void {
    this.hooks.beforeTask(task);
    if (task.owner.isGone) return;
    this.#tasks.shift();
    this.owner = task.owner;
    this.ran++;
    this.#ranNow++;
    task.run();
  }
}
