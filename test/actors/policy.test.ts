/** What events mean rests on nothing but the events: an auditor folds them years later. */
import { expect, test } from "bun:test";
import { accountActor } from "../../actors/account.ts";
import type { ActorDefinition, Message } from "../../actors/actor.ts";
import { directoryActor } from "../../actors/directory.ts";
import { laneActor } from "../../actors/lane.ts";
import { merchantActor } from "../../actors/merchant.ts";
import { DEFAULT_POLICY, type Policy } from "../../actors/policy.ts";
import { Drive } from "./drive.ts";
import {
  accountId,
  activeLane,
  approve,
  capture,
  deviceId,
  NOON_MS,
  openRequest,
  registrationId,
  settle,
  verifiedAccount,
} from "./samples.ts";

/** Every figure is another one. */
const OTHER = Object.fromEntries(
  Object.entries(DEFAULT_POLICY).map(([name, value]) => [
    name,
    typeof value === "number" ? 1 : value,
  ]),
) as unknown as Policy;

// biome-ignore lint/suspicious/noExplicitAny: any actor.
type Any = ActorDefinition<any, any, any, any>;

function anAccount() {
  const account = verifiedAccount();
  for (let number = 1; number <= 40; number++) {
    account.tell(approve(number, 10));
    if (number % 2 === 0) account.tell(capture(number, 10));
    else {
      const paymentId = approve(number, 10).paymentId;
      account.tell({ kind: "ReleasePayment", paymentId, refusal: { kind: "request_paid" } });
    }
  }
  account.tell(approve(41, 10, { pinProofValid: false }));
  return account;
}

function aLane() {
  const lane = activeLane();
  for (let number = 1; number <= 40; number++) lane.tell(openRequest(number, 100));
  lane.tell(settle(1, 40, 100));
  return lane;
}

function aNumber() {
  const number = new Drive(directoryActor(DEFAULT_POLICY), "phone-1", NOON_MS);
  const candidate = {
    registrationId: registrationId(1),
    accountId: accountId(1),
    deviceId: deviceId(1),
  };
  number.tell({ kind: "SendCode", codeTag: "code", messageToken: "token", ...candidate });
  return number;
}

function aMerchant() {
  const merchant = new Drive(merchantActor(DEFAULT_POLICY), "3", NOON_MS);
  const terms = {
    ...{ merchantNumber: 3, name: "Blue Bottle", statementName: "BLUE BOTTLE" },
    ...{ street: "1 Main Street", city: "Denver", state: "CO", feeBasisPoints: 150, keyTag: "k" },
  };
  merchant.tell({ kind: "SetUpMerchant", terms });
  return merchant;
}

test.each<readonly [name: string, lived: { state: unknown; events: readonly Message[] }, Any]>([
  ["an account", anAccount(), accountActor(OTHER)],
  ["a lane", aLane(), laneActor(OTHER)],
  ["a phone number", aNumber(), directoryActor(OTHER)],
  ["a merchant", aMerchant(), merchantActor(OTHER)],
])("%s folds to the same state under another policy", (_, { state, events }, actor) => {
  expect(events.length).toBeGreaterThan(0);
  const folded = events.reduce((before, event) => actor.apply(before, event), actor.init(""));
  expect(JSON.parse(JSON.stringify(folded))).toEqual(state);
});
