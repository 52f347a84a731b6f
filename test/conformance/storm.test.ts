/**
 * A storm: commands of every sort at random moments, while commits are cut off, refused for lack of
 * room, and lost to another node. Whatever happens, a command that was acknowledged has one effect
 * and the reply of that effect, one that was refused has none, and every message arrives once. The
 * counters here do not recognise repeats: it is the host that must not repeat.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import type { AnyActor, Message } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import type { EventLog, StoredEvent } from "../../src/runtime/event-log.ts";
import { Fault } from "../../src/runtime/fault.ts";
import type { Host, HostLimits } from "../../src/runtime/host.ts";
import { add, faultOf, READ, replyOf, settleDown, totalOf } from "./asks.ts";
import { ALL } from "./commits.ts";
import {
  AnswersBeforeTheWrite,
  DropsSends,
  mistakingUnknownFor,
  ReordersAnswers,
} from "./faulty-logs.ts";
import { ForwardingLog } from "./forwarding-log.ts";
import { type Fate, GatedLog } from "./gated-log.ts";
import { patience, Rig, until } from "./rig.ts";
import type { Subject } from "./subject.ts";
import { DELAYED, MEMORY, SQLITE } from "./subjects.ts";
import { type CounterCommand, counter, counterOf } from "./toy-counter.ts";

/** A counter without an end and without a memory of what it has done. */
const forgetful: AnyActor = {
  ...counter,
  init: () => ({ total: -1_000_000, done: [] }),
  apply: (state, event) => ({ total: state.total + event.by, done: [] }),
};

const COUNTERS = ["a", "b", "c"];

interface Call {
  readonly kind: "ask" | "once" | "read" | "relay" | "note";
  readonly at: number;
  readonly to: number;
  /** Asked on the other node. */
  readonly isElsewhere: boolean;
  /** Turns of the event loop before it is asked. */
  readonly pause: number;
}

interface Storm {
  readonly calls: readonly Call[];
  readonly fates: readonly Fate[];
  readonly limits: Pick<HostLimits, "cellsMax" | "groupUnitsMax">;
}

const call: fc.Arbitrary<Call> = fc.record({
  kind: fc.constantFrom("ask", "ask", "once", "once", "read", "relay", "note"),
  at: fc.nat({ max: COUNTERS.length - 1 }),
  to: fc.nat({ max: COUNTERS.length - 1 }),
  isElsewhere: fc.boolean(),
  pause: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat({ max: 3 })),
});

const fate: fc.Arbitrary<Fate> = fc.constantFrom(
  "pass",
  "pass",
  "pass",
  "cut_before",
  "cut_after",
  "full",
);

const storm: fc.Arbitrary<Storm> = fc.record({
  calls: fc.array(call, { minLength: 1, maxLength: 60, size: "max" }),
  fates: fc.array(fate, { maxLength: 20, size: "max" }),
  limits: fc.record({
    cellsMax: fc.constantFrom(1, 2, 100),
    groupUnitsMax: fc.constantFrom(1, 2, 5, 1_000),
  }),
});

class SharedLog extends ForwardingLog {
  override get isShared(): boolean {
    return true;
  }
}

const nameOf = (at: number): string => COUNTERS[at] ?? "a";

function commandOf({ kind, to }: Call, n: number): CounterCommand {
  if (kind === "read") return READ;
  if (kind === "note") return { kind: "note", text: `n${n}` };
  // To itself, too: the message is then decided right behind its cause.
  if (kind === "relay") return { kind: "relay", to: nameOf(to), command: add(n) };
  return add(n);
}

interface Outcome {
  readonly call: Call;
  readonly id: string;
  readonly reply: Message | undefined;
  readonly fault: string | undefined;
}

async function ask(host: Host, one: Call, n: number): Promise<Outcome> {
  const id = `c${n}`;
  const ref = counterOf(nameOf(one.at));
  const options = { principal: "desk:test", commandId: id, fingerprint: id };
  const command = commandOf(one, n);
  try {
    const reply =
      one.kind === "once"
        ? replyOf(await host.askOnce(ref, command, options))
        : await host.ask(ref, command, options);
    return { call: one, id, reply, fault: undefined };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { call: one, id, reply: undefined, fault: error.kind };
  }
}

/** Every acknowledged command once, with the total at its event; every refused one not at all. */
function expectOneEffect(outcomes: readonly Outcome[], events: readonly StoredEvent[]): void {
  const totals = new Map<string, number>();
  const effects = new Map<string, number[]>();
  for (const { ref, commandId, data } of events) {
    const { by } = JSON.parse(data) as { by: number };
    const total = (totals.get(ref.id) ?? -1_000_000) + by;
    totals.set(ref.id, total);
    effects.set(commandId, [...(effects.get(commandId) ?? []), total]);
  }
  for (const { call: one, id, reply, fault } of outcomes) {
    if (one.kind === "read") continue;
    const expected = reply === undefined ? [] : [totalOf(reply)];
    expect([id, fault, effects.get(id) ?? []]).toEqual([id, fault, expected]);
    if (one.kind !== "relay") continue;
    expect((effects.get(`${id}>0`) ?? []).length).toBe(expected.length);
  }
}

async function weather(rig: Rig, { calls, fates }: Storm, gates: GatedLog[]): Promise<void> {
  const other = rig.hostOn(rig.log);
  const gate = gates[0];
  assert(gate !== undefined, "the log is gated");
  gate.fates.push(...fates);
  const asked: Promise<Outcome>[] = [];
  for (const [n, one] of calls.entries()) {
    for (let turn = 0; turn < one.pause; turn++) await new Promise((next) => setImmediate(next));
    asked.push(ask(one.isElsewhere ? other : rig.host, one, n));
  }
  const outcomes = await Promise.all(asked);
  gate.fates.length = 0;
  // What lack of room kept in the outbox is tried again after a while.
  await until(async () => {
    rig.clock.advance(60_000);
    await settleDown();
    return (await rig.log.outboxNext(1)).length === 0;
  }, "every message has arrived");
  const events = await rig.log.read(0, ALL);
  expect(events.map(({ position }) => position)).toEqual(events.map((_, at) => at + 1));
  expectOneEffect(outcomes, events);
  expect(rig.host.failure ?? other.failure).toBeUndefined();
  const noted = outcomes.filter(({ call: one, reply }) => one.kind === "note" && reply);
  const ids = rig.deliveries.map(({ id }) => id);
  expect([...new Set(ids)].sort()).toEqual(noted.map(({ id }) => `${id}>0`).sort());
  // Nothing is left over: the host takes the next command.
  expect(await faultOf(rig.ask(counterOf("a"), READ))).toBeUndefined();
  await other.drain();
}

function stormsOn(subject: Subject, isShared: boolean) {
  return fc.asyncProperty(storm, async (one) => {
    const gates: GatedLog[] = [];
    const wrap = (log: EventLog): EventLog => {
      const gate = new GatedLog(log);
      gates.push(gate);
      return isShared ? new SharedLog(gate) : gate;
    };
    const limits = {
      ...one.limits,
      attemptsMax: 1_000,
      commitRetriesMax: 100,
      commitRetryMsMax: 1,
    };
    const options = { actors: [forgetful], limits, wrap };
    await Rig.with(subject, (rig) => weather(rig, one, gates), options);
  });
}

for (const [subject, numRuns] of [
  [MEMORY, 60],
  [DELAYED, 60],
  [SQLITE, 20],
] as const) {
  for (const isShared of [false, true]) {
    const others = isShared ? "that is known to have other writers" : "of its own";
    test(`${subject.name}: one effect each, on a log ${others}`, async () => {
      await fc.assert(stormsOn(subject, isShared), { numRuns });
    }, 60_000);
  }
}

const MISTAKES = {
  "decides anew after a lost answer": mistakingUnknownFor("conflict"),
  "gives up after a lost answer": mistakingUnknownFor("failed"),
  "answers before the write": AnswersBeforeTheWrite,
  "takes answers in another order": ReordersAnswers,
  "drops sends": DropsSends,
};

for (const [mistake, Seen] of Object.entries(MISTAKES)) {
  test(`the storm finds a host that ${mistake}`, async () => {
    const real = { ...patience };
    Object.assign(patience, { untilMs: 200, drainMs: 50 });
    const mistaken: Subject = { ...DELAYED, hostSees: (log) => new Seen(log) };
    const found = await fc.check(stormsOn(mistaken, false), { numRuns: 100, endOnFailure: true });
    Object.assign(patience, real);
    expect(found.failed).toBe(true);
  }, 60_000);
}
