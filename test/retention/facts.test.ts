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

const filed = (bankAccount: string, kind = "RefundsFiled") =>
  event(2, kind, {
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

test("what is paid by hand, or set off against a debt, is kept from then", () => {
  expect(personFacts([event(7, "DuePaidByHand", {})])).toEqual({ reg_e: 7 });
  expect(personFacts([event(8, "RefundSetOff", {})])).toEqual({ reg_e: 8 });
});

test("an approval is kept from when its money is final, where the bank settles late", () => {
  const settled = instantOf(date("2026-06-10"), 18);
  const late = { ...event(3, "DebitsCollected", { paymentIds: [] }), atMs: settled + 5 };
  const debits = filed("now", "DebitsFiled");
  expect(personFacts([debits])).toEqual({ approval: settled });
  expect(personFacts([debits, late])).toEqual({ approval: settled + 5 });
  const paid = { ...event(3, "RefundsPaid", {}), atMs: settled + 6 };
  expect(personFacts([filed("now"), paid])).toMatchObject({ approval: settled + 6 });
});

test("the name that stood in a file is kept as long as the bank account beside it", () => {
  const settled = instantOf(date("2026-06-10"), 18);
  expect(bankAccountFacts([filed("other")], "person", 1)).toEqual({ approval: settled });
});
