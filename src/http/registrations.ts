/**
 * Registration (docs/protocol.md section 3): phone number, activation code by SMS, then one message
 * signed by the new device key with name, birth date, bank account, mandate and PIN key.
 */
import { randomBytes, randomInt } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import type {
  AccountReply,
  AccountView,
  OpenAccountCommand,
} from "../../actors/account-messages.ts";
import { type PlainDate, parseBirthDate } from "../../actors/calendar.ts";
import type { DirectoryReply } from "../../actors/directory.ts";
import {
  type AccountId,
  type DeviceId,
  encodeId,
  ID_BYTES,
  parseId,
  type RegistrationId,
} from "../../actors/ids.ts";
import type { LimitView } from "../../actors/limit.ts";
import { wipe } from "../../wasm/bytes.ts";
import { type Api, answers, body, MayKeyHeader, on, refusals } from "./api.ts";
import { fromBase64Url, isSameText, randomId, toBase64Url } from "./bytes.ts";
import { keepMandateText } from "./mandates.ts";
import { addressOf } from "./network-address.ts";
import { ask, onceIfKeyed, orUndo } from "./once.ts";
import { Problem } from "./problem.ts";
import {
  Completion,
  type CompletionGiven,
  checkMandateSignature,
  fieldProblem,
  Phone,
  readMessage,
  type SignedMessage,
  sealingsOf,
} from "./registration-message.ts";
import type { Services } from "./services.ts";
import { LimitShape, toLimit, toTime } from "./shapes.ts";
import { sharersOf } from "./shared-bank-accounts.ts";

type Context = Parameters<typeof ask>[1];

const CODE_DIGITS = 6;
const CODE_TAG_BYTES = 24;
const SALT_BYTES = 16;
const PIN_VERSION = 1;
const PIN_KEY_BYTES = 32;

const Started = z
  .object({
    object: z.literal("registration"),
    id: z.string(),
    code_expires_at: z.iso.datetime(),
  })
  .openapi("Registration");

const Activated = z
  .object({
    object: z.literal("activation"),
    account: z.string(),
    device: z.string(),
    salt: z.string().openapi({ description: "16 bytes, base64url" }),
    pin_version: z.int(),
    token: z.string().openapi({ description: "Send it with the completion" }),
  })
  .openapi("Activation");

const startRoute = createRoute({
  method: "post",
  path: "/v1/registrations",
  tags: ["wallet"],
  summary: "Ask for an activation code by SMS",
  request: { headers: MayKeyHeader, body: body(z.strictObject({ phone: Phone })) },
  responses: {
    201: answers("The code is on its way", Started),
    ...refusals("phone_taken", "too_many_codes"),
  },
});

const activateRoute = createRoute({
  method: "post",
  path: "/v1/registrations/{registration}/activation",
  tags: ["wallet"],
  summary: "Enter the activation code",
  request: {
    params: z.object({ registration: z.string() }),
    headers: MayKeyHeader,
    body: body(z.strictObject({ phone: Phone, code: z.string().regex(/^[0-9]{6}$/) })),
  },
  responses: {
    200: answers("The number is yours", Activated),
    ...refusals("registration_not_found", "phone_taken", "code_wrong", "code_expired"),
  },
});

const completeRoute = createRoute({
  method: "post",
  path: "/v1/registrations/{registration}/completion",
  tags: ["wallet"],
  summary: "Open the account",
  request: {
    params: z.object({ registration: z.string() }),
    headers: MayKeyHeader,
    body: body(Completion),
  },
  responses: {
    201: answers(
      "The account is open",
      z.object({ object: z.literal("account_opened"), account: z.string(), limit: LimitShape }),
    ),
    ...refusals(
      "device_key_invalid",
      "device_signature_invalid",
      "mandate_changed",
      "registration_not_found",
      "phone_taken",
      "account_already_open",
      "under_age",
      "birth_date_in_future",
    ),
  },
});

export function addRegistrations(api: Api, services: Services): void {
  on(api, startRoute, (c) => start(services, c, c.req.valid("json").phone));
  on(api, activateRoute, (c) => {
    const { phone, code } = c.req.valid("json");
    return activate(services, c, c.req.valid("param").registration, phone, code);
  });
  on(api, completeRoute, (c) => complete(services, c, c.req.valid("json")));
}

function phoneTag({ keys }: Services, phone: string): string {
  return keys.tagText("phone", CODE_TAG_BYTES, phone);
}

function codeTag({ keys }: Services, phone: string, code: string): string {
  return keys.tagText("code", CODE_TAG_BYTES, phone, code);
}

/** Whose keys these are, as long as there is no account: keyed by number, so nobody collides. */
function callingWith(tag: string) {
  return { principal: "wallet", keysOf: `wallet:${tag}` };
}

async function start(services: Services, c: Context, phone: string): Promise<Response> {
  const tag = phoneTag(services, phone);
  type Sent = Extract<DirectoryReply, { kind: "code_sent" }>;
  const reply = await onceIfKeyed<Sent>(services, c, callingWith(tag), (askFirst) => {
    const command = inviting(services, phone);
    const asked = askFirst({ kind: "directory", id: tag }, command);
    return orUndo(asked, () => services.vault.destroy([command.messageToken]));
  });
  const sent = {
    object: "registration" as const,
    id: reply.registrationId,
    code_expires_at: toTime(reply.expiresAtMs),
  };
  return c.json(sent, 201);
}

/** Makes a code, seals the message with it, and the ids of whoever will enter it. */
function inviting(services: Services, phone: string) {
  const { clock, vault } = services;
  const registrationId = randomId("registration", clock);
  const code = String(randomInt(10 ** CODE_DIGITS)).padStart(CODE_DIGITS, "0");
  const text = `Your SEQR activation code is ${code}. It is valid for 10 minutes.`;
  const bytes = Buffer.from(JSON.stringify({ to: phone, text }));
  const [messageToken = ""] = vault.put([{ kind: "message", owner: registrationId, bytes }]);
  return {
    kind: "SendCode" as const,
    registrationId,
    accountId: randomId("account", clock),
    deviceId: randomId("device", clock),
    codeTag: codeTag(services, phone, code),
    messageToken,
  };
}

async function activate(
  services: Services,
  c: Context,
  registration: string,
  phone: string,
  code: string,
): Promise<Response> {
  const registrationId = parseId("registration", registration);
  if (registrationId === undefined) throw new Problem("registration_not_found");
  const tag = phoneTag(services, phone);
  const command = {
    kind: "ActivatePhone" as const,
    registrationId,
    codeTag: codeTag(services, phone, code),
  };
  type Activated = Extract<DirectoryReply, { kind: "phone_activated" }>;
  const { accountId, deviceId } = await onceIfKeyed<Activated>(
    services,
    c,
    callingWith(tag),
    (askFirst) => askFirst({ kind: "directory", id: tag }, command),
  );
  return c.json({
    object: "activation" as const,
    account: accountId,
    device: deviceId,
    salt: toBase64Url(services.keys.tag("salt", accountId, deviceId).subarray(0, SALT_BYTES)),
    pin_version: PIN_VERSION,
    token: completionToken(services, registrationId, accountId, deviceId, tag),
  });
}

/** Proves that this phone number was activated for these ids; the directory says for how long. */
function completionToken(
  { keys }: Services,
  registrationId: RegistrationId,
  accountId: AccountId,
  deviceId: DeviceId,
  tag: string,
): string {
  const mac = keys.tagText(
    "session",
    CODE_TAG_BYTES,
    "reg",
    registrationId,
    accountId,
    deviceId,
    tag,
  );
  return `rt_${registrationId}.${mac}`;
}

async function complete(services: Services, c: Context, given: CompletionGiven): Promise<Response> {
  const message = await readMessage(given);
  const accountId = parseId("account", message.account);
  if (accountId === undefined) throw fieldProblem("/message/account");
  type Opened = Extract<AccountReply, { kind: "account_opened" }>;
  const calling = { principal: `wallet:${accountId}` };
  try {
    const reply = await onceIfKeyed<Opened>(services, c, calling, async (askFirst) => {
      const { tag, open } = await prepare(services, c, given, message, accountId);
      await keepMandateText(services, c);
      const sealings = sealingsOf(message, accountId, open.personId, addressOf(c));
      const tokens = services.vault.put(sealings);
      const [person = "", bankAccount = "", pinKey = "", addressToken = null] = tokens;
      const vault = { person, bankAccount, pinKey };
      const sharedWith = await sharersOf(services, bankAccount, accountId);
      const command = { ...open, phoneTag: tag, vault, addressToken, sharedWith };
      const asked = askFirst({ kind: "account", id: accountId }, command);
      return orUndo(asked, () => services.vault.destroy(tokens));
    });
    return c.json(toOpened(accountId, reply.limit), 201);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "account_already_open") throw error;
    const limit = await openedBefore(services, c, accountId, given, message);
    if (limit === undefined) throw error;
    return c.json(toOpened(accountId, limit), 201);
  }
}

function toOpened(account: AccountId, limit: LimitView) {
  return { object: "account_opened" as const, account, limit: toLimit(limit) };
}

/** The answer was lost and the phone asks again: the same keys opened this account. */
async function openedBefore(
  services: Services,
  c: Context,
  accountId: AccountId,
  { device_key: deviceKey }: CompletionGiven,
  { device, pin_key: pinKey }: SignedMessage,
): Promise<LimitView | undefined> {
  const ref = { kind: "account", id: accountId };
  const view = await ask<AccountView>(services, c, "wallet", ref, { kind: "DescribeAccount" });
  if (view.device.deviceId !== device || view.device.publicKey !== deviceKey) return undefined;
  const known = services.vault.open(view.vault.pinKey, "pin-key", accountId);
  const isSame = known !== undefined && isSameText(toBase64Url(known), pinKey);
  if (known !== undefined) wipe(known);
  return isSame ? view.limit : undefined;
}

/** All that can be refused before anything personal is stored. */
async function prepare(
  services: Services,
  c: Context,
  given: CompletionGiven,
  message: SignedMessage,
  accountId: AccountId,
) {
  const deviceId = parseId("device", message.device);
  const registrationId = parseId("registration", c.req.param("registration") ?? "");
  const birthDate = parseBirthDate(message.birth_date);
  if (registrationId === undefined) throw new Problem("registration_not_found");
  if (birthDate === undefined) throw fieldProblem("/message/birth_date");
  if (deviceId === undefined) throw fieldProblem("/message/device");
  if (fromBase64Url(message.pin_key)?.length !== PIN_KEY_BYTES) {
    throw fieldProblem("/message/pin_key");
  }
  if (message.mandate.version !== services.mandate.version) throw new Problem("mandate_changed");
  if (message.mandate.hash !== services.mandate.hash) throw new Problem("mandate_changed");
  const tag = phoneTag(services, message.phone);
  const token = completionToken(services, registrationId, accountId, deviceId, tag);
  if (!isSameText(given.token, token)) throw new Problem("registration_not_found");
  await checkMandateSignature(given, accountId, deviceId, services.mandate.hash);
  const ref = { kind: "directory", id: tag };
  await ask(services, c, "wallet", ref, { kind: "CheckActivated", accountId });
  return { tag, open: openCommand(given, message, deviceId, birthDate) };
}

function openCommand(
  given: CompletionGiven,
  message: SignedMessage,
  deviceId: DeviceId,
  birthDate: PlainDate,
): Omit<OpenAccountCommand, "phoneTag" | "vault" | "addressToken"> {
  return {
    kind: "OpenAccount",
    personId: encodeId("person", new Uint8Array(randomBytes(ID_BYTES))),
    deviceId,
    algorithm: given.algorithm,
    publicKey: given.device_key,
    pinVersion: PIN_VERSION,
    mandateTextVersion: message.mandate.version,
    mandateTextHash: message.mandate.hash,
    mandateSignature: given.mandate_signature,
    birthDate,
  };
}
