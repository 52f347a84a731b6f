/** Bytes and ids at the edge: one spelling, the right time, enough chance. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { idBytes, laneId, laneOfPaymentRequest, parseId } from "../../actors/ids.ts";
import {
  fromBase64Url,
  isSameText,
  randomId,
  randomPaymentRequestId,
  toBase64Url,
} from "../../src/http/bytes.ts";
import { isPicture, pictureType } from "../../src/http/picture.ts";
import { VirtualClock } from "../../src/runtime/clock.ts";

const NOW_MS = 1_795_000_000_000;
const clock = new VirtualClock(NOW_MS);

describe("base64url", () => {
  test("has one spelling for every bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const text = toBase64Url(bytes);
        expect(fromBase64Url(text)).toEqual(bytes);
        expect(text).toMatch(/^[A-Za-z0-9_-]*$/);
      }),
    );
    for (const text of ["AA==", "A", "AB", "A+", "A/", " AA", "AA\n", "ÄÄ", "AA.AA"]) {
      expect([text, fromBase64Url(text)]).toEqual([text, undefined]);
    }
  });

  test("reads a window of a larger buffer as the window", () => {
    const whole = Uint8Array.of(1, 2, 3, 4, 5, 6);
    expect(toBase64Url(whole.subarray(2, 4))).toBe(toBase64Url(Uint8Array.of(3, 4)));
  });
});

test("texts are the same when all of their bytes are", () => {
  const texts = ["", "a", "b", "aa", "é", "e\u0301", "a\u0000"];
  for (const one of texts) {
    for (const two of texts) expect(isSameText(one, two)).toBe(one === two);
  }
});

describe("a new id", () => {
  test("is a UUID of version 7 with the clock's time in front (RFC 9562 section 5.7)", () => {
    const seen = new Set<string>();
    for (let count = 0; count < 500; count++) {
      const id = randomId("account", clock);
      expect(parseId("account", id)).toBe(id);
      const bytes = idBytes(id);
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      expect(Number(view.getBigUint64(0) >> 16n)).toBe(NOW_MS);
      expect((bytes[6] ?? 0) >> 4).toBe(7);
      expect((bytes[8] ?? 0) >> 6).toBe(2);
      seen.add(id);
    }
    expect(seen.size).toBe(500);
  });

  test("of a payment request finds its lane", () => {
    for (const number of [1, 12, 9_999_999, 0xffff_ffff]) {
      const id = randomPaymentRequestId(laneId(number), clock);
      expect(laneOfPaymentRequest(id)).toBe(laneId(number));
    }
  });

  test("sorts by time", () => {
    const later = new VirtualClock(NOW_MS + 1);
    for (let count = 0; count < 50; count++) {
      expect(randomId("device", clock) < randomId("device", later)).toBe(true);
    }
  });
});

test("a picture begins like one", () => {
  const text = (start: string): Uint8Array => new TextEncoder().encode(start);
  expect(pictureType(Uint8Array.of(0xff, 0xd8, 0xff, 0xdb))).toBe("image/jpeg");
  expect(pictureType(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10))).toBe("image/png");
  expect(pictureType(text("RIFF....WEBPVP8 "))).toBe("image/webp");
  const others = ["", "GIF89a", "<svg", "%PDF-1.7", "RIFF....WAVE", "RIFF", "\u00ff\u00d8"];
  for (const other of others) expect([other, isPicture(text(other))]).toEqual([other, false]);
});
