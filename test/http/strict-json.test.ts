/** JSON with one meaning only: what two readers could read in two ways is refused. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { hasOneMeaning } from "../../src/http/strict-json.ts";
import { type Reply, SwitchRig } from "../switch-rig.ts";
import { activated, complete, signedCompletion } from "./registering.ts";

describe("a text of JSON", () => {
  const good = [
    "{}",
    "[]",
    '"a"',
    '{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}',
    '{"a":"\\"a\\":1,\\"a\\":2","b":"\\\\"}',
    '{"a\\"":1,"a":2}',
    ' { "a" : [ "a" , "a" ] , "b" : "a" } ',
    '{"":1,"a":[[[{}]]]}',
  ];
  const bad = [
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"a":{"b":1,"c":[],"b":2}}',
    '[{"x":0},{"a":"}","a":1}]',
    '{"":1,"":2}',
    '{"a":[{"b":1}],"c":{},"a":0}',
    '{"__proto__":1,"__proto__":2}',
  ];

  test("has one meaning when no object names a field twice", () => {
    for (const text of good) expect([text, hasOneMeaning(text)]).toEqual([text, true]);
    for (const text of bad) expect([text, hasOneMeaning(text)]).toEqual([text, false]);
  });

  test("that a program wrote has one meaning, in any layout", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(undefined, 1, "\t"), (json, space) => {
        expect(hasOneMeaning(JSON.stringify(JSON.parse(json), null, space))).toBe(true);
      }),
    );
  });

  test("with a field twice, at any depth and behind any strings, has not", () => {
    const key = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, fc.jsonValue())),
        key,
        fc.nat(6),
        (before, twice, depth) => {
          const fields = [...new Map(before), [twice, 1], [twice, 2]] as [string, unknown][];
          const inner = fields
            .map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`)
            .join(",");
          const text = `${'{"a":['.repeat(depth)}{${inner}}${"]}".repeat(depth)}`;
          expect(hasOneMeaning(text)).toBe(false);
        },
      ),
    );
  });

  test("is not read deeper than any of ours is", () => {
    expect(hasOneMeaning(`${"[".repeat(32)}${"]".repeat(32)}`)).toBe(true);
    expect(hasOneMeaning(`${"[".repeat(33)}${"]".repeat(33)}`)).toBe(false);
    expect(hasOneMeaning("[".repeat(60_000))).toBe(false);
  });
});

describe("the switch", () => {
  let rig: SwitchRig;
  beforeAll(async () => {
    rig = await SwitchRig.start();
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  const LANE = "/v1/lanes/lane_1/payment-requests";
  const headers = { "content-type": "application/json" };
  const ask = (raw: string | Uint8Array<ArrayBuffer>): Promise<Reply> =>
    rig.send("POST", LANE, { token: rig.till.key, key: crypto.randomUUID(), raw, headers });

  test("refuses an amount that is said twice", async () => {
    const before = await rig.position();
    const [small, large] = ['{"amount":1,"currency":"USD"}', '{"amount":9900,"currency":"USD"}'];
    for (const raw of [
      `{"amount":${small},"amount":${large}}`,
      '{"amount":{"amount":1,"amount":9900,"currency":"USD"}}',
    ]) {
      expect((await ask(raw)).body["code"]).toBe("malformed_json");
    }
    expect(await rig.position()).toBe(before);
    expect((await ask(`{"amount":${small}}`)).status).toBe(201);
  });

  test("refuses bytes that are no UTF-8, instead of guessing", async () => {
    const amount = '"amount":{"amount":1,"currency":"USD"}';
    for (const byte of [0xff, 0xc0, 0xed]) {
      const raw = new Uint8Array(
        Buffer.concat([Buffer.from(`{${amount},"title":"`), Buffer.of(byte), Buffer.from('"}')]),
      );
      expect((await ask(raw)).body["code"]).toBe("malformed_json");
    }
    expect((await ask(`{${amount},"title":"Café \u{1f35e}"}`)).body["title"]).toBe(
      "Café \u{1f35e}",
    );
  });

  test("refuses a signed message that says anything twice", async () => {
    const activation = await activated(rig);
    const text = `{"account":"${activation.account}","name":"A","name":"B"}`;
    const reply = await complete(rig, activation, await signedCompletion(activation, text));
    expect(reply.body["code"]).toBe("malformed_json");
  });
});
