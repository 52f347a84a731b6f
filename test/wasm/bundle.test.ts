/**
 * The core as a page gets it: one file without any module of the runtime. Node's engine stands in
 * for a browser's; it has no Bun, and no wide arithmetic unless asked for.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import vectors from "../vectors/protocol.json";

const CORE = join(import.meta.dir, "../../wasm");
/** What a wallet page does with the core: read a code, make a proof. */
const PAGE = `
import { coreName, verifyQr } from "${CORE}/core.ts";
import { derivePinKey, pinProof } from "${CORE}/pin.ts";
import { encodeQrBody } from "${CORE}/qr.ts";
const hex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const letters = (byte) => byte.toString(16).padStart(2, "0");
const given = JSON.parse(globalThis.process.argv[2]);
const ids = { accountId: hex(given.accountId), deviceId: hex(given.deviceId) };
const key = derivePinKey({
  ...ids,
  pin: new TextEncoder().encode(given.pin),
  salt: hex(given.salt),
  deviceSecret: hex(given.deviceSecret),
  pinVersion: given.pinVersion,
});
const verdict = verifyQr(hex(given.code), () => hex(given.publicKey));
console.log(JSON.stringify({
  core: coreName(),
  proof: Array.from(pinProof(key, hex(given.body)), letters).join(""),
  verdict: verdict.kind,
  body: encodeQrBody(verdict.payload).length,
}));
`;

const folder = mkdtempSync(join(tmpdir(), "seqr-bundle-"));
let script = "";
beforeAll(async () => {
  writeFileSync(join(folder, "page.ts"), PAGE);
  const entrypoints = [join(folder, "page.ts")];
  const built = await Bun.build({ entrypoints, target: "browser", minify: true, outdir: folder });
  script = await Bun.file(built.outputs[0]?.path ?? "").text();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the bundle for a page", () => {
  test("asks for no module of the runtime", () => {
    expect(script).not.toMatch(/\bfrom\s*["'](node|bun):|require\(|import\(/);
  });

  test("runs the module on another engine, with the answers of the worked examples", () => {
    writeFileSync(join(folder, "page.mjs"), script);
    const [code] = vectors.qr.codes as [(typeof vectors.qr.codes)[0]];
    const { pin, approval } = vectors;
    const given = {
      ...pin,
      body: approval.body,
      code: code.body + code.signature,
      publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    };
    const command = ["node", join(folder, "page.mjs"), JSON.stringify(given)];
    const { stdout, stderr } = Bun.spawnSync(command, { env: { PATH: process.env["PATH"] ?? "" } });
    expect(stderr.toString()).toBe("");
    expect(JSON.parse(stdout.toString())).toEqual({
      core: expect.stringMatching(/^(wide|portable)$/),
      proof: pin.proof,
      verdict: "valid",
      body: 11,
    });
  });
});
