/**
 * Which commits of a list may be written: compare-and-set on each actor's sequence, one effect per
 * command id, and units that stand or fall together. Every event log decides by this one rule.
 */
import { assert } from "../../actors/assert.ts";
import { type ActorCommit, type CommitResult, type Remembered, refKey } from "./event-log.ts";

/** What the log holds now, as the plan needs it. */
export interface LogState {
  seqOf(commit: ActorCommit): number;
  recalled(commandId: string): Remembered | undefined;
}

export type Verdict =
  | { readonly kind: "write" }
  | Extract<CommitResult, { kind: "conflict" | "duplicate" }>;

const WRITE: Verdict = { kind: "write" };
const CONFLICT: Verdict = { kind: "conflict" };

/** One verdict per commit, in the order of the list. A later unit sees what earlier ones write. */
export function planCommits(list: readonly ActorCommit[], log: LogState): readonly Verdict[] {
  const verdicts: Verdict[] = new Array(list.length).fill(CONFLICT);
  const seqs = new Map<string, number>();
  const remembered = new Map<string, Remembered>();
  for (const members of unitsOf(list)) {
    const unitSeqs = new Map<string, number>();
    const unitRemembered = new Map<string, Remembered>();
    let writes = true;
    for (const at of members) {
      const commit = list[at] as ActorCommit;
      const key = refKey(commit.ref);
      const seq = unitSeqs.get(key) ?? seqs.get(key) ?? log.seqOf(commit);
      const known = firstKnown(commit, (id) => remembered.get(id) ?? log.recalled(id));
      if (known !== undefined) verdicts[at] = { kind: "duplicate", remembered: known };
      if (known !== undefined || seq !== commit.expectedSeq) writes = false;
      unitSeqs.set(key, seq + commit.events.length);
      for (const row of commit.remember) unitRemembered.set(row.commandId, row);
    }
    if (!writes) continue;
    for (const at of members) verdicts[at] = WRITE;
    for (const [key, seq] of unitSeqs) seqs.set(key, seq);
    for (const [id, row] of unitRemembered) remembered.set(id, row);
  }
  return verdicts;
}

/** Indices of the list by unit, units in order of first appearance. */
function unitsOf(list: readonly ActorCommit[]): Iterable<readonly number[]> {
  const units = new Map<number, number[]>();
  for (const [at, commit] of list.entries()) {
    const members = units.get(commit.unit);
    if (members === undefined) units.set(commit.unit, [at]);
    else members.push(at);
  }
  return units.values();
}

function firstKnown(
  commit: ActorCommit,
  recalled: (commandId: string) => Remembered | undefined,
): Remembered | undefined {
  for (const row of commit.remember) {
    const known = recalled(row.commandId);
    if (known !== undefined) return known;
  }
  return undefined;
}

/** What every commit must be before it reaches a log; a failure is a bug of the host. */
export function assertCommit(commit: ActorCommit): void {
  assert(commit.ref.kind.length > 0, "an actor has a kind");
  assert(commit.ref.id.length > 0, "an actor has an id");
  assert(!commit.ref.kind.includes(":"), "a kind has no colon");
  assert(Number.isSafeInteger(commit.expectedSeq), "the expected sequence is whole");
  assert(commit.expectedSeq >= 0, "the expected sequence is not negative");
  assert(Number.isSafeInteger(commit.atMs), "the time of a commit is whole milliseconds");
  assert(!commit.principal.includes("\n"), "a principal is one line");
  assert(!commit.commandId.includes("\n"), "a command id is one line");
}
