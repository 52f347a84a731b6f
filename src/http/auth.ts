/**
 * Who asks: a merchant or lane by its API key, an operator by a desk key, a phone by a session token.
 * Keys name their owner, so no table of keys is searched; what is stored is a keyed hash.
 */
import type { Context } from "hono";
import {
  type AccountId,
  type DeviceId,
  type LaneId,
  laneId,
  merchantId,
  numberOf,
  parseId,
} from "../../actors/ids.ts";
import type { LaneReply } from "../../actors/lane-messages.ts";
import type { MerchantReply, MerchantTerms } from "../../actors/merchant.ts";
import type { KeyRing } from "../vault/key-ring.ts";
import type { Env } from "./edge.ts";
import { ask } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";

export type KeyOwner = "merchant" | "lane" | "operator";
const PREFIX: Readonly<Record<KeyOwner, string>> = { merchant: "sk", lane: "lk", operator: "dk" };
const TAG_BYTES = 24;
const SECRET_BYTES = 32;
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

function bearer(c: Context<Env>): string {
  const header = c.req.header("authorization");
  if (header?.startsWith("Bearer ") !== true) throw new Problem("unauthenticated");
  return header.slice("Bearer ".length);
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
  readonly lane: Extract<LaneReply, { kind: "lane" }>;
}

/** The lane's own key, or the key of its merchant. */
export async function laneCaller(
  services: Services,
  c: Context<Env>,
  id: LaneId,
): Promise<LaneCaller> {
  const { owner, name, tag } = givenKey(services, c);
  if (owner === "operator") throw new Problem("forbidden");
  const lane = await ask<Extract<LaneReply, { kind: "lane" }>>(
    services,
    c,
    "switch",
    { kind: "lane", id },
    { kind: "DescribeLane" },
  );
  if (owner === "lane") {
    // Another lane's key learns nothing, not even that this lane exists.
    if (name !== String(numberOf(id)) || tag !== lane.terms.keyTag) throw new Problem("forbidden");
    return { principal: `lane:${name}`, lane };
  }
  const { payee } = lane.terms;
  if (name !== String(payee.merchantNumber)) throw new Problem("forbidden");
  await checkMerchant(services, c, payee.merchantNumber, tag);
  return { principal: `merchant:${name}`, lane };
}

export interface MerchantCaller {
  readonly principal: string;
  readonly terms: MerchantTerms;
}

/** A merchant key; with `orLane`, also the key of one of its lanes. */
export async function merchantCaller(
  services: Services,
  c: Context<Env>,
  orLane: "merchant_only" | "or_lane" = "merchant_only",
): Promise<MerchantCaller> {
  const { owner, name, tag } = givenKey(services, c);
  if (owner === "merchant") {
    const terms = await checkMerchant(services, c, Number(name), tag);
    return { principal: `merchant:${name}`, terms };
  }
  if (owner !== "lane" || orLane === "merchant_only") throw new Problem("forbidden");
  const { principal, lane } = await laneCaller(services, c, laneId(Number(name)));
  const { terms } = await describeMerchant(services, c, lane.terms.payee.merchantNumber);
  return { principal, terms };
}

async function checkMerchant(
  services: Services,
  c: Context<Env>,
  number: number,
  tag: string,
): Promise<MerchantTerms> {
  const { terms } = await describeMerchant(services, c, number);
  if (terms.keyTag !== tag) throw new Problem("unauthenticated");
  return terms;
}

async function describeMerchant(services: Services, c: Context<Env>, number: number) {
  if (!Number.isSafeInteger(number) || number < 1) throw new Problem("unauthenticated");
  const ref = { kind: "merchant", id: String(number) };
  const command = { kind: "DescribeMerchant" } as const;
  try {
    return await ask<Extract<MerchantReply, { kind: "merchant" }>>(
      services,
      c,
      "switch",
      ref,
      command,
    );
  } catch (error) {
    if (error instanceof Problem && error.code === "merchant_not_found") {
      throw new Problem("unauthenticated");
    }
    throw error;
  }
}

/** An operator of the desk: `desk:<name>`. */
export function operatorCaller(services: Services, c: Context<Env>): string {
  const { owner, name, tag } = givenKey(services, c);
  if (owner !== "operator") throw new Problem("forbidden");
  const known = services.operators().some((other) => other.name === name && other.keyTag === tag);
  if (!known) throw new Problem("unauthenticated");
  return `desk:${name}`;
}

export function merchantIdOf(terms: MerchantTerms): string {
  return merchantId(terms.merchantNumber);
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
  const isRight = token === match[0] && services.clock.nowMs() < expiresAtMs;
  if (!isRight) throw new Problem("unauthenticated");
  return { principal: `wallet:${accountId}`, accountId, deviceId };
}
