/** Every ACH file by id, with the stage it has come to: what the runner has to go on with. */
import type { AchFileEvent, AchFileState } from "../../actors/ach-file-messages.ts";
import type { BankDate } from "../../actors/banking-calendar.ts";
import type { AchFileId } from "../../actors/ids.ts";
import type { View, ViewTable } from "../runtime/view.ts";
import { bodyOf } from "./event-body.ts";

export interface FileRow {
  readonly fileId: AchFileId;
  readonly stage: Exclude<AchFileState["kind"], "vacant">;
  readonly windowOn: BankDate;
}

const OPEN = "open/";
const DONE = "done/";
const PAGE_MAX = 1_000;

const STAGE_AFTER: Readonly<Partial<Record<AchFileEvent["kind"], FileRow["stage"]>>> = {
  FileOpened: "open",
  FileLeftEmpty: "empty",
  FileBuilt: "built",
  FileHandedOver: "handing_over",
  FileAcknowledged: "acknowledged",
  FileRejected: "rejected",
  FileSettled: "settled",
  FileClosed: "closed",
};

export const achFiles: View = {
  name: "ach-files",
  version: 3,
  apply(events, table) {
    for (const event of events) {
      if (event.ref.kind !== "ach-file") continue;
      const kind = event.kind as AchFileEvent["kind"];
      const stage = STAGE_AFTER[kind];
      if (stage === undefined) continue;
      const id = event.ref.id as AchFileId;
      const known = findFile(table, id);
      // Of the opening; a bank that settles later than asked moves it.
      const { windowOn } = bodyOf<AchFileEvent & { readonly windowOn?: BankDate | null }>(event);
      const lastOn = windowOn ?? known?.windowOn;
      // One that the bank took back whole stays so: nothing can come back of it.
      const isRejected = stage === "closed" && known?.stage === "rejected";
      const shown = isRejected ? "rejected" : stage;
      const row = JSON.stringify({ fileId: id, stage: shown, windowOn: lastOn });
      const isDone = stage === "closed" || stage === "empty";
      if (isDone) table.remove(OPEN + id);
      table.put((isDone ? DONE : OPEN) + id, row);
    }
  },
};

export function findFile(table: ViewTable, id: AchFileId): FileRow | undefined {
  const value = table.get(OPEN + id) ?? table.get(DONE + id);
  return value === undefined ? undefined : (JSON.parse(value) as FileRow);
}

/** Files that are not at their end, oldest first. */
export function filesUnderWay(table: ViewTable): readonly FileRow[] {
  const rows = table.range({ prefix: OPEN, max: PAGE_MAX });
  return rows.map(({ value }) => JSON.parse(value) as FileRow);
}
