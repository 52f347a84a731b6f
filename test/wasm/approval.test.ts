import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  APPROVAL_BYTES,
  type ApprovalFields,
  encodeApproval,
  payeeTag,
} from "../../wasm/approval.ts";
import { AssertionFailed } from "../../wasm/assert.ts";
import { parseApproval } from "../../wasm/core.ts";
import vectors from "../vectors/protocol.json";
import { bytes16 } from "./codes.ts";

const two = fc.integer({ min: 0, max: 0xffff });
const safe = fc.maxSafeNat();
const approvals: fc.Arbitrary<ApprovalFields> = fc.record({
  kind: fc.constantFrom("purchase", "person_to_person", "shop_order", "reservation"),
  pinVersion: two,
  accountId: bytes16,
  deviceId: bytes16,
  subject: bytes16,
  subjectVersion: two,
  amountCents: fc.integer({ min: 1, max: 2 ** 48 - 1 }),
  currency: fc.integer({ min: 1, max: 999 }),
  payeeTag: bytes16,
  counter: safe,
  clientTimeMs: safe,
  nonce: fc.uint8Array({ minLength: 12, maxLength: 12 }),
});

const example = Uint8Array.fromHex(vectors.approval.body);

function changed(at: number, ...bytes: readonly number[]): Uint8Array {
  const body = example.slice();
  body.set(bytes, at);
  return body;
}

describe("approval body", () => {
  test("every approval comes back from its 116 bytes", () => {
    fc.assert(
      fc.property(approvals, (approval) => {
        const body = encodeApproval(approval);
        expect(body.length).toBe(APPROVAL_BYTES);
        expect(parseApproval(body)).toEqual({ kind: "parsed", approval });
      }),
    );
  });

  test("bytes are either refused or the only spelling of their approval", () => {
    const change = fc.tuple(fc.nat(APPROVAL_BYTES - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
        const body = example.slice();
        for (const [at, value] of changes) body[at] = value;
        const parsed = parseApproval(body);
        if (parsed.kind === "parsed") expect(encodeApproval(parsed.approval)).toEqual(body);
      }),
      { numRuns: 2_000 },
    );
  });

  test("the worked example has these bytes", () => {
    const parsed = parseApproval(example);
    expect(parsed.kind).toBe("parsed");
    if (parsed.kind !== "parsed") return;
    const fields = Object.entries({ ...parsed.approval }).map(([name, value]) => {
      return [name, value instanceof Uint8Array ? value.toHex() : value];
    });
    expect(Object.fromEntries(fields)).toEqual(vectors.approval.fields);
    expect(encodeApproval(parsed.approval).toHex()).toBe(vectors.approval.body);
  });
});

describe("approval body that is refused", () => {
  test("every length but 116 is refused", () => {
    for (let length = 0; length < 240; length++) {
      if (length === APPROVAL_BYTES) continue;
      const body = new Uint8Array(length);
      body.set(example.subarray(0, Math.min(length, APPROVAL_BYTES)));
      const at = Math.min(length, APPROVAL_BYTES);
      expect(parseApproval(body)).toEqual({ kind: "length_wrong", at });
    }
  });

  test("each fault is named with its position", () => {
    const rows: [Uint8Array, string, number][] = [
      [changed(0, 0x73), "tag_wrong", 0],
      [changed(7, 0x32), "tag_wrong", 7],
      [changed(8, 0), "kind_unknown", 8],
      [changed(8, 5), "kind_unknown", 8],
      [changed(9, 1), "reserved_not_zero", 9],
      [changed(62, 0, 0, 0, 0, 0, 0), "amount_zero", 62],
      [changed(68, 0, 0), "currency_out_of_range", 68],
      [changed(68, 3, 0xe8), "currency_out_of_range", 68],
      [changed(70, 1), "reserved_not_zero", 70],
      [changed(71, 1), "reserved_not_zero", 70],
      [changed(88, 0, 0x20, 0, 0, 0, 0, 0, 0), "counter_out_of_range", 88],
      [changed(88, 255, 255, 255, 255, 255, 255, 255, 255), "counter_out_of_range", 88],
      [changed(96, 0, 0x20, 0, 0, 0, 0, 0, 0), "client_time_out_of_range", 96],
    ];
    for (const [body, kind, at] of rows) expect<unknown>(parseApproval(body)).toEqual({ kind, at });
  });

  test("the greatest safe counter is read exactly", () => {
    const parsed = parseApproval(changed(88, 0, 0x1f, 255, 255, 255, 255, 255, 255));
    expect(parsed.kind === "parsed" && parsed.approval.counter).toBe(Number.MAX_SAFE_INTEGER);
  });

  test("a caller that breaks the contract is stopped", () => {
    const parsed = parseApproval(example);
    if (parsed.kind !== "parsed") throw new Error("the example parses");
    const good = parsed.approval;
    const wrong: ApprovalFields[] = [
      { ...good, amountCents: 0 },
      { ...good, amountCents: 0.5 },
      { ...good, counter: -1 },
      { ...good, counter: 2 ** 53 },
      { ...good, clientTimeMs: Number.NaN },
      { ...good, accountId: new Uint8Array(15) },
      { ...good, nonce: new Uint8Array(16) },
      { ...good, pinVersion: 65_536 },
    ];
    for (const fields of wrong) expect(() => encodeApproval(fields)).toThrow(AssertionFailed);
  });
});

describe("parsed approval", () => {
  test("the parsed ids do not change when the bytes they came from do", () => {
    const body = example.slice();
    const parsed = parseApproval(body);
    body.fill(0);
    expect(parsed.kind === "parsed" && parsed.approval.accountId.toHex()).toBe("a1".repeat(16));
  });
});

describe("payee tag", () => {
  test("it is the first half of SHA-256 over the line, as the worked example says", () => {
    const tag = payeeTag(vectors.approval.payeeLine);
    expect(tag.toHex()).toBe(vectors.approval.fields.payeeTag);
    expect(tag.length).toBe(16);
  });

  test("composed and decomposed letters have the same tag, other lines another", () => {
    expect(payeeTag("Cafe\u0301")).toEqual(payeeTag("Caf\u00e9"));
    expect(payeeTag("Cafe")).not.toEqual(payeeTag("Caf\u00e9"));
  });
});
