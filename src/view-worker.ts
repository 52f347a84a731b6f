/**
 * The views in a thread of their own: they read the event log beside its writer and keep their rows
 * in their own file. What is committed does not wait for them, nor does whoever pays.
 */
import { expose } from "comlink";
import { Feed } from "./runtime/feed.ts";
import { ViewRunner } from "./runtime/view.ts";
import { EventReader } from "./storage/sqlite/event-reader.ts";
import { openReadOnly } from "./storage/sqlite/open.ts";
import { READY } from "./storage/sqlite/supervised-worker.ts";
import { SqliteViewStore } from "./storage/sqlite/view-store.ts";
import { VIEWS } from "./views/all.ts";

/** Said by itself: how far the views are, or what went wrong. */
export type ViewsSay =
  | { readonly kind: "advanced"; readonly position: number }
  | { readonly kind: "fault"; readonly name: string; readonly message: string };

interface Opened {
  readonly position: number;
  /** Of the newest event in the log. */
  readonly head: number;
}

interface Open {
  readonly runner: ViewRunner;
  head(): number;
  close(): Promise<void>;
}

let open: Open | undefined;

const api = {
  /** Follows the log; gives its head and how far the views are, or why it cannot begin. */
  async open(events: string, views: string): Promise<Opened | { readonly fault: string }> {
    try {
      open = openViews(events, views);
      await open.runner.start();
      return { position: open.runner.position, head: open.head() };
    } catch (error) {
      const { message, cause } = error instanceof Error ? error : new Error("no reason is known");
      return { fault: cause instanceof Error ? cause.message : message };
    }
  },
  /** Takes what is committed by now; gives how far the views have come. */
  async catchUp(): Promise<number> {
    if (open === undefined) throw new Error("the views are not open");
    await open.runner.catchUp();
    return open.runner.position;
  },
  /** The step that is under way is finished first. */
  async close(): Promise<void> {
    await open?.close();
    open = undefined;
  },
};

export type ViewApi = typeof api;

function openViews(events: string, views: string): Open {
  const store = new SqliteViewStore(views);
  const database = openReadOnly(events);
  const reader = new EventReader(database);
  const feed = new Feed(reader);
  const runner = new ViewRunner(feed, store, VIEWS, (error) => {
    const { name, message } = error instanceof Error ? error : new Error("unknown");
    say({ kind: "fault", name, message });
  });
  runner.onAdvance(() => say({ kind: "advanced", position: runner.position }));
  const close = async (): Promise<void> => {
    await runner.stop();
    store.close();
    database.close();
  };
  return { runner, head: () => reader.head().position, close };
}

function say(what: ViewsSay): void {
  postMessage(what);
}

expose(api);
postMessage(READY);
