/**
 * One good call for every route of the OpenAPI document: the ground on which single faults are
 * planted. Each is good in its state: sent as it is, it succeeds.
 */
import { assert } from "../../actors/assert.ts";
import { idBytes } from "../../actors/ids.ts";
import { signMandate, text64 } from "../../src/client/phone.ts";
import { registerLane } from "../../src/client/till.ts";
import { PICTURE } from "../../src/commands/sandbox.ts";
import { makeSessionToken, SESSION_MS } from "../../src/http/auth.ts";
import { signP256 } from "../../wasm/p256.ts";
import { leavingStatement } from "../../wasm/statements.ts";
import {
  type Customer,
  type Reply,
  refusalOf,
  type Sent,
  type SwitchRig,
  sendPictures,
} from "../switch-rig.ts";
import { approvalOf, scanned, wireOf } from "./approvals.ts";
import { badDebits, fileAt, junkException, prenoteOf, stuckRefund } from "./by-hand.ts";
import { activated, completionOf, started, textIn } from "./registering.ts";
import { settledDebit } from "./reversing.ts";

export type Credential = "session" | "lane" | "merchant" | "operator";

export interface RouteSample {
  /** Of the path, by name. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly credential?: Credential;
  /** Whose session. */
  readonly session?: Customer;
  readonly wantsKey?: true;
  readonly json?: Readonly<Record<string, unknown>>;
  /** A body that is no JSON: a picture, or a file of the bank. */
  readonly picture?: Uint8Array<ArrayBuffer>;
  readonly mediaType?: string;
  /** Stays open for ever: only its refusals are asked for. */
  readonly isStream?: true;
}

/** By method and path, as the document spells them. */
export type Samples = Readonly<Record<string, RouteSample>>;

/** Longer than anything is kept of somebody who never bought anything. */
const RETENTION_MS = 740 * 86_400_000;
const usd = (amount: number) => ({ amount, currency: "USD" });
const merchant = {
  name: "Blue Door Coffee",
  statement_name: "BLUE DOOR COFFEE",
  street: "3 Harbor Walk",
  city: "Boston",
  state: "MA",
  fee_basis_points: 175,
};

const bankAccount = { routing_number: "021000021", account_number: "1234-AB", kind: "checking" };

export async function makeSamples(rig: SwitchRig): Promise<Samples> {
  // First, for years pass, and days.
  const gone = await rig.customer();
  await gone.phone.deregister();
  rig.clock.advance(RETENTION_MS);
  const samples = {
    ...(await debtSamples(rig)),
    ...(await walletSamples(rig)),
    ...(await laneSamples(rig)),
    ...(await deskSamples(rig, gone)),
    ...SYSTEM,
  };
  // What falls due on the way is done before anybody counts events.
  await rig.running.retention.caughtUp();
  return samples;
}

const SYSTEM: Samples = {
  "GET /healthz": {},
  "GET /readyz": {},
  "GET /metrics": {},
  "GET /.well-known/seqr-keys.json": {},
  "GET /problems": {},
  "GET /problems/{code}": { params: { code: "pin_wrong" } },
};

async function walletSamples(rig: SwitchRig): Promise<Samples> {
  const customer = await rig.customer();
  const newcomer = await rig.customer({ identity: "none" });
  const leaver = await rig.customer();
  const payment = await rig.pay(customer, 100);
  const { scan, request } = await scanned(rig, customer);
  const [start, activation] = [await started(rig), await activated(rig)];
  const { account, device } = customer.phone.keys;
  const session = { credential: "session", session: customer } as const;
  return {
    "GET /v1/mandate": {},
    "POST /v1/registrations": { json: { phone: rig.newPhoneNumber() } },
    "POST /v1/registrations/{registration}/activation": {
      params: { registration: start.id },
      json: { phone: start.phoneNumber, code: start.code },
    },
    "POST /v1/registrations/{registration}/completion": {
      params: { registration: activation.id },
      json: await completionOf(rig, activation),
    },
    "POST /v1/sessions/challenges": { json: { account, device } },
    "POST /v1/sessions": { json: await answeredChallenge(rig, customer) },
    "GET /v1/account": session,
    "GET /v1/account/mandate": session,
    "POST /v1/account/bank-account": {
      ...{ ...session, session: leaver, wantsKey: true },
      json: await namedBankAccount(rig, leaver, 2),
    },
    "POST /v1/account/deregistration": {
      ...session,
      session: leaver,
      json: { signature: await leavingSignature(leaver) },
    },
    "PUT /v1/account/identity/{side}": {
      ...session,
      session: newcomer,
      params: { side: "front" },
      query: { document: "passport" },
      picture: PICTURE,
    },
    "GET /v1/receipts": { ...session, query: { limit: "5", starting_after: payment.id } },
    "GET /v1/receipts/{payment}": { ...session, params: { payment: payment.id } },
    "POST /v1/scans": { ...session, json: { qr: request.qr_text } },
    "POST /v1/payments": { wantsKey: true, json: wireOf(await approvalOf(customer, scan)) },
  };
}

/** Another bank account, signed by the customer's phone. */
export async function namedBankAccount(
  rig: SwitchRig,
  { phone }: Customer,
  number: number,
  changed: object = {},
) {
  const { account, device, keyPair } = phone.keys;
  const { version, hash } = rig.running.services.mandate;
  const mandate = { version, hash };
  const said = { account, device, number, bank_account: bankAccount, mandate, ...changed };
  const message = new TextEncoder().encode(JSON.stringify(said));
  return {
    message: text64(message),
    signature: text64(await signP256(keyPair.privateKey, message)),
    mandate_signature: text64(await signMandate(phone.keys, hash)),
  };
}

export async function leavingSignature({ phone }: Customer): Promise<string> {
  const { account, device, keyPair } = phone.keys;
  const statement = leavingStatement(idBytes(account), idBytes(device));
  return text64(await signP256(keyPair.privateKey, statement));
}

export async function answeredChallenge(rig: SwitchRig, { phone }: Customer) {
  const { account, device, keyPair } = phone.keys;
  const given = await rig.send("POST", "/v1/sessions/challenges", { json: { account, device } });
  const challenge = textIn(given.body, "challenge");
  const message = new TextEncoder().encode(`SEQR-SESSION-v1\0${challenge}`);
  const signature = text64(await signP256(keyPair.privateKey, message));
  return { account, device, challenge, signature };
}

/** A payment at a lane of its own: what is open at the till stays so. */
async function paidElsewhere(rig: SwitchRig): Promise<string> {
  const till = await registerLane(rig.caller, rig.merchantKey, "Lane 3");
  return (await rig.pay(await rig.customer(), 1_000, till)).id;
}

/** A settlement of what was paid so far. */
async function settled(rig: SwitchRig): Promise<string> {
  const sent = { token: rig.merchantKey, key: crypto.randomUUID(), json: bankAccount };
  await rig.send("PUT", "/v1/merchant/bank-account", sent);
  const uptoPosition = await rig.position();
  const { host } = rig.running.services;
  const amounts = { creditedCents: 100, uptoPosition, leastCents: 1 };
  const command = { kind: "SettleMerchant", ...amounts };
  await host.ask({ kind: "merchant", id: "1" }, command, { principal: "switch" });
  return "set_1-1";
}

async function firstLine(rig: SwitchRig, settlement: string): Promise<string> {
  const path = `/v1/settlements/${settlement}/lines`;
  const { body } = await rig.send("GET", path, { token: rig.merchantKey });
  const [line] = body["data"] as readonly { readonly id: string }[];
  assert(line !== undefined, "a settlement has lines");
  return line.id;
}

async function laneSamples(rig: SwitchRig): Promise<Samples> {
  const registered = await rig.send("POST", "/v1/lanes", {
    token: rig.merchantKey,
    key: crypto.randomUUID(),
    json: { name: "Webshop", kind: "web" },
  });
  const web = { lane: textIn(registered.body, "id") };
  const open = async (): Promise<Reply["body"]> => {
    const path = `/v1/lanes/${web.lane}/payment-requests`;
    const asked = { key: crypto.randomUUID(), json: { amount: usd(100) } };
    return (await rig.send("POST", path, { token: rig.merchantKey, ...asked })).body;
  };
  const [shown, changed, cancelled] = [await open(), await open(), await open()];
  const byMerchant = { credential: "merchant" } as const;
  const payment = await paidElsewhere(rig);
  const settlement = await settled(rig);
  const of = (request: Reply["body"]) => ({ ...web, request: textIn(request, "id") });
  const fields = {
    amount: usd(250),
    title: "Bread",
    client_invoice_id: "B-17",
    cashier_id: "Ann",
  };
  return {
    "POST /v1/lanes": { ...byMerchant, wantsKey: true, json: { name: "Lane 2", kind: "till" } },
    "GET /v1/lanes/{lane}": { ...byMerchant, params: web },
    "GET /v1/lanes/{lane}/current": { ...byMerchant, params: web },
    "GET /v1/lanes/{lane}/payment-requests": {
      ...byMerchant,
      params: web,
      query: { limit: "5", starting_after: textIn(shown, "reference") },
    },
    "POST /v1/lanes/{lane}/payment-requests": {
      ...byMerchant,
      wantsKey: true,
      params: web,
      json: fields,
    },
    "GET /v1/lanes/{lane}/payment-requests/{request}": {
      ...byMerchant,
      params: of(shown),
      query: { wait: "1" },
    },
    "PATCH /v1/lanes/{lane}/payment-requests/{request}": {
      ...byMerchant,
      wantsKey: true,
      params: of(changed),
      json: fields,
    },
    "POST /v1/lanes/{lane}/payment-requests/{request}/cancel": {
      ...byMerchant,
      wantsKey: true,
      params: of(cancelled),
    },
    "GET /v1/payments/{payment}": { ...byMerchant, params: { payment } },
    "POST /v1/payments/{payment}/refunds": {
      ...byMerchant,
      wantsKey: true,
      params: { payment },
      json: { amount: usd(100), reason: "goods_returned" },
    },
    "GET /v1/settlements": { ...byMerchant, query: { limit: "5", starting_after: settlement } },
    "GET /v1/settlements/{settlement}": { ...byMerchant, params: { settlement } },
    "GET /v1/settlements/{settlement}/lines": {
      ...byMerchant,
      params: { settlement },
      query: { limit: "5", starting_after: await firstLine(rig, settlement) },
    },
    "GET /v1/merchant/bank-account": byMerchant,
    "PUT /v1/merchant/bank-account": { ...byMerchant, wantsKey: true, json: bankAccount },
    "GET /v1/events": { ...byMerchant, query: { since: "0", limit: "5" } },
    "GET /v1/lanes/{lane}/events": { ...byMerchant, params: web, isStream: true },
  };
}

async function deskSamples(rig: SwitchRig, gone: Customer): Promise<Samples> {
  const [customer, pending, rejected] = [
    await rig.customer(),
    await rig.customer({ identity: "pending" }),
    await rig.customer({ identity: "pending" }),
  ];
  const shown = await rig.customer({ identity: "none" });
  const [lost, joint] = [await rig.customer(), await rig.customer()];
  await sendPictures(shown.phone);
  const { account } = customer.phone.keys;
  await rig.desk.block(account, "disputed", "a letter");
  const desk = { credential: "operator" } as const;
  const of = ({ phone }: Customer) => ({ ...desk, params: { account: phone.keys.account } });
  const ofMerchant = { ...desk, params: { merchant: "mer_1" } };
  const note = "a phone call";
  const payment = await paidElsewhere(rig);
  const path = "/v1/desk/accounts/{account}";
  return {
    [`GET ${path}`]: of(customer),
    "GET /v1/desk/identities": desk,
    [`GET ${path}/identity/{side}`]: {
      ...desk,
      params: { account: shown.phone.keys.account, side: "front" },
    },
    [`POST ${path}/identity/verify`]: of(pending),
    [`POST ${path}/identity/reject`]: { ...of(rejected), json: { reason: "glare" } },
    [`POST ${path}/blocks`]: { ...of(customer), json: { reason: "operator", note } },
    [`POST ${path}/blocks/{reason}/lift`]: {
      ...desk,
      params: { account, reason: "disputed" },
      json: { note },
    },
    [`POST ${path}/deregistration`]: { ...of(lost), json: { note } },
    "GET /v1/desk/shared-bank-accounts": {
      ...{ ...desk, query: { limit: "5", starting_after: joint.phone.keys.account } },
    },
    [`GET ${path}/retention`]: of(customer),
    [`POST ${path}/erasure`]: { ...of(gone), json: { note } },
    [`POST ${path}/shared-bank-account/review`]: { ...of(joint), json: { note } },
    [`POST ${path}/cap`]: { ...of(customer), json: { cap: usd(5_000), note } },
    [`GET ${path}/audit`]: { ...of(customer), query: { limit: "5", before: "1000000" } },
    [`GET ${path}/ledger`]: { ...of(customer), query: { limit: "5", before: "1000000" } },
    "GET /v1/desk/sms": desk,
    "POST /v1/desk/merchants": { ...desk, wantsKey: true, json: merchant },
    "GET /v1/desk/proposals": { ...desk, query: { limit: "5" } },
    "GET /v1/desk/reversals": { ...desk, query: { limit: "5" } },
    "GET /v1/desk/bank-account-changes": { ...desk, query: { limit: "5" } },
    "GET /v1/desk/merchants/{merchant}/bank-account": ofMerchant,
    "PUT /v1/desk/merchants/{merchant}/bank-account": {
      ...ofMerchant,
      wantsKey: true,
      json: { ...bankAccount, note },
    },
    "GET /v1/desk/merchants/{merchant}/audit": {
      ...ofMerchant,
      query: { limit: "5", before: "1000000" },
    },
    "GET /v1/desk/payments/{payment}": { ...desk, params: { payment } },
    "GET /v1/desk/payments/{payment}/audit": {
      ...desk,
      params: { payment },
      query: { limit: "5" },
    },
    "GET /v1/desk/payments/{payment}/evidence": {
      ...{ ...desk, params: { payment } },
      query: { size: String(await rig.position()) },
    },
    "POST /v1/desk/payments/{payment}/refunds": {
      ...desk,
      wantsKey: true,
      params: { payment },
      json: { amount: usd(100), reason: "other", note },
    },
    "GET /v1/desk/ledger": desk,
    "GET /v1/desk/alarms": desk,
    "GET /v1/test_helpers/clock": desk,
    "POST /v1/test_helpers/clock/advance": {
      ...desk,
      json: { to: new Date(rig.clock.nowMs()).toISOString() },
    },
  };
}

/** Debits that came back: a stopped payment, a closed bank account, disputed, one with a fee. */
async function debtSamples(rig: SwitchRig): Promise<Samples> {
  const [stopped, closed, disputed, empty] = await badDebits(
    rig,
    ["9990000008", "9990000002", "9990000011", "9990000031"],
    ({ stage, retry_from: again }) => stage === "disputed" || (stage === "returned" && !again),
  );
  assert(stopped !== undefined && closed !== undefined, "two debits");
  assert(disputed !== undefined && empty !== undefined, "and two more");
  const desk = { credential: "operator" } as const;
  const note = "a letter";
  const [ofAccount, ofDebit] = [
    "/v1/desk/accounts/{account}",
    "/v1/desk/accounts/{account}/debits/{payment}",
  ];
  const { file: wrong, trace } = await settledDebit(rig, await rig.customer());
  const exceptions = await exceptionSamples(rig);
  const [abandoned, built, handedOver] = [
    await fileAt(rig, "5", "open"),
    await fileAt(rig, "8", "built"),
    await fileAt(rig, "9", "handing_over"),
  ];
  const [differing, contradicted] = [
    await fileAt(rig, "6", "handing_over"),
    await fileAt(rig, "7", "handing_over"),
  ];
  await rig.moneyDesk().acknowledge(contradicted, "accepted", note);
  await refusalOf(rig.moneyDesk().acknowledge(contradicted, "rejected", note));
  const frozen = await rig.customer();
  await rig.desk.block(frozen.phone.keys.account, "compliance", "on a list");
  const after = (account: string) => ({ limit: "5", starting_after: account });
  return {
    "GET /v1/desk/debts": { ...desk, query: after(stopped.account) },
    ...exceptions,
    "GET /v1/desk/collection": desk,
    "GET /v1/desk/files": { ...desk, query: after(built) },
    "GET /v1/desk/files/{file}": { ...desk, params: { file: built } },
    "POST /v1/desk/files/{file}/hand-over": { ...desk, params: { file: built }, json: { note } },
    "POST /v1/desk/files/{file}/abandon": { ...desk, params: { file: abandoned }, json: { note } },
    "POST /v1/desk/files/{file}/acknowledge": {
      ...{ ...desk, params: { file: handedOver } },
      json: { outcome: "accepted", note },
    },
    "POST /v1/desk/files/{file}/contradiction": {
      ...{ ...desk, params: { file: contradicted } },
      json: { outcome: "accepted", note },
    },
    "POST /v1/desk/files/{file}/settle": {
      ...{ ...desk, wantsKey: true, params: { file: differing } },
      json: { debits: usd(0), credits: usd(0), note },
    },
    // Two reasons: each call proposes anew what the other has proposed.
    "POST /v1/desk/files/{file}/entries/{trace}/reversal": {
      ...{ ...desk, params: { file: wrong, trace: String(trace) } },
      json: { reason: "wrong_date", note },
    },
    "POST /v1/desk/files/{file}/reversal": {
      ...{ ...desk, wantsKey: true, params: { file: wrong } },
      json: { reason: "wrong_amount", note },
    },
    "POST /v1/desk/files": { ...desk, json: { note } },
    "GET /v1/desk/return-rates": { ...desk, query: { merchant: "mer_1" } },
    "GET /v1/desk/frozen": { ...desk, query: after(frozen.phone.keys.account) },
    [`GET ${ofAccount}/debts`]: { ...desk, params: { account: closed.account } },
    [`POST ${ofAccount}/manual-payments`]: {
      ...{ ...desk, wantsKey: true, params: { account: closed.account } },
      json: { amount: usd(100), evidence: "wire 4711" },
    },
    [`POST ${ofDebit}/retry`]: { ...desk, params: { ...stopped }, json: { note } },
    [`POST ${ofDebit}/write-off`]: { ...desk, params: { ...closed }, json: { note } },
    [`POST ${ofAccount}/refunds/{refund}/resolve`]: {
      ...(await stuckSample(rig)),
      json: { resolution: "unclaimed", note },
    },
    [`POST ${ofDebit}/fee-waiver`]: { ...desk, params: { ...empty }, json: { note } },
    [`POST ${ofAccount}/refunds/{refund}/payment`]: await stuckSample(rig),
    [`POST ${ofDebit}/dispute`]: {
      ...{ ...desk, params: { ...disputed } },
      json: { outcome: "lost", note },
    },
  };
}

/** What is owed to a customer and no file can take. */
async function stuckSample(rig: SwitchRig): Promise<Samples[string]> {
  const { account } = (await rig.customer()).phone.keys;
  const params = { account, refund: await stuckRefund(rig, account) };
  return { credential: "operator", params, json: { evidence: "check 4711" } };
}

/** What came from the bank and nobody could act on. */
async function exceptionSamples(rig: SwitchRig): Promise<Samples> {
  const desk = { credential: "operator" } as const;
  const note = "a letter";
  const customer = await rig.customer();
  await rig.running.services.collections.cutOffNow();
  const entry = await prenoteOf(rig, customer);
  const shown = await junkException(rig, "this is no file of a bank");
  const resolved = await junkException(rig, "nor is this");
  const [piece] = (await rig.moneyDesk().inbound()).data;
  const after = (id: string) => ({ limit: "5", starting_after: id });
  const inbound = piece?.id ?? "";
  return {
    "POST /v1/desk/inbound/fetch": { ...desk, json: { note } },
    "GET /v1/desk/inbound": { ...desk, query: after(inbound) },
    "GET /v1/desk/inbound/{inbound}": { ...desk, params: { inbound } },
    "POST /v1/desk/inbound": {
      ...{ ...desk, query: { note }, mediaType: "text/plain" },
      picture: new TextEncoder().encode("799 one more that is none"),
    },
    "GET /v1/desk/exceptions": { ...desk, query: after(shown) },
    "GET /v1/desk/exceptions/{exception}": { ...desk, params: { exception: shown } },
    "POST /v1/desk/exceptions/{exception}/resolve": {
      ...{ ...desk, params: { exception: resolved } },
      json: { resolution: "applied", note, entry, code: "R03" },
    },
  };
}

export type Credentials = Readonly<Record<Credential, string>>;

export function sessionOf(rig: SwitchRig, { phone }: Customer, atMs?: number): string {
  const { account, device } = phone.keys;
  const untilMs = atMs ?? rig.clock.nowMs() + SESSION_MS;
  return makeSessionToken(rig.running.services.keys, account, device, untilMs);
}

/** A call for the sample, with some of it changed. */
export interface Change {
  readonly token?: string;
  readonly key?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly raw?: Sent["raw"];
  readonly headers?: Readonly<Record<string, string>>;
  /** Left out of the call. */
  readonly without?: readonly ("token" | "key" | "body")[];
}

/** Sends the sample of a route, changed. */
export function sendSample(
  rig: SwitchRig,
  route: string,
  sample: RouteSample,
  credentials: Credentials,
  change: Change = {},
): Promise<Reply> {
  const [method = "", pattern = ""] = route.split(" ");
  const params = { ...sample.params, ...change.params };
  const path = pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    assert(value !== undefined, "every parameter of the path has a sample");
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams({ ...sample.query, ...change.query }).toString();
  const without = new Set(change.without);
  const own = sample.session === undefined ? undefined : sessionOf(rig, sample.session);
  const given = sample.credential === undefined ? undefined : credentials[sample.credential];
  const token = change.token ?? own ?? given;
  const key = change.key ?? (sample.wantsKey === true ? crypto.randomUUID() : undefined);
  return rig.send(method, query === "" ? path : `${path}?${query}`, {
    ...(token === undefined || without.has("token") ? {} : { token }),
    ...(key === undefined || without.has("key") ? {} : { key }),
    ...headersOf(sample, change),
    ...(without.has("body") ? {} : bodyOf(sample, change)),
  });
}

function headersOf({ mediaType }: RouteSample, { headers }: Change): Pick<Sent, "headers"> {
  if (headers !== undefined) return { headers };
  return mediaType === undefined ? {} : { headers: { "content-type": mediaType } };
}

function bodyOf({ json, picture }: RouteSample, change: Change): Pick<Sent, "json" | "raw"> {
  if (change.raw !== undefined) return { raw: change.raw };
  if (change.json !== undefined) return { json: change.json };
  if (json !== undefined) return { json };
  return picture === undefined ? {} : { raw: picture };
}
