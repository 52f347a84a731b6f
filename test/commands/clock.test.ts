/** `seqr clock`, against a sandbox that really runs. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SwitchRig } from "../switch-rig.ts";
import { seqr } from "./cli.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

function run(...words: readonly string[]) {
  const environment = { SEQR_DESK_KEY: rig.deskKey };
  return seqr(["clock", ...words, "--url", rig.running.url], { environment });
}

describe("seqr clock", () => {
  test("tells the time, and moves it ahead", async () => {
    const before = await run();
    const after = await run("+3d");
    expect([before.code, after.code, before.stderr, after.stderr]).toEqual([0, 0, "", ""]);
    const movedMs = Date.parse(after.stdout.trim()) - Date.parse(before.stdout.trim());
    expect(movedMs).toBe(3 * 86_400_000);
  });

  test.each(["3d", "+0d", "+3", "+3w", "-3d", "+99999d", "+9999d"])(
    "does not take %p",
    async (step) => {
      const { code, stdout, stderr } = await run(step);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toStartWith("seqr clock: ");
    },
  );

  test("wants a desk key, and says what the switch says of another", async () => {
    expect((await seqr(["clock"])).code).toBe(2);
    const environment = { SEQR_DESK_KEY: rig.merchantKey };
    const refused = await seqr(["clock", "--url", rig.running.url], { environment });
    expect([refused.code, refused.stdout]).toEqual([1, ""]);
    expect(refused.stderr).toContain("forbidden");
  });
});
