/**
 * `seqr bench ach`: a long ACH file written, checked and read, and then the switch's own cut-off
 * and import of returns with many entries. Every step is a process of its own, so that its memory
 * is its own, too.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AchStep } from "./ach-file.ts";
import type { RunFigures, RunScale } from "./ach-run.ts";
import type { AchOrder } from "./ach-subject.ts";
import { Subject } from "./subject.ts";
import { type Machine, thisMachine } from "./table.ts";

export interface AchScale {
  /** Of the file that no switch stands behind. */
  readonly fileEntries: number;
  readonly run: RunScale;
}

export const FULL: AchScale = {
  fileEntries: 1_000_000,
  run: { entries: 100_000, returns: 100_000 },
};
export const QUICK: AchScale = {
  fileEntries: 50_000,
  run: { entries: 5_000, returns: 5_000 },
};
/** What comes back of a longer run: so many are measured. */
export const RETURNS_MAX = 100_000;

export interface AchReport {
  readonly machine: Machine;
  readonly scale: AchScale;
  readonly written: AchStep;
  readonly checked: AchStep;
  readonly read: AchStep;
  readonly run: RunFigures;
}

/** In a temporary directory, which is then removed. Throws what a step could not. */
export async function measureAch(
  scale: AchScale,
  tell: (text: string) => void,
): Promise<AchReport> {
  const machine = thisMachine();
  const folder = mkdtempSync(join(tmpdir(), "seqr-bench-ach-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.on("exit", remove);
  try {
    const path = join(folder, "purchases.ach");
    const { fileEntries: entries, run } = scale;
    tell(`writing ${entries} entries`);
    const written = await alone<AchStep>({ kind: "write", path, entries });
    tell("checking them");
    const checked = await alone<AchStep>({ kind: "check", path });
    tell("reading them");
    const read = await alone<AchStep>({ kind: "read", path });
    rmSync(path);
    tell("a switch of its own");
    const figures = await alone<RunFigures>({ kind: "collect", ...run });
    return { machine, scale, written, checked, read, run: figures };
  } finally {
    process.off("exit", remove);
    remove();
  }
}

async function alone<Answer>(order: AchOrder): Promise<Answer> {
  const subject = new Subject<AchOrder>(order.kind, ["bench", "ach-subject"]);
  try {
    return await subject.ask<Answer>(order);
  } finally {
    await subject.end();
  }
}
