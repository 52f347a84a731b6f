import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { dataFiles } from "../../src/data-directory.ts";
import { Alarms } from "../../src/http/alarms.ts";
import { VirtualClock } from "../../src/runtime/clock.ts";
import { Fault } from "../../src/runtime/fault.ts";
import type { Host } from "../../src/runtime/host.ts";
import { coreName, shadowCore } from "../../wasm/core.ts";
import { fallBack } from "../../wasm/fall-back.ts";
import { openBeside } from "../beside.ts";
import { failureOf } from "../failure.ts";
import { SwitchRig, until } from "../switch-rig.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start({ config: { shadowRate: 1 } });
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  // The core is one for the whole process: other tests get an unwatched one again.
  shadowCore({ rate: 0, random: Math.random, alarm: () => {} });
});

async function alarms(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { body } = await rig.send("GET", "/v1/desk/alarms", { token: rig.deskKey });
  return body["data"] as readonly Readonly<Record<string, unknown>>[];
}

describe("alarms at the desk", () => {
  test("are for operators", async () => {
    expect((await rig.send("GET", "/v1/desk/alarms")).status).toBe(401);
    expect(await alarms()).toEqual([]);
  });

  test.skipIf(coreName() === "reference")("tell once that two cores disagreed", async () => {
    const customer = await rig.customer();
    const honest = fallBack.verifyPinProof;
    try {
      // Which of the two is wrong nobody knows: the reference's word counts.
      Object.assign(fallBack, { verifyPinProof: () => false });
      expect(await failureOf(rig.pay(customer, 300))).toMatchObject({ code: "pin_wrong" });
      expect(await failureOf(rig.pay(customer, 300))).toMatchObject({ code: "pin_wrong" });
    } finally {
      Object.assign(fallBack, { verifyPinProof: honest });
    }
    const [alarm, ...more] = await alarms();
    expect(more).toEqual([]);
    expect(alarm).toMatchObject({ alarm: "core_disagreement" });
    expect(alarm?.["since"]).toBeString();
    const { text } = await rig.send("GET", "/metrics");
    expect(text).toContain('seqr_faults_total{kind="core_disagreement"} 1');
    expect(text).toContain('seqr_core_info{core="reference"} 1');
    const lines = rig.lines.filter((line) => line.includes("core_disagreement"));
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { event: "alarm", alarm: "core_disagreement", job: "verifyPinProof" },
    ]);
    expect((await rig.send("GET", "/readyz")).body["core"]).toBe("reference");
    expect((await rig.pay(customer, 300)).status).toBe("captured");
  });
});

describe("views that are behind, or cannot be read, are an alarm", () => {
  test.each([
    [
      "CREATE TRIGGER full BEFORE INSERT ON rows BEGIN SELECT RAISE(ABORT, 'full'); END",
      "DROP TRIGGER full",
    ],
    ["ALTER TABLE rows RENAME TO elsewhere", "ALTER TABLE elsewhere RENAME TO rows"],
  ])("%s", async (spoil, mend) => {
    const kinds = async () => (await alarms()).map(({ alarm }) => alarm);
    const before = await kinds();
    const views = openBeside(dataFiles(rig.dataDir).views);
    views.run(spoil);
    await rig.till.ask({ amountCents: 100 });
    // None of the others is hidden by it.
    const behind = [...before, "views_behind"];
    await until(async () => (await kinds()).join() === behind.join(), "somebody is told");
    views.run(mend);
    views.close();
    await rig.till.ask({ amountCents: 200 });
    await until(async () => (await kinds()).join() === before.join(), "they have caught up");
  });
});

describe("alarms of the host's state", () => {
  function list(state: { failure?: Fault; isFull?: boolean; troubled?: number }) {
    const { failure, isFull = false, troubled = 0 } = state;
    const host = { failure, isFull, outbox: { troubled } };
    return new Alarms(new VirtualClock(0, "frozen"), host as unknown as Host).list();
  }

  test("stand as long as what they tell of", () => {
    const sinceMs = undefined;
    expect(list({})).toEqual([]);
    expect(list({ troubled: 2 })).toEqual([{ kind: "outbox_troubled", sinceMs }]);
    expect(list({ isFull: true })).toEqual([{ kind: "event_log_full", sinceMs }]);
    expect(list({ failure: new Fault("storage_failed") })).toEqual([
      { kind: "event_log_failed", sinceMs },
    ]);
  });
});
