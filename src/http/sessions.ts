/**
 * Sessions for reading (docs/protocol.md section 4): the phone signs a one-time challenge with its
 * device key and gets a bearer token for 15 minutes. A stolen token moves no money.
 */
import { randomBytes } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import type { DeviceView } from "../../actors/account-messages.ts";
import { type AccountId, type DeviceId, parseId } from "../../actors/ids.ts";
import { type Api, answers, body, type ContextOf, on, refused } from "./api.ts";
import { makeSessionToken, SESSION_MS } from "./auth.ts";
import { fromBase64Url, toBase64Url } from "./bytes.ts";
import { verifyDevice } from "./device-keys.ts";
import { ask, unless } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { toTime } from "./shapes.ts";

const CHALLENGE_MS = 60_000;
const CHALLENGES_MAX = 100_000;
const CHALLENGE_BYTES = 24;
/** What the phone signs: this tag, a zero byte, and the challenge in ASCII. */
const TAG = "SEQR-SESSION-v1\0";

const challengeRoute = createRoute({
  method: "post",
  path: "/v1/sessions/challenges",
  tags: ["wallet"],
  summary: "Ask for a challenge to sign",
  request: { body: body(z.strictObject({ account: z.string(), device: z.string() })) },
  responses: {
    201: answers(
      "Sign it with the device key",
      z.object({ challenge: z.string(), expires_at: z.iso.datetime() }),
    ),
    422: refused,
  },
});

const openRoute = createRoute({
  method: "post",
  path: "/v1/sessions",
  tags: ["wallet"],
  summary: "Open a session with the signed challenge",
  request: {
    body: body(
      z.strictObject({
        account: z.string(),
        device: z.string(),
        challenge: z.string().max(128),
        signature: z.string().max(128),
      }),
    ),
  },
  responses: {
    201: answers(
      "A token for reading",
      z.object({ token: z.string(), expires_at: z.iso.datetime() }),
    ),
    401: refused,
  },
});

interface Challenge {
  readonly accountId: AccountId;
  readonly deviceId: DeviceId;
  readonly expiresAtMs: number;
}

/** Challenges live in memory: a restart voids them, so each is good for one use at most. */
class Challenges {
  readonly #open = new Map<string, Challenge>();

  add(text: string, challenge: Challenge, nowMs: number): void {
    for (const [key, { expiresAtMs }] of this.#open) {
      if (expiresAtMs > nowMs && this.#open.size < CHALLENGES_MAX) break;
      this.#open.delete(key);
    }
    this.#open.set(text, challenge);
  }

  take(text: string): Challenge | undefined {
    const challenge = this.#open.get(text);
    this.#open.delete(text);
    return challenge;
  }
}

export function addSessions(api: Api, services: Services): void {
  const challenges = new Challenges();
  on(api, challengeRoute, (c) => giveChallenge(services, challenges, c));
  on(api, openRoute, (c) => openSession(services, challenges, c));
}

function parseIds(given: { account: string; device: string }) {
  const accountId = parseId("account", given.account);
  const deviceId = parseId("device", given.device);
  if (accountId === undefined || deviceId === undefined) throw new Problem("challenge_invalid");
  return { accountId, deviceId };
}

/** Given to anyone who asks: whether the account exists shows only to whoever has its key. */
function giveChallenge(
  services: Services,
  challenges: Challenges,
  c: ContextOf<typeof challengeRoute>,
): Response {
  const ids = parseIds(c.req.valid("json"));
  const nowMs = services.clock.nowMs();
  const expiresAtMs = nowMs + CHALLENGE_MS;
  const challenge = `ch_${toBase64Url(randomBytes(CHALLENGE_BYTES))}`;
  challenges.add(challenge, { ...ids, expiresAtMs }, nowMs);
  return c.json({ challenge, expires_at: toTime(expiresAtMs) }, 201);
}

async function openSession(
  services: Services,
  challenges: Challenges,
  c: ContextOf<typeof openRoute>,
): Promise<Response> {
  const given = c.req.valid("json");
  const { accountId, deviceId } = parseIds(given);
  const challenge = challenges.take(given.challenge);
  const signature = fromBase64Url(given.signature);
  const nowMs = services.clock.nowMs();
  if (challenge === undefined || signature === undefined || nowMs >= challenge.expiresAtMs) {
    throw new Problem("challenge_invalid");
  }
  if (challenge.accountId !== accountId || challenge.deviceId !== deviceId) {
    throw new Problem("challenge_invalid");
  }
  const ref = { kind: "account", id: accountId };
  const known = await unless("account_not_open", () =>
    ask<DeviceView>(services, c, "switch", ref, { kind: "DescribeDevice" }),
  );
  // No account, another device, another key: one answer, for a stranger learns nothing.
  const message = Buffer.from(TAG + given.challenge);
  const isTheirs =
    known?.device.deviceId === deviceId && (await verifyDevice(known.device, message, signature));
  if (!isTheirs) throw new Problem("device_signature_invalid");
  const expiresAtMs = nowMs + SESSION_MS;
  const token = makeSessionToken(services.keys, accountId, deviceId, expiresAtMs);
  return c.json({ token, expires_at: toTime(expiresAtMs) }, 201);
}
