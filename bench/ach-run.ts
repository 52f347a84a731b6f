/**
 * A cut-off with many entries, and a file of many returns, through the switch itself: customers who
 * bought are asked for their debits, the file is written, checked, sealed and handed to the
 * sandbox's bank; two banking days later most of it comes back. The books of the quarter
 * (quarter-books.ts) hear everything and are compared at the end of each step.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { present } from "../actors/assert.ts";
import {
  addBankingDays,
  type BankDate,
  instantOf,
  parseBankDate,
} from "../actors/banking-calendar.ts";
import { GOOD_ACCOUNT } from "../src/rails/bank-twin/reactions.ts";
import type { Feed } from "../src/runtime/feed.ts";
import { Dice } from "./dice.ts";
import { checkDay, checkViews } from "./quarter-check.ts";
import { Shopping } from "./quarter-shopping.ts";
import { settle } from "./quarter-town.ts";
import { type Planted, type Simulated, startSimulated } from "./simulated.ts";

export interface RunScale {
  /** About so many entries in the one file. */
  readonly entries: number;
  /** About so many of them come back, in one file. */
  readonly returns: number;
}

export interface CutOffFigures {
  readonly owners: number;
  readonly entries: number;
  readonly fileBytes: number;
  /** Everybody is asked: from the opening of the file to the last owner's answer. */
  readonly askedSeconds: number;
  /** Views caught up, file written, checked and sealed. */
  readonly builtSeconds: number;
  /** Opened again, handed over, read by the bank. */
  readonly handedSeconds: number;
  /** Until it was built, the longest that anybody who pays would have waited for a turn. */
  readonly longestWaitMs: number;
  readonly cpuSeconds: number;
}

export interface ReturnFigures {
  readonly returns: number;
  /** That they caused. */
  readonly events: number;
  readonly postings: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export interface RunFigures {
  readonly seedSeconds: number;
  readonly cutOff: CutOffFigures;
  readonly back: ReturnFigures;
  /** Of the process that did all of it, from the first customer on. */
  readonly peakMegabytes: number;
  /** Comparisons that held. */
  readonly facts: number;
}

/** A Monday; the prenotes of that day's file can be relied upon in the file of Friday. */
const FIRST_DAY = present(parseBankDate("2027-01-04"), "a date");
const PRENOTE_DAYS = 4;
const PURCHASES_EACH = 5;
const CUSTOMERS_PER_LANE = 10;
const MERCHANTS = 100;
const SEED = 20_270_104;
/** Between two looks at the event loop. */
const TURN_MS = 5;
/** Each comes back on the first banking day after settlement: one file holds them all. */
const NEXT_DAY = ["02", "03", "08", "16", "20"].map((two) => `99900000${two}`);

/** In a temporary directory, which is then removed. Throws InvariantBroken. */
export async function collectOnce(
  scale: RunScale,
  tell: (text: string) => void,
  planted: Planted = {},
): Promise<RunFigures> {
  const folder = mkdtempSync(join(tmpdir(), "seqr-ach-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.on("exit", remove);
  const simulated = await startSimulated(folder, instantOf(FIRST_DAY, 6, 0), planted);
  try {
    return await new AchRun(simulated, scale, tell).live();
  } catch (error) {
    throw simulated.books.broken ?? error;
  } finally {
    await simulated.running.stop();
    process.off("exit", remove);
    remove();
  }
}

class AchRun {
  readonly #moments: Moments;
  readonly #day = addBankingDays(FIRST_DAY, PRENOTE_DAYS);

  constructor(
    private readonly simulated: Simulated,
    private readonly scale: RunScale,
    private readonly tell: (text: string) => void,
  ) {
    this.#moments = new Moments(simulated.running.services.host.feed);
  }

  async live(): Promise<RunFigures> {
    const startedMs = performance.now();
    await this.#seed();
    let facts = await this.#check();
    const seedSeconds = (performance.now() - startedMs) / 1_000;
    this.tell("cut-off");
    const cutOff = await this.#cutOff();
    facts += await this.#check();
    this.tell("returns");
    const back = await this.#back();
    facts += await this.#check();
    const peakMegabytes = process.resourceUsage().maxRSS / 1_024;
    return { seedSeconds, cutOff, back, peakMegabytes, facts };
  }

  async #to(day: BankDate, hour: number): Promise<void> {
    await this.simulated.sandbox.advanceTo(instantOf(day, hour, 0));
  }

  async #check(): Promise<number> {
    const { running, books, bank } = this.simulated;
    const facts = await checkDay(running.services, books, bank.balanceCents());
    return facts + (await checkViews(running.services, books));
  }

  /** Customers whose prenotes have passed, each with a few purchases that are due. */
  async #seed(): Promise<void> {
    const { running, books } = this.simulated;
    const customers = Math.ceil(this.scale.entries / PURCHASES_EACH);
    const odd = Math.ceil(this.scale.returns / PURCHASES_EACH);
    const bankNumbers = Array.from({ length: customers }, (_, at) => {
      return at < odd ? (NEXT_DAY[at % NEXT_DAY.length] ?? GOOD_ACCOUNT) : GOOD_ACCOUNT;
    });
    const dice = new Dice(SEED);
    const lanes = Math.max(Math.ceil(customers / CUSTOMERS_PER_LANE), MERCHANTS);
    const wish = { merchants: MERCHANTS, lanes, bankNumbers, shopNumbers: [GOOD_ACCOUNT] };
    const town = await settle(running.services, wish, dice, this.tell);
    const shopping = new Shopping(running.services, town, dice, books.seen, (id, cents) => {
      books.acknowledge(id, cents);
    });
    this.tell("prenotes");
    await this.#to(this.#day, 9);
    for (let round = 1; round <= PURCHASES_EACH; round++) {
      this.tell(`purchases, ${round} of ${PURCHASES_EACH}`);
      await shopping.go(customers);
    }
  }

  async #cutOff(): Promise<CutOffFigures> {
    const moments = this.#moments.begin();
    const turns = new Turns();
    moments.at("FileBuilt", () => turns.stop());
    const cpuSeconds = await cpuSecondsOf(() => this.#to(this.#day, 16));
    const { books, watched } = this.simulated;
    const file = present([...books.files.values()].at(-1), "the file of the day");
    return {
      owners: moments.count("DebitsFiled") + moments.count("PayoutFiled"),
      entries: file.entries.size,
      fileBytes: watched.newestBytes,
      askedSeconds: moments.between("FileOpened", "DebitsFiled"),
      builtSeconds: moments.between("DebitsFiled", "FileBuilt"),
      handedSeconds: moments.between("FileBuilt", "FileAcknowledged"),
      longestWaitMs: turns.longestMs,
      cpuSeconds,
    };
  }

  async #back(): Promise<ReturnFigures> {
    const { books } = this.simulated;
    const day = addBankingDays(this.#day, 2);
    await this.#to(day, 8);
    const moments = this.#moments.begin();
    const { events, postings } = books;
    let cpuSeconds = 0;
    // The second books are no work of the switch: they are kept when it is done.
    await books.afterwards(async () => {
      cpuSeconds = await cpuSecondsOf(() => this.#to(day, 9));
    });
    return {
      returns: moments.count("ReturnReceived"),
      events: books.events - events,
      postings: books.postings - postings,
      seconds: moments.between("InboundReceived", "InboundFinished"),
      cpuSeconds,
    };
  }
}

async function cpuSecondsOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** How long the event loop is kept from whoever else wants a turn. */
class Turns {
  longestMs = 0;
  #lastMs = performance.now();
  readonly #timer = setInterval(() => this.#look(), TURN_MS);

  stop(): void {
    this.#look();
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    this.longestMs = Math.max(this.longestMs, nowMs - this.#lastMs - TURN_MS);
    this.#lastMs = nowMs;
  }
}

/** When events of a kind were heard last, and how many. */
class Moments {
  readonly #calls = new Map<string, () => void>();
  readonly #heard = new Map<string, { lastMs: number; count: number }>();

  constructor(feed: Feed) {
    feed.subscribe((events) => {
      const nowMs = performance.now();
      for (const { kind } of events) {
        const heard = this.#heard.get(kind) ?? { lastMs: 0, count: 0 };
        this.#heard.set(kind, { lastMs: nowMs, count: heard.count + 1 });
        this.#calls.get(kind)?.();
      }
    });
  }

  /** Calls when an event of this kind is heard. */
  at(kind: string, call: () => void): void {
    this.#calls.set(kind, call);
  }

  /** Forgets what was. */
  begin(): this {
    this.#heard.clear();
    return this;
  }

  count(kind: string): number {
    return this.#heard.get(kind)?.count ?? 0;
  }

  /** Seconds from the last event of one kind to the last of another. */
  between(from: string, to: string): number {
    const ms = (kind: string) => present(this.#heard.get(kind), `an event: ${kind}`).lastMs;
    return (ms(to) - ms(from)) / 1_000;
  }
}
