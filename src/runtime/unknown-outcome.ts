/**
 * A commit whose answer was lost: the connection died, and nobody knows whether the list was
 * written. The same list is committed again until the outcome is known. Sequences and command ids
 * keep it from being written twice; what the first attempt wrote then answers as a conflict, and is
 * recognised by its events.
 */
import { assert, present } from "../../actors/assert.ts";
import {
  type ActorCommit,
  type CommitResult,
  type EventLog,
  LogFailure,
  type StoredEvent,
} from "./event-log.ts";

export interface RetryLimits {
  /** Times that a commit is tried again while its outcome is unknown. */
  readonly commitRetriesMax: number;
  /** The longest wait before another try, in real milliseconds. */
  readonly commitRetryMsMax: number;
}

const DELAY_MS_MIN = 10;
/** Events of one actor that are looked through at once, and how often: others write meanwhile. */
const PAGE = 64;
const PAGES_MAX = 256;

export function isUnknown(failure: unknown): boolean {
  return failure instanceof LogFailure && failure.kind === "unknown_outcome";
}

/** Throws LogFailure when the outcome stays unknown, and what the log throws when it failed. */
export async function commitAgain(
  log: EventLog,
  list: readonly ActorCommit[],
  limits: RetryLimits,
): Promise<readonly CommitResult[]> {
  for (let retry = 0; retry < limits.commitRetriesMax; retry++) {
    await Bun.sleep(Math.min(DELAY_MS_MIN * 2 ** retry, limits.commitRetryMsMax));
    try {
      const results = await log.commit(list);
      assert(results.length === list.length, "one result per commit");
      return await recognise(log, list, results);
    } catch (error) {
      // That nothing was written now says nothing of the first time.
      const mayPass = error instanceof LogFailure && error.kind !== "failed";
      if (!mayPass) throw error;
    }
  }
  throw new LogFailure("failed", "the outcome of a commit stayed unknown");
}

/** The results, where units that an earlier attempt wrote count as written. */
async function recognise(
  log: EventLog,
  list: readonly ActorCommit[],
  results: readonly CommitResult[],
): Promise<readonly CommitResult[]> {
  const written = new Map<ActorCommit, number>();
  const unitsWritten = new Set<number>();
  for (const [at, commit] of list.entries()) {
    const isLost = present(results[at], "a result per commit").kind !== "ok";
    if (!isLost || commit.events.length === 0) continue;
    const position = await positionOf(log, commit);
    if (position === undefined) continue;
    written.set(commit, position);
    unitsWritten.add(commit.unit);
  }
  return list.map((commit, at) => {
    const result = present(results[at], "a result per commit");
    if (result.kind === "ok" || !unitsWritten.has(commit.unit)) return result;
    return { kind: "ok", position: written.get(commit) ?? 0 };
  });
}

/** Where the commit's first event stands in the log; undefined when it does not. */
async function positionOf(log: EventLog, commit: ActorCommit): Promise<number | undefined> {
  const firstSeq = commit.expectedSeq + 1;
  let before = Number.MAX_SAFE_INTEGER;
  for (let page = 0; page < PAGES_MAX; page++) {
    const events = await log.history(commit.ref, before, PAGE);
    const first = events.find(({ seq }) => seq === firstSeq);
    if (first !== undefined) return isOf(commit, first) ? first.position : undefined;
    const oldest = events.at(-1);
    if (oldest === undefined || oldest.seq < firstSeq) return undefined;
    before = oldest.position;
  }
  throw new LogFailure("unknown_outcome", "too many events to look through");
}

/** The command id tells; the rest guards against an id that a caller used twice. */
function isOf(commit: ActorCommit, first: StoredEvent): boolean {
  const event = present(commit.events[0], "the first event of a commit");
  return (
    first.commandId === commit.commandId &&
    first.kind === event.kind &&
    first.atMs === commit.atMs &&
    first.principal === commit.principal
  );
}
