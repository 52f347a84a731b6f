/**
 * Who asks: a merchant or lane by its API key, an operator by a desk key, a phone by a session
 * token. Keys name their owner, so no table of keys is searched; what is stored is a keyed hash.
 */
import type { Context } from "hono";
import {
  type AccountId,
  type DeviceId,
  type LaneId,
  numberOf,
  parseId,
  parseLaneId,
} from "../../actors/ids.ts";
import type { LaneReply } from "../../actors/lane-messages.ts";
import type { MerchantReply, MerchantTerms } from "../../actors/merchant.ts";
import type { KeyRing } from "../vault/key-ring.ts";
import { isSameText } from "./bytes.ts";
import type { Env } from "./edge.ts";
import { ask, unless } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";

export type KeyOwner = "merchant" | "lane" | "operator";
const PREFIX: Readonly<Record<KeyOwner, string>> = { merchant: "sk", lane: "lk", operator: "dk" };
const TAG_BYTES = 24;
const SECRET_BYTES = 32;
const NUMBER_FORM = /^[1-9][0-9]{0,9}$/;
const KEY_FORM = /^(sk|lk|dk)_(test|live)_([a-z0-9-]{1,32})_([A-Za-z0-9_-]{43})$/;

/** A key that can be made again from the same cause: it is shown on a repeat and never stored. */
export function makeApiKey(
  keys: KeyRing,
  owner: KeyOwner,
  name: string,
  mode: Services["mode"],
  cause: string,
): string {
  const secret = keys.tagText("api-key", SECRET_BYTES, "secret", owner, name, cause);
  return `${PREFIX[owner]}_${mode === "live" ? "live" : "test"}_${name}_${secret}`;
}

export function apiKeyTag(keys: KeyRing, key: string): string {
  return keys.tagText("api-key", TAG_BYTES, "tag", key);
}

interface GivenKey {
  readonly owner: KeyOwner;
  readonly name: string;
  readonly tag: string;
}

/** RFC 6750 section 2.1; the scheme has no letter case (RFC 9110 section 11.1). */
function bearer(c: Context<Env>): string {
  const match = /^Bearer ([\x21-\x7e]+)$/i.exec(c.req.header("authorization") ?? "");
  if (match?.[1] === undefined) throw new Problem("unauthenticated");
  return match[1];
}

function givenKey(services: Services, c: Context<Env>): GivenKey {
  const key = bearer(c);
  const match = KEY_FORM.exec(key);
  const [, prefix, mode, name] = match ?? [];
  const expected = services.mode === "live" ? "live" : "test";
  if (match === null || mode !== expected || name === undefined) {
    throw new Problem("unauthenticated");
  }
  const owner = prefix === "sk" ? "merchant" : prefix === "lk" ? "lane" : "operator";
  return { owner, name, tag: apiKeyTag(services.keys, key) };
}

export interface LaneCaller {
  /** `lane:12` or `merchant:3`. */
  readonly principal: string;
  readonly lane: LaneView;
}

type LaneView = Extract<LaneReply, { kind: "lane" }>;

/**
 * The lane's own key, or the key of its merchant. Nobody else learns anything of the lane, not even
 * whether it exists: the key is looked at first, and what is not the caller's is like what is not.
 */
export async function laneCaller(
  services: Services,
  c: Context<Env>,
  id: LaneId,
): Promise<LaneCaller> {
  const { owner, name, tag } = givenKey(services, c);
  if (owner === "operator") throw new Problem("forbidden");
  if (owner === "lane") {
    if (name !== String(numberOf(id))) throw new Problem("forbidden");
    const lane = await describeLane(services, c, id);
    if (lane === undefined || !isSameText(tag, lane.terms.keyTag)) {
      throw new Problem("unauthenticated");
    }
    return { principal: `lane:${name}`, lane };
  }
  const { merchantNumber } = await checkMerchant(services, c, name, tag);
  const lane = await describeLane(services, c, id);
  if (lane?.terms.payee.merchantNumber !== merchantNumber) throw new Problem("lane_not_found");
  return { principal: `merchant:${name}`, lane };
}

async function describeLane(
  services: Services,
  c: Context<Env>,
  id: LaneId,
): Promise<LaneView | undefined> {
  const ref = { kind: "lane", id };
  return await unless("lane_not_found", () =>
    ask<LaneView>(services, c, "switch", ref, { kind: "DescribeLane" }),
  );
}

export interface MerchantCaller {
  readonly principal: string;
  readonly terms: MerchantTerms;
}

export async function merchantCaller(services: Services, c: Context<Env>): Promise<MerchantCaller> {
  const { owner, name, tag } = givenKey(services, c);
  if (owner !== "merchant") throw new Problem("forbidden");
  return { principal: `merchant:${name}`, terms: await checkMerchant(services, c, name, tag) };
}

export interface PayeeCaller {
  readonly principal: string;
  readonly merchantNumber: number;
  /** The lane whose own key it is; undefined for the key of its merchant. */
  readonly laneId: LaneId | undefined;
}

/** A merchant, or one of its lanes: whoever is paid. */
export async function payeeCaller(services: Services, c: Context<Env>): Promise<PayeeCaller> {
  const { owner, name } = givenKey(services, c);
  if (owner !== "lane") {
    const { principal, terms } = await merchantCaller(services, c);
    return { principal, merchantNumber: terms.merchantNumber, laneId: undefined };
  }
  const id = parseLaneId(`lane_${name}`);
  if (id === undefined) throw new Problem("unauthenticated");
  const { principal, lane } = await laneCaller(services, c, id);
  return { principal, merchantNumber: lane.terms.payee.merchantNumber, laneId: id };
}

/** The terms of the merchant whose key this is. */
async function checkMerchant(
  services: Services,
  c: Context<Env>,
  name: string,
  tag: string,
): Promise<MerchantTerms> {
  if (!NUMBER_FORM.test(name)) throw new Problem("unauthenticated");
  const ref = { kind: "merchant", id: name };
  type Described = Extract<MerchantReply, { kind: "merchant" }>;
  const merchant = await unless("merchant_not_found", () =>
    ask<Described>(services, c, "switch", ref, { kind: "DescribeMerchant" }),
  );
  if (merchant === undefined || !isSameText(tag, merchant.terms.keyTag)) {
    throw new Problem("unauthenticated");
  }
  return merchant.terms;
}

/** An operator of the desk: `desk:<name>`. */
export function operatorCaller(services: Services, c: Context<Env>): string {
  const { owner, name, tag } = givenKey(services, c);
  if (owner !== "operator") throw new Problem("forbidden");
  const known = services
    .operators()
    .some((other) => other.name === name && isSameText(tag, other.keyTag));
  if (!known) throw new Problem("unauthenticated");
  return `desk:${name}`;
}

/** FAQ: reads need a session; money needs an approval. docs/protocol.md section 4: 15 minutes. */
export const SESSION_MS = 15 * 60_000;
const SESSION_FORM =
  /^st_(acc_[0-9a-z]{26})\.(dev_[0-9a-z]{26})\.([0-9]{1,15})\.([A-Za-z0-9_-]{32})$/;

export function makeSessionToken(
  keys: KeyRing,
  accountId: AccountId,
  deviceId: DeviceId,
  expiresAtMs: number,
): string {
  const tag = keys.tagText("session", TAG_BYTES, "token", accountId, deviceId, `${expiresAtMs}`);
  return `st_${accountId}.${deviceId}.${expiresAtMs}.${tag}`;
}

export interface WalletCaller {
  readonly principal: string;
  readonly accountId: AccountId;
  readonly deviceId: DeviceId;
}

export function walletCaller(services: Services, c: Context<Env>): WalletCaller {
  const match = SESSION_FORM.exec(bearer(c));
  const accountId = parseId("account", match?.[1] ?? "");
  const deviceId = parseId("device", match?.[2] ?? "");
  if (match === null || accountId === undefined || deviceId === undefined) {
    throw new Problem("unauthenticated");
  }
  const expiresAtMs = Number(match[3]);
  const token = makeSessionToken(services.keys, accountId, deviceId, expiresAtMs);
  const isRight = isSameText(token, match[0]) && services.clock.nowMs() < expiresAtMs;
  if (!isRight) throw new Problem("unauthenticated");
  return { principal: `wallet:${accountId}`, accountId, deviceId };
}
