/** What waits for a second person, event by event: what begins it, and what ends it. */
import { describe, expect, test } from "bun:test";
import { PROPOSALS_MAX } from "../../actors/collection-runs.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { PROPOSED_ACTS, proposals, proposalsBehind } from "../../src/views/proposals.ts";
import { NOON_MS } from "../actors/samples.ts";
import { viewOf } from "./history.ts";

type Told = readonly [actor: string, body: { readonly kind: string }];

function waiting(told: readonly Told[]) {
  const events = told.map(([actor, body], at) => {
    const [kind = "", ...id] = actor.split(":");
    const ref = { kind, id: id.join(":") };
    const data = JSON.stringify(body);
    return { position: at + 1, ref, kind: body.kind, atMs: NOON_MS + at, data } as StoredEvent;
  });
  return proposalsBehind(viewOf(proposals, events), 100, 0);
}

const [by, note] = ["desk:alice", "Zoe said so"];
const [PAY, REF] = [{ paymentId: "pay_1" }, { refundId: "rfd_1" }];
const FIRST = { number: 1, note, by };
const kept: Told = ["ach-inbound:aa", { kind: "ExceptionKept", exception: { number: 1 } } as never];
const event = (actor: string, kind: string, rest: object = {}): Told => {
  return [actor, { kind, ...rest }];
};
const account = (kind: string, rest: object): Told => event("account:acc_1", kind, rest);
const inbound = (kind: string, rest: object = {}): Told => {
  return event("ach-inbound:aa", kind, { ...FIRST, ...rest });
};
const imported = (hash: string) => ({ order: { run: "import", inbound: hash } });

const PAID = account("PaymentProposed", { amountCents: 900, evidence: "check 17", by });
const WRITTEN_OFF = account("WriteOffProposed", { ...PAY, by, note });
const BY_HAND = account("RefundByHandProposed", { ...REF, by, evidence: "check 18" });
const AGAIN = account("RefundResolutionProposed", { ...REF, resolution: "send_again", by, note });
const REJECTED = event("ach-file:ach_1", "RejectionProposed", { by, note });
const SETTLED = event("ach-file:ach_1", "SettlementProposed", { by, note });
const MATCHED = inbound("ExceptionMatchProposed", { to: "ach_1/17", code: "R03" });
const GIVEN_UP = inbound("ExceptionGiveUpProposed");
const REVERSED = event("ach-entry:ach_1/17", "ReversalProposed", { reason: "duplicate", by, note });

type Case = readonly [
  act: (typeof PROPOSED_ACTS)[number],
  about: readonly string[],
  begins: Told,
  ends: readonly Told[],
];

const CASES: readonly Case[] = [
  [
    "bank_account",
    ["mer_7"],
    event("merchant:7", "BankAccountProposed", { token: "t", ending: "e", note, by }),
    [event("merchant:7", "BankAccountSet", { payableFrom: null })],
  ],
  ["exception_apply", ["exc_1", "ach_1", "17", "R03"], MATCHED, [inbound("ExceptionMatched")]],
  [
    "exception_give_up",
    ["exc_1"],
    GIVEN_UP,
    [inbound("ExceptionResolved"), inbound("ExceptionApplied")],
  ],
  [
    "fee_waiver",
    ["acc_1", "pay_1"],
    account("FeeWaiverProposed", { ...PAY, by, note }),
    [account("FeeWaived", PAY)],
  ],
  [
    "file_rejection",
    ["ach_1"],
    REJECTED,
    ["FileAcknowledged", "FileRejected", "BankContradicted", "ContradictionResolved"].map((kind) =>
      event("ach-file:ach_1", kind),
    ),
  ],
  [
    "file_settlement",
    ["ach_1"],
    SETTLED,
    ["FileSettled", "StatementCorrected"].map((kind) => event("ach-file:ach_1", kind)),
  ],
  [
    "import",
    ["ff"],
    event("collection-runs:desk", "ImportProposed", { inbound: "ff", note, by }),
    [event("collection-runs:desk", "RunAsked", imported("ff"))],
  ],
  [
    "payment",
    ["acc_1"],
    PAID,
    ["PaidByHand", "DuePaidByHand", "DebtRecovered"].map((kind) =>
      account(kind, { evidence: "check 17" }),
    ),
  ],
  [
    "refund",
    ["pay_1"],
    event("purchase:pay_1", "RefundProposed", { ...REF, amountCents: 500, note, by }),
    [event("purchase:pay_1", "PurchaseRefunded", REF)],
  ],
  [
    "refund_by_hand",
    ["acc_1", "rfd_1"],
    BY_HAND,
    ["RefundPaidByHand", "RefundSentAgain", "RefundUnclaimed"].map((kind) => account(kind, REF)),
  ],
  [
    "refund_resolution",
    ["acc_1", "rfd_1", "send_again"],
    AGAIN,
    ["RefundPaidByHand", "RefundSentAgain", "RefundUnclaimed"].map((kind) => account(kind, REF)),
  ],
  [
    "reversal",
    ["ach_1", "duplicate", "17"],
    REVERSED,
    ["EntryReversed", "ReturnReceived"].map((kind) => event("ach-entry:ach_1/17", kind)),
  ],
  [
    "write_off",
    ["acc_1", "pay_1"],
    WRITTEN_OFF,
    [
      account("DebtWrittenOff", PAY),
      account("DisputeDecided", PAY),
      account("DebitsCollected", { paymentIds: ["pay_1"] }),
    ],
  ],
];

describe("an act of two people", () => {
  test.each(CASES)("waits from the first word to the second: %s", (act, about, begins, ends) => {
    const rows = waiting([kept, begins]);
    expect(rows).toMatchObject([{ act, about, by, atMs: NOON_MS + 1, position: 2 }]);
    // Neither a note nor evidence: people write names into them.
    expect(JSON.stringify(rows)).not.toMatch(/Zoe|check/);
    for (const end of ends) expect(waiting([kept, begins, end])).toEqual([]);
    // Said anew it is there once, with its new age.
    expect(waiting([kept, begins, begins])).toMatchObject([{ act, position: 3 }]);
  });

  test("is in no case forgotten here", () => {
    expect(CASES.map(([act]) => act)).toEqual([...PROPOSED_ACTS]);
  });
});

test("another payment, another import, another entry end nobody else's", () => {
  const elsewhere: readonly Told[] = [
    account("PaidByHand", { evidence: "check 99" }),
    event("collection-runs:desk", "RunAsked", imported("ee")),
    event("collection-runs:desk", "RunAsked", { order: { run: "take_in" } }),
    event("ach-entry:ach_1/18", "EntryReversed"),
    event("ach-entry:ach_1/17", "ReturnDoubted"),
    account("RefundPaidByHand", { refundId: "rfd_2" }),
  ];
  const open = CASES.map(([, , begins]) => begins);
  expect(waiting([kept, ...open, ...elsewhere])).toHaveLength(CASES.length);
});

test("the entries of a file are one row that counts them, by reason and person", () => {
  const entry = (trace: number, who = by) =>
    event(`ach-entry:ach_1/${trace}`, "ReversalProposed", { reason: "duplicate", by: who, note });
  const rows = waiting([entry(1), entry(2), entry(3), entry(4, "desk:bob")]);
  expect(rows).toMatchObject([
    { about: ["ach_1", "duplicate"], entries: 3, by },
    { about: ["ach_1", "duplicate", "4"], entries: 1, by: "desk:bob" },
  ]);
  const reversed = [1, 2, 3].map((trace) => event(`ach-entry:ach_1/${trace}`, "EntryReversed"));
  expect(waiting([entry(1), entry(2), entry(3), ...reversed])).toEqual([]);
});

test("an import that is proposed anew when so many came after it is no more", () => {
  const all = Array.from({ length: PROPOSALS_MAX + 1 }, (_, at) =>
    event("collection-runs:desk", "ImportProposed", { inbound: `hash-${at}`, note, by }),
  );
  const rows = waiting(all);
  expect([rows.length, rows[0]?.about]).toEqual([PROPOSALS_MAX, ["hash-1"]]);
});
