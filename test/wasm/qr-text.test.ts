import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { base32Encode } from "../../wasm/base32.ts";
import { encodeQrBody, parseQrText, qrPayload, qrText } from "../../wasm/qr.ts";
import vectors from "../vectors/protocol.json";
import { qrPayloads, request42, sticker } from "./codes.ts";

const signature = new Uint8Array(64).fill(5);
const hosts = fc.constantFrom("pay.example", "PAY.EXAMPLE", "localhost:8080", "10.0.0.7:3000", "a");

describe("QR text", () => {
  test("a sticker has 75 bytes and 120 letters, a payment request 97 and 156", () => {
    const rows = [
      { payload: sticker, bytes: 75, letters: 120 },
      { payload: request42, bytes: 97, letters: 156 },
    ];
    for (const { payload, bytes, letters } of rows) {
      const whole = qrPayload(encodeQrBody(payload), signature);
      expect(whole.length).toBe(bytes);
      expect(base32Encode(whole).length).toBe(letters);
      expect(qrText("pay.example", whole).length).toBe("HTTP://PAY.EXAMPLE/D/".length + letters);
    }
  });

  test("a text fits the alphanumeric mode, holds none of = & % # and comes back", () => {
    fc.assert(
      fc.property(hosts, qrPayloads, (host, payload) => {
        const bytes = qrPayload(encodeQrBody(payload), signature);
        const text = qrText(host, bytes);
        expect(text).toMatch(/^HTTP:\/\/[0-9A-Z$*+\-./: ]+$/);
        expect(text).not.toMatch(/[=&%#]/);
        expect(parseQrText(text)).toEqual({ kind: "parsed", host: host.toLowerCase(), bytes });
      }),
    );
  });

  test("the worked examples have these letters", () => {
    for (const { body, signature: signed, text } of vectors.qr.codes) {
      const bytes = Uint8Array.fromHex(body + signed);
      expect(qrText(vectors.qr.host, bytes)).toBe(text);
      expect(parseQrText(text)).toEqual({ kind: "parsed", host: "pay.example", bytes });
    }
  });

  test("scheme, host and path are read in either case, base32 only in upper case", () => {
    const base32 = "MZXW6YTBOI";
    const bytes = new TextEncoder().encode("foobar");
    for (const start of [
      "HTTP://PAY.EXAMPLE/D/",
      "http://pay.example/d/",
      "Http://Pay.example/D/",
    ]) {
      expect(parseQrText(start + base32)).toEqual({ kind: "parsed", host: "pay.example", bytes });
      expect(parseQrText(start + base32.toLowerCase()).kind).toBe("base32_wrong");
    }
  });

  test("each fault is named with the place where the refused part starts", () => {
    const rows: [string, string, number][] = [
      ["", "scheme_wrong", 0],
      ["HTTPS://PAY.EXAMPLE/D/MY", "scheme_wrong", 0],
      [" HTTP://PAY.EXAMPLE/D/MY", "scheme_wrong", 0],
      ["HTTP:///D/MY", "host_wrong", 7],
      ["HTTP://A@B/D/MY", "host_wrong", 7],
      ["HTTP://A:0/D/MY", "host_wrong", 7],
      ["HTTP://ſ/D/MY", "host_wrong", 7],
      ["HTTP://A", "path_wrong", 8],
      ["HTTP://A/R004211998877665", "path_wrong", 8],
      ["HTTP://A//D/MY", "path_wrong", 8],
      ["HTTP://A/D/MZ", "base32_wrong", 11],
      ["HTTP://A/D/MY?", "base32_wrong", 11],
      ["HTTP://A/D/MY/", "base32_wrong", 11],
      [`HTTP://A/D/${"A".repeat(600)}`, "text_too_long", 512],
    ];
    for (const [text, kind, at] of rows) expect<unknown>(parseQrText(text)).toEqual({ kind, at });
  });

  test("a host that a QR code cannot carry stops the caller", () => {
    for (const host of ["", "a/b", "a b", "a?b", "[::1]", "a_b", "a:", "-a", "ä.example"]) {
      expect(() => qrText(host, new Uint8Array(75))).toThrow("a host is");
    }
  });

  test("any text is read without a throw", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseQrText(text)));
  });
});
