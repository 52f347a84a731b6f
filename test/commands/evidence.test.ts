/** `seqr evidence`: a file from the data directory, and what somebody makes of it elsewhere. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SwitchRig } from "../switch-rig.ts";
import { type Folder, seqr, seqrOk, temporaryFolder } from "./cli.ts";

setDefaultTimeout(40_000);
let rig: SwitchRig;
let folder: Folder;
let payment: string;
let file: string;

beforeAll(async () => {
  folder = temporaryFolder();
  rig = await SwitchRig.start();
  payment = (await rig.pay(await rig.customer(), 1_299)).id;
  await rig.pay(await rig.customer(), 100);
  file = join(folder.path, "evidence.json");
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  folder.remove();
});

const dataDir = () => ["--data", rig.dataDir];

test("exports beside the running switch, for its owner's eyes, and verifies anywhere", async () => {
  await seqrOk(["evidence", payment, ...dataDir(), "--out", file]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const said = await seqrOk(["evidence", "verify", file], { cwd: folder.path });
  expect(said).toContain("it proves what it says");
  expect(said).toContain(payment);
  const again = await seqr(["evidence", payment, ...dataDir(), "--out", file]);
  expect([again.code, again.stderr]).toEqual([
    1,
    expect.stringContaining("is there already: nothing was written"),
  ]);
  expect(JSON.parse(await seqrOk(["evidence", payment, ...dataDir()])).payment).toBe(payment);
});

test("the doctor's head hash, kept elsewhere, is the evidence's", async () => {
  const doctor = JSON.parse(await seqrOk(["doctor", ...dataDir(), "--json"])) as {
    events: number;
    headHash: string;
  };
  await rig.pay(await rig.customer(), 100);
  const path = join(folder.path, "older.json");
  const size = String(doctor.events);
  await seqrOk(["evidence", payment, ...dataDir(), "--size", size, "--out", path]);
  const good = await seqr(["evidence", "verify", path, "--head", doctor.headHash, "--json"]);
  expect([good.code, JSON.parse(good.stdout)]).toMatchObject([0, { ok: true }]);
  const bad = await seqr(["evidence", "verify", path, "--head", "0".repeat(64)]);
  expect([bad.code, bad.stdout]).toEqual([1, expect.stringMatching(/^head +bad$/m)]);
});

test("the published key is compared, and another one is noticed", async () => {
  const published = await rig.send("GET", "/.well-known/seqr-keys.json");
  const key = /"public_key":"([A-Za-z0-9_-]{43})"/.exec(published.text)?.[1] ?? "";
  const good = await seqr(["evidence", "verify", file, `--key=${key}`]);
  expect([good.code, good.stdout]).toEqual([0, expect.stringMatching(/^key +good$/m)]);
  expect((await seqr(["evidence", "verify", file, `--key=${"A".repeat(43)}`])).code).toBe(1);
});

test("a letter that was changed is told by what it breaks", async () => {
  const path = join(folder.path, "changed.json");
  writeFileSync(path, readFileSync(file, "utf8").replaceAll("1299", "1298"));
  const { code, stdout } = await seqr(["evidence", "verify", path]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^events +bad$/m);
  expect(stdout).toContain("IT DOES NOT PROVE WHAT IT SAYS");
});

test("words that are off, and what is not there", async () => {
  const none = `pay_${"0".repeat(26)}`;
  const cases = [
    [["evidence"], 2],
    [["evidence", "verify"], 2],
    [["evidence", payment, "more", ...dataDir()], 2],
    [["evidence", payment, ...dataDir(), "--size", "x"], 2],
    [["evidence", payment, ...dataDir(), "--size", "1"], 2],
    [["evidence", none, ...dataDir()], 1],
    [["evidence", payment, "--data", folder.path], 1],
    [["evidence", "verify", join(folder.path, "none.json")], 1],
  ] as const;
  for (const [words, code] of cases)
    expect([words, (await seqr(words)).code]).toEqual([words, code]);
});
