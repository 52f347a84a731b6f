/** Whoever opens bank accounts is in the log before: one record a file, one a correction. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { Collections } from "../../src/collection/collections.ts";
import { BankTwin } from "../../src/rails/bank-twin/bank-twin.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { SwitchRig } from "../switch-rig.ts";
import { PROFILE, partsOf } from "./rig.ts";

let rig: SwitchRig;
beforeEach(async () => {
  rig = await SwitchRig.start();
});
afterEach(() => rig[Symbol.asyncDispose]());

async function events(): Promise<readonly StoredEvent[]> {
  return await rig.running.services.host.feed.read(0, 10_000);
}

test("a file of three customers is one record, and a corrected bank account another", async () => {
  const bank = new BankTwin(rig.clock, { bankNumber: PROFILE.immediateDestination });
  const faults: unknown[] = [];
  const collections = new Collections(partsOf(rig, bank), (error) => faults.push(error));
  await collections.start();
  // A correction comes for the third: C01 (docs/sandbox.md).
  for (const accountNumber of ["9990000000", "9990000000", "9990000051"]) {
    await rig.customer({ accountNumber });
  }
  for (let time = 0; time < 8; time++) {
    rig.clock.advanceTo(collections.nextAtMs);
    await collections.caughtUp();
  }
  await collections.stop();
  expect(faults).toEqual([]);
  const all = await events();
  const built = all.filter(({ kind }) => kind === "FileBuilt");
  const opened = all.filter(({ kind }) => kind === "FileAccountsOpened");
  expect(built).toHaveLength(1);
  expect(all.filter(({ kind }) => kind === "PrenoteFiled")).toHaveLength(3);
  expect(opened.map(({ ref, principal }) => [ref, principal])).toEqual([
    [{ kind: "bank-account-access", id: built[0]?.ref.id ?? "" }, "switch:collection"],
  ]);
  expect(opened[0]?.position ?? 0).toBeLessThan(built[0]?.position ?? 0);
  const [corrected, ...others] = all.filter(({ kind }) => kind === "BankAccountOpened");
  expect(others).toEqual([]);
  const named = all.filter(({ kind, data }) => {
    return kind === "PrenoteFiled" && data.includes(JSON.parse(corrected?.data ?? "{}").token);
  });
  expect(named).toHaveLength(1);
  const [change] = all.filter(({ kind }) => kind === "BankAccountCorrected");
  expect(corrected?.position ?? Infinity).toBeLessThan(change?.position ?? 0);
  expect(change?.ref.id).toBe(JSON.parse(corrected?.data ?? "{}").owner);
});
