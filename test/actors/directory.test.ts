import { expect, test } from "bun:test";
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
    { kind: "send", to: { kind: "sms", id: "message-1" }, command: { kind: "DeliverMessage" } },
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

test("neither number nor code is ever written", () => {
  const phone = free().table([
    [sendCode(1, "keyed-hash"), "code_sent"],
    [activate(1, "keyed-hash"), "phone_activated"],
  ]);
  const fields = phone.events.flatMap((event) => Object.keys(event));
  expect(new Set(fields)).toEqual(
    new Set(["kind", "codeTag", "expiresAtMs", "codesSent", ...Object.keys(candidate(1))]),
  );
});

test("the directory knows its own events of version 1 only, and a wrong code needs a code", () => {
  const { actor } = free();
  const event = { kind: "WrongCodeEntered", triesLeft: 1 } as const;
  expect(() => actor.upcast({ kind: event.kind, version: 2, body: event })).toThrow(
    AssertionFailed,
  );
  expect(() => actor.apply(actor.init(""), event)).toThrow("a code was sent before one is wrong");
});
