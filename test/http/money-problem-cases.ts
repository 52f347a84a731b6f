/** How the problems of files, debts and what the bank left over come about. */
import type { BankDate } from "../../actors/banking-calendar.ts";
import { encodeId, ID_BYTES } from "../../actors/ids.ts";
import type { ProblemCode } from "../../src/http/problem-table.ts";
import type { Reply, SwitchRig } from "../switch-rig.ts";
import { badDebits, brokenLine, debitsBack, fileAt, junkException } from "./by-hand.ts";
import { type Call, desk, type ProblemCase, plain } from "./problem-case.ts";
import { reversing } from "./reversing.ts";

/** A debit that is due, and an act on it that wants another stage. */
function onDueDebit(act: string, body: Readonly<Record<string, unknown>>): ProblemCase {
  return desk(409, async (rig, customer) => {
    const { id } = await rig.pay(customer, 100);
    const path = `/v1/desk/accounts/${customer.phone.keys.account}/debits/${id}/${act}`;
    return () => rig.send("POST", path, { token: rig.deskKey, json: body });
  });
}

async function resolving(rig: SwitchRig, resolution: string): Promise<Call> {
  const id = await junkException(rig, `no file of a bank: ${crypto.randomUUID()}`);
  const json = { resolution, note: "looked at" };
  const path = `/v1/desk/exceptions/${id}/resolve`;
  return () => rig.send("POST", path, { token: rig.deskKey, json });
}

export const FILES = {
  exception_not_open: {
    status: 409,
    async prepare(rig) {
      const call = await resolving(rig, "noted");
      await call();
      return call;
    },
  },
  resolution_does_not_fit: { status: 409, prepare: (rig) => resolving(rig, "back_to_bank") },
  file_contradicted: {
    status: 409,
    // That it was said is kept: somebody must ask what is meant.
    isRecorded: true,
    async prepare(rig) {
      const path = `/v1/desk/files/${await fileAt(rig, "6", "handing_over")}/acknowledge`;
      const say = (outcome: string): Promise<Reply> => {
        return rig.send("POST", path, { token: rig.deskKey, json: { outcome, note: "by phone" } });
      };
      await say("accepted");
      return () => say("rejected");
    },
  },
  file_not_at_this_stage: {
    status: 409,
    async prepare(rig) {
      const path = `/v1/desk/files/${await fileAt(rig, "7", "handing_over")}/hand-over`;
      return () => rig.send("POST", path, { token: rig.deskKey, json: { note: "a phone call" } });
    },
  },
  // Asked for, and ended half-way.
  fault_bank_unreachable: { status: 503, policy: {}, isRecorded: true, prepare: brokenLine },
  files_used_up: {
    status: 409,
    policy: {},
    // Asked for, and ended half-way.
    isRecorded: true,
    async prepare(rig) {
      for (const modifier of "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") {
        await fileAt(rig, modifier, "handing_over");
      }
      return () =>
        rig.send("POST", "/v1/desk/files", { token: rig.deskKey, json: { note: "a phone call" } });
    },
  },
  file_refused: {
    status: 409,
    policy: {},
    // Asked for, and ended half-way.
    isRecorded: true,
    async prepare(rig) {
      await rig.customer();
      // On a Sunday no bank settles anything.
      await fileAt(rig, "A", "open", "2026-11-29" as BankDate);
      return () =>
        rig.send("POST", "/v1/desk/files", { token: rig.deskKey, json: { note: "a phone call" } });
    },
  },
} satisfies Partial<Record<ProblemCode, ProblemCase>>;

export const DEBTS = {
  merchant_not_found: plain(404, (rig) =>
    rig.send("GET", "/v1/desk/return-rates?merchant=mer_4711", { token: rig.deskKey }),
  ),
  debit_not_returned: onDueDebit("retry", { note: "a new consent" }),
  debit_not_disputed: onDueDebit("dispute", { outcome: "won", note: "a letter" }),
  fee_not_owed: onDueDebit("fee-waiver", { note: "a kindness" }),
  fee_under_way: {
    status: 409,
    policy: { returnFeesByAch: true, retriesMax: 0 },
    async prepare(rig) {
      const [debit] = await badDebits(rig, ["9990000031"]);
      const path = `/v1/desk/accounts/${debit?.account}/debits/${debit?.payment}/fee-waiver`;
      return () => rig.send("POST", path, { token: rig.deskKey, json: { note: "a kindness" } });
    },
  },
  refund_not_stuck: desk(409, (rig, { phone }) => {
    const none = encodeId("refund", new Uint8Array(ID_BYTES));
    const path = `/v1/desk/accounts/${phone.keys.account}/refunds/${none}/payment`;
    const sent = { token: rig.deskKey, json: { evidence: "check 4711" } };
    return Promise.resolve(() => rig.send("POST", path, sent));
  }),
  no_retry_left: {
    status: 409,
    policy: { retriesMax: 0 },
    async prepare(rig) {
      const [debit] = await badDebits(rig, ["9990000008"]);
      const path = `/v1/desk/accounts/${debit?.account}/debits/${debit?.payment}/retry`;
      return () => rig.send("POST", path, { token: rig.deskKey, json: { note: "a new consent" } });
    },
  },
  bank_account_replaced: {
    status: 409,
    policy: {},
    async prepare(rig) {
      const customer = await rig.customer({ accountNumber: "9990000008" });
      await rig.pay(customer, 1_000);
      const [debit] = await debitsBack(rig, [customer]);
      const routing = { routingNumber: "021000021", bankAccountKind: "checking" } as const;
      await customer.phone.nameBankAccount({ ...routing, accountNumber: "9990000000" });
      const path = `/v1/desk/accounts/${debit?.account}/debits/${debit?.payment}/retry`;
      return () => rig.send("POST", path, { token: rig.deskKey, json: { note: "a new consent" } });
    },
  },
  entry_not_reversible: { status: 409, prepare: (rig) => reversing(rig, "prenote") },
  entry_came_back: { status: 409, policy: {}, prepare: (rig) => reversing(rig, "returned") },
  entry_already_reversed: { status: 409, policy: {}, prepare: (rig) => reversing(rig, "reversed") },
  reversal_too_late: { status: 409, policy: {}, prepare: (rig) => reversing(rig, "collected") },
  second_person_needed: {
    status: 409,
    policy: {},
    async prepare(rig) {
      const [debit] = await badDebits(rig, ["9990000002"]);
      const path = `/v1/desk/accounts/${debit?.account}/debits/${debit?.payment}/write-off`;
      const sent = { token: rig.deskKey, json: { note: "not to be found" } };
      await rig.send("POST", path, sent);
      return () => rig.send("POST", path, sent);
    },
  },
} satisfies Partial<Record<ProblemCode, ProblemCase>>;
