/** Bank accounts: on record before they are opened, and opened by nobody else. */
import { expect, test } from "bun:test";
import { AssertionFailed } from "../../actors/assert.ts";
import {
  type BankAccount,
  type BankAccountAccess,
  BankAccountOpener,
} from "../../src/vault/bank-accounts.ts";
import { Vault } from "../../src/vault/vault.ts";
import { settled } from "../failure.ts";
import { memoryVault } from "./memory-rows.ts";

const ACCOUNT: BankAccount = {
  routing_number: "021000021",
  account_number: "48151623420815",
  kind: "checking",
};

function opened() {
  const { sealed, vault, rows } = memoryVault();
  const bytes = Buffer.from(JSON.stringify(ACCOUNT));
  const sealing = { kind: "bank-account", owner: "acc_1", person: "per_1", bytes } as const;
  const [token = ""] = vault.put([sealing]);
  const records: BankAccountAccess[] = [];
  const world = { isBroken: false };
  const opener = new BankAccountOpener(sealed, (access) => {
    if (world.isBroken) return Promise.reject(new Error("the log is full"));
    records.push(access);
    return Promise.resolve();
  });
  return { opener, vault, rows, token, records, world };
}

test("a file is on record once, before its first bank account is opened", async () => {
  const { opener, token, records } = opened();
  const open = await opener.forFile("ach_20261123_A");
  expect(records).toEqual([{ kind: "file", fileId: "ach_20261123_A" }]);
  expect([open(token, "acc_1"), open(token, "acc_1"), open(token, "acc_2")]).toEqual([
    ACCOUNT,
    ACCOUNT,
    undefined,
  ]);
  expect(records).toHaveLength(1);
});

test("a correction is on record, and what it leads to is of the same person", async () => {
  const { opener, token, records, rows } = opened();
  expect(await opener.forCorrection("f00d", token, "acc_1")).toEqual(ACCOUNT);
  expect(records).toEqual([{ kind: "correction", inbound: "f00d", token, owner: "acc_1" }]);
  const next = { ...ACCOUNT, account_number: "7" };
  const { token: fresh, others } = opener.replace(token, "acc_1", next);
  expect(others).toEqual([]);
  expect(rows.at(fresh)).toMatchObject({ owner: "acc_1", person: "per_1", kind: "bank-account" });
  expect((await opener.forFile("ach_20261123_B"))(fresh, "acc_1")).toEqual(next);
});

test("what cannot be put on record is not opened", async () => {
  const { opener, token, world } = opened();
  world.isBroken = true;
  expect(await settled(opener.forFile("ach_20261123_A"))).toThrow("the log is full");
  expect(await settled(opener.forCorrection("f00d", token, "acc_1"))).toThrow("the log is full");
});

test("the vault that everybody has opens none", () => {
  const { vault, token } = opened();
  expect(vault.openMessage(token)).toBeUndefined();
  expect(vault.open(token, "person", "acc_1")).toBeUndefined();
  // @ts-expect-error: the type names other kinds.
  expect(() => vault.open(token, "bank-account", "acc_1")).toThrow(AssertionFailed);
  expect(Object.getOwnPropertyNames(Vault.prototype).sort()).toEqual([
    "constructor",
    "destroy",
    "isSameBankAccount",
    "open",
    "openMessage",
    "ownersSharing",
    "put",
  ]);
});
