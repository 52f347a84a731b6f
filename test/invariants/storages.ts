/** Where the hosts of a run keep their log. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { MemoryEventLog } from "../../src/runtime/memory-event-log.ts";
import { SqliteEventLog } from "../../src/storage/sqlite/event-log.ts";
import type { Storage } from "./host-engine.ts";

export const IN_MEMORY: Storage = {
  open: () => new MemoryEventLog(),
  reopen: (log) => log,
  close: () => {},
};

/** A folder of its own, removed when closed. Files of dead processes stay open until then. */
export function inFolder(): Storage {
  const file = join(mkdtempSync(join(tmpdir(), "seqr-invariants-")), "events.db");
  const opened: SqliteEventLog[] = [];
  const open = (): SqliteEventLog => {
    const log = new SqliteEventLog(file);
    opened.push(log);
    return log;
  };
  return {
    open,
    reopen: open,
    close() {
      for (const log of opened) log.close();
      rmSync(dirname(file), { recursive: true });
    },
  };
}
