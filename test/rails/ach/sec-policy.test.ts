import { describe, expect, test } from "bun:test";
import { AssertionFailed } from "../../../actors/assert.ts";
import { cents } from "../../../actors/money.ts";
import {
  DEFAULT_ODFI_POLICY,
  type OdfiIdentity,
  type OdfiPolicy,
  odfiProfile,
} from "../../../src/rails/ach/odfi-profile.ts";
import {
  type Channel,
  codeOf,
  mayReceive,
  prenoted,
  represented,
  reversed,
  secRule,
  webChannel,
} from "../../../src/rails/ach/sec-policy.ts";

const IDENTITY: OdfiIdentity = {
  immediateDestination: "021000021",
  destinationName: "FIRST BANK",
  immediateOrigin: "1987654321",
  originName: "SEQR",
  odfi: "02100002",
  companyId: "1987654321",
};
const profile = odfiProfile(IDENTITY);
const overLanes = odfiProfile(IDENTITY, { laneSec: "WEB" });

/** SEC, class, code to a checking account, description, columns 77-78, addenda. */
function row(channel: Channel, odfi = profile): unknown[] {
  const rule = secRule(channel, odfi);
  const { sec, serviceClass, description, discretionary, addenda } = rule;
  return [sec, serviceClass, codeOf(rule, "checking"), description, discretionary, addenda];
}

describe("each channel is sent as its row of the policy says", () => {
  test.each([
    ["in_store", ["POS", "225", "27", "SEQR PAY", "01", "pos"]],
    ["online_goods", ["WEB", "225", "27", "PURCHASE", "S", "optional_text"]],
    ["online_services", ["WEB", "225", "27", "SEQR PAY", "S", "optional_text"]],
    ["refund_in_store", ["POS", "220", "22", "REFUND", "01", "pos"]],
    ["refund_other", ["PPD", "220", "22", "REFUND", "", "none"]],
    ["cashback", ["PPD", "220", "22", "CASHBACK", "", "none"]],
    ["friend", ["WEB", "220", "22", "SEQR PAY", "S", "optional_text"]],
    ["settlement", ["CCD", "220", "22", undefined, "", "optional_text"]],
    ["return_fee", ["PPD", "225", "27", "RETURN FEE", "", "none"]],
  ] as const)("%s", (channel, expected) => {
    expect(row(channel)).toEqual([...expected]);
  });

  test("lanes as WEB, where the bank wants them so; their refunds are then PPD", () => {
    expect(row("in_store", overLanes)).toEqual([
      ...["WEB", "225", "27", "SEQR PAY", "S", "optional_text"],
    ]);
    expect(row("refund_in_store", overLanes)).toEqual(["PPD", "220", "22", "REFUND", "", "none"]);
  });

  test("the bank's payment type and description", () => {
    const odfi = odfiProfile(IDENTITY, { webPaymentType: "ST", serviceDescription: "SERVICES" });
    expect(row("online_services", odfi)).toEqual([
      ...["WEB", "225", "27", "SERVICES", "ST", "optional_text"],
    ]);
  });
});

describe("what follows an entry is of its class", () => {
  const lane = secRule("in_store", profile);
  const payout = secRule("settlement", profile);

  test("a second attempt differs by its description alone", () => {
    expect(represented(lane)).toEqual({ ...lane, description: "RETRY PYMT" });
  });

  test("a reversal goes the other way, of the same class and addenda", () => {
    const back = reversed(lane);
    expect(back).toEqual({
      ...lane,
      ...{ direction: "credit", serviceClass: "220", description: "REVERSAL" },
    });
    expect([codeOf(back, "checking"), codeOf(back, "savings")]).toEqual(["22", "32"]);
    const taken = reversed(payout);
    expect(taken).toMatchObject({ sec: "CCD", serviceClass: "225", description: "REVERSAL" });
    expect([codeOf(taken, "checking"), codeOf(taken, "savings")]).toEqual(["27", "37"]);
  });

  test("a prenote has its own codes", () => {
    const before = prenoted(lane, profile);
    expect([codeOf(before, "checking"), codeOf(before, "savings")]).toEqual(["28", "38"]);
    expect(before).toMatchObject({ sec: "POS", addenda: "pos", serviceClass: "225" });
    expect(before.description).toBe(lane.description);
    const credit = prenoted(payout, profile);
    expect([codeOf(credit, "checking"), codeOf(credit, "savings")]).toEqual(["23", "33"]);
    const named = odfiProfile(IDENTITY, { prenoteDescription: "PRENOTE" });
    expect(prenoted(lane, named).description).toBe("PRENOTE");
  });
});

test("web lanes sell goods or services, as the profile says", () => {
  expect(webChannel(profile)).toBe("online_goods");
  expect(webChannel(odfiProfile(IDENTITY, { webSells: "services" }))).toBe("online_services");
});

test("consumers never get CCD; businesses never get debits of the other classes", () => {
  const table = (["in_store", "online_goods", "refund_other", "return_fee", "settlement"] as const)
    .map((channel) => secRule(channel, profile))
    .map((rule) => [mayReceive(rule, "consumer"), mayReceive(rule, "business")]);
  expect(table).toEqual([
    [true, false],
    [true, false],
    [true, true],
    [true, false],
    [false, true],
  ]);
});

describe("a profile that no file could be written with is refused", () => {
  test.each<[string, Partial<OdfiIdentity & OdfiPolicy>]>([
    ["a destination with a wrong check digit", { immediateDestination: "021000022" }],
    ["an origin that is too short", { immediateOrigin: "12345678" }],
    ["an ODFI with its check digit", { odfi: "021000021" }],
    ["a company id without its 1", { companyId: "987654321" }],
    ["an origin name that does not fit", { originName: "S".repeat(24) }],
    ["a bank's name that is no ASCII", { destinationName: "BÄNK" }],
    ["an empty name", { originName: "" }],
    ["discretionary data that do not fit", { companyDiscretionaryData: "S".repeat(21) }],
    ["a description of eleven", { laneDescription: "SEQR PAYING" }],
    ["a description in lower case", { serviceDescription: "Services" }],
    ["a cut-off at no time of day", { cutOff: "2400" }],
    ["a card transaction type of one digit", { cardTransactionType: "1" }],
    ["a return window shorter than the network's", { returnWindowDays: 1 }],
    ["three second attempts", { retriesMax: 3 as 2 }],
    ["half a day", { debitLeadDays: 0.5 }],
    ["same-day entries above a million dollars", { sameDayCentsMax: cents(100_000_001) }],
  ])("%s", (_, wrong) => {
    const { immediateDestination, destinationName, immediateOrigin } = { ...IDENTITY, ...wrong };
    const { originName, odfi, companyId } = { ...IDENTITY, ...wrong };
    const names = { destinationName, originName };
    const identity = { immediateDestination, immediateOrigin, odfi, companyId, ...names };
    expect(() => odfiProfile(identity, wrong)).toThrow(AssertionFailed);
    expect(odfiProfile(IDENTITY)).toEqual({ ...DEFAULT_ODFI_POLICY, ...IDENTITY });
  });
});
