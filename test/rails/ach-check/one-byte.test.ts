/**
 * One byte of a good file is changed: the checker finds it, or the byte stands in a field that may
 * hold the other one as well. These fields are listed here, and the list is as small as it can be:
 * each of them is reached. Books and profile (expectations.ts) narrow it further.
 */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { checkAch } from "../../../src/rails/ach-check/check.ts";
import { bytesOf } from "./file-maker.ts";
import { good } from "./good-files.ts";

interface Free {
  /** How the line begins. */
  readonly record: RegExp;
  readonly from: number;
  readonly to: number;
  /** What may stand there. */
  readonly may: RegExp;
}

const TEXT = /[ -~]/;
const DIGIT = /[0-9]/;
/** Batches whose description somebody chose. */
const CHOSEN = /^5.{49}(CCDPAYOUT|WEBFRIENDS|WEBPRENOTE)/;

const free = (record: RegExp, from: number, to: number, may: RegExp): Free => {
  return { record, from, to, may };
};

const FREE: readonly Free[] = [
  // Another origin, another time of the file, another one of its day; names and reference.
  free(/^1/, 14, 23, /[0-9 ]/),
  free(/^1/, 24, 33, DIGIT),
  free(/^1/, 34, 34, /[A-Z0-9]/),
  free(/^1/, 41, 94, TEXT),
  // Another company or payee, another chosen text, another banking day ahead.
  free(/^5/, 5, 20, /[A-Z0-9 &.*-]/),
  free(/^5.*WEBFRIENDS/, 5, 20, TEXT),
  free(CHOSEN, 54, 63, /[ -`{-~]/),
  free(/^5/, 64, 69, TEXT),
  free(/^5/, 70, 75, DIGIT),
  // Checking for savings, another account, receiver or receipt; single for recurring.
  free(/^6/, 2, 2, /[23]/),
  free(/^6/, 13, 29, /[A-Z0-9 -]/),
  free(/^6/, 40, 76, TEXT),
  free(/^6.{75}[SR] /, 77, 77, /[SR]/),
  // A trace without addenda that would hold it fast; it still ascends.
  free(/^6.{77}0/, 88, 94, DIGIT),
  // What a terminal says.
  free(/^702/, 4, 13, TEXT),
  free(/^702/, 14, 19, /[!-~]/),
  free(/^702/, 20, 25, TEXT),
  free(/^702/, 26, 29, DIGIT),
  free(/^702/, 30, 77, TEXT),
  free(/^702/, 78, 79, /[A-Z]/),
  free(/^705/, 4, 83, TEXT),
];

const NAMES = [
  "three classes",
  "WEB to a friend",
  "prenotes CCD",
  "prenotes WEB",
  "CCD settlement",
];
/** One of each kind of character, and neighbours of what stands in the files. */
const PROBES = [..."0239ARq *-\n\r\u0080"].map((text) => text.charCodeAt(0));

function fieldOf(line: string, column: number, byte: number): Free | undefined {
  const text = String.fromCharCode(byte);
  return FREE.find(
    ({ record, from, to, may }) =>
      record.test(line) && column >= from && column <= to && may.test(text),
  );
}

/** Where the changed byte is: undefined when the checker found the change. */
function accepted(lines: readonly string[], bytes: Uint8Array, at: number, byte: number) {
  const old = bytes[at] ?? 0;
  bytes[at] = byte;
  const { ok } = checkAch(bytes, {}, "foreign");
  bytes[at] = old;
  if (!ok || byte === old) return undefined;
  const [line, column] = [Math.floor(at / 95), (at % 95) + 1];
  return { line: line + 1, column, byte, field: fieldOf(lines[line] ?? "", column, byte) };
}

test("a changed byte is found, or stands in a field where another text is as good", () => {
  const reached = new Set<Free>();
  for (const name of NAMES) {
    const lines = good(name);
    const bytes = bytesOf(lines);
    for (let at = 0; at < bytes.length; at++) {
      for (const byte of PROBES) {
        const harmless = accepted(lines, bytes, at, byte);
        if (harmless === undefined) continue;
        const { field, ...place } = harmless;
        if (field === undefined) expect([name, place]).toEqual([name, "found"] as never);
        else reached.add(field);
      }
    }
  }
  expect(FREE.filter((field) => !reached.has(field))).toEqual([]);
}, 60_000);

describe("at random", () => {
  test("a changed byte", () => {
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.nat(), fc.nat(255), (name, place, byte) => {
        const lines = good(name);
        const bytes = bytesOf(lines);
        const harmless = accepted(lines, bytes, place % bytes.length, byte);
        return harmless === undefined || harmless.field !== undefined;
      }),
      { numRuns: 3_000 },
    );
  });

  test("a byte left out or put in is always found", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...NAMES),
        fc.nat(),
        fc.option(fc.nat(255)),
        (name, place, more) => {
          const bytes = bytesOf(good(name));
          const at = place % bytes.length;
          const next = [...bytes];
          if (more === null) next.splice(at, 1);
          else next.splice(at, 0, more);
          return !checkAch(Uint8Array.from(next), {}, "foreign").ok;
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("a line left out, doubled or moved is always found", () => {
    const change = fc.constantFrom("left out", "doubled", "moved");
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.nat(), fc.nat(), change, (name, a, b, how) => {
        const lines = good(name);
        const [from, to] = [a % lines.length, b % lines.length];
        const line = lines[from] ?? "";
        const without = lines.toSpliced(from, 1);
        const next =
          how === "left out"
            ? without
            : how === "doubled"
              ? lines.toSpliced(to, 0, line)
              : without.toSpliced(to, 0, line);
        const isSame = next.join() === lines.join();
        return checkAch(bytesOf(next), {}, "foreign").ok === isSame;
      }),
      { numRuns: 2_000 },
    );
  });
});
