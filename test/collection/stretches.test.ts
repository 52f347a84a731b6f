/** A file of many entries is written in stretches: whoever pays meanwhile has turns in between. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { cutOff } from "../../src/collection/cut-off.ts";
import type { CollectionParts } from "../../src/collection/parts.ts";
import { Progress } from "../../src/collection/progress.ts";
import { SwitchRig } from "../switch-rig.ts";
import { HandBank, partsOf } from "./rig.ts";

let rig: SwitchRig;
beforeEach(async () => {
  rig = await SwitchRig.start();
});
afterEach(() => rig[Symbol.asyncDispose]());

const CUSTOMERS = 6;
/** Longer than a stretch: each entry ends one. */
const OPEN_MS = 15;

/** A vault that takes its time, and keeps the event loop to itself meanwhile. */
function slowVault({ vault }: CollectionParts): CollectionParts["vault"] {
  const open: typeof vault.open = (token, kind, owner) => {
    const untilMs = performance.now() + OPEN_MS;
    while (performance.now() < untilMs);
    return vault.open(token, kind, owner);
  };
  return Object.assign(Object.create(vault) as typeof vault, { open });
}

test("between the entries of a file others have their turns", async () => {
  for (let at = 0; at < CUSTOMERS; at++) await rig.customer();
  let turns = 0;
  let timer = setImmediate(function turn(): void {
    turns++;
    timer = setImmediate(turn);
  });
  const turnsAt = new Map<string, number>();
  const progress = new Progress("cut_off", 0);
  const step: Progress["step"] = (name, more) => {
    turnsAt.set(name, turns);
    Progress.prototype.step.call(progress, name, more);
  };
  const parts = partsOf(rig, new HandBank());
  const watched = Object.assign(progress, { step });
  const { totals } = await cutOff({ ...parts, vault: slowVault(parts), progress: watched });
  clearImmediate(timer);
  expect(totals?.entries).toBe(CUSTOMERS);
  const [writing = 0, checking = 0] = [turnsAt.get("writing"), turnsAt.get("checking")];
  expect(checking - writing).toBeGreaterThanOrEqual(CUSTOMERS - 1);
}, 20_000);
