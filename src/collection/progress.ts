/** How far a run of the collection has come: for people who watch, and for nothing else. */
import type { AchFileId } from "../../actors/ids.ts";

/** `end`: of files that the bank took back whole. */
export type RunKind = "opening" | "cut_off" | "hand_over" | "abandon" | "import" | "end";

export type RunStep =
  | "begun"
  | "asking_owners"
  | "writing"
  | "checking"
  | "handing_over"
  | "taking_in"
  | "ending_files";

export interface RunProgress {
  readonly run: RunKind;
  readonly sinceMs: number;
  readonly step: RunStep;
  readonly fileId: AchFileId | null;
  /** Accounts and merchants that may have something to collect or to be paid. */
  readonly ownersTotal: number;
  readonly ownersAsked: number;
  readonly entriesWritten: number;
  /** Of the file, once it is written. */
  readonly bytes: number;
}

/** Written by the run that is under way. */
export class Progress {
  #step: Pick<RunProgress, "step" | "fileId" | "ownersTotal" | "bytes"> = {
    ...{ step: "begun", fileId: null, ownersTotal: 0, bytes: 0 },
  };
  #ownersAsked = 0;
  #entriesWritten = 0;

  constructor(
    private readonly run: RunKind,
    private readonly sinceMs: number,
  ) {}

  get now(): RunProgress {
    return {
      ...{ run: this.run, sinceMs: this.sinceMs, ...this.#step },
      ...{ ownersAsked: this.#ownersAsked, entriesWritten: this.#entriesWritten },
    };
  }

  /** What it does now; what it knows beside that stays. */
  step(step: RunStep, more: Partial<Pick<RunProgress, "fileId" | "ownersTotal" | "bytes">> = {}) {
    this.#step = { ...this.#step, step, ...more };
  }

  ownerAsked(): void {
    this.#ownersAsked++;
  }

  entryWritten(): void {
    this.#entriesWritten++;
  }
}
