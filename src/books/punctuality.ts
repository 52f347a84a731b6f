/** Completeness and timeliness: how much of what should be there is there, and was it in time? */
import { addBankingDays, type BankDate, bankDateAt } from "../../actors/banking-calendar.ts";
import type { FileRecord, FileStage } from "./file-record.ts";

/** `have` of `of`: both are counts of the same things. */
export interface Completeness {
  readonly what: string;
  readonly have: number;
  readonly of: number;
}

export interface Timeliness {
  readonly what: string;
  /** Files that have got so far. */
  readonly done: number;
  readonly onTime: number;
  /** Of the one that was latest; 0 where none was late. */
  readonly lateDaysMax: number;
}

interface Step {
  readonly what: string;
  /** The first that the file has come to. */
  readonly stages: readonly FileStage[];
  /** The banking day on which it is in time. */
  readonly dueOn: (record: FileRecord) => BankDate | undefined;
}

const STEPS: readonly Step[] = [
  { what: "handed over", stages: ["handing_over"], dueOn: ({ terms }) => terms?.createdOn },
  {
    ...{ what: "answered by the bank", stages: ["acknowledged", "rejected"] as const },
    dueOn: ({ steps }) => {
      const handed = steps.handing_over;
      return handed === undefined ? undefined : addBankingDays(bankDateAt(handed.atMs), 1);
    },
  },
  { what: "settled", stages: ["settled"], dueOn: ({ terms }) => terms?.effectiveOn },
  { what: "closed", stages: ["closed"], dueOn: ({ windowOn }) => windowOn },
];

export function timelinessOf(records: readonly FileRecord[]): readonly Timeliness[] {
  return STEPS.map(({ what, stages, dueOn }) => {
    let [done, onTime, lateDaysMax] = [0, 0, 0];
    for (const record of records) {
      const stage = stages.find((one) => record.steps[one] !== undefined);
      const step = stage === undefined ? undefined : record.steps[stage];
      const due = dueOn(record);
      if (step === undefined || due === undefined) continue;
      const late = bankingDaysAfter(due, bankDateAt(step.atMs));
      done++;
      if (late === 0) onTime++;
      lateDaysMax = Math.max(lateDaysMax, late);
    }
    return { what, done, onTime, lateDaysMax };
  });
}

/** Beyond it a file is late, and nobody counts by how much. */
const LATE_DAYS_MAX = 100;

function bankingDaysAfter(due: BankDate, day: BankDate): number {
  let late = 0;
  for (let by = due; by < day && late < LATE_DAYS_MAX; by = addBankingDays(by, 1)) late++;
  return late;
}
