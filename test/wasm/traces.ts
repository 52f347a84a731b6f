/** Looks through the memory of a module for what a call should have left nowhere. */

/** Bytes in a row by which a secret is known again. */
const WINDOW = 8;

/**
 * Where memory holds any WINDOW bytes in a row of a secret (all bytes of a shorter one), by the
 * secret's name. Secrets are to be as good as random: windows of zeros would be found everywhere.
 */
export function traces(
  memory: Uint8Array,
  secrets: Readonly<Record<string, Uint8Array>>,
): { readonly name: string; readonly at: number }[] {
  const needles = new Map<number, { name: string; window: Uint8Array }[]>();
  for (const [name, secret] of Object.entries(secrets)) {
    for (const window of windowsOf(secret)) {
      const key = start(window, 0);
      needles.set(key, [...(needles.get(key) ?? []), { name, window }]);
    }
  }
  const found: { name: string; at: number }[] = [];
  for (const [from, end] of stretches(memory)) {
    for (let at = from; at < end; at++) {
      for (const { name, window } of needles.get(start(memory, at)) ?? []) {
        if (window.every((byte, n) => memory[at + n] === byte)) found.push({ name, at });
      }
    }
  }
  return found;
}

function windowsOf(secret: Uint8Array): Uint8Array[] {
  const size = Math.min(WINDOW, secret.length);
  if (size < 4) throw new Error("fewer than four bytes are found by chance");
  return Array.from({ length: secret.length - size + 1 }, (_, at) => {
    const window = secret.subarray(at, at + size);
    if (window.filter((byte) => byte !== 0).length < 4) throw new Error("a secret of zeros");
    return window;
  });
}

function start(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return (a << 24) | (b << 16) | (c << 8) | d;
}

/** The parts that are not zero, with room for a window that begins before them. */
function* stretches(memory: Uint8Array): Generator<readonly [number, number]> {
  const words = new BigUint64Array(memory.buffer, memory.byteOffset, memory.length >> 3);
  let from: number | undefined;
  for (let at = 0; at <= words.length; at++) {
    const isZero = (words[at] ?? 0n) === 0n;
    if (!isZero) from ??= Math.max(0, at - 1);
    if (isZero && from !== undefined) {
      yield [from * 8, at * 8];
      from = undefined;
    }
  }
}

/** The first places at which two memories differ. */
export function differences(left: Uint8Array, right: Uint8Array, most = 8): number[] {
  if (Buffer.compare(left, right) === 0) return [];
  const found: number[] = [];
  for (let at = 0; at < left.length && found.length < most; at++) {
    if (left[at] !== right[at]) found.push(at);
  }
  return found;
}
