import { expect, test } from "bun:test";
import { AssertionFailed } from "../../actors/assert.ts";
import { type MerchantCommand, type MerchantTerms, merchantActor } from "../../actors/merchant.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { Drive } from "./drive.ts";
import { LANE, NOON_MS, TERMS } from "./samples.ts";

const MERCHANT: MerchantTerms = {
  merchantNumber: 3,
  name: "Blue Bottle",
  statementName: "BLUE BOTTLE",
  street: "1 Main Street",
  city: "Denver",
  state: "CO",
  feeBasisPoints: 150,
  keyTag: "merchant-key",
};
const setUp = (terms: MerchantTerms): MerchantCommand => ({ kind: "SetUpMerchant", terms });
const register = (laneNumber: number): MerchantCommand => ({
  kind: "RegisterLane",
  laneNumber,
  laneName: "Till 7",
  laneKind: "till",
  terminalCode: "000007",
  keyTag: "lane-key",
});
const vacant = (lanesPerMerchantMax = 10) =>
  new Drive(merchantActor({ ...DEFAULT_POLICY, lanesPerMerchantMax }), "3", NOON_MS);

test("a merchant is set up once and then described", () => {
  vacant().table([
    [{ kind: "DescribeMerchant" }, "merchant_not_found"],
    [register(7), "merchant_not_found"],
    [setUp(MERCHANT), { kind: "merchant", terms: MERCHANT, lanesCount: 0 }],
    [setUp({ ...MERCHANT, name: "Another" }), "merchant_already_exists"],
    [{ kind: "DescribeMerchant" }, { kind: "merchant", terms: MERCHANT, lanesCount: 0 }],
  ]);
});

test("a registered lane gets all it needs to be paid without asking its merchant", () => {
  const merchant = vacant().table([
    [setUp(MERCHANT), "merchant"],
    [register(7), { kind: "lane_registered", laneNumber: 7 }],
  ]);
  expect(merchant.sent).toEqual([{ to: `lane:${LANE}`, kind: "SetUpLane", terms: TERMS }]);
  merchant.table([[{ kind: "DescribeMerchant" }, { lanesCount: 1 }]]);
});

test("a merchant has as many lanes as the policy says", () => {
  const merchant = vacant(2).table([
    [setUp(MERCHANT), "merchant"],
    [register(7), "lane_registered"],
    [register(8), "lane_registered"],
    [register(9), "too_many_lanes"],
  ]);
  expect(merchant.sent).toEqual([]);
});

test("a rate below nothing or above the whole is refused where it is agreed", () => {
  const merchant = vacant();
  for (const feeBasisPoints of [-1, 0.5, 10_001, Number.NaN]) {
    expect(() => merchant.tell(setUp({ ...MERCHANT, feeBasisPoints }))).toThrow(AssertionFailed);
  }
  merchant.table([[setUp({ ...MERCHANT, feeBasisPoints: 10_000 }), "merchant"]]);
});

test("a merchant's terms are its own, and its events are of versions 1 to 4", () => {
  const merchant = vacant();
  expect(() => merchant.tell(setUp({ ...MERCHANT, merchantNumber: 4 }))).toThrow(
    "the terms are this merchant's",
  );
  const { actor } = merchant;
  const event = { kind: "LaneRegistered", laneNumber: 7, laneName: "Till 7" } as const;
  expect(() => actor.upcast({ kind: event.kind, version: 5, body: event })).toThrow(
    AssertionFailed,
  );
  expect(() => actor.apply(merchant.state, event)).toThrow("a merchant is set up before its lanes");
  merchant.table([[setUp(MERCHANT), "merchant"]]);
  const [first] = merchant.events;
  if (first === undefined) throw new Error("the merchant was set up");
  expect(() => actor.apply(merchant.state, first)).toThrow("a merchant is set up once");
});
