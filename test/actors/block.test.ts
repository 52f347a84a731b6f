import { expect, test } from "bun:test";
import { BLOCK_REASONS, operatorMayLift } from "../../actors/block.ts";

test("customer service lifts every block but the one that ends with the debt (FAQ)", () => {
  const liftable: readonly string[] = BLOCK_REASONS.filter(operatorMayLift);
  expect(liftable).toEqual([
    "pin_failures",
    "device_cloned",
    "reported_lost",
    "disputed",
    "compliance",
    "phone_taken",
    "operator",
  ]);
  expect(BLOCK_REASONS.filter((reason) => !operatorMayLift(reason))).toEqual(["collection_failed"]);
});
