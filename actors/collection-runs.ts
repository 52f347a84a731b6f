/**
 * What people at the desk told the collection to do out of turn, each with its number, its reason
 * and its end: the runs themselves are no actor's, and an act without a name in the log is none.
 * Runs by the clock are not here. What somebody imports is believed as if the bank had said it: a
 * credit that came back is paid again, and a correction names another bank account. So two people
 * import the same bytes, and until the second one has, nothing of them is read.
 */
import {
  type ActorDefinition,
  answerOnly,
  type Decision,
  decided,
  type Meta,
  type StoredBody,
} from "./actor.ts";
import { assert, unreachable } from "./assert.ts";
import type { AchFileId } from "./ids.ts";
import type { Refusal } from "./refusals.ts";

/** What was asked for. */
export type RunOrder =
  /** A file of everything that is due. */
  | { readonly run: "cut_off" }
  /** A file that was built and not handed over. */
  | { readonly run: "hand_over"; readonly fileId: AchFileId }
  /** A file that was not handed over, and never will be. */
  | { readonly run: "abandon"; readonly fileId: AchFileId }
  /** What the bank has for us. */
  | { readonly run: "take_in" }
  /** A file of returns that came another way: by the hash of its bytes. */
  | { readonly run: "import"; readonly inbound: string };

export interface CollectionRun {
  /** From 1. */
  readonly number: number;
  readonly order: RunOrder;
  readonly note: string;
  readonly by: string;
  readonly askedAtMs: number;
  /** Null while it runs, and when the process ended before it did. */
  readonly end: RunEnd | null;
}

export interface RunEnd {
  /** The file that it made or handed over. */
  readonly fileId: AchFileId | null;
  /** The name of what stopped it half-way; null where it was done. */
  readonly fault: string | null;
  readonly atMs: number;
}

export type CollectionRunsCommand =
  | {
      readonly kind: "AskRun";
      readonly order: RunOrder;
      readonly note: string;
      /** `two`: of an import, the first who asks for it proposes, and another one agrees. */
      readonly persons: "one" | "two";
    }
  | {
      readonly kind: "EndRun";
      readonly number: number;
      readonly fileId: AchFileId | null;
      readonly fault: string | null;
    }
  | { readonly kind: "DescribeRuns" };

export type CollectionRunsEvent =
  | {
      readonly kind: "ImportProposed";
      readonly inbound: string;
      readonly note: string;
      readonly by: string;
    }
  | {
      readonly kind: "RunAsked";
      readonly number: number;
      readonly order: RunOrder;
      readonly note: string;
      readonly by: string;
      readonly atMs: number;
    }
  | ({ readonly kind: "RunEnded"; readonly number: number } & RunEnd);

export interface CollectionRunsState {
  readonly asked: number;
  /** The newest, oldest first. */
  readonly runs: readonly CollectionRun[];
  /** The newest, oldest first: another person must import the same bytes. */
  readonly proposals: readonly ImportProposal[];
}

interface ImportProposal {
  readonly inbound: string;
  readonly by: string;
}

export type CollectionRunsReply =
  | Refusal
  | { readonly kind: "run_asked"; readonly number: number }
  | { readonly kind: "import_proposed" }
  | { readonly kind: "noted" }
  | { readonly kind: "runs"; readonly runs: readonly CollectionRun[] };

type RunsDecision = Decision<CollectionRunsEvent, CollectionRunsReply>;

/** What is older is in the log alone. */
export const RUNS_KEPT_MAX = 200;
/** What is older is proposed anew. */
export const PROPOSALS_MAX = 50;
const NOTED = { kind: "noted" } as const;

/** There is one collection, and so one of these. */
export const COLLECTION_RUNS = { kind: "collection-runs", id: "desk" } as const;

export const collectionRunsActor: ActorDefinition<
  CollectionRunsState,
  CollectionRunsCommand,
  CollectionRunsEvent,
  CollectionRunsReply
> = {
  kind: "collection-runs",
  schemaVersion: 2,
  eventKinds: ["ImportProposed", "RunAsked", "RunEnded"],
  init: () => ({ asked: 0, runs: [], proposals: [] }),
  decide,
  apply,
  upcast(stored: StoredBody) {
    assert(stored.version <= 2, "events of runs are of versions 1 and 2");
    return stored.body as CollectionRunsEvent;
  },
};

function decide(
  { asked, runs, proposals }: CollectionRunsState,
  command: CollectionRunsCommand,
  meta: Meta,
): RunsDecision {
  switch (command.kind) {
    case "DescribeRuns":
      return answerOnly({ kind: "runs", runs });
    case "AskRun": {
      const { order, note, persons } = command;
      const { principal: by } = meta;
      if (order.run === "import" && persons === "two") {
        const { inbound } = order;
        const proposal = proposals.find((other) => other.inbound === inbound);
        if (proposal === undefined) {
          const proposed = { kind: "ImportProposed", inbound, note, by } as const;
          return decided([proposed], { kind: "import_proposed" });
        }
        if (proposal.by === by) return answerOnly({ kind: "second_person_needed" });
      }
      const number = asked + 1;
      const asks = { number, order, note, by, atMs: meta.nowMs };
      return decided([{ kind: "RunAsked", ...asks }], { kind: "run_asked", number });
    }
    case "EndRun": {
      const { number, fileId, fault } = command;
      const run = runs.find((one) => one.number === number);
      // Of one that failed another end may come: the same call runs it again.
      if (run === undefined || run.end?.fault === null) return answerOnly(NOTED);
      return decided([{ kind: "RunEnded", number, fileId, fault, atMs: meta.nowMs }], NOTED);
    }
    default:
      return unreachable(command);
  }
}

function apply(state: CollectionRunsState, event: CollectionRunsEvent): CollectionRunsState {
  const { asked, runs, proposals } = state;
  switch (event.kind) {
    case "ImportProposed": {
      const { inbound, by } = event;
      return { ...state, proposals: [...proposals, { inbound, by }].slice(-PROPOSALS_MAX) };
    }
    case "RunAsked": {
      const { number, order, note, by, atMs: askedAtMs } = event;
      assert(number === asked + 1, "runs are numbered in order");
      const run: CollectionRun = { number, order, note, by, askedAtMs, end: null };
      const inbound = order.run === "import" ? order.inbound : null;
      const open = proposals.filter((other) => other.inbound !== inbound);
      return { asked: number, runs: [...runs, run].slice(-RUNS_KEPT_MAX), proposals: open };
    }
    case "RunEnded": {
      const { number, fileId, fault, atMs } = event;
      const end: RunEnd = { fileId, fault, atMs };
      const ended = runs.map((run) => (run.number === number ? { ...run, end } : run));
      return { ...state, runs: ended };
    }
    default:
      return unreachable(event);
  }
}
