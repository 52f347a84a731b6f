/**
 * What routes answer when the event log is behind a network: what an actor sends to another travels
 * through the outbox then, and has not arrived when the first actor answers.
 */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { registerLane } from "../../src/client/till.ts";
import { MemoryEventLog } from "../../src/runtime/memory-event-log.ts";
import { DelayedLog } from "../conformance/delayed-log.ts";
import { SwitchRig } from "../switch-rig.ts";

let rig: SwitchRig;
beforeEach(async () => {
  const log = new DelayedLog(new MemoryEventLog());
  rig = await SwitchRig.start({ openLog: () => log });
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

test("a lane is asked for again under its key while its terms are on their way", async () => {
  const sent = { token: rig.merchantKey, key: "lane-2", json: { name: "Lane 2", kind: "till" } };
  const first = await rig.send("POST", "/v1/lanes", sent);
  expect([first.status, first.body["code"]]).toEqual([503, "fault_busy"]);
  const till = await registerLane(rig.caller, rig.merchantKey, "Lane 2", "lane-2");
  expect(till.lane.id).toBe("lane_2");
});
