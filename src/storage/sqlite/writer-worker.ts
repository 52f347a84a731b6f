/**
 * The writer of the event log in a thread of its own: a commit waits for the disk here, and actors
 * and answers go on meanwhile. Nothing is thrown across: what failed is said as data.
 */
import { expose } from "comlink";
import type { CommitResult, LogFailure } from "../../runtime/event-log.ts";
import { type EventLogLimits, EventWriter } from "./event-writer.ts";
import { EVENT_MIGRATIONS } from "./migrations.ts";
import { openDatabase } from "./open.ts";
import { unpackCommits } from "./packed-commits.ts";
import { READY } from "./supervised-worker.ts";

export type Said<Value> =
  | { readonly kind: "done"; readonly value: Value }
  | {
      readonly kind: "failed";
      /** Undefined for what is no failure of the log: a bug. */
      readonly failure: LogFailure["kind"] | undefined;
      readonly message: string;
    };

let writer: EventWriter | undefined;

const api = {
  open(file: string, limits: EventLogLimits): Said<undefined> {
    return say(() => {
      writer = new EventWriter(openDatabase(file, "FULL", EVENT_MIGRATIONS), limits);
      return undefined;
    });
  },
  commit(packed: Uint8Array): Said<readonly CommitResult[]> {
    return say(() => opened().commit(unpackCommits(packed)));
  },
  outboxDone(ids: readonly string[]): Said<undefined> {
    return say(() => {
      opened().outboxDone(ids);
      return undefined;
    });
  },
  prune(beforeMs: number, max: number): Said<number> {
    return say(() => opened().prune(beforeMs, max));
  },
  close(): Said<undefined> {
    return say(() => {
      writer?.close();
      writer = undefined;
      return undefined;
    });
  },
};

export type WriterApi = typeof api;

function opened(): EventWriter {
  if (writer === undefined) throw new Error("the log is not open");
  return writer;
}

function say<Value>(work: () => Value): Said<Value> {
  try {
    return { kind: "done", value: work() };
  } catch (error) {
    const { name, message, kind } = error as Error & { kind?: LogFailure["kind"] };
    return { kind: "failed", failure: name === "LogFailure" ? kind : undefined, message };
  }
}

expose(api);
postMessage(READY);
