/** What is answered when something breaks: a name, and no message, for it may quote input. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { AssertionFailed } from "../../actors/assert.ts";
import { SwitchRig } from "../switch-rig.ts";
import { brokenSwitch } from "./broken-switch.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

test("a bug is told as such, whatever kind of error it is", async () => {
  const bugs = [
    new TypeError("canary-4711 is not a function"),
    new AssertionFailed("canary-4711"),
    // Stored JSON that cannot be read is our fault, not the caller's.
    new SyntaxError("JSON Parse error: canary-4711"),
    new RangeError("canary-4711"),
    // The place in the code is told, and it is not looked for in the message.
    new Error("no such file: canary-4711.ts:12\n    at canary-4711 (canary.ts:12:1)"),
  ];
  for (const bug of bugs) {
    rig.lines.length = 0;
    const { status, body, text } = await brokenSwitch(rig, bug);
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: "internal_error", money_taken: "unknown", retryable: true });
    expect(text).not.toContain("canary");
    expect(rig.lines.join()).toContain(bug.name);
    expect(rig.lines.join()).toContain("request_failed");
    expect(rig.lines.join()).not.toContain("canary");
    expect(await metrics()).toContain(`seqr_faults_total{kind="${bug.name}"}`);
  }
  expect(await metrics()).not.toContain("canary");
});

test("a fault that passes tells when to ask again, and is in the log", async () => {
  rig.lines.length = 0;
  const busy = await brokenSwitch(rig, "busy");
  expect(busy.headers.get("retry-after")).toBe("1");
  // A repeat may be told so whose first call was paid.
  expect(busy.body).toMatchObject({ retryable: true, money_taken: "unknown" });
  expect(rig.lines.join()).toContain('"problem":"fault_busy"');
  const late = await brokenSwitch(rig, "timeout");
  expect(late.body).toMatchObject({ retryable: true, money_taken: "unknown" });
  const bug = await brokenSwitch(rig, "bug");
  expect(bug.headers.get("retry-after")).toBeNull();
  expect(bug.body).toMatchObject({ retryable: false, money_taken: "no" });
});

test("a full disk is told as such, wherever the room ran out", async () => {
  for (const code of ["ENOSPC", "SQLITE_FULL", "EDQUOT"]) {
    rig.lines.length = 0;
    const full = Object.assign(new Error(`no room for canary-4711`), { code });
    const { status, body, headers } = await brokenSwitch(rig, full);
    expect([code, status, body["code"]]).toEqual([code, 503, "fault_storage_full"]);
    expect(headers.get("retry-after")).toBe("1");
    expect(rig.lines.join()).not.toContain("bug");
    expect(rig.lines.join()).not.toContain("canary");
  }
});

async function metrics(): Promise<string> {
  return (await rig.send("GET", "/metrics")).text;
}
