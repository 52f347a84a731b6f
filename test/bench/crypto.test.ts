/** The benchmark itself, at a pace that proves its parts and measures nothing. */
import { describe, expect, spyOn, test } from "bun:test";
import { readFileSync } from "node:fs";
import { contest, WrongAnswer } from "../../bench/contest.ts";
import { type CryptoReport, measureCrypto } from "../../bench/crypto.ts";
import { markdown, withFigures } from "../../bench/crypto-doc.ts";
import { BATCH, makeInputs } from "../../bench/crypto-inputs.ts";
import { baselineOf, contestantsOf, JOBS } from "../../bench/crypto-jobs.ts";
import { benchCrypto, render } from "../../bench/crypto-report.ts";
import { judge } from "../../bench/crypto-targets.ts";
import saved from "../../bench/results/crypto.json";
import { makeCore } from "../../wasm/choice.ts";
import type { Implementation } from "../../wasm/implementation.ts";
import { ed25519VerifyBatch } from "../../wasm/reference.ts";
import { CORES } from "../wasm/cores.ts";

const PACE = { rounds: 1, sampleMs: 0, warmUpMsMax: 0 };
const inputs = makeInputs();

describe("inputs", () => {
  test("are what they are said to be, by the reference", () => {
    expect(ed25519VerifyBatch(inputs.distinctKeys)).toEqual({ ok: true, bad: [] });
    expect(ed25519VerifyBatch(inputs.oneKey)).toEqual({ ok: true, bad: [] });
    expect(ed25519VerifyBatch(inputs.oneBad)).toEqual({ ok: false, bad: [inputs.badAt] });
    const keys = (items: typeof inputs.oneKey) =>
      new Set(items.map(({ publicKey }) => publicKey.toHex())).size;
    expect([keys(inputs.distinctKeys), keys(inputs.oneKey)]).toEqual([BATCH, 1]);
  });

  test("scan busy lanes often and quiet ones seldom, the same ones in every run", () => {
    const times = new Map<string, number>();
    for (const scan of inputs.scans) times.set(scan.toHex(), (times.get(scan.toHex()) ?? 0) + 1);
    const counts = [...times.values()].sort((a, b) => b - a);
    expect(counts.length).toBeGreaterThan(200);
    expect(counts[0]).toBeGreaterThan(inputs.scans.length / 10);
    expect(makeInputs().scans).toEqual(inputs.scans);
  });
});

describe("a run", () => {
  test("has everybody give right answers, and judges every target", async () => {
    const told: string[] = [];
    const report = await measureCrypto(PACE, (text) => told.push(text));
    expect(told.at(-1)).toBe("round 1 of 1");
    const who = (job: string) => report.rows.filter((row) => row.job === job).map((row) => row.who);
    const forms = CORES.map(({ name }) => name).filter((name) => name !== "reference");
    expect(who(JOBS.single)).toEqual([...forms, "noble", "libsodium.js", "native"]);
    expect(who(JOBS.argon2)).toEqual([...forms, "noble", "libsodium.js", "native"]);
    expect(who(JOBS.batch(16, "one key"))).toEqual(forms);
    expect(who(JOBS.failing)).toEqual(forms);
    expect(who(JOBS.choice)).toEqual(forms);
    expect(who(JOBS.kept)).toEqual(who(JOBS.stream));
    for (const { micros, lowMicros, highMicros } of report.rows) {
      expect(micros).toBeGreaterThan(0);
      expect(lowMicros).toBeLessThanOrEqual(highMicros);
    }
    expect(report.targets).toHaveLength(15);
    expect(report.targets.every(({ reached }) => reached !== undefined)).toBe(forms.length === 2);
    const text = render(report);
    for (const { what } of report.targets) expect(text).toContain(what);
  }, 60_000);

  test.each([
    ["a forgery passes", { ed25519VerifyBatch: () => ({ ok: true, bad: [] }) }, JOBS.failing],
    ["a signature fails", { ed25519Verify: () => false }, JOBS.single],
    ["a hash is another", { sha256: () => new Uint8Array(32) }, JOBS.sha(116)],
    ["a PIN proof fails", { verifyPinProof: () => false }, JOBS.pin],
    ["a form is refused", { approvalFault: () => ({ kind: "tag_wrong", at: 0 }) }, JOBS.approval],
  ] as const)("ends where %s", (_, planted, job) => {
    const faulty = { ...makeCore("portable"), ...planted } as Implementation;
    const all = contestantsOf(inputs, [faulty], undefined).filter((one) => one.job === job);
    expect(() => contest(all, PACE, () => {})).toThrow(new WrongAnswer(`portable, ${job}`));
  });
});

describe("the command", () => {
  const options = { quick: true, json: true, save: false };

  test("fails on a wrong answer and says whose, and gives no figures", async () => {
    const [out, err] = [spyOn(process.stdout, "write"), spyOn(process.stderr, "write")];
    try {
      err.mockReturnValue(true);
      const wrong = () => Promise.reject(new WrongAnswer("wide, PIN proof"));
      expect(await benchCrypto(options, wrong)).toBe(false);
      expect(err).toHaveBeenLastCalledWith("wrong answer: wide, PIN proof\n");
      expect(out).not.toHaveBeenCalled();
    } finally {
      out.mockRestore();
      err.mockRestore();
    }
  });

  test("succeeds where targets are missed, and gives programs one object", async () => {
    const targets = (saved as CryptoReport).targets.map((one) => ({ ...one, isReached: false }));
    const report = { ...(saved as CryptoReport), targets };
    const out = spyOn(process.stdout, "write").mockReturnValue(true);
    try {
      expect(await benchCrypto(options, () => Promise.resolve(report))).toBe(true);
      expect(JSON.parse(String(out.mock.calls[0]?.[0]))).toEqual(report);
    } finally {
      out.mockRestore();
    }
  });
});

describe("ratios", () => {
  test("of signatures at once are against signatures alone", () => {
    const batch = { job: JOBS.batch(64, "one key"), who: "wide" };
    expect(baselineOf(batch, "native")).toEqual({ job: JOBS.single, who: "native" });
    expect(baselineOf(batch, "itself")).toEqual({ job: JOBS.single, who: "wide" });
  });

  test("of other jobs are against the same job", () => {
    const pin = { job: JOBS.pin, who: "wide" };
    expect(baselineOf(pin, "native")).toEqual({ job: JOBS.pin, who: "native" });
    expect(baselineOf(pin, "itself")).toBeUndefined();
  });
});

describe("a target", () => {
  const reached = (times: number | undefined) =>
    judge({ ratio: () => times }, { wide: 41_000, portable: 40_960 });

  test("is reached at its figure and not below", () => {
    const [first] = reached(2.5);
    expect(first).toEqual({
      what: "one signature, portable : noble",
      target: "at least 2.5 x",
      reached: 2.5,
      isReached: true,
    });
    expect(reached(2.49)[0]?.isReached).toBe(false);
  });

  test("that was not measured is not reached", () => {
    expect(reached(undefined)[0]).toMatchObject({ reached: undefined, isReached: false });
  });

  test("of size is reached up to its figure", () => {
    const sizes = reached(9).filter(({ what }) => what.startsWith("size"));
    expect(sizes.map(({ isReached }) => isReached)).toEqual([false, true]);
  });
});

test("a report says what was left out", () => {
  const leftOut = ["libsodium.js: it is not installed"];
  expect(render({ ...(saved as CryptoReport), leftOut })).toEndWith(
    "\nleft out: libsodium.js: it is not installed\n",
  );
});

test("the document holds the figures that are kept", () => {
  const doc = readFileSync(new URL("../../docs/crypto-core.md", import.meta.url), "utf8");
  expect(withFigures(doc, markdown(saved as CryptoReport))).toBe(doc);
  expect(withFigures(doc, "others")).not.toBe(doc);
});
