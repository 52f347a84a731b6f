/** Where the time of a long benchmark goes: seconds by phase, on the clock and of the processor. */

export type Times = readonly {
  readonly phase: string;
  readonly seconds: number;
  /** Of this process, collector and compiler included. */
  readonly cpuSeconds: number;
}[];

export class Stopwatch {
  readonly #phases = new Map<string, { seconds: number; cpuSeconds: number }>();

  async time<Result>(phase: string, work: () => Result | Promise<Result>): Promise<Result> {
    const startedMs = performance.now();
    const cpu = process.cpuUsage();
    try {
      return await work();
    } finally {
      const { user, system } = process.cpuUsage(cpu);
      const sum = this.#phases.get(phase) ?? { seconds: 0, cpuSeconds: 0 };
      sum.seconds += (performance.now() - startedMs) / 1_000;
      sum.cpuSeconds += (user + system) / 1_000_000;
      this.#phases.set(phase, sum);
    }
  }

  times(): Times {
    return [...this.#phases].map(([phase, sum]) => ({ phase, ...sum }));
  }
}
