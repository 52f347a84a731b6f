/** Configuration: all that is wrong is told at once, and live mode refuses what is unsafe. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigRefused, loadConfig } from "../../src/config.ts";
import { type Folder, temporaryFolder } from "./cli.ts";

let folder: Folder;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

interface Given {
  readonly file?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

function load({ file, environment = {}, options = {} }: Given) {
  const path = join(folder.path, "config.json");
  rmSync(path, { force: true });
  if (file !== undefined) writeFileSync(path, file);
  return loadConfig(folder.path, environment, options);
}

/** What is said about a configuration that is refused; empty where it is taken. */
function refusal(given: Given): string {
  try {
    load(given);
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigRefused);
    return (error as ConfigRefused).message;
  }
}

const LIVE = {
  mode: "live",
  tls: "proxy",
  publicHost: "pay.example",
  originatorName: "Example Payments Inc.",
  smsGatewayUrl: "https://sms.example/send",
  termsUrl: "https://pay.example/terms",
  privacyUrl: "https://pay.example/privacy",
};

describe("a configuration", () => {
  test("is a sandbox on the loopback address, unless it says otherwise", () => {
    expect(load({})).toMatchObject({ mode: "sandbox", hostname: "127.0.0.1", port: 8787 });
  });

  test("says in whole cents what is paid out at least", () => {
    expect<number>(load({}).payoutCentsMin).toBe(100);
    const environment = { SEQR_PAYOUT_CENTS_MIN: "2500" };
    expect<number>(load({ environment }).payoutCentsMin).toBe(2_500);
    for (const payoutCentsMin of [0, -1, 1.5, 100_001, "1e3", ""]) {
      expect(refusal({ options: { payoutCentsMin } })).toContain("payoutCentsMin: must be");
    }
  });

  test("says whether return fees are debited; they are not, unless it says so", () => {
    expect(load({}).returnFees).toBe("by_hand");
    expect(load({ environment: { SEQR_RETURN_FEES: "by_ach" } }).returnFees).toBe("by_ach");
    expect(refusal({ options: { returnFees: "yes" } })).toContain("returnFees");
  });

  test("takes options before variables before the file", () => {
    const file = '{"port":1000,"hostname":"127.0.0.2","originatorName":"File Inc."}';
    const environment = { SEQR_PORT: "2000", SEQR_HOSTNAME: "127.0.0.3", SEQR_MODE: "" };
    const config = load({ file, environment, options: { port: "3000" } });
    expect(config).toMatchObject({
      port: 3000,
      hostname: "127.0.0.3",
      originatorName: "File Inc.",
      mode: "sandbox",
    });
  });

  test.each(["not json", "", "[]", "null", '"text"', "7", "true"])(
    "is refused where its file is no JSON object: %p",
    (file) => expect(refusal({ file })).toContain("config.json is not a JSON object"),
  );

  test("is refused with each of its faults by name", () => {
    const config = { port: 70_000, mode: "test", colour: "red", hostname: "", termsUrl: "here" };
    const said = refusal({ file: JSON.stringify(config) });
    for (const field of Object.keys(config)) expect(said).toContain(field);
    expect(said).toStartWith("configuration refused:\n  ");
  });

  test.each(["abc", "-1", "1.5", "0x10", "65536", " 80", "1e3", "٣"])("has no port %p", (port) => {
    expect(refusal({ options: { port } })).toContain("port: ");
    expect(refusal({ environment: { SEQR_PORT: port } })).toContain("port: ");
  });

  test.each([true, null, "", 1.5, -1, [[80]]])("has no port %p in its file", (port) => {
    expect(refusal({ file: JSON.stringify({ port }) })).toContain("port: ");
  });
});

describe("the part of verdicts that is repeated", () => {
  test.each([
    ["0", 0],
    ["1", 1],
    ["0.25", 0.25],
    [".5", 0.5],
  ] as const)("may be %p", (text, shadowRate) => {
    expect(load({ environment: { SEQR_SHADOW_RATE: text } })).toMatchObject({ shadowRate });
  });

  test.each(["-1", "2", "1.5", "a", "1e-3", " 0"])("is not %p", (text) => {
    expect(refusal({ environment: { SEQR_SHADOW_RATE: text } })).toContain("shadowRate: ");
  });
});

describe("the sponsoring bank", () => {
  const odfi = {
    immediateDestination: "021000021",
    destinationName: "FIRST BANK",
    immediateOrigin: "1123456789",
    originName: "EXAMPLE PAYMENTS INC",
    odfi: "02100002",
    companyId: "1123456789",
  };
  const fileOf = (changed: object) => JSON.stringify({ odfi: { ...odfi, ...changed } });

  test("is the usual one but for what the file says", () => {
    const config = load({ file: fileOf({ policy: { cutOff: "1330", laneSec: "WEB" } }) });
    const usual = { debitLeadDays: 1, returnWindowDays: 2, retriesMax: 1 };
    expect(config.odfi).toMatchObject({ ...odfi, ...usual, cutOff: "1330", laneSec: "WEB" });
  });

  test.each([
    [{ immediateDestination: "021000022" }, "the destination is a routing number"],
    [{ companyId: "123456789" }, "the company id is 1 and the tax number"],
    [{ originName: "A NAME THAT IS TOO LONG FOR IT" }, "a name fits its columns"],
    [{ policy: { cutOff: "2460" } }, "the cut-off is a time of day"],
    [{ policy: { returnWindowDays: 1 } }, "days are within their bounds"],
    [{ policy: { cutof: "1200" } }, "odfi.policy"],
  ])("is refused by name: %p", (changed, fault) => {
    expect(refusal({ file: fileOf(changed) })).toContain(fault);
  });

  test("is whole or not there", () => {
    const { companyId: _, ...rest } = odfi;
    expect(refusal({ file: JSON.stringify({ odfi: rest }) })).toContain("odfi.companyId");
  });
});

describe("a live configuration", () => {
  test("is taken when it is safe", () => {
    expect(load({ file: JSON.stringify(LIVE) })).toMatchObject(LIVE);
  });

  test("is refused with all that is unsafe at once, and what is malformed besides", () => {
    const said = refusal({ file: '{"mode":"live","port":"none"}' });
    const fields = Object.keys(LIVE).filter((field) => field !== "mode");
    for (const field of [...fields, "port"]) expect(said.split(`  ${field}: `).length).toBe(2);
    expect(said).toStartWith("live configuration refused:\n  ");
  });

  test.each(Object.keys(LIVE).filter((field) => field !== "mode"))(
    "is refused without %s",
    (field) => {
      const rest = Object.entries(LIVE).filter(([name]) => name !== field);
      const said = refusal({ file: JSON.stringify(Object.fromEntries(rest)) });
      expect(said.split("\n").length).toBe(2);
      expect(said).toContain(`  ${field}: `);
    },
  );

  test.each([
    ["http://sms.example/send", true],
    ["ftp://sms.example/send", true],
    ["http://127.0.0.1.example/send", true],
    ["https://sms.example/send", false],
    ["http://127.0.0.1:9000/send", false],
    ["http://[::1]:9000/send", false],
    ["http://localhost/send", false],
  ])("whose codes go to %s: refused %p", (smsGatewayUrl, isRefused) => {
    const said = refusal({ file: JSON.stringify({ ...LIVE, smsGatewayUrl }) });
    expect(said.includes("  smsGatewayUrl: codes and numbers travel by https")).toBe(isRefused);
  });

  test("is not made safe by values that say nothing", () => {
    const empty = { ...LIVE, tls: "none", publicHost: "", originatorName: "SEQR Sandbox Inc." };
    const said = refusal({ file: JSON.stringify(empty) });
    for (const field of ["tls", "publicHost", "originatorName"]) expect(said).toContain(field);
  });
});
