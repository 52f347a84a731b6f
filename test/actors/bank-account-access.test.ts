/** The record of openings: each one is an event, a repeat too. */
import { expect, test } from "bun:test";
import { AssertionFailed } from "../../actors/assert.ts";
import { type AccessEvent, bankAccountAccessActor } from "../../actors/bank-account-access.ts";

const meta = {
  actor: { kind: "bank-account-access", id: "ach_20261123_A" },
  commandId: "c",
  nowMs: 0,
  principal: "switch:collection",
};
const { decide, apply, init } = bankAccountAccessActor;

test("every opening is an event, and they are counted", () => {
  const file = decide({ openings: 0 }, { kind: "OpenFileAccounts" }, meta);
  expect(file.events).toEqual([{ kind: "FileAccountsOpened" }]);
  const one = { kind: "OpenBankAccount", token: "bt_1", owner: "acc_1" } as const;
  const single = decide({ openings: 1 }, one, meta);
  const opened: AccessEvent = { kind: "BankAccountOpened", token: "bt_1", owner: "acc_1" };
  expect(single.events).toEqual([opened]);
  const state = [...file.events, ...single.events, opened].reduce(apply, init("ach_20261123_A"));
  expect(state).toEqual({ openings: 3 });
  expect(decide(state, { kind: "DescribeAccess" }, meta)).toMatchObject({
    events: [],
    reply: { kind: "access", openings: 3 },
  });
});

test("one of nothing, and an event of an unknown version, are bugs", () => {
  const nothing = { kind: "OpenBankAccount", token: "", owner: "acc_1" } as const;
  expect(() => decide({ openings: 0 }, nothing, meta)).toThrow(AssertionFailed);
  const stored = { kind: "FileAccountsOpened", version: 2, body: {} };
  expect(() => bankAccountAccessActor.upcast(stored)).toThrow(AssertionFailed);
});
