/**
 * The bank over days and years: the same whenever it is looked at, and whenever it is stopped and
 * started again from what it said it knows.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { achFileId } from "../../../actors/ach-file.ts";
import { addBankingDays, type BankDate, instantOf } from "../../../actors/banking-calendar.ts";
import { cents } from "../../../actors/money.ts";
import { BankTwin, type BankTwinOptions } from "../../../src/rails/bank-twin/bank-twin.ts";
import { REACTIONS } from "../../../src/rails/bank-twin/reactions.ts";
import type { BankTwinState, Mishap } from "../../../src/rails/bank-twin/state.ts";
import { VirtualClock } from "../../../src/runtime/clock.ts";
import { BANK, type EntryWish, fileOf } from "./file-maker.ts";
import { answersIn, Rig, START_MS, TUESDAY } from "./rig.ts";

const SEED = Number(process.env["SEQR_SEED"] ?? 20_261_123);
const RUNS = Number(process.env["SEQR_RUNS"] ?? 60);
const NO_BYTES: Uint8Array = new Uint8Array(0);
const HOUR_MS = 3_600_000;

const MISHAPS: readonly Mishap[] = [
  { kind: "file_rejected" },
  { kind: "file_lost" },
  { kind: "outcome_unknown" },
  { kind: "acknowledgement_lost" },
  { kind: "statement_late", bankingDays: 2 },
  { kind: "statement_differs", byCents: cents(7) },
  { kind: "statement_split" },
  { kind: "returns_truncated", bytesKept: 400 },
  { kind: "returns_twice" },
  { kind: "returns_out_of_order" },
];

type Step =
  | { readonly kind: "wait"; readonly hours: number }
  | { readonly kind: "send"; readonly entries: readonly EntryWish[] }
  | { readonly kind: "send_again" }
  | { readonly kind: "plan"; readonly mishap: Mishap }
  | { readonly kind: "take"; readonly count: number };

const entry: fc.Arbitrary<EntryWish> = fc.record({
  account: fc.constantFrom(...REACTIONS.map(({ account }) => account)),
  cents: fc.integer({ min: 1, max: 100_000 }),
  code: fc.constantFrom("27", "27", "37"),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("wait"), hours: hours() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("send"), entries: entries() }) },
  fc.constant<Step>({ kind: "send_again" }),
  fc.record({ kind: fc.constant("plan"), mishap: fc.constantFrom(...MISHAPS) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("take"), count: fc.nat({ max: 4 }) }) },
);

function hours(): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 1_000 }));
}

function entries(): fc.Arbitrary<EntryWish[]> {
  return fc.array(entry, { minLength: 1, maxLength: 4 });
}

/** Takes the steps with one bank, and lets the other side look after each. */
class Walk {
  readonly clock = new VirtualClock(START_MS);
  bank: BankTwin;
  #sent: ReturnType<typeof fileOf> = { name: achFileId(TUESDAY, "A"), bytes: NO_BYTES };
  #files = 0;
  #sequence = 1;

  constructor(options: Omit<BankTwinOptions, "bankNumber"> = {}) {
    this.bank = new BankTwin(this.clock, { bankNumber: BANK, ...options });
  }

  async take(one: Step): Promise<unknown> {
    switch (one.kind) {
      case "wait":
        return this.clock.advance(one.hours * HOUR_MS);
      case "send": {
        const modifier = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".charAt(this.#files++ % 26);
        const batches = [{ entries: one.entries }];
        const nowMs = this.clock.nowMs();
        this.#sent = fileOf({ nowMs, modifier, from: this.#sequence, batches });
        this.#sequence += one.entries.length;
        return await this.bank.handOver(this.#sent.name, [this.#sent.bytes]);
      }
      case "send_again":
        return await this.bank.handOver(this.#sent.name, [this.#sent.bytes]);
      case "plan":
        return this.bank.plan(one.mishap);
      case "take": {
        const items = (await this.bank.inbound()).slice(0, one.count);
        for (const { id } of items) await this.bank.taken(id);
        return items;
      }
    }
  }

  /** As a process that ends and another that begins. */
  restart(state: BankTwinState, options: Partial<BankTwinOptions> = {}): void {
    const kept = JSON.parse(JSON.stringify(state)) as BankTwinState;
    this.bank = new BankTwin(this.clock, { bankNumber: BANK, state: kept, ...options });
  }

  async look() {
    return { inbound: await this.bank.inbound(), books: this.bank.books() };
  }
}

test("stopped and started again at any moment, it goes on as if nothing had been", async () => {
  const met = { items: 0, duplicates: 0, pending: 0 };
  const steps = fc.array(step, { minLength: 5, maxLength: 40, size: "max" });
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const steady = new Walk();
      const restarted = new Walk();
      for (const one of all) {
        expect(await restarted.take(one)).toEqual(await steady.take(one));
        const state = restarted.bank.state();
        restarted.restart(state);
        expect(restarted.bank.state()).toStrictEqual(state);
        const seen = await steady.look();
        expect(await restarted.look()).toStrictEqual(seen);
        met.items = Math.max(met.items, seen.inbound.length);
        met.duplicates += seen.books.duplicates;
        met.pending = Math.max(met.pending, state.due.length);
      }
    }),
    { seed: SEED, numRuns: RUNS },
  );
  // The runs were not empty ones.
  expect(met.items).toBeGreaterThan(10);
  expect(met.duplicates).toBeGreaterThan(10);
  expect(met.pending).toBeGreaterThan(5);
});

test("what was kept before the answer is all that a restart needs", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (all) => {
      const steady = new Walk();
      let kept: BankTwinState | undefined;
      const keep = (state: BankTwinState) => {
        kept = state;
      };
      const killed = new Walk({ keep });
      for (const one of all) {
        expect(await killed.take(one)).toEqual(await steady.take(one));
        if (kept !== undefined) killed.restart(kept, { keep });
        expect(await killed.look()).toStrictEqual(await steady.look());
      }
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test("looked at every hour or once in the end, it is the same", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (all) => {
      const seldom = new Walk();
      const often = new Walk();
      for (const one of all) {
        await seldom.take(one);
        if (one.kind !== "wait") await often.take(one);
        else {
          for (let hour = 0; hour < one.hours; hour++) {
            await often.take({ kind: "wait", hours: 1 });
            await often.bank.inbound();
          }
        }
      }
      expect(await often.look()).toStrictEqual(await seldom.look());
      expect(often.bank.state()).toStrictEqual(seldom.bank.state());
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test("the state it gives is a copy, and so is the one it takes", async () => {
  const rig = new Rig();
  await rig.sendEntries({ account: "9990000002" });
  const given = rig.bank.state();
  const second = new BankTwin(rig.clock, { bankNumber: BANK, state: given });
  given.files.length = 0;
  given.due.length = 0;
  rig.openingOf(TUESDAY);
  expect(rig.bank.books().files).toHaveLength(1);
  expect(second.books()).toEqual(rig.bank.books());
});

test("a year of banking days: every cent is in a statement or a return", async () => {
  const rig = new Rig();
  const accounts = REACTIONS.map(({ account }) => account);
  let settledCents = 0;
  let days = 0;
  const answered = new Map<string, number>();
  const last = "2027-12-31" as BankDate;
  for (let day = TUESDAY; day < last; day = addBankingDays(day, 1), days++) {
    rig.openingOf(day);
    for (const item of await rig.take()) {
      if (item.kind === "statement") {
        for (const { debitCents, creditCents } of item.lines) {
          settledCents += debitCents - creditCents;
        }
      }
      if (item.kind !== "returns") continue;
      for (const answer of await answersIn(item.bytes)) {
        const code = answer.slice(0, 3);
        answered.set(code, (answered.get(code) ?? 0) + 1);
      }
    }
    rig.clock.advanceTo(instantOf(day, 16));
    const debits = accounts.map((account, at) => ({ account, cents: 100 + at }));
    const credits = accounts.map((account) => ({ account, code: "22", cents: 50 }));
    await rig.send([{ entries: debits }, { sec: "PPD", description: "REFUND", entries: credits }]);
  }
  expect(days).toBeGreaterThan(270);
  const { balanceCents, movements, files } = rig.bank.books();
  expect(files.every(({ outcome }) => outcome === "accepted")).toBe(true);
  const sum = (kind: string) =>
    movements
      .filter((movement) => movement.kind === kind)
      .reduce((total, { debitCents, creditCents }) => total + debitCents - creditCents, 0);
  expect(settledCents).toBe(sum("settled"));
  expect(balanceCents as number).toBe(settledCents - sum("returned"));
  // Once a day from its first day on: settled a day after, returned on the first day after that.
  expect(answered.get("R02")).toBe(2 * days - 5);
  expect([...answered.keys()].filter((code) => code.startsWith("C"))).toHaveLength(7);
});

test("a thousand returns of one day stand in one file, each once", async () => {
  const rig = new Rig();
  // Of five such batches the hashes together have more than ten digits, there and back.
  const entries = Array.from({ length: 4_000 }, (_, at) => ({
    account: at % 20 === 0 ? "9990000003" : "9990000000",
  }));
  const batches = Array.from({ length: 5 }, (_, at) => ({ description: `SEQR ${at}`, entries }));
  const { outcome } = await rig.send(batches);
  expect(outcome).toBe("accepted");
  rig.openingOf(addBankingDays(TUESDAY, 1));
  const answers = await rig.takeAnswers();
  expect(answers).toHaveLength(1_000);
  expect(new Set(answers).size).toBe(1_000);
  expect(answers.every((answer) => answer.startsWith("R03"))).toBe(true);
  // In the books they are one movement, of as much as was settled for them.
  const { movements, balanceCents } = rig.bank.books();
  expect(movements.map(({ kind }) => kind)).toEqual(["settled", "returned"]);
  const [settled, returned] = movements;
  expect(returned?.debitCents).toBe(cents((settled?.debitCents ?? 0) / 20));
  expect(rig.bank.balanceCents()).toBe(balanceCents);
});
