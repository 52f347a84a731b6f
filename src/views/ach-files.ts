/** Every ACH file by id, with the stage it has come to: what the runner has to go on with. */
import type { AchFileEvent, AchFileState } from "../../actors/ach-file-messages.ts";
import type { BankDate } from "../../actors/banking-calendar.ts";
import type { AchFileId } from "../../actors/ids.ts";
import type { View, ViewRows } from "../runtime/view.ts";
import { bodyOf } from "./event-body.ts";

export interface FileRow {
  readonly fileId: AchFileId;
  readonly stage: Exclude<AchFileState["kind"], "vacant">;
  readonly windowOn: BankDate;
  /** When the bank is asked to settle it. */
  readonly effectiveOn: BankDate;
}

interface Dates {
  readonly windowOn: BankDate | null;
  readonly effectiveOn: BankDate;
}

const OPEN = "open/";
const DONE = "done/";
const PAGE_MAX = 1_000;

const STAGE_AFTER: Readonly<Partial<Record<AchFileEvent["kind"], FileRow["stage"]>>> = {
  FileOpened: "open",
  FileLeftEmpty: "empty",
  FileAbandoned: "abandoned",
  FileBuilt: "built",
  FileHandedOver: "handing_over",
  FileAcknowledged: "acknowledged",
  FileRejected: "rejected",
  FileSettled: "settled",
  FileClosed: "closed",
};

export const achFiles: View = {
  name: "ach-files",
  version: 4,
  apply(events, table) {
    for (const event of events) {
      if (event.ref.kind !== "ach-file") continue;
      const kind = event.kind as AchFileEvent["kind"];
      const stage = STAGE_AFTER[kind];
      if (stage === undefined) continue;
      const id = event.ref.id as AchFileId;
      const known = findFile(table, id);
      // Of the opening; a bank that settles later than asked moves it.
      const { windowOn, effectiveOn } = bodyOf<AchFileEvent & Partial<Dates>>(event);
      const dates = {
        windowOn: windowOn ?? known?.windowOn,
        effectiveOn: effectiveOn ?? known?.effectiveOn,
      };
      // One that the bank took back whole, or never got, stays so: nothing can come back of it.
      const isUnsent = known?.stage === "rejected" || known?.stage === "abandoned";
      const shown = stage === "closed" && isUnsent ? known.stage : stage;
      const isDone = stage === "closed" || stage === "empty";
      // The name of an empty one is used again.
      table.remove((isDone ? OPEN : DONE) + id);
      table.put(
        (isDone ? DONE : OPEN) + id,
        JSON.stringify({ fileId: id, stage: shown, ...dates }),
      );
    }
  },
};

export function findFile(table: ViewRows, id: AchFileId): FileRow | undefined {
  const value = table.get(OPEN + id) ?? table.get(DONE + id);
  return value === undefined ? undefined : (JSON.parse(value) as FileRow);
}

/** Files that are not at their end, oldest first. */
export function filesUnderWay(table: ViewRows): readonly FileRow[] {
  const rows = table.range({ prefix: OPEN, max: PAGE_MAX });
  return rows.map(({ value }) => JSON.parse(value) as FileRow);
}
