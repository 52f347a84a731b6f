/** Which file an event is about, where it does not say so itself. */
import { expect, test } from "bun:test";
import { Causes, traceOf } from "../../src/books/causes.ts";
import { entryOf, FILE, Story } from "./story.ts";

const counted = { direction: "debit", amountCents: 5 };

/** Hears the whole story, and gives the file of each of its events. */
function heard(story: Story, causes = new Causes()): readonly (string | undefined)[] {
  return story.events.map((stored) => causes.hear(stored, JSON.parse(stored.data)));
}

test("a return is followed from its file to its owner, and forgotten when it is noted", () => {
  const story = new Story().file("ReturnCounted", counted, "c>0");
  story.tell("account/acc_1", { kind: "DebitReopened" }, "c>0>0");
  const causes = new Causes();
  expect(heard(story, causes)).toEqual([FILE, FILE]);
  expect(causes.countedFor("c>0>0")).toEqual({ fileId: FILE, amountCents: 5 });
  const noted = new Story().file("ReturnNoted", counted, "c>0>0>0");
  expect(heard(noted, causes)).toEqual([FILE]);
  expect(causes.countedFor("c>0>0")).toBeUndefined();
});

test("a payout is of its file until it arrives, and again when it comes back", () => {
  const story = new Story();
  const tell = (kind: string, more: object = {}, commandId?: string) =>
    story.tell("merchant/1", { kind, ...{ payoutId: "1-1", ...more } }, commandId);
  tell("PayoutMade");
  tell("PayoutFiled", { fileId: FILE });
  tell("PayoutArrived");
  tell("PayoutReturned");
  story.file("ReturnCounted", counted, "c>0");
  tell("PayoutReturned", {}, "c>0>0");
  tell("PayoutFiled", { fileId: FILE });
  tell("PayoutUnfiled");
  expect(heard(story)).toEqual([undefined, FILE, FILE, undefined, FILE, FILE, FILE, FILE]);
});

test("what no file caused has none", () => {
  const story = new Story().tell("account/acc_1", { kind: "PaymentCaptured" }, "c>0>0");
  expect(heard(story)).toEqual([undefined]);
});

test("each posting of an event of many entries has the trace of its own", () => {
  const pair = ["in_flight", "cust:per_1:due", 1] as const;
  const entry = entryOf("debits_filed", pair, pair);
  const debits = [{ trace: 7 }, { trace: 9 }];
  const traces = (body: object) =>
    entry.postings.map((_, at) => traceOf({ kind: "x", ...body } as never, at));
  expect(traces({ entry, debits })).toEqual([7, 7, 9, 9]);
  expect(traces({ entry, refunds: debits })).toEqual([7, 7, 9, 9]);
  expect(traces({ entry, fees: debits })).toEqual([7, 7, 9, 9]);
  expect(traces({ entry, trace: 3 })).toEqual([3, 3, 3, 3]);
  // Not one pair for each entry: nobody knows whose a posting is.
  const none = [undefined, undefined, undefined, undefined];
  expect(traces({ entry, debits: debits.slice(1) })).toEqual(none);
  expect(traces({ entry })).toEqual(none);
});
