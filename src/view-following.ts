/**
 * Who follows the event log for the views: a worker beside the thread that pays, or, where the log
 * is no file that a second reader could open, this thread itself.
 */
import type { DataFiles } from "./data-directory.ts";
import type { Feed } from "./runtime/feed.ts";
import { type ViewProgress, type ViewReader, ViewRunner } from "./runtime/view.ts";
import { SqliteViewStore } from "./storage/sqlite/view-store.ts";
import { ViewThread } from "./view-thread.ts";
import { VIEWS } from "./views/all.ts";

type Report = (error: unknown, where: string) => void;

export interface ViewFollowing {
  readonly views: ViewReader;
  readonly viewRunner: ViewProgress;
  /** The step that is under way is finished first. */
  stop(): Promise<void>;
}

/** Resolves when the views have come to the end of the log. Throws OpenFailed. */
export async function followViews(
  files: Pick<DataFiles, "events" | "views">,
  feed: Feed,
  isFile: boolean,
  report: Report,
): Promise<ViewFollowing> {
  if (isFile) {
    const thread = await ViewThread.start(files, feed, report);
    return { views: thread, viewRunner: thread, stop: () => thread.stop() };
  }
  const views = new SqliteViewStore(files.views);
  const viewRunner = new ViewRunner(feed, views, VIEWS, report);
  await viewRunner.start();
  const stop = async (): Promise<void> => {
    await viewRunner.stop();
    views.close();
  };
  return { views, viewRunner, stop };
}
