/**
 * Two logs, one contract: whatever is written, the SQLite log and the one in memory give the same
 * answers and hold the same. Lists with right and wrong sequences, units, repeated command ids,
 * timers and sends; crashes and restarts in between.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { assert } from "../../actors/assert.ts";
import type { ActorCommit, EventLog, TimerChange } from "../../src/runtime/event-log.ts";
import { DAY_MS, refKey } from "../../src/runtime/event-log.ts";
import {
  ALL,
  commitOf,
  contentsOf,
  itemOf,
  loadOne,
  NOON_MS,
  refOf,
  rememberedOf,
} from "./commits.ts";
import {
  BreaksUnits,
  DropsSends,
  ForgetsLosers,
  ForgetsReplies,
  IgnoresCancels,
  IgnoresExpectedSeq,
  KeepsDelivered,
  LosesTheLastEvent,
  TakesAnyFiring,
} from "./faulty-logs.ts";
import type { Store, Subject } from "./subject.ts";
import { MEMORY, SQLITE } from "./subjects.ts";

/** Ids that are easily mistaken for one another. */
const REFS = [
  refOf("a"),
  refOf("a", "purse"),
  refOf("a/t"),
  refOf("x:y"),
  refOf("Ä'\"%_"),
  refOf("a\u0000b"),
];
const IDS = ["one", "ONE", "one ", "two", "o%e", "zwölf"];
const TIMER_IDS = ["t", "T", "t/t"];
const DAYS = [0, 1, 2];
const TIMES = [NOON_MS - 1, NOON_MS, NOON_MS + 1, NOON_MS + DAY_MS];

interface DraftCommit {
  readonly ref: number;
  /** Added to the sequence that would be right. */
  readonly error: number;
  readonly data: readonly string[];
  readonly hasState: boolean;
  readonly remember: number | undefined;
  readonly sends: readonly number[];
  readonly delivered: readonly number[];
  readonly timers: readonly { kind: TimerChange["kind"]; id: number; at: number }[];
}

type Step =
  | { readonly kind: "commit"; readonly day: number; readonly units: DraftCommit[][] }
  | { readonly kind: "done"; readonly ids: readonly number[] }
  | { readonly kind: "prune"; readonly day: number }
  | { readonly kind: "restart" | "crash" };

const indexOf = (list: readonly unknown[]) => fc.nat({ max: list.length - 1 });
const mostly = <T>(usual: T, rare: fc.Arbitrary<T>, weight: number) =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: rare });

const draft: fc.Arbitrary<DraftCommit> = fc.record({
  ref: indexOf(REFS),
  error: mostly(0, fc.constantFrom(-1, 1, 2), 9),
  data: fc.array(fc.string({ maxLength: 8, unit: "binary" }), { maxLength: 3 }),
  hasState: fc.boolean(),
  remember: fc.option(indexOf(IDS), { nil: undefined, freq: 2 }),
  sends: fc.array(indexOf(IDS), { maxLength: 2 }),
  delivered: fc.array(indexOf(IDS), { maxLength: 1 }),
  timers: fc.array(
    fc.record({
      kind: fc.constantFrom<TimerChange["kind"][]>("set", "set", "cancel", "fired"),
      id: indexOf(TIMER_IDS),
      at: indexOf(TIMES),
    }),
    { maxLength: 2 },
  ),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("commit" as const),
      day: fc.constantFrom(...DAYS),
      units: fc.array(fc.array(draft, { minLength: 1, maxLength: 3 }), { maxLength: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("done" as const),
      ids: fc.array(indexOf(IDS), { maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("prune" as const), day: fc.constantFrom(...DAYS) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("restart" as const, "crash" as const) }),
  },
);

const pick = <T>(list: readonly T[], at: number): T => {
  const one = list[at];
  assert(one !== undefined, "an index of the list");
  return one;
};

/** The list as the log takes it; sequences go on from what the log has and the list has added. */
async function listOf(log: EventLog, units: DraftCommit[][], day: number): Promise<ActorCommit[]> {
  const seqs = new Map<string, number>();
  const list: ActorCommit[] = [];
  for (const [unit, drafts] of units.entries()) {
    // The host never remembers one id twice in a unit.
    const known = new Set<string>();
    for (const one of drafts) {
      const ref = pick(REFS, one.ref);
      const key = refKey(ref);
      const right = seqs.get(key) ?? (await loadOne(log, ref)).seq;
      const expectedSeq = Math.max(right + one.error, 0);
      seqs.set(key, right + one.data.length);
      const commit = commitFrom(one, expectedSeq, unit, day);
      const remember = commit.remember.filter(({ commandId }) => !known.has(commandId));
      for (const { commandId } of remember) known.add(commandId);
      list.push({ ...commit, remember });
    }
  }
  return list;
}

function commitFrom(one: DraftCommit, expectedSeq: number, unit: number, day: number): ActorCommit {
  const { data, sends, delivered, timers, remember } = one;
  const isWithState = one.hasState && data.length > 0;
  return commitOf({
    ref: pick(REFS, one.ref),
    expectedSeq,
    unit,
    atMs: NOON_MS + day * DAY_MS,
    events: data.map((text) => ({ kind: "said", version: 1, data: JSON.stringify({ text }) })),
    state: isWithState ? JSON.stringify({ seq: expectedSeq + data.length, data }) : undefined,
    stateVersion: data.length,
    outbox: sends.map((at) => itemOf(`${pick(IDS, at)}>0`)),
    delivered: delivered.map((at) => `${pick(IDS, at)}>0`),
    timers: timers.map(({ kind, id, at }, n) =>
      // Only the first of them may have woken the actor.
      timerFrom(n > 0 && kind === "fired" ? "set" : kind, pick(TIMER_IDS, id), pick(TIMES, at)),
    ),
    remember: remember === undefined ? [] : [rememberedOf(pick(IDS, remember), `${expectedSeq}`)],
  });
}

function timerFrom(kind: TimerChange["kind"], id: string, atMs: number): TimerChange {
  if (kind === "cancel") return { kind, id };
  if (kind === "fired") return { kind, id, atMs };
  return { kind, id, atMs, command: JSON.stringify({ kind: "ring", id, atMs }) };
}

/** Runs the steps on a store of its own; gives every answer, and all that is held in the end. */
async function run(store: Store, steps: readonly Step[]): Promise<unknown[]> {
  let log = await store.open();
  const answers: unknown[] = [];
  for (const one of steps) {
    if (one.kind === "commit") {
      answers.push(await log.commit(await listOf(log, one.units, one.day)));
    } else if (one.kind === "done") {
      await log.outboxDone(one.ids.map((at) => `${pick(IDS, at)}>0`));
    } else if (one.kind === "prune") {
      const forgotten = await log.prune(NOON_MS + one.day * DAY_MS, ALL);
      answers.push([{ kind: `forgot ${forgotten}` }]);
    } else {
      await (one.kind === "restart" ? store.stop() : store.crash());
      log = await store.open();
    }
  }
  answers.push(await contentsOf(log, REFS, IDS));
  return answers;
}

async function runOn(subject: Subject, steps: readonly Step[]): Promise<unknown[]> {
  const store = await subject.create();
  try {
    return await run(store, steps);
  } finally {
    await store.dispose();
  }
}

const manySteps = fc.array(step, { maxLength: 30, size: "max" });

test("the SQLite log and the one in memory give the same answers and hold the same", async () => {
  const kinds = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(manySteps, async (steps) => {
      const inMemory = await runOn(MEMORY, steps);
      expect(await runOn(SQLITE, steps)).toEqual(inMemory);
      for (const answer of inMemory.slice(0, -1) as { kind: string }[][]) {
        for (const { kind } of answer) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
    }),
    { numRuns: 60 },
  );
  // The lists were worth comparing: each kind of answer was given often.
  for (const kind of ["ok", "conflict", "duplicate"]) {
    expect(kinds.get(kind) ?? 0).toBeGreaterThan(100);
  }
}, 60_000);

const FAULTS = {
  "ignores the expected sequence": IgnoresExpectedSeq,
  "breaks units apart": BreaksUnits,
  "lets pass what rests on a loser": ForgetsLosers,
  "takes any firing": TakesAnyFiring,
  "keeps what is delivered": KeepsDelivered,
  "forgets replies": ForgetsReplies,
  "drops sends": DropsSends,
  "ignores cancels": IgnoresCancels,
  "loses the last event": LosesTheLastEvent,
};

for (const [fault, Faulty] of Object.entries(FAULTS)) {
  test(`the comparison finds a log that ${fault}`, async () => {
    const faulty: Subject = {
      ...MEMORY,
      create: async () => {
        const store = await MEMORY.create();
        const open = async (): Promise<EventLog> => new Faulty(await store.open());
        return { ...bound(store), open };
      },
    };
    const differs = fc.asyncProperty(manySteps, async (steps) => {
      const [sound, other] = [await runOn(MEMORY, steps), await runOn(faulty, steps)];
      return Bun.deepEquals(sound, other);
    });
    const found = await fc.check(differs, { numRuns: 500, endOnFailure: true });
    expect(found.failed).toBe(true);
  });
}

function bound(store: Store): Omit<Store, "open"> {
  return {
    stop: () => store.stop(),
    crash: () => store.crash(),
    dispose: () => store.dispose(),
  };
}
