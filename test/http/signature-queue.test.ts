import { beforeEach, describe, expect, test } from "bun:test";
import { SignatureQueue } from "../../src/http/signature-queue.ts";
import { VirtualClock } from "../../src/runtime/clock.ts";
import type { SignedMessage } from "../../wasm/core.ts";
import { ed25519PublicKey, ed25519Sign } from "../../wasm/reference.ts";

const GOOD = Array.from({ length: 200 }, (_, at): SignedMessage => {
  const secretKey = new Uint8Array(32).fill(at + 1);
  const message = Uint8Array.of(at);
  return {
    message,
    signature: ed25519Sign(message, secretKey),
    publicKey: ed25519PublicKey(secretKey),
  };
});
const bad = (at: number): SignedMessage => ({ ...good(at), message: Uint8Array.of(at, 1) });

function good(at: number): SignedMessage {
  const item = GOOD[at];
  if (item === undefined) throw new Error("there are 200");
  return item;
}

let clock: VirtualClock;
let counted: { alone: number; together: number };
let queue: SignatureQueue;
/** A turn may take as long as it likes on a busy machine: here it takes what the test says. */
let realMs: number;

beforeEach(() => {
  clock = new VirtualClock(0, "frozen");
  counted = { alone: 0, together: 0 };
  realMs = 0;
  const metrics = {
    signatures(how: "alone" | "together", count: number) {
      counted[how] += count;
    },
  };
  queue = new SignatureQueue(clock, metrics, () => realMs);
});

/** Asks for all in one turn. */
function all(items: readonly (readonly [SignedMessage, string])[]): Promise<boolean[]> {
  return Promise.all(items.map(([item, source]) => queue.verify(item, source)));
}

describe("signature queue", () => {
  test("one or two are verified alone, more of one turn together", async () => {
    expect(await queue.verify(good(0), "a")).toBe(true);
    expect(await all([0, 1].map((at) => [good(at), "a"]))).toEqual([true, true]);
    expect(counted).toEqual({ alone: 3, together: 0 });
    expect(await all([0, 1, 2].map((at) => [good(at), "a"]))).toEqual([true, true, true]);
    expect(counted).toEqual({ alone: 3, together: 3 });
  });

  test("each gets the verdict of its own signature, whatever the neighbours are", async () => {
    const isBad = (at: number): boolean => at % 7 === 3 || at === 63 || at === 64;
    const items = GOOD.map((item, at) => [isBad(at) ? bad(at) : item, `source ${at}`] as const);
    expect(await all(items)).toEqual(GOOD.map((_, at) => !isBad(at)));
    expect(counted).toEqual({ alone: 0, together: 200 });
  });

  test("the first of a long turn does not wait for its end", async () => {
    const answers = [0, 1, 2].map((at) => queue.verify(good(at), "a"));
    realMs += 1;
    const last = queue.verify(good(3), "a");
    expect(counted).toEqual({ alone: 0, together: 4 });
    expect(await Promise.all([...answers, last])).toEqual([true, true, true, true]);
  });

  test("a turn never waits for another", async () => {
    const first = all([0, 1, 2].map((at) => [good(at), "a"]));
    await new Promise(setImmediate);
    expect(counted.together).toBe(3);
    await first;
  });

  test("a source that failed is verified alone for a minute, and then no more", async () => {
    const three = [0, 1, 2].map((at) => [good(at), "b"] as const);
    expect(await all([...three, [bad(3), "a"]])).toEqual([true, true, true, false]);
    counted = { alone: 0, together: 0 };
    expect(await all([...three, [good(3), "a"]])).toEqual([true, true, true, true]);
    expect(counted).toEqual({ alone: 1, together: 3 });
    clock.advance(60_000);
    counted = { alone: 0, together: 0 };
    expect(await all([...three, [good(3), "a"]])).toEqual([true, true, true, true]);
    expect(counted).toEqual({ alone: 0, together: 4 });
  });

  test("a failure alone counts like one in a batch", async () => {
    expect(await queue.verify(bad(0), "a")).toBe(false);
    counted = { alone: 0, together: 0 };
    await all([0, 1, 2].map((at) => [good(at), "a"]));
    expect(counted).toEqual({ alone: 3, together: 0 });
  });

  test("bytes of wrong length are wrong and harm nobody", async () => {
    const empty = new Uint8Array(0);
    const odd = { message: empty, signature: empty, publicKey: empty };
    const items = [good(0), odd, good(1), good(2)].map((item, at) => [item, String(at)] as const);
    expect(await all(items)).toEqual([true, false, true, true]);
  });
});
