/** Commits with defaults, the bracket around a case, and everything that a log holds. */
import type { ActorRef } from "../../actors/actor.ts";
import { present } from "../../actors/assert.ts";
import type {
  ActorCommit,
  CommitResult,
  EventLog,
  LoadedActor,
  NewEvent,
  OutboxItem,
  Remembered,
  StoredEvent,
  TimerChange,
} from "../../src/runtime/event-log.ts";
import type { Store, Subject } from "./subject.ts";

/** Some moment at noon, so that a few hours either way are the same day. */
export const NOON_MS = Date.UTC(2026, 0, 15, 12);
export const ALL = 1_000_000;

export function refOf(id: string, kind = "counter"): ActorRef {
  return { kind, id };
}

export function eventOf(by: number): NewEvent {
  return { kind: "added", version: 1, data: JSON.stringify({ kind: "added", by }) };
}

/** A commit of one event by actor `a` on sequence 0, unless told otherwise. */
export function commitOf(given: Partial<ActorCommit> = {}): ActorCommit {
  return {
    ref: refOf("a"),
    expectedSeq: 0,
    unit: 0,
    commandId: "command",
    principal: "desk:test",
    atMs: NOON_MS,
    events: [eventOf(1)],
    state: undefined,
    stateVersion: 1,
    outbox: [],
    delivered: [],
    timers: [],
    remember: [],
    ...given,
  };
}

/** A commit that touches every table. `tag` keeps its ids apart from those of others. */
export function fullCommitOf(tag: string, given: Partial<ActorCommit> = {}): ActorCommit {
  return commitOf({
    commandId: tag,
    state: `{"tag":"${tag}"}`,
    outbox: [itemOf(`${tag}>0`)],
    timers: [timerOf(tag, NOON_MS)],
    remember: [rememberedOf(tag)],
    ...given,
  });
}

export function itemOf(id: string): OutboxItem {
  return { id, to: { kind: "post", id: "box" }, command: `{"kind":"note","text":"${id}"}` };
}

export function timerOf(id: string, atMs: number): TimerChange {
  return { kind: "set", id, atMs, command: `{"kind":"ring","id":"${id}"}` };
}

export function rememberedOf(commandId: string, text = "done"): Remembered {
  const reply = JSON.stringify({ kind: text });
  return { commandId, fingerprint: "print", reply, requestId: `request of ${commandId}` };
}

/** Opens a new store for one case and removes it afterwards. */
export async function withLog(
  subject: Subject,
  run: (log: EventLog, store: Store) => Promise<void>,
): Promise<void> {
  const store = await subject.create();
  try {
    await run(await store.open(), store);
  } finally {
    await store.dispose();
  }
}

/** Commits one thing and gives its answer. */
export async function commitOne(log: EventLog, commit: ActorCommit): Promise<CommitResult> {
  const results = await log.commit([commit]);
  return present(results[0], "the only answer");
}

export async function loadOne(log: EventLog, ref: ActorRef): Promise<LoadedActor> {
  return present((await log.load([ref]))[0], "the only actor");
}

/** Everything that can be read from a log, in an order that does not depend on the log. */
export async function contentsOf(
  log: EventLog,
  refs: readonly ActorRef[],
  commandIds: readonly string[],
) {
  const timers = await log.timersDue(Number.MAX_SAFE_INTEGER, ALL);
  const outbox = await log.outboxNext(ALL);
  return {
    head: await log.head(),
    feed: await log.read(0, ALL),
    loaded: await log.load(refs),
    histories: await each(refs, (ref) => log.history(ref, ALL, ALL)),
    recalled: (await each(commandIds, (id) => log.recall(id))).map(plainRemembered),
    outbox: outbox.map(({ id, to, command }) => ({ id, to: { ...to }, command })),
    nextTimerMs: await log.timersNextAtMs(),
    timers: timers
      .map(({ ref, id, atMs, command }) => ({ ref: { ...ref }, id, atMs, command }))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  };
}

function plainRemembered(row: Remembered | undefined): Remembered | undefined {
  if (row === undefined) return undefined;
  const { commandId, fingerprint, reply, requestId } = row;
  return { commandId, fingerprint, reply, requestId };
}

/** One after the other: an order of calls that every run repeats. */
async function each<From, To>(
  list: readonly From[],
  ask: (one: From) => To | Promise<To>,
): Promise<To[]> {
  const answers: To[] = [];
  for (const one of list) answers.push(await ask(one));
  return answers;
}

/** Reads the feed in pages, as a consumer that stores its position does. */
export async function readInPages(log: EventLog, size: number): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let after = 0; ; ) {
    const page = await log.read(after, size);
    if (page.length === 0) return events;
    events.push(...page);
    after = present(page.at(-1), "the last event of a page").position;
  }
}
