/**
 * Reads one actor from the log. Its stored state is a cache made by some version of its definition:
 * another version does not believe it and folds the events from the first one.
 */
import type { ActorRef, AnyActor } from "../../actors/actor.ts";
import { assert, present } from "../../actors/assert.ts";
import { type Cell, cellFrom } from "./cells.ts";
import type { Awaitable, EventLog, LoadedActor } from "./event-log.ts";

/** At once where the log answers at once. Throws what the log throws, and AssertionFailed. */
export function loadCell(log: EventLog, actor: AnyActor, ref: ActorRef): Awaitable<Cell> {
  assert(actor.kind === ref.kind, "an actor is read by its own definition");
  const loaded = log.load([ref]);
  return loaded instanceof Promise
    ? loaded.then((answers) => cellOf(log, actor, ref, answers))
    : cellOf(log, actor, ref, loaded);
}

function cellOf(
  log: EventLog,
  actor: AnyActor,
  ref: ActorRef,
  answers: readonly LoadedActor[],
): Awaitable<Cell> {
  const loaded = present(answers[0], "one answer per actor asked for");
  if (loaded.state === undefined || loaded.state.version === actor.schemaVersion) {
    return cellFrom(actor, ref, loaded);
  }
  const newestFirst = log.history(ref, loaded.lastPosition + 1, loaded.seq);
  const fold = (events: LoadedActor["events"]): Cell =>
    cellFrom(actor, ref, { ...loaded, state: undefined, events: events.toReversed() });
  return newestFirst instanceof Promise ? newestFirst.then(fold) : fold(newestFirst);
}
