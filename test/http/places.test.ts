/** Who is worked on, in which order, and who waits. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { PLACES, Places } from "../../src/http/places.ts";

/** What was to follow at once has followed, and the loop has been nowhere. */
async function nextTasks(): Promise<void> {
  for (let left = 30; left > 0; left--) await Promise.resolve();
}

/** The loop has been at the door, and whoever comes in for others is in. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

test("they are worked on in the order in which they came, never more than so many", async () => {
  const places = new Places({ ...PLACES, atWork: 2, inLine: 3, inYoungLine: 3 });
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const taken = [0, 1, 2, 3, 4].map((at) => {
    return places.take("/v1/payments", () => {
      begun.push(at);
      return new Promise((resolve) => ends.push(resolve));
    });
  });
  for (let at = 0; at < taken.length; at++) {
    expect(begun).toEqual([0, 1, 2, 3, 4].slice(0, at + 2));
    expect(places.isFullFor("/v1/payments")).toBe(at === 0);
    ends[at]?.();
    await taken[at];
    // His place is free before somebody comes in for him.
    expect(places.isFullFor("/v1/payments")).toBe(false);
    await nextTurn();
  }
});

test("who comes back from outside goes on at once, and nobody comes in for him", async () => {
  const places = new Places({ ...PLACES, atWork: 1 });
  const begun: string[] = [];
  const outside = Promise.withResolvers<void>();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const one = places.take("/v1/payments", async () => {
    await places.without(outside.promise);
    begun.push("back");
    await first.promise;
  });
  const two = places.take("/v1/payments", async () => {
    begun.push("second");
    await second.promise;
  });
  const three = places.take("/v1/payments", async () => void begun.push("third"));
  await nextTurn();
  expect(begun).toEqual(["second"]);
  outside.resolve();
  await nextTurn();
  expect(begun).toEqual(["second", "back"]);
  first.resolve();
  await one;
  await nextTurn();
  expect(begun).toEqual(["second", "back"]);
  second.resolve();
  await Promise.all([two, three]);
  expect(begun).toEqual(["second", "back", "third"]);
});

test("a line that is not a second old may be long, an older one is kept short", async () => {
  let nowMs = 5_000;
  const places = new Places({ ...PLACES, atWork: 1, inLine: 2, inYoungLine: 4 }, () => nowMs);
  const ends: (() => void)[] = [];
  const come = () => {
    void places.take("/v1/payments", () => new Promise((resolve) => ends.push(resolve)));
  };
  const leave = async (count: number) => {
    for (let left = 0; left < count; left++) {
      ends.shift()?.();
      await nextTurn();
    }
  };
  const isFull = () => places.isFullFor("/v1/payments");
  for (let at = 0; at < 4; at++) come();
  nowMs += 1_000;
  expect(isFull()).toBe(false);
  come();
  expect(isFull()).toBe(true);
  await leave(1);
  expect(isFull()).toBe(false);
  nowMs++;
  // Three in a line that is too old for more than two.
  expect(isFull()).toBe(true);
  await leave(2);
  expect(isFull()).toBe(false);
  come();
  expect(isFull()).toBe(true);
  // The next line is a new one.
  await leave(2);
  for (let at = 0; at < 3; at++) come();
  expect(isFull()).toBe(false);
});

test("few come in for others at one visit of the door, and all who have room", async () => {
  const places = new Places({ ...PLACES, atWork: 5, perVisit: 2 });
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let begun = 0;
  const come = (end: Promise<void>) =>
    places.take("/v1/payments", () => {
      begun++;
      return end;
    });
  const all = [1, 2, 3, 4, 5].map(() => come(first.promise));
  all.push(...[1, 2, 3, 4, 5, 6].map(() => come(second.promise)));
  first.resolve();
  await nextTasks();
  const visits: number[] = [];
  for (let visit = 0; visit < 4; visit++) {
    await new Promise((resolve) => setImmediate(resolve));
    visits.push(begun - 5);
  }
  expect(visits).toEqual([2, 4, 5, 5]);
  second.resolve();
  await Promise.all(all);
  expect(begun).toBe(11);
});

test("many who come back from outside at once leave room for a young line", async () => {
  const places = new Places({ ...PLACES, atWork: 1, inLine: 1, inYoungLine: 4 }, () => 5_000);
  const outside = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const all = [1, 2, 3].map(() => {
    return places.take("/v1/lanes", async () => {
      await places.without(outside.promise);
      await end.promise;
    });
  });
  outside.resolve();
  await nextTurn();
  expect(places.isFullFor("/v1/payments")).toBe(false);
  end.resolve();
  await Promise.all(all);
});

test("whoever comes and goes: in order, and nobody waits beside a free place", async () => {
  const step = fc.constantFrom("come", "come", "end", "go out", "come back", "look");
  const steps = fc.array(fc.tuple(step, fc.nat()), { maxLength: 40, size: "max" });
  const few = fc.integer({ min: 1, max: 4 });
  const property = fc.asyncProperty(steps, few, few, async (list, max, perVisit) => {
    const places = new Places({ ...PLACES, atWork: max, perVisit });
    const visitors: Visitor[] = [];
    for (const [step, pick] of list) {
      if (step === "come") visitors.push(new Visitor(places, visitors));
      else if (step !== "look") Visitor.in(visitors, step, pick)?.do(step);
      await nextTasks();
      if (step !== "look") continue;
      for (let turn = 0; turn < max; turn++) await nextTurn();
      const begun = visitors.filter(({ state }) => state !== "waits");
      expect(begun.map(({ number }) => number)).toEqual([...begun.keys()]);
      const inside = visitors.filter(({ state }) => state === "inside").length;
      expect(begun.filter(({ met }) => met >= max)).toEqual([]);
      if (begun.length < visitors.length) expect(inside).toBeGreaterThanOrEqual(max);
    }
    for (const visitor of visitors) visitor.leaveWhenInside();
    await Promise.all(visitors.map(({ done }) => done));
    expect(visitors.map(({ state }) => state)).toEqual(visitors.map(() => "gone"));
  });
  await fc.assert(property);
});

/** One who takes a place, goes out and comes back, and leaves. */
class Visitor {
  state: "waits" | "inside" | "outside" | "gone" = "waits";
  /** How many were inside when he came in. */
  met = 0;
  readonly number: number;
  readonly done: Promise<void>;
  readonly #end = Promise.withResolvers<void>();
  #goOut = Promise.withResolvers<void>();
  #comeBack = Promise.withResolvers<void>();

  constructor(places: Places, all: readonly Visitor[]) {
    this.number = all.length;
    this.done = places.take("/v1/payments", async () => {
      this.met = all.filter(({ state }) => state === "inside").length;
      this.state = "inside";
      while (
        (await Promise.race([this.#end.promise, this.#goOut.promise.then(() => "out")])) === "out"
      ) {
        this.#goOut = Promise.withResolvers();
        this.#comeBack = Promise.withResolvers();
        this.state = "outside";
        await places.without(this.#comeBack.promise);
        this.state = "inside";
      }
      this.state = "gone";
    });
  }

  static in(all: readonly Visitor[], step: string, pick: number): Visitor | undefined {
    const able = all.filter(({ state }) => state === (step === "come back" ? "outside" : "inside"));
    return able[pick % able.length];
  }

  do(step: string): void {
    if (step === "end") this.#end.resolve();
    else if (step === "go out") this.#goOut.resolve();
    else this.#comeBack.resolve();
  }

  leaveWhenInside(): void {
    this.#end.resolve();
    this.#comeBack.resolve();
  }
}

test("one whose work fails leaves his place", async () => {
  const places = new Places({ ...PLACES, atWork: 1, inLine: 0, inYoungLine: 0 });
  await places.take("/v1/payments", () => Promise.reject(new Error("no"))).catch(() => {});
  expect(places.isFullFor("/v1/payments")).toBe(false);
});
