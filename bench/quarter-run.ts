/** A simulated quarter from its first morning to the last file that ends. */
import {
  addBankingDays,
  addDays,
  type BankDate,
  instantOf,
  isBankingDay,
} from "../actors/banking-calendar.ts";
import { DEFAULT_POLICY } from "../actors/policy.ts";
import { checkLog } from "../src/commands/log-check.ts";
import { AMOUNT_ACCOUNT, GOOD_ACCOUNT, REACTIONS } from "../src/rails/bank-twin/reactions.ts";
import type { Mishap } from "../src/rails/bank-twin/state.ts";
import { SqliteLogReader } from "../src/storage/sqlite/log-reader.ts";
import { actorsOf } from "../src/switch.ts";
import { Dice } from "./dice.ts";
import { checkDay, checkRest, checkViews } from "./quarter-check.ts";
import { InvariantBroken } from "./quarter-demand.ts";
import { QuarterDesk } from "./quarter-desk.ts";
import { Shopping } from "./quarter-shopping.ts";
import { settle, type Town } from "./quarter-town.ts";
import type { Planted, Simulated } from "./simulated.ts";
import { Stopwatch } from "./stopwatch.ts";

export interface QuarterScale {
  readonly customers: number;
  readonly merchants: number;
  readonly lanes: number;
  readonly bankingDays: number;
  /** About so many, over all days. */
  readonly payments: number;
  /** Banking days without purchases, in which everything under way comes to its end. */
  readonly tailDays: number;
}

export interface QuarterOptions {
  /** Faults planted by tests, which must be found. */
  readonly planted?: Planted;
  readonly hearWeek?: (week: Week) => void;
}

/** Of seven days, or of what was left. */
export interface Week {
  readonly number: number;
  readonly payments: number;
  readonly capturedCents: number;
  readonly entries: number;
  readonly fileBytes: number;
  /** Debits and credits that came back. */
  readonly returns: number;
  /** Comparisons that held. */
  readonly facts: number;
  readonly seconds: number;
}

type Sums = Omit<Week, "number">;

/** How much of the whole is done, from 0 to 1, and what is being done. */
export type Tell = (share: number, text: string) => void;

const SEED = 20_270_104;
/** Of a thousand customers, so many have a bank account that misbehaves. */
const ODD_PER_MILLE = 50;
/** Of these, one in so many has the one whose amounts decide. */
const AMOUNTS_OF = 4;
/** Of a thousand purchases. */
const REFUNDED_PER_MILLE = 15;
/** Refunds are of purchases of so many days. */
const REFUNDED_DAYS = 10;
/** What is bought before the cut-off, of a banking day's purchases. */
const EARLY_SHARE = 0.6;
const WEEK_DAYS = 7;
/** One banking day in so many, something goes wrong between the bank and us. */
const MISHAP_DAYS = 8;
/** Those after which our books still are the bank's on the evening of the same day. */
const MISHAPS: readonly Mishap[] = [
  { kind: "file_rejected" },
  { kind: "returns_twice" },
  { kind: "outcome_unknown" },
  { kind: "acknowledgement_lost" },
];

/** Bank accounts of shops: most are good, to some no credit gets, or their data are corrected. */
const SHOP_NUMBERS = [
  ...Array.from({ length: 7 }, () => GOOD_ACCOUNT),
  ...["9990000042", "9990000043", "9990000051"],
];

export class QuarterRun {
  readonly #watch = new Stopwatch();
  readonly #weeks: Week[] = [];
  readonly #startedMs = performance.now();
  /** Payments in the order in which they were acknowledged. */
  readonly #bought: string[] = [];
  #facts = 0;

  constructor(
    private readonly simulated: Simulated,
    private readonly scale: QuarterScale,
    private readonly firstDay: BankDate,
    private readonly tell: Tell,
    private readonly options: QuarterOptions,
  ) {}

  /** Gives what broke. */
  async live(): Promise<string | undefined> {
    try {
      await this.#days();
    } catch (error) {
      const { broken } = this.simulated.books;
      if (broken === undefined && !(error instanceof InvariantBroken)) throw error;
      return (broken ?? (error as InvariantBroken)).message;
    } finally {
      await this.#watch.time("stop", () => this.simulated.running.stop());
    }
    this.tell(1, "the whole log is folded again");
    return await this.#watch.time("doctor", () => doctor(this.simulated.events));
  }

  async #days(): Promise<void> {
    const { scale, firstDay } = this;
    const { books, bank, running } = this.simulated;
    const dice = new Dice(SEED);
    const town = await this.#watch.time("town", () => this.#settle(dice));
    const { services } = running;
    const shopping = new Shopping(services, town, dice, books.seen, (paymentId, amountCents) => {
      this.#bought.push(paymentId);
      books.acknowledge(paymentId, amountCents);
    });
    const desk = new QuarterDesk(services, town.citizens, books, dice);
    const lastDay = addBankingDays(firstDay, scale.bankingDays - 1);
    const all = [...daysBetween(firstDay, addBankingDays(lastDay, scale.tailDays))];
    const shopDays = all.filter((day) => day <= lastDay).length;
    const perDay = Math.min(Math.round(scale.payments / shopDays), scale.customers);
    const mishaps = inTurn(MISHAPS);
    let bankingDays = 0;
    let before = this.#count();
    for (const [at, day] of all.entries()) {
      this.tell(at / all.length, `${day}, ${books.lives.size} payments, ${books.events} events`);
      if (isBankingDay(day) && ++bankingDays % MISHAP_DAYS === 0) bank.plan(mishaps.next().value);
      await this.#day(day, day <= lastDay ? perDay : 0, shopping, desk);
      if (at % WEEK_DAYS !== WEEK_DAYS - 1 && at !== all.length - 1) continue;
      await this.#watch.time("checks", async () => {
        this.#facts += await checkViews(running.services, books);
      });
      const now = this.#count();
      this.#endWeek(before, now);
      before = now;
    }
    checkRest(books);
  }

  #settle(dice: Dice): Promise<Town> {
    const { customers, merchants, lanes } = this.scale;
    const odd = Math.max(Math.floor((customers * ODD_PER_MILLE) / 1_000), REACTIONS.length);
    const bankNumbers = Array.from({ length: customers }, (_, at) => {
      if (at >= odd) return GOOD_ACCOUNT;
      if (at >= REACTIONS.length && at % AMOUNTS_OF === 0) return AMOUNT_ACCOUNT;
      return REACTIONS[at % REACTIONS.length]?.account ?? GOOD_ACCOUNT;
    });
    const wish = { merchants, lanes, bankNumbers, shopNumbers: SHOP_NUMBERS };
    return settle(this.simulated.running.services, wish, dice, (text) => this.tell(0, text));
  }

  async #day(
    day: BankDate,
    payments: number,
    shopping: Shopping,
    desk: QuarterDesk,
  ): Promise<void> {
    const { running, sandbox, books, bank } = this.simulated;
    const to = (hour: number) => sandbox.advanceTo(instantOf(day, hour, 0));
    const isOpen = isBankingDay(day);
    const early = isOpen ? Math.round(payments * EARLY_SHARE) : payments;
    await this.#watch.time("opening", () => to(9));
    if (isOpen) await this.#watch.time("desk", () => this.#deskDay(desk, payments));
    await this.#watch.time("payments", async () => {
      await to(12);
      await shopping.go(early);
    });
    await this.#watch.time("cut-off", () => to(16));
    await this.#watch.time("payments", async () => {
      await shopping.go(payments - early);
      await to(20);
    });
    await this.#watch.time("checks", async () => {
      this.#facts += await checkDay(running.services, books, bank.balanceCents());
    });
  }

  async #deskDay(desk: QuarterDesk, payments: number): Promise<void> {
    await desk.morning();
    const refunds = Math.round((payments * REFUNDED_PER_MILLE) / 1_000);
    const since = Math.max(0, this.#bought.length - payments * REFUNDED_DAYS);
    await desk.refunds(this.#bought.slice(since), refunds);
  }

  #count(): Sums {
    const { books, watched } = this.simulated;
    let entries = 0;
    for (const file of books.files.values()) entries += file.entries.size;
    const returns = ["ReturnReceived", "ReturnDoubted"];
    return {
      payments: books.lives.size,
      capturedCents: books.capturedCents,
      entries,
      fileBytes: watched.bytes,
      returns: returns.reduce((sum, kind) => sum + books.seen.get(kind), 0),
      facts: this.#facts,
      seconds: (performance.now() - this.#startedMs) / 1_000,
    };
  }

  #endWeek(before: Sums, now: Sums): void {
    const names = Object.keys(now) as (keyof Sums)[];
    const sums = names.map((name) => [name, now[name] - before[name]]);
    const week = { number: this.#weeks.length + 1, ...(Object.fromEntries(sums) as Sums) };
    this.#weeks.push(week);
    this.options.hearWeek?.(week);
  }

  figures() {
    const { books } = this.simulated;
    return {
      weeks: this.#weeks,
      payments: books.lives.size,
      events: books.events,
      facts: this.#facts,
      seconds: (performance.now() - this.#startedMs) / 1_000,
      times: this.#watch.times(),
      peakMegabytes: process.resourceUsage().maxRSS / 1_024,
      seen: books.seen.entries(),
    };
  }
}

function* daysBetween(first: BankDate, last: BankDate): Generator<BankDate> {
  for (let day = first; day <= last; day = addDays(day, 1)) yield day;
}

/** One after the other, and from the first again. */
function* inTurn<Item>(items: readonly Item[]): Generator<Item, never> {
  for (;;) yield* items;
}

/** The whole log is folded again, as `seqr doctor` does. */
function doctor(file: string): string | undefined {
  const reader = new SqliteLogReader(file);
  try {
    return checkLog(reader, actorsOf(DEFAULT_POLICY)).fault;
  } finally {
    reader.close();
  }
}
