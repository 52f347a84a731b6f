/**
 * Sessions for reading (docs/protocol.md section 4): the phone signs a one-time challenge with its
 * device key and gets a bearer token for 15 minutes. A stolen token moves no money.
 */
import { randomBytes } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import type { DeviceView } from "../../actors/account-messages.ts";
import { type AccountId, type DeviceId, parseId } from "../../actors/ids.ts";
import type { KeyRing } from "../vault/key-ring.ts";
import { type Api, answers, body, type ContextOf, MayKeyHeader, on, refusals } from "./api.ts";
import { makeSessionToken, SESSION_MS } from "./auth.ts";
import { fromBase64Url, isSameText, toBase64Url } from "./bytes.ts";
import { ask, unless } from "./once.ts";
import { Problem } from "./problem.ts";
import { Repeats } from "./repeats.ts";
import type { Services } from "./services.ts";
import { toTime } from "./shapes.ts";

const CHALLENGE_MS = 60_000;
const CHALLENGE_BYTES = 24;
/** What the phone signs: this tag, a zero byte, and the challenge in ASCII. */
const TAG = "SEQR-SESSION-v1\0";

const challengeRoute = createRoute({
  method: "post",
  path: "/v1/sessions/challenges",
  tags: ["wallet"],
  summary: "Ask for a challenge to sign",
  request: {
    headers: MayKeyHeader,
    body: body(z.strictObject({ account: z.string(), device: z.string() })),
  },
  responses: {
    201: answers(
      "Sign it with the device key",
      z.object({ challenge: z.string(), expires_at: z.iso.datetime() }),
    ),
    ...refusals("challenge_invalid"),
  },
});

const openRoute = createRoute({
  method: "post",
  path: "/v1/sessions",
  tags: ["wallet"],
  summary: "Open a session with the signed challenge",
  request: {
    headers: MayKeyHeader,
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
    ...refusals("challenge_invalid", "device_signature_invalid"),
  },
});

interface Ids {
  readonly accountId: AccountId;
  readonly deviceId: DeviceId;
}

/** Sign-ins of one minute that are told apart from repeats; more of them have to wait. */
const USED_MAX = 1_000_000;
const CHALLENGE_FORM = /^ch_([0-9]{1,15})\.([A-Za-z0-9_-]{32})\.([A-Za-z0-9_-]{32})$/;

/**
 * A challenge says itself until when and for whom it is good, so whoever asks for many costs
 * nothing and takes nobody's place. Only those that opened a session are remembered, for their
 * minute; a restart voids all, so each opens one session at most.
 */
class Challenges {
  readonly #boot = toBase64Url(randomBytes(CHALLENGE_BYTES));
  /** When they are over, by challenge; oldest first. */
  readonly #used = new Map<string, number>();

  constructor(private readonly keys: KeyRing) {}

  make(ids: Ids, expiresAtMs: number): string {
    return this.#text(ids, expiresAtMs, toBase64Url(randomBytes(CHALLENGE_BYTES)));
  }

  isOpen(text: string, ids: Ids, nowMs: number): boolean {
    const match = CHALLENGE_FORM.exec(text);
    const expiresAtMs = Number(match?.[1] ?? 0);
    if (nowMs >= expiresAtMs || this.#used.has(text)) return false;
    return isSameText(text, this.#text(ids, expiresAtMs, match?.[2] ?? ""));
  }

  /** False when it has been used meanwhile. Throws Problem when too many sign in. */
  use(text: string, nowMs: number): boolean {
    for (const [other, expiresAtMs] of this.#used) {
      if (nowMs < expiresAtMs) break;
      this.#used.delete(other);
    }
    if (this.#used.has(text)) return false;
    if (this.#used.size >= USED_MAX) throw new Problem("fault_busy");
    this.#used.set(text, nowMs + CHALLENGE_MS);
    return true;
  }

  #text({ accountId, deviceId }: Ids, expiresAtMs: number, random: string): string {
    const parts = [this.#boot, accountId, deviceId, `${expiresAtMs}`, random];
    const tag = this.keys.tagText("session", CHALLENGE_BYTES, "challenge", ...parts);
    return `ch_${expiresAtMs}.${random}.${tag}`;
  }
}

export function addSessions(api: Api, services: Services): void {
  const { clock, keys } = services;
  const challenges = new Challenges(keys);
  const given = new Repeats(clock, CHALLENGE_MS);
  const opened = new Repeats(clock, SESSION_MS);
  on(api, challengeRoute, (c) => {
    const ids = parseIds(c.req.valid("json"));
    const run = async () => giveChallenge(services, challenges, ids);
    return given.answer(c, `wallet:${ids.accountId}`, 201, run);
  });
  on(api, openRoute, (c) => {
    const ids = parseIds(c.req.valid("json"));
    const run = () => openSession(services, challenges, c, ids);
    return opened.answer(c, `wallet:${ids.accountId}`, 201, run);
  });
}

function parseIds(given: { account: string; device: string }): Ids {
  const accountId = parseId("account", given.account);
  const deviceId = parseId("device", given.device);
  if (accountId === undefined || deviceId === undefined) throw new Problem("challenge_invalid");
  return { accountId, deviceId };
}

/** Given to anyone who asks: whether the account exists shows only to whoever has its key. */
function giveChallenge({ clock }: Services, challenges: Challenges, ids: Ids) {
  const expiresAtMs = clock.nowMs() + CHALLENGE_MS;
  return { challenge: challenges.make(ids, expiresAtMs), expires_at: toTime(expiresAtMs) };
}

async function openSession(
  services: Services,
  challenges: Challenges,
  c: ContextOf<typeof openRoute>,
  { accountId, deviceId }: Ids,
) {
  const { challenge, signature: text } = c.req.valid("json");
  const signature = fromBase64Url(text);
  const nowMs = services.clock.nowMs();
  const isOpen = challenges.isOpen(challenge, { accountId, deviceId }, nowMs);
  if (!isOpen || signature === undefined) throw new Problem("challenge_invalid");
  const ref = { kind: "account", id: accountId };
  const known = await unless("account_not_open", () =>
    ask<DeviceView>(services, c, "switch", ref, { kind: "DescribeDevice" }),
  );
  // No account, another device, another key: one answer, for a stranger learns nothing.
  const message = Buffer.from(TAG + challenge);
  const isTheirs =
    known?.device.deviceId === deviceId &&
    (await services.devices.verify(accountId, known.device, message, signature));
  if (!isTheirs) throw new Problem("device_signature_invalid");
  if (!challenges.use(challenge, nowMs)) throw new Problem("challenge_invalid");
  const expiresAtMs = nowMs + SESSION_MS;
  const token = makeSessionToken(services.keys, accountId, deviceId, expiresAtMs);
  return { token, expires_at: toTime(expiresAtMs) };
}
