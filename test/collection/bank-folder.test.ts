/** The switch and a bank that only meet in a folder, over weeks, with a carrier who is not tidy. */
import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AchFileId } from "../../actors/ids.ts";
import type { FileContent } from "../../src/collection/bank-gateway.ts";
import { Collections } from "../../src/collection/collections.ts";
import { BankFolder } from "../../src/rails/bank-folder/bank-folder.ts";
import { BankTwin } from "../../src/rails/bank-twin/bank-twin.ts";
import { type Customer, SwitchRig } from "../switch-rig.ts";
import { Carrier } from "./carrier.ts";
import { HandBank, PROFILE, partsOf, stateOf } from "./rig.ts";

const ACCOUNTS = ["9990000000", "9990000002", "9990000031", "9990000043", "9990000068"];

async function inLedger(rig: SwitchRig, account: string): Promise<number> {
  const { accounts } = await rig.desk.ledger();
  return accounts.find((one) => one.account === account)?.balance.amount ?? 0;
}

test("both books agree in the end, every file ends, and nothing is left lying about", async () => {
  const root = mkdtempSync(join(tmpdir(), "seqr-bank-"));
  const rig = await SwitchRig.start();
  const faults: string[] = [];
  const twin = new BankTwin(rig.clock, { bankNumber: PROFILE.immediateDestination });
  const collections = new Collections(
    partsOf(rig, new BankFolder(root, rig.clock)),
    (error, where) => faults.push(`${where}: ${(error as Error).message}`),
  );
  const carrier = new Carrier(root, twin);
  const customers: Customer[] = [];
  for (const accountNumber of ACCOUNTS) customers.push(await rig.customer({ accountNumber }));
  await collections.start();
  for (let time = 0; time < 60; time++) {
    const [customer] = customers.slice(time % ACCOUNTS.length);
    if (time < 20 && customer !== undefined) await rig.pay(customer, 100 + time).catch(() => {});
    await carrier.go(time);
    rig.clock.advanceTo(collections.nextAtMs);
    await collections.caughtUp();
    await carrier.go(time + 1);
  }
  await rig.position();
  expect(faults).toEqual([]);
  expect(await inLedger(rig, "cash:bank")).toBe(twin.books().balanceCents);
  for (const account of ["ach:provisional", "ach:out", "ach:suspense"]) {
    expect([account, await inLedger(rig, account)]).toEqual([account, 0]);
  }
  const { files } = twin.books();
  for (const { name } of files) {
    const { kind } = await stateOf(rig, name as Parameters<typeof stateOf>[1]);
    expect([name, kind]).toEqual([name, "closed"]);
  }
  expect(files.length).toBeGreaterThan(5);
  for (const folder of ["outbound", "inbound", "reading", "refused"]) {
    expect([folder, readdirSync(join(root, folder))]).toEqual([folder, []]);
  }
  await collections.stop();
  await rig[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
}, 120_000);

test("a switch that is told of the folder uses it, and tells what it cannot read", async () => {
  const root = mkdtempSync(join(tmpdir(), "seqr-bank-"));
  const rig = await SwitchRig.start({ config: { bankFolder: root, collection: "by_hand" } });
  const { collections, alarms } = rig.running.services;
  const kinds = () => alarms.list().map(({ kind }) => kind as string);
  await rig.customer();
  const { fileId, stage } = await collections.cutOffNow();
  expect(stage).toBe("handing_over");
  expect(readdirSync(join(root, "outbound"))).toEqual([`${fileId}.ach`]);
  writeFileSync(join(root, "inbound", "a.json"), "what is this");
  const document = { kind: "acknowledgement", file: `${fileId}.ach`, outcome: "accepted" };
  writeFileSync(join(root, "inbound", "b.json"), JSON.stringify(document));
  expect(kinds()).toEqual([]);
  await collections.openNow();
  expect((await stateOf(rig, fileId)).kind).toBe("acknowledged");
  expect(readdirSync(join(root, "outbound"))).toEqual([]);
  expect(kinds()).toEqual(["bank_pieces_refused"]);
  await rig[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

test("what people say the bank has not got is not carried there afterwards", async () => {
  const root = mkdtempSync(join(tmpdir(), "seqr-bank-"));
  const rig = await SwitchRig.start({ config: { bankFolder: root, collection: "by_hand" } });
  await rig.customer();
  // The carrier is down: the file lies there, and is debited anew in another one.
  const { fileId } = await rig.running.services.collections.cutOffNow();
  const says = async (token: string, key: string) => {
    const json = { outcome: "rejected", note: "the bank has not got it" };
    return await rig.send("POST", `/v1/desk/files/${fileId}/acknowledge`, { token, key, json });
  };
  expect((await says(rig.deskKey, "a")).body).toMatchObject({ status: "proposed" });
  expect((await says(rig.otherDeskKey, "b")).body).toMatchObject({ status: "on_record" });
  expect(readdirSync(join(root, "outbound"))).toEqual([]);
  await rig.restart();
  expect(readdirSync(join(root, "outbound"))).toEqual([]);
  await rig[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

test("a file is not withdrawn before the run that hands it over has done so", async () => {
  const rig = await SwitchRig.start({ config: { collection: "by_hand" } });
  await rig.customer();
  const [begun, may] = [Promise.withResolvers<string>(), Promise.withResolvers<void>()];
  const steps: string[] = [];
  const gateway = new (class extends HandBank {
    override async handOver(name: AchFileId, content: FileContent) {
      begun.resolve(name);
      await may.promise;
      steps.push("handed over");
      return await super.handOver(name, content);
    }
    override withdraw = async () => void steps.push("withdrawn");
  })();
  const collections = new Collections(partsOf(rig, gateway), () => {}, "by_hand");
  const run = collections.cutOffNow();
  const withdrawn = collections.withdrawNow((await begun.promise) as AchFileId);
  await Bun.sleep(10);
  may.resolve();
  await Promise.all([run, withdrawn]);
  expect(steps).toEqual(["handed over", "withdrawn"]);
  await collections.stop();
  await rig[Symbol.asyncDispose]();
});

const { immediateDestination, immediateOrigin, destinationName, originName } = PROFILE;
const { odfi, companyId } = PROFILE;
const LIVE = {
  ...{ mode: "live", tls: "proxy", publicHost: "PAY.EXAMPLE.COM", originatorName: "Example Pay" },
  ...{ smsGatewayUrl: "https://sms.example.com/send", collection: "by_hand" },
  odfi: { immediateDestination, immediateOrigin, destinationName, originName, odfi, companyId },
  ...{ termsUrl: "https://example.com/terms", privacyUrl: "https://example.com/privacy" },
};

test("a live switch collects when an operator says so, if it has a folder", async () => {
  const root = mkdtempSync(join(tmpdir(), "seqr-bank-"));
  const paths = ["/v1/desk/files", "/v1/desk/inbound/fetch"];
  for (const [more, expected] of [
    [{ bankFolder: root }, [201, 200]],
    [{}, [404, 404]],
  ] as const) {
    const rig = await SwitchRig.start({ config: { ...LIVE, ...more } });
    const json = { note: "today is different" };
    const given: number[] = [];
    for (const path of paths) {
      given.push((await rig.send("POST", path, { token: rig.deskKey, key: path, json })).status);
    }
    expect(given).toEqual([...expected]);
    await rig[Symbol.asyncDispose]();
  }
  rmSync(root, { recursive: true });
});
