/** Which 32 bytes spell a point, and which point: as noble says, and as the curve itself does. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { seededRandom } from "../crash/random.ts";
import { Forge } from "./forge.ts";
import { buildParts, P } from "./parts.ts";
import { encode, littleEndian, NOT_CANONICAL, SMALL_ORDER } from "./points.ts";

// Seconds of work, which a busy machine makes many.
setDefaultTimeout(60_000);

const PARTS = (await buildParts()).map((parts) => [parts.form, parts] as const);
const from = new Forge(seededRandom(Number(process.env["SEQR_SEED"] ?? 20_260_601)), 32, 32);

/** x and y, or undefined for bytes that spell no point. */
function pointOf(bytes: Uint8Array): { x: bigint; y: bigint } | undefined {
  try {
    return ed25519.Point.fromBytes(bytes, false).toAffine();
  } catch {
    return undefined;
  }
}

/** About half of all y have an x; near 0 and p there are both. */
const near = Array.from({ length: 60 }, (_, n) => (n < 40 ? BigInt(n) : P - 20n + BigInt(n - 40)));
const signed = near.flatMap((y) => [encode(y), encode(y | (1n << 255n))]);
const random = Array.from({ length: 1_000 }, () => from.bytes(32));
const known = from.keys(32).flatMap(({ points }) => points);
const all = [...SMALL_ORDER, ...NOT_CANONICAL, ...signed, ...random, ...known];

describe.each(PARTS)("the points of the %s form", (_form, parts) => {
  test("are those that noble reads from the same bytes, and no others", () => {
    const found = { points: 0, none: 0 };
    for (const bytes of all) {
      const expected = pointOf(bytes);
      parts.put(0, littleEndian(bytes));
      const isPoint = parts.call.decompress(1, 0) !== 0;
      expect([bytes.toHex(), isPoint]).toEqual([bytes.toHex(), expected !== undefined]);
      found[isPoint ? "points" : "none"]++;
      if (expected === undefined) continue;
      const [x, y, z, t] = [0, 1, 2, 3].map((which) => {
        parts.call.coordinate(2, 1, which);
        return parts.valueOf(parts.limbs(2)) % P;
      });
      expect([x, y, z, t]).toEqual([expected.x, expected.y, 1n, (expected.x * expected.y) % P]);
    }
    expect(Math.min(found.points, found.none)).toBeGreaterThan(400);
  });
});
