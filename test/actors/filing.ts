/** One ACH file that the tests of its actor tell things to. */
import { expect } from "bun:test";
import { accountRef } from "../../actors/account-state.ts";
import { achFileActor, achFileId } from "../../actors/ach-file.ts";
import type { AchFileCommand, SentFile } from "../../actors/ach-file-messages.ts";
import { cents } from "../../actors/money.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { date } from "./collecting.ts";
import { Drive } from "./drive.ts";
import { accountId, NOON_MS } from "./samples.ts";

export const ID = achFileId(date("2026-06-01"), "A");
export const OPEN: AchFileCommand = {
  kind: "OpenFile",
  createdOn: date("2026-06-01"),
  modifier: "A",
  effectiveOn: date("2026-06-02"),
};
export const SHA = "0f".repeat(32);

export const build = (debit = 2_500, credit = 400, entries = 3, sha256 = SHA): AchFileCommand => ({
  kind: "BuildFile",
  totals: { entries, debitCents: cents(debit), creditCents: cents(credit) },
  sha256,
  sealed: "vault-file",
});
export const ABANDON: AchFileCommand = { kind: "AbandonFile", note: "too late" };
/** An owner who had two entries in it. */
export const LEAVE_OUT: AchFileCommand = {
  ...{ kind: "LeaveOut", owner: accountRef(accountId(1)), rule: "amount: does_not_fit" },
  ...{ traces: [4, 5], debitCents: cents(100), creditCents: cents(20) },
};
export const HAND_OVER: AchFileCommand = { kind: "HandOverFile" };
export const ACCEPT: AchFileCommand = {
  kind: "AcknowledgeFile",
  outcome: "accepted",
  note: "bank",
  persons: "one",
};
export const REJECT: AchFileCommand = {
  kind: "AcknowledgeFile",
  outcome: "rejected",
  note: "bank",
  persons: "one",
};
/** A person says what the bank said. */
export const REJECT_BY_HAND: AchFileCommand = {
  kind: "AcknowledgeFile",
  outcome: "rejected",
  note: "asked the bank",
  persons: "two",
};
export const settle = (debit = 2_500, credit = 400, on = "2026-06-02"): AchFileCommand => ({
  kind: "SettleFile",
  debitCents: cents(debit),
  creditCents: cents(credit),
  on: date(on),
});
export const byHand = (debit = 2_500, credit = 400): AchFileCommand => ({
  kind: "SettleByHand",
  debitCents: cents(debit),
  creditCents: cents(credit),
  note: "asked the bank",
});
export const resolve = (outcome: "accepted" | "rejected"): AchFileCommand => ({
  kind: "ResolveContradiction",
  outcome,
  note: "asked the bank",
});
export const close = (debit = 2_500, credit = 400): AchFileCommand => ({
  kind: "CloseFile",
  debitCents: cents(debit),
  creditCents: cents(credit),
});
export const OWNER = accountRef(accountId(1));
/** The day before the file is effective, that day, and the day after. */
export const [BEFORE, SAME, AFTER] = ["2026-06-01", "2026-06-02", "2026-06-03"] as const;
export const count = (
  amount: number,
  direction: "debit" | "credit" = "debit",
  on: string = AFTER,
): AchFileCommand => ({
  kind: "CountReturn",
  direction,
  amountCents: cents(amount),
  bookedOn: date(on),
  owner: OWNER,
  command: { kind: "ReturnEntry", isSettled: false },
});
export const note = (amount: number, direction: "debit" | "credit" = "debit"): AchFileCommand => ({
  kind: "NoteReturn",
  direction,
  amountCents: cents(amount),
});
export const forwarded = (isSettled: boolean) => ({
  kind: "ReturnEntry",
  isSettled,
  to: `account:${OWNER.id}`,
});

export const NOTED = "noted";
export const WRONG = "file_not_at_this_stage";

export type Stage =
  | "vacant"
  | "open"
  | "empty"
  | "abandoned"
  | "built"
  | "handing_over"
  | "acknowledged"
  | "rejected"
  | "settled"
  | "closed";

export const WAY: Readonly<Record<Stage, readonly AchFileCommand[]>> = {
  vacant: [],
  open: [OPEN],
  empty: [OPEN, build(0, 0, 0)],
  abandoned: [OPEN, build(), ABANDON],
  built: [OPEN, build()],
  handing_over: [OPEN, build(), HAND_OVER],
  acknowledged: [OPEN, build(), HAND_OVER, ACCEPT],
  rejected: [OPEN, build(), HAND_OVER, REJECT],
  settled: [OPEN, build(), HAND_OVER, ACCEPT, settle()],
  closed: [OPEN, build(), HAND_OVER, ACCEPT, settle(), close()],
};

export function fileAt(stage: Stage) {
  const file = new Drive(achFileActor(DEFAULT_POLICY), ID, NOON_MS);
  for (const command of WAY[stage]) file.tell(command);
  expect(file.state.kind).toBe(stage);
  return file;
}

/** A person's own figures, and another person says the same. */
export function settledByTwo(
  file: ReturnType<typeof fileAt>,
  debit: number,
  credit = 400,
): ReturnType<typeof fileAt> {
  const { principal } = file;
  file.principal = "desk:alice";
  file.table([[byHand(debit, credit), "settlement_proposed"]]);
  file.principal = "desk:bob";
  file.table([[byHand(debit, credit), NOTED]]);
  file.principal = principal;
  return file;
}

export function sent(file: ReturnType<typeof fileAt>): SentFile {
  if (!("file" in file.state) || !("totals" in file.state.file)) throw new Error("it was built");
  return file.state.file;
}
