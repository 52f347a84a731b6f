import { expect, test } from "bun:test";
import type { Message } from "../../actors/actor.ts";
import { AssertionFailed } from "../../actors/assert.ts";
import { type DirectoryCommand, directoryActor } from "../../actors/directory.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { Drive } from "./drive.ts";
import {
  accountId,
  deviceId,
  HOUR_MS,
  MINUTE_MS,
  NOON_MS,
  registrationId,
  SECOND_MS,
} from "./samples.ts";

const candidate = (number: number) => ({
  registrationId: registrationId(number),
  accountId: accountId(number),
  deviceId: deviceId(number),
});
const sendCode = (number: number, code = `code-${number}`): DirectoryCommand => ({
  kind: "SendCode",
  codeTag: code,
  messageToken: `message-${number}`,
  ...candidate(number),
});
const activate = (number: number, code = `code-${number}`): DirectoryCommand => ({
  kind: "ActivatePhone",
  registrationId: registrationId(number),
  codeTag: code,
});
const bind = (number: number): DirectoryCommand => ({
  kind: "BindPhone",
  accountId: accountId(number),
});
const check = (number: number): DirectoryCommand => ({
  kind: "CheckActivated",
  accountId: accountId(number),
});
const DESCRIBE: DirectoryCommand = { kind: "DescribePhone" };
const OVERDUE: DirectoryCommand = { kind: "ClaimOverdue" };
const free = () => new Drive(directoryActor(DEFAULT_POLICY), "phone-1", NOON_MS);

test("a free number knows nobody and activates nobody", () => {
  free().table([
    [DESCRIBE, { kind: "phone", accountId: undefined }],
    [activate(1), "registration_not_found"],
    [OVERDUE, "noted"],
  ]);
});

test("a code goes out by SMS under its token and is good for ten minutes", () => {
  const phone = free().table([
    [sendCode(1), { kind: "code_sent", expiresAtMs: NOON_MS + 10 * MINUTE_MS, ...candidate(1) }],
  ]);
  expect(phone.effects).toEqual([
    {
      kind: "send",
      to: { kind: "sms", id: "message-1" },
      command: { kind: "DeliverMessage", untilMs: NOON_MS + 10 * MINUTE_MS },
    },
    { kind: "timer", id: "claim", atMs: NOON_MS + 24 * HOUR_MS, command: OVERDUE },
  ]);
  phone.table([
    10 * MINUTE_MS - 1,
    [activate(1, "wrong"), { kind: "code_wrong", triesLeft: 4 }],
    1,
    [activate(1), "code_expired"],
    [activate(1, "wrong"), "code_expired"],
  ]);
});

test("an activation is refused in this order: unknown, expired, wrong", () => {
  free().table([
    [sendCode(1), "code_sent"],
    [activate(2), "registration_not_found"],
    [activate(1, "wrong"), { kind: "code_wrong", triesLeft: 4 }],
    [activate(2, "wrong"), "registration_not_found"],
    10 * MINUTE_MS,
    [activate(2, "wrong"), "registration_not_found"],
    [activate(1, "wrong"), "code_expired"],
  ]);
});

test("five wrong codes end a code, and a new code gives five tries again", () => {
  const phone = free().table([
    [sendCode(1), "code_sent"],
    [activate(1, "wrong"), { triesLeft: 4 }],
    [activate(1, "wrong"), { triesLeft: 3 }],
    [activate(1, "wrong"), { triesLeft: 2 }],
    [activate(1, "wrong"), { triesLeft: 1 }],
    [activate(1, "wrong"), { kind: "code_wrong", triesLeft: 0 }],
    [activate(1), "code_expired"],
  ]);
  const written = phone.events.length;
  phone.table([[activate(1, "wrong"), "code_expired"]]);
  expect(phone.events.length).toBe(written);
  phone.table([
    [sendCode(1, "second"), "code_sent"],
    [activate(1), { kind: "code_wrong", triesLeft: 4 }],
    [activate(1, "second"), { kind: "phone_activated", ...candidate(1) }],
  ]);
});

test("a stranger's code takes nothing from who was sent one, or was activated", () => {
  const phone = free().table([
    [sendCode(1), "code_sent"],
    [sendCode(2), "code_sent"],
    [activate(2, "wrong"), { kind: "code_wrong", triesLeft: 4 }],
    [activate(2, "code-1"), { kind: "code_wrong", triesLeft: 3 }],
    [activate(1, "wrong"), { kind: "code_wrong", triesLeft: 4 }],
    [activate(1), "phone_activated"],
    [activate(2), "registration_not_found"],
    [sendCode(2), "code_sent"],
    [sendCode(3), "code_sent"],
    [sendCode(4), "code_sent"],
    [sendCode(2), "too_many_codes"],
    [activate(2, "wrong"), "code_wrong"],
    [check(1), "noted"],
    [check(2), "registration_not_found"],
    [activate(1), { kind: "phone_activated", ...candidate(1) }],
    23 * HOUR_MS,
    [check(1), "noted"],
    [bind(1), "noted"],
    [activate(2), "registration_not_found"],
  ]);
  expect(phone.state).toEqual({ kind: "bound", accountId: accountId(1) });
});

test("who reads a later code has the phone now: the one activated before has not", () => {
  free().table([
    [sendCode(1), "code_sent"],
    [activate(1), "phone_activated"],
    [sendCode(2), "code_sent"],
    [activate(2), { kind: "phone_activated", ...candidate(2) }],
    [check(1), "registration_not_found"],
    [activate(1), "registration_not_found"],
    [check(2), "noted"],
  ]);
});

test("of two accounts opened for one number at one moment the second never pays", () => {
  const phone = free().table([
    [sendCode(1), "code_sent"],
    [activate(1), "phone_activated"],
    [check(1), "noted"],
    [sendCode(2), "code_sent"],
    [activate(2), "phone_activated"],
    [check(2), "noted"],
    [bind(1), "noted"],
    [bind(2), "phone_taken"],
  ]);
  expect(phone.sent).toEqual([
    {
      to: `account:${accountId(2)}`,
      kind: "BlockAccount",
      reason: "phone_taken",
      note: "its phone number is another account's",
    },
  ]);
  phone.table([[bind(1), "noted"]]);
  expect(phone.sent).toEqual([]);
});

test("three codes are sent, and no more until the claim has ended", () => {
  const phone = free().table([
    [sendCode(1), "code_sent"],
    HOUR_MS,
    [sendCode(1), "code_sent"],
    [sendCode(2), "code_sent"],
    [sendCode(1), "too_many_codes"],
  ]);
  expect(phone.effects).toEqual([]);
  phone.table([
    24 * HOUR_MS,
    [sendCode(1), "too_many_codes"],
    [OVERDUE, "noted"],
    [sendCode(1), "code_sent"],
  ]);
});

test("an activated number says so again, and is free again when nobody registers", () => {
  const phone = free().table([
    [sendCode(1), "code_sent"],
    30 * SECOND_MS,
    [activate(1), { kind: "phone_activated", ...candidate(1) }],
  ]);
  const atMs = phone.nowMs + 24 * HOUR_MS;
  expect(phone.effects).toEqual([{ kind: "timer", id: "claim", atMs, command: OVERDUE }]);
  phone.table([
    HOUR_MS,
    [activate(1), "phone_activated"],
    [activate(1, "wrong"), "phone_activated"],
    [DESCRIBE, { accountId: undefined }],
    23 * HOUR_MS,
    [OVERDUE, "noted"],
    [activate(1), "registration_not_found"],
  ]);
});

test("a number belongs to the account that was opened with it, and to no other", () => {
  const phone = free().table([
    [sendCode(1), "code_sent"],
    [activate(1), "phone_activated"],
    [bind(1), "noted"],
  ]);
  expect(phone.effects).toEqual([{ kind: "cancel", id: "claim" }]);
  const written = phone.events.length;
  phone.table([
    [DESCRIBE, { kind: "phone", accountId: accountId(1) }],
    [bind(1), "noted"],
    [bind(2), "phone_taken"],
    [sendCode(2), "phone_taken"],
    [activate(1), "registration_not_found"],
    [OVERDUE, "noted"],
    [DESCRIBE, { kind: "phone", accountId: accountId(1) }],
  ]);
  expect(phone.events.length).toBe(written);
});

test("an account may be opened under a number that it activated or has", () => {
  free().table([
    [check(1), "registration_not_found"],
    [sendCode(1), "code_sent"],
    [check(1), "registration_not_found"],
    [activate(1), "phone_activated"],
    [check(1), "noted"],
    [check(2), "registration_not_found"],
    [bind(1), "noted"],
    [check(1), "noted"],
    [check(2), "phone_taken"],
  ]);
});

test("a closed account gives its number free, and no other's", () => {
  const free1 = { kind: "FreePhone", accountId: accountId(1) } as const;
  const free2 = { kind: "FreePhone", accountId: accountId(2) } as const;
  const phone = free().table([
    [free1, "noted"],
    [sendCode(1), "code_sent"],
    [free1, "noted"],
    [activate(1), "phone_activated"],
    [bind(1), "noted"],
    [free2, "noted"],
    [{ kind: "DescribePhone" }, { accountId: accountId(1) }],
    [free1, "noted"],
    [{ kind: "DescribePhone" }, { accountId: undefined }],
    [sendCode(2), "code_sent"],
    [free1, "noted"],
    [activate(2), "phone_activated"],
  ]);
  expect(phone.eventKinds.filter((kind) => kind === "PhoneFreed")).toHaveLength(1);
});

test("neither number nor code is ever written", () => {
  const phone = free().table([
    [sendCode(1, "keyed-hash"), "code_sent"],
    [activate(1, "keyed-hash"), "phone_activated"],
  ]);
  const fields = phone.events.flatMap((event) => Object.keys(event));
  expect(new Set(fields)).toEqual(
    new Set([
      ...["kind", "codeTag", "expiresAtMs", "codesSent", "triesLeft"],
      ...Object.keys(candidate(1)),
    ]),
  );
});

test("events of version 1 are read: five tries a code, and a wrong one is of the newest", () => {
  const { actor } = free();
  const sent = { kind: "CodeSent", codeTag: "code-2", expiresAtMs: NOON_MS, codesSent: 1 };
  const fold = (bodies: readonly { kind: string }[]) =>
    bodies
      .map((body) => actor.upcast({ kind: body.kind, version: 1, body }))
      .reduce((state, event) => actor.apply(state, event), actor.init(""));
  const first = { ...sent, ...candidate(1) };
  const second = { ...sent, codesSent: 2, ...candidate(2) };
  expect(
    fold([first, second, { kind: "WrongCodeEntered", triesLeft: 3 } as object as Message]),
  ).toMatchObject({ kind: "claimed", invitations: [{ triesLeft: 5 }, { triesLeft: 3 }] });
  const activated = { kind: "PhoneActivated", ...candidate(1) };
  expect(fold([first, activated])).toMatchObject({ invitations: [], activated: candidate(1) });
});

test("the directory knows events of no other version, and a wrong code needs a code", () => {
  const { actor } = free();
  const event = {
    kind: "WrongCodeEntered",
    registrationId: registrationId(1),
    triesLeft: 1,
  } as const;
  expect(() => actor.upcast({ kind: event.kind, version: 3, body: event })).toThrow(
    AssertionFailed,
  );
  expect(() => actor.apply(actor.init(""), event)).toThrow("a code was sent before one is wrong");
});
