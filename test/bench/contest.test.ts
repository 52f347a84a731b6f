/** Who takes turns with whom, what is counted, and that a wrong answer ends it. No times here. */
import { describe, expect, spyOn, test } from "bun:test";
import { AssertionFailed } from "../../actors/assert.ts";
import { type Contestant, contest, contestant, WrongAnswer } from "../../bench/contest.ts";

const PACE = { rounds: 3, sampleMs: 0, warmUpMsMax: 1 };
const silent = (): void => {};

/** Takes as many microseconds per sample as the list says, the last one for ever. */
function scripted(who: string, micros: readonly number[], told: string[] = []): Contestant {
  let at = 0;
  return {
    job: "job",
    who,
    sample(calls) {
      told.push(`${who} ${calls}`);
      const cpuMicros = micros[Math.min(at++, micros.length - 1)] ?? 0;
      return { cpuMicros, wallMicros: cpuMicros * 2 };
    },
  };
}

/** The warm-up ends at once, so that the script is that of the rounds. */
const COLD = { ...PACE, warmUpMsMax: 0 };

describe("a contest", () => {
  test("lets everybody have one sample per round, there and back again", () => {
    const told: string[] = [];
    const all = ["a", "b", "c"].map((who) => scripted(who, [1], told));
    contest(all, COLD, silent);
    expect(told.join()).toBe("a 1,b 1,c 1,c 1,b 1,a 1,a 1,b 1,c 1");
  });

  test("gives medians, quarters and the time on the clock", () => {
    const { figures } = contest([scripted("a", [9, 1, 5])], COLD, silent);
    expect(figures).toEqual([
      { job: "job", who: "a", micros: 5, lowMicros: 1, highMicros: 9, wallMicros: 10 },
    ]);
  });

  test("pairs the samples of a round: a slow machine changes no ratio", () => {
    const { ratio } = contest(
      [scripted("a", [1, 90, 3]), scripted("b", [2, 180, 6])],
      COLD,
      silent,
    );
    expect(ratio("job: a", "job: b")).toBe(2);
    expect(ratio("job: b", "job: a")).toBe(0.5);
    expect(ratio("job: a", "job: nobody")).toBeUndefined();
  });

  test("warms up as long as it gets faster, and is told of", () => {
    const told: string[] = [];
    const samples: string[] = [];
    const growing = scripted("a", [64, 32, 16, 8, 8, 8, 8, 8, 8, 7], samples);
    contest([growing], { ...PACE, rounds: 1, warmUpMsMax: 10_000 }, (text) => told.push(text));
    // Four that are better than all before, five that are not, and the round.
    expect(samples).toHaveLength(10);
    expect(told).toEqual(["warming up: job: a", "round 1 of 1"]);
  });

  test("two of the same name are a bug", () => {
    const twins = [scripted("a", [1]), scripted("a", [1])];
    expect(() => contest(twins, COLD, silent)).toThrow(AssertionFailed);
  });
});

describe("a contestant", () => {
  test("gets the numbers of its calls, also from one sample to the next", () => {
    const calls: number[] = [];
    const one = contestant(
      "job",
      "a",
      1,
      (at) => calls.push(at),
      () => true,
    );
    one.sample(2);
    one.sample(3);
    expect(calls).toEqual([0, 1, 2, 3, 4]);
  });

  test("is measured per item", () => {
    const clock = spyOn(performance, "now").mockReturnValueOnce(1_000).mockReturnValueOnce(1_008);
    try {
      // 8 ms for two calls of a thousand items each.
      const { wallMicros } = contestant(
        "job",
        "a",
        1_000,
        () => 0,
        () => true,
      ).sample(2);
      expect(wallMicros).toBe(4);
    } finally {
      clock.mockRestore();
    }
  });

  test("with one wrong answer among right ones ends the run and is named", () => {
    const one = contestant(
      "sums",
      "a",
      1,
      (at) => at,
      (answer, at) => answer === at && at !== 6,
    );
    one.sample(6);
    expect(() => one.sample(1)).toThrow(new WrongAnswer("a, sums"));
  });
});
