/**
 * How each problem of the table comes about: a case prepares the ground and gives the one call that
 * is answered with it. Exhaustive by type, like the table itself, but for the unreachable ones.
 */
import type { AccountView } from "../../actors/account-messages.ts";
import type { Message } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import { encodeId, ID_BYTES, laneId } from "../../actors/ids.ts";
import { REFUNDS_MAX } from "../../actors/purchase.ts";
import { text64 } from "../../src/client/phone.ts";
import { registerLane } from "../../src/client/till.ts";
import { cutOff } from "../../src/collection/cut-off.ts";
import { PICTURE } from "../../src/commands/sandbox.ts";
import { makeSessionToken, SESSION_MS } from "../../src/http/auth.ts";
import { Codes } from "../../src/http/codes.ts";
import { STREAMS_PER_LANE_MAX } from "../../src/http/events.ts";
import type { ProblemCode } from "../../src/http/problem-table.ts";
import type { FaultKind } from "../../src/runtime/fault.ts";
import { sha256 } from "../../wasm/core.ts";
import { HandBank, partsOf } from "../collection/rig.ts";
import type { Customer, Reply, SwitchRig } from "../switch-rig.ts";
import { approvalOf, scanned, sendApproval, wireOf } from "./approvals.ts";
import { brokenSwitch } from "./broken-switch.ts";
import { DEBTS, FILES } from "./money-problem-cases.ts";
import { type Call, desk, type ProblemCase, plain } from "./problem-case.ts";
import {
  activated,
  askForCode,
  complete,
  completionOf,
  enterCode,
  otherCode,
  signedCompletion,
  started,
} from "./registering.ts";
import { namedBankAccount, sessionOf } from "./route-samples.ts";
import { EventStream } from "./sse.ts";
import { chunks, onTheWire } from "./wire.ts";

/** Why no call over HTTP is answered with these. */
export const UNREACHABLE = {
  merchant_already_exists: "merchants get numbers that are given out once",
  lane_already_exists: "lanes get numbers that are given out once",
  statement_differs: "said to the bank's own statement; a person settles by what it says",
  file_not_whole: "only the switch ends files, and then both sums are those of their events",
  mandate_text_not_found: "the copy of a mandate then has no text; test/actors does",
  too_many_updates: "65,535 updates of one request; test/actors/lane.test.ts makes them",
} as const;

type Reached = Exclude<ProblemCode, keyof typeof UNREACHABLE>;
const MINUTE_MS = 60_000;
const json = { "content-type": "application/json" };

const someAccount = (): string => encodeId("account", new Uint8Array(ID_BYTES).fill(1));

/** The prenote comes back: authorisation revoked (R07). Customer service lifts the block. */
async function withdrawConsent(rig: SwitchRig, { phone }: Customer): Promise<void> {
  await cutOff(partsOf(rig, new HandBank()));
  const ref = { kind: "account", id: phone.keys.account };
  const { host } = rig.running.services;
  const ask = (command: Message) => host.ask(ref, command, { principal: "desk:test" });
  const { collection } = (await ask({ kind: "DescribeAccount" })) as AccountView;
  assert(collection.bankAccount.kind === "checking", "a prenote is under way");
  const { fileId, trace } = collection.bankAccount;
  const returned = {
    ...{ kind: "ReturnEntry", subject: { kind: "prenote" }, fileId, trace, code: "R07" },
    ...{ merchantNumber: 0, amountCents: 0, isSettled: false },
  };
  await ask(returned);
  const lift = { kind: "LiftBlock", reason: "disputed", note: "spoken to" };
  assert((await ask(lift)).kind === "blocks_changed", "customer service lifts the block");
}

/** A customer looks at a payment request, something happens, and the approval is sent. */
function approving(
  status: number,
  meanwhile: (rig: SwitchRig, given: Awaited<ReturnType<typeof look>>) => Promise<unknown>,
  changes: Parameters<typeof approvalOf>[2] = {},
): ProblemCase {
  return {
    status,
    async prepare(rig) {
      const given = await look(rig);
      const approval = await approvalOf(given.customer, given.scan, changes);
      await meanwhile(rig, given);
      return () => sendApproval(rig, approval);
    },
  };
}

async function look(rig: SwitchRig, amountCents = 1_299) {
  const customer = await rig.customer();
  return { customer, ...(await scanned(rig, customer, amountCents)) };
}

const nothing = async (): Promise<void> => {};

function noted(rig: SwitchRig, { phone }: Customer, act: string): Call {
  const path = `/v1/desk/accounts/${phone.keys.account}/${act}`;
  return () => rig.send("POST", path, { token: rig.deskKey, json: { note: "a letter" } });
}

function asking(rig: SwitchRig, key: string | undefined, amount = 500): Promise<Reply> {
  return rig.send("POST", "/v1/lanes/lane_1/payment-requests", {
    token: rig.till.key,
    json: { amount: { amount, currency: "USD" } },
    ...(key === undefined ? {} : { key }),
  });
}

async function scanning(rig: SwitchRig, qr: string): Promise<Call> {
  const { phone } = await rig.customer();
  const { keys, clock } = rig.running.services;
  const { account, device } = phone.keys;
  const token = makeSessionToken(keys, account, device, clock.nowMs() + SESSION_MS);
  return () => rig.send("POST", "/v1/scans", { token, json: { qr } });
}

const PAYING = {
  // The block has to be lifted before it is closed.
  account_closing: approving(403, async ({ desk }, { customer }) => {
    await desk.block(customer.phone.keys.account, "operator", "a phone call");
    await desk.deregister(customer.phone.keys.account, "a phone call");
  }),
  account_blocked: {
    ...approving(403, (rig, { customer }) =>
      rig.desk.block(customer.phone.keys.account, "operator", "a phone call"),
    ),
  },
  device_not_active: {
    status: 403,
    async prepare(rig) {
      const { phone } = await rig.customer();
      const other = encodeId("device", new Uint8Array(ID_BYTES).fill(2));
      const untilMs = rig.clock.nowMs() + SESSION_MS;
      const { keys } = rig.running.services;
      const token = makeSessionToken(keys, phone.keys.account, other, untilMs);
      const { qr_text: qr } = await rig.till.ask({ amountCents: 1 });
      return () => rig.send("POST", "/v1/scans", { token, json: { qr } });
    },
  },
  bank_account_out_of_step: {
    status: 409,
    async prepare(rig) {
      const customer = await rig.customer();
      const json = await namedBankAccount(rig, customer, 3);
      const sent = { token: sessionOf(rig, customer), key: crypto.randomUUID(), json };
      return () => rig.send("POST", "/v1/account/bank-account", sent);
    },
  },
  verdict_stale: approving(409, nothing, { pinVersion: 2 }),
  device_cloned: { ...approving(403, nothing, { counter: 0 }), isRecorded: true },
  counter_out_of_step: approving(409, nothing, { counter: 9 }),
  pin_wrong: {
    status: 403,
    isRecorded: true,
    async prepare(rig) {
      const { customer, scan } = await look(rig);
      const approval = await approvalOf(customer, scan, {}, customer.wrongPin());
      return () => sendApproval(rig, approval);
    },
  },
  identity_not_verified: {
    status: 403,
    async prepare(rig) {
      const customer = await rig.customer({ identity: "pending" });
      const { scan } = await scanned(rig, customer);
      const approval = await approvalOf(customer, scan);
      return () => sendApproval(rig, approval);
    },
  },
  bank_account_needed: approving(403, (rig, { customer }) => withdrawConsent(rig, customer)),
  too_many_holds: { ...approving(429, nothing), policy: { holdsMax: 0 } },
  too_many_purchases: { ...approving(403, nothing), policy: { purchasesMax: 0 } },
  limit_exceeded: {
    status: 403,
    async prepare(rig) {
      const { customer, scan } = await look(rig, 10_001);
      const approval = await approvalOf(customer, scan);
      return () => sendApproval(rig, approval);
    },
  },
  request_cancelled: approving(409, (rig, { request }) => rig.till.cancel(request)),
  request_superseded: approving(409, (rig) => rig.till.ask({ amountCents: 1 })),
  request_expired: approving(409, async (rig) => {
    const before = await rig.position();
    rig.clock.advance(30 * MINUTE_MS);
    // The lane hears of it in its own time, and writes it down.
    while ((await rig.position()) === before) await Bun.sleep(1);
  }),
  request_paid: approving(409, async (rig, { request }) => {
    const { phone, pin } = await rig.customer();
    await phone.approve(await phone.scan(request.qr_text), pin());
  }),
  request_changed: approving(409, async (rig, { request }) => {
    const current = await rig.till.show(request.id);
    await rig.till.update(current, { amountCents: 1_300 });
  }),
  payment_barred: {
    status: 409,
    isRecorded: true,
    async prepare(rig) {
      const { customer, request, scan } = await look(rig);
      const approval = await approvalOf(customer, scan);
      // What an account says to a lane that was out of reach for longer than the hold lasts.
      const id = sha256(approval.bytes).slice(0, ID_BYTES);
      id[6] = 0x80 | ((id[6] ?? 0) & 0x0f);
      id[8] = 0x80 | ((id[8] ?? 0) & 0x3f);
      const command = {
        kind: "ResolvePayment",
        paymentId: encodeId("payment", id),
        accountId: customer.phone.keys.account,
        requestId: request.id,
      };
      const { host } = rig.running.services;
      await host.ask({ kind: "lane", id: "lane_1" }, command, { principal: "switch" });
      return () => sendApproval(rig, approval);
    },
  },
  approval_malformed: {
    status: 422,
    async prepare(rig) {
      const { customer, scan } = await look(rig);
      const approval = await approvalOf(customer, scan);
      return () => sendApproval(rig, { ...approval, bytes: approval.bytes.subarray(1) });
    },
  },
  approval_subject_unknown: approving(404, nothing, { kind: "person_to_person" }),
  nonce_invalid: approving(409, nothing, { nonce: new Uint8Array(12).fill(255) }),
  nonce_expired: approving(409, async (rig) => rig.clock.advance(3 * MINUTE_MS)),
  payee_changed: approving(409, nothing, { payeeTag: new Uint8Array(16) }),
  device_signature_invalid: {
    status: 401,
    async prepare(rig) {
      const { customer, scan } = await look(rig);
      const approval = await approvalOf(customer, scan);
      const signature = approval.signature.slice().reverse();
      return () => sendApproval(rig, { ...approval, signature });
    },
  },
} satisfies Partial<Record<Reached, ProblemCase>>;

const SCANNING = {
  nothing_to_pay: {
    status: 404,
    async prepare(rig) {
      await rig.till.cancel(await rig.till.ask({ amountCents: 1 }));
      return await scanning(rig, rig.till.lane.sticker_text);
    },
  },
  lane_not_found: {
    status: 404,
    async prepare(rig) {
      const { keys, publicHost, policy } = rig.running.services;
      const codes = new Codes(keys, publicHost, policy.requestMsMax);
      return await scanning(rig, `HTTP://X/Q${codes.stickerId(laneId(4_711))}`);
    },
  },
  qr_malformed: { status: 422, prepare: (rig) => scanning(rig, "HTTP://X/D/AAAA") },
  qr_not_genuine: {
    status: 422,
    async prepare(rig) {
      const { sticker_short_text: text } = rig.till.lane;
      const other = text.endsWith("A") ? "B" : "A";
      return await scanning(rig, text.slice(0, -1) + other);
    },
  },
  qr_not_payable: {
    status: 422,
    async prepare(rig) {
      const payment = await rig.pay(await rig.customer(), 100);
      return await scanning(rig, payment.receipt.outcome_text);
    },
  },
} satisfies Partial<Record<Reached, ProblemCase>>;

const REGISTERING = {
  account_already_open: completing(409, async (rig, activation) => {
    await complete(rig, activation, await completionOf(rig, activation));
    // Another PIN than the one that opened it.
    return { pin_key: text64(new Uint8Array(32)) };
  }),
  under_age: completing(422, async () => ({ birth_date: "11/24/2008" })),
  birth_date_in_future: completing(422, async () => ({ birth_date: "11/24/2026" })),
  mandate_changed: completing(409, async () => ({
    mandate: { version: "2025-01", hash: "0".repeat(64) },
  })),
  device_key_invalid: {
    status: 422,
    async prepare(rig) {
      const activation = await activated(rig);
      const completion = await signedCompletion(activation, "{}");
      return () => complete(rig, activation, { ...completion, device_key: "AAAA" });
    },
  },
  phone_taken: {
    status: 409,
    async prepare(rig) {
      const { phoneNumber } = await rig.customer();
      return () => askForCode(rig, phoneNumber);
    },
  },
  too_many_codes: {
    status: 429,
    async prepare(rig) {
      const { phoneNumber } = await started(rig);
      for (let sent = 1; sent < 3; sent++) await askForCode(rig, phoneNumber);
      return () => askForCode(rig, phoneNumber);
    },
  },
  registration_not_found: plain(404, (rig) =>
    enterCode(rig, { id: "reg_x", phoneNumber: rig.newPhoneNumber() }, "123456"),
  ),
  code_wrong: {
    status: 422,
    isRecorded: true,
    async prepare(rig) {
      const start = await started(rig);
      return () => enterCode(rig, start, otherCode(start.code));
    },
  },
  code_expired: {
    status: 422,
    async prepare(rig) {
      const start = await started(rig);
      rig.clock.advance(10 * MINUTE_MS);
      return () => enterCode(rig, start, start.code);
    },
  },
} satisfies Partial<Record<Reached, ProblemCase>>;

/** A registration that fails in its last step. */
function completing(
  status: number,
  change: (
    rig: SwitchRig,
    activation: Awaited<ReturnType<typeof activated>>,
  ) => Promise<Readonly<Record<string, unknown>>>,
): ProblemCase {
  return {
    status,
    async prepare(rig) {
      const activation = await activated(rig);
      const body = await completionOf(rig, activation, await change(rig, activation));
      return () => complete(rig, activation, body);
    },
  };
}

const DESK = {
  account_not_open: plain(404, (rig) =>
    rig.send("GET", `/v1/desk/accounts/${someAccount()}`, { token: rig.deskKey }),
  ),
  identity_already_verified: desk(409, async (rig, { phone }) => {
    const path = `/v1/desk/accounts/${phone.keys.account}/identity/verify`;
    return () => rig.send("POST", path, { token: rig.deskKey });
  }),
  identity_not_pending: {
    status: 409,
    async prepare(rig) {
      const { phone } = await rig.customer({ identity: "none" });
      const path = `/v1/desk/accounts/${phone.keys.account}/identity/verify`;
      return () => rig.send("POST", path, { token: rig.deskKey });
    },
  },
  block_already_open: desk(409, async (rig, { phone }) => {
    const { account } = phone.keys;
    await rig.desk.block(account, "disputed", "a letter");
    const body = { reason: "disputed", note: "again" };
    const path = `/v1/desk/accounts/${account}/blocks`;
    return () => rig.send("POST", path, { token: rig.deskKey, json: body });
  }),
  block_not_open: desk(409, async (rig, customer) => noted(rig, customer, "blocks/disputed/lift")),
  data_kept: desk(409, async (rig, customer) => noted(rig, customer, "erasure")),
  bank_account_not_shared: desk(409, async (rig) => {
    const alone = await rig.customer({ accountNumber: "17" });
    return noted(rig, alone, "shared-bank-account/review");
  }),
} satisfies Partial<Record<Reached, ProblemCase>>;

const LANES = {
  request_not_found: plain(404, (rig) =>
    rig.send("GET", "/v1/lanes/lane_1/payment-requests/preq_x", { token: rig.till.key }),
  ),
  version_mismatch: {
    status: 412,
    async prepare(rig) {
      const request = await rig.till.ask({ amountCents: 500 });
      return () =>
        rig.send("PATCH", `/v1/lanes/lane_1/payment-requests/${request.id}`, {
          token: rig.till.key,
          key: crypto.randomUUID(),
          headers: { "if-match": '"7"' },
          json: { amount: { amount: 501, currency: "USD" } },
        });
    },
  },
  // At a till the older request is superseded, so only a maximum of none is ever reached.
  too_many_requests: {
    status: 429,
    policy: { openRequestsMax: 0 },
    prepare: async (rig) => () => asking(rig, crypto.randomUUID()),
  },
  too_many_lanes: {
    status: 409,
    policy: { lanesPerMerchantMax: 1 },
    // The number that the lane would have got is lost.
    isRecorded: true,
    prepare: async (rig) => () =>
      rig.send("POST", "/v1/lanes", {
        token: rig.merchantKey,
        key: crypto.randomUUID(),
        json: { name: "Lane 2" },
      }),
  },
} satisfies Partial<Record<Reached, ProblemCase>>;

const REFUNDING = {
  payment_not_found: plain(404, (rig) => refunding(rig, encodeId("payment", new Uint8Array(16)))),
  refund_too_high: {
    status: 409,
    async prepare(rig) {
      const { id } = await rig.pay(await rig.customer(), 500);
      return () => refunding(rig, id, 501);
    },
  },
  too_many_refunds: {
    status: 409,
    async prepare(rig) {
      const { id } = await rig.pay(await rig.customer(), 500);
      for (let count = 0; count < REFUNDS_MAX; count++) await refunding(rig, id, 1);
      return () => refunding(rig, id, 1);
    },
  },
} satisfies Partial<Record<Reached, ProblemCase>>;

function refunding(rig: SwitchRig, payment: string, amount = 100): Promise<Reply> {
  return rig.send("POST", `/v1/payments/${payment}/refunds`, {
    token: rig.merchantKey,
    key: crypto.randomUUID(),
    json: { amount: { amount, currency: "USD" }, reason: "goods_returned" },
  });
}

const EDGE = {
  malformed_request: plain(400, async (rig) => {
    const [head = "", text = ""] = (
      await onTheWire(rig, "GET /v1/account HTTP/1.1\r\nhost: [\r\nconnection: close\r\n\r\n")
    ).split("\r\n\r\n");
    const [line = "", ...lines] = head.split("\r\n");
    const headers = new Headers(lines.map((each) => each.split(": ") as [string, string]));
    const body = JSON.parse(text) as Reply["body"];
    return { status: Number(line.split(" ")[1]), headers, text, body };
  }),
  malformed_json: plain(400, (rig) =>
    rig.send("POST", "/v1/registrations", { raw: "{", headers: json }),
  ),
  unsupported_media_type: plain(415, (rig) => rig.send("POST", "/v1/registrations", { raw: "{}" })),
  invalid_request: plain(422, (rig) => rig.send("POST", "/v1/registrations", { json: {} })),
  body_too_large: plain(413, (rig) =>
    rig.send("POST", "/v1/registrations", { raw: " ".repeat(70_000), headers: json }),
  ),
  length_required: plain(411, (rig) =>
    rig.send("PUT", "/v1/account/identity/front?document=passport", {
      raw: chunks(1, 70_000),
    }),
  ),
  method_not_allowed: plain(405, (rig) => rig.send("DELETE", "/v1/mandate")),
  too_many_listeners: {
    status: 429,
    async prepare(rig) {
      const { lane, key } = await registerLane(rig.caller, rig.merchantKey, "Loud");
      for (let open = 0; open < STREAMS_PER_LANE_MAX; open++) {
        await EventStream.open(rig, lane.id, key);
      }
      return () => rig.send("GET", `/v1/lanes/${lane.id}/events`, { token: key });
    },
  },
  not_found: plain(404, (rig) => rig.send("GET", "/v1/nothing")),
  unauthenticated: plain(401, (rig) => rig.send("GET", "/v1/account")),
  forbidden: plain(403, (rig) => rig.send("GET", "/v1/events", { token: rig.till.key })),
  idempotency_key_missing: plain(400, (rig) => asking(rig, undefined)),
  idempotency_key_malformed: plain(400, (rig) => asking(rig, "two words")),
  idempotency_mismatch: {
    status: 422,
    async prepare(rig) {
      await asking(rig, "till-1/1");
      return () => asking(rig, "till-1/1", 501);
    },
  },
  challenge_invalid: {
    status: 401,
    async prepare(rig) {
      const { phone } = await rig.customer();
      const { account, device } = phone.keys;
      const body = { account, device, challenge: "ch_unknown", signature: "AAAA" };
      return () => rig.send("POST", "/v1/sessions", { json: body });
    },
  },
  picture_missing: {
    status: 422,
    async prepare(rig) {
      const { phone } = await rig.customer({ identity: "none" });
      const { account, device } = phone.keys;
      const untilMs = rig.clock.nowMs() + SESSION_MS;
      const token = makeSessionToken(rig.running.services.keys, account, device, untilMs);
      const raw = PICTURE.slice(1);
      const path = "/v1/account/identity/front?document=passport";
      return () => rig.send("PUT", path, { token, raw });
    },
  },
  internal_error: broken(500, new TypeError("undefined is not a function")),
} satisfies Partial<Record<Reached, ProblemCase>>;

/** A switch whose actors answer with a fault or a bug. */
function broken(status: number, fault: FaultKind | Error): ProblemCase {
  return plain(status, (rig) => brokenSwitch(rig, fault));
}

const FAULTS = {
  fault_busy: broken(503, "busy"),
  fault_draining: broken(503, "draining"),
  fault_storage_full: broken(503, "storage_full"),
  fault_storage_failed: broken(503, "storage_failed"),
  fault_conflict: broken(503, "conflict"),
  fault_timeout: broken(503, "timeout"),
  fault_bug: broken(500, "bug"),
} satisfies Partial<Record<Reached, ProblemCase>>;

export const PROBLEM_CASES: Readonly<Record<Reached, ProblemCase>> = {
  ...PAYING,
  ...SCANNING,
  ...REGISTERING,
  ...DESK,
  ...DEBTS,
  ...FILES,
  ...LANES,
  ...REFUNDING,
  ...EDGE,
  ...FAULTS,
};

export function caseOf(code: Reached): ProblemCase {
  const found = PROBLEM_CASES[code];
  assert(found !== undefined, "every code has its case");
  return found;
}

export { wireOf };
