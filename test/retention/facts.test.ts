/** When the periods of what a reversal needs begin. */
import { expect, test } from "bun:test";
import { instantOf } from "../../actors/banking-calendar.ts";
import { bankAccountFacts, personFacts } from "../../src/retention/facts.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { date } from "../actors/collecting.ts";

function event(position: number, kind: string, body: object): StoredEvent {
  const ref = { kind: "account", id: "acc_1" };
  const data = JSON.stringify({ kind, ...body });
  return { position, ref, kind, atMs: position, data } as unknown as StoredEvent;
}

const filed = (bankAccount: string) =>
  event(2, "RefundsFiled", {
    effectiveOn: "2026-06-10",
    vault: { person: "person", bankAccount: "new" },
    refunds: [{ refundId: "rfd_1", reverses: { bankAccount } }],
  });

test("the bank account that a reversal goes to is kept from its settlement", () => {
  const settled = instantOf(date("2026-06-10"), 18);
  expect(bankAccountFacts([filed("old")], "old", 1)).toEqual({ approval: settled });
  expect(bankAccountFacts([filed("other")], "old", 1)).toEqual({ approval: 1 });
});

test("a reversal is an error that was found (Reg E)", () => {
  expect(personFacts([event(7, "DebitReversed", {})])).toEqual({ reg_e: 7 });
});
