/**
 * What the bank says of one file, in every order, with the word of its taking lost or not, with
 * messages on their way: in the end it is always the same, to the cent (docs/money.md, I10, I11).
 */
import { describe, expect, test } from "bun:test";
import { accountActor } from "../../actors/account.ts";
import { accountRef } from "../../actors/account-state.ts";
import { achEntryActor, achEntryRef, type SentInFile } from "../../actors/ach-entry.ts";
import { achFileActor, achFileId } from "../../actors/ach-file.ts";
import { type AchFileState, isEveryReturnNoted } from "../../actors/ach-file-messages.ts";
import type { ActorRef, AnyActor, Message } from "../../actors/actor.ts";
import type { EntriesFiled } from "../../actors/collection-messages.ts";
import { type Balances, entryOf, post } from "../../actors/ledger.ts";
import { merchantActor } from "../../actors/merchant.ts";
import { cents } from "../../actors/money.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { MoneyEngine } from "../invariants/money-engine.ts";
import { date } from "./collecting.ts";
import {
  accountId,
  approve,
  capture,
  front,
  NOON_MS,
  openAccount,
  rear,
  VERIFY,
} from "./samples.ts";

const DAY_MS = 86_400_000;
const ACCOUNT = accountRef(accountId(1));
const MERCHANT: ActorRef = { kind: "merchant", id: "3" };
const ID = achFileId(date("2026-06-08"), "A");
const FILE: ActorRef = { kind: "ach-file", id: ID };
const WINDOW = date("2026-06-11");
/** Purchases by number, in cents, and the payout of the merchant. */
const AMOUNTS = [1_000, 700, 300, 50] as const;
const PAYOUT = 500;
const ACTORS: readonly AnyActor[] = [
  accountActor(DEFAULT_POLICY),
  merchantActor(DEFAULT_POLICY),
  achFileActor(DEFAULT_POLICY),
  achEntryActor,
];

type Word =
  | "taken"
  | "stated"
  | "stated again"
  /** Of the debit of $10.00, booked before the file was effective. */
  | "back early"
  /** Of that of $7.00, on the day after. */
  | "back"
  /** Of that of 50 cents, on the day itself; the statement has it. */
  | "back on the day"
  /** Of the payout. */
  | "credit back";

const WORDS: readonly Word[] = [
  ...(["stated", "stated again", "back early", "back", "back on the day", "credit back"] as const),
];
/** What the bank has moved for the file: the early one never. */
const STATED = { debitCents: 1_050, creditCents: PAYOUT };
const HELD = 1_050 - 700 - 50;

/** When letters arrive: at once, at the end, or at the end and the newest first. */
const POSTS = ["at once", "late", "late, newest first"] as const;

class Run {
  readonly balances: Balances = new Map();
  readonly engine = new MoneyEngine(ACTORS, NOON_MS, ({ event }) => {
    const entry = entryOf(event);
    if (entry !== undefined) post(this.balances, entry);
  });
  #calls = 0;

  tell(ref: ActorRef, command: object, by?: string): Message {
    return this.engine.tell(ref, command as Message, `call-${++this.#calls}`, by);
  }

  byTwo(ref: ActorRef, command: object): void {
    for (const by of ["desk:alice", "desk:bob"]) this.tell(ref, command, by);
  }

  /** A file with four debits and a payout, handed over. */
  constructor(isKnown: boolean) {
    for (const command of [openAccount, front, rear, VERIFY]) this.tell(ACCOUNT, command);
    const place = { street: "1 Main Street", city: "Denver", state: "CO" };
    const names = { name: "Shop", statementName: "SHOP", keyTag: "tag" };
    const terms = { merchantNumber: 3, ...names, ...place, feeBasisPoints: 0 };
    this.tell(MERCHANT, { kind: "SetUpMerchant", terms });
    this.tell(MERCHANT, {
      kind: "SetBankAccount",
      token: "bank-account",
      persons: "one",
      sameAs: [],
    });
    this.#file("ach_1", "2026-06-02", 1);
    for (const [at, amount] of AMOUNTS.entries()) {
      this.tell(ACCOUNT, approve(at + 1, amount));
      this.tell(ACCOUNT, capture(at + 1, amount));
    }
    this.engine.letters = [];
    const credited = { creditedCents: cents(PAYOUT), uptoPosition: 1, leastCents: cents(1) };
    this.tell(MERCHANT, { kind: "SettleMerchant", ...credited });
    this.engine.nowMs += 7 * DAY_MS;
    const terms2 = { createdOn: "2026-06-08", modifier: "A", effectiveOn: "2026-06-09" };
    this.tell(FILE, { kind: "OpenFile", ...terms2 });
    const filed = this.#file(ID, "2026-06-09", 11);
    expect(filed).toMatchObject({ entries: 5, debitCents: 2_050, creditCents: PAYOUT });
    const { entries, debitCents, creditCents } = filed;
    const totals = { entries, debitCents, creditCents };
    this.tell(FILE, { kind: "BuildFile", totals, sha256: "ab".repeat(32), sealed: "sealed" });
    this.tell(FILE, { kind: "HandOverFile" });
    if (isKnown) this.say("taken");
    this.engine.nowMs += 5 * DAY_MS;
  }

  #file(fileId: string, effectiveOn: string, first: number): EntriesFiled {
    const sum = { entries: 0, debitCents: 0, creditCents: 0 };
    for (const [at, owner] of [ACCOUNT, MERCHANT].entries()) {
      if (fileId === "ach_1" && owner === MERCHANT) continue;
      const traces = { first: first + at * 10, count: 10 };
      const command = { kind: "FileEntries", fileId, effectiveOn, traces };
      const reply = this.tell(owner, command) as EntriesFiled;
      sum.entries += reply.entries;
      sum.debitCents += reply.debitCents;
      sum.creditCents += reply.creditCents;
    }
    return sum as unknown as EntriesFiled;
  }

  say(word: Word): void {
    switch (word) {
      case "taken":
        this.#noted({ kind: "AcknowledgeFile", outcome: "accepted", note: "bank", persons: "one" });
        return;
      case "stated":
      case "stated again":
        this.tell(FILE, { kind: "SettleFile", ...STATED, on: "2026-06-09" });
        return;
      case "back early":
        this.#back(1, "2026-06-08");
        return;
      case "back":
        this.#back(2, "2026-06-10");
        return;
      case "back on the day":
        this.#back(4, "2026-06-09");
        return;
      case "credit back":
        this.#return({
          ...{ trace: 21, owner: MERCHANT, subject: { kind: "payout", payoutId: "3-1" } },
          ...{ direction: "credit", amountCents: PAYOUT, bookedOn: "2026-06-10", code: "R02" },
        });
        return;
    }
  }

  #noted(command: object): void {
    expect(this.tell(FILE, command)).toEqual({ kind: "noted" });
  }

  #back(number: number, bookedOn: string): void {
    const subject = { kind: "debit", paymentId: approve(number, 1).paymentId };
    this.#return({
      ...{ trace: 10 + number, owner: ACCOUNT, subject, direction: "debit", bookedOn },
      ...{ amountCents: AMOUNTS[number - 1] ?? 0, code: "R01" },
    });
  }

  #return(of: {
    readonly trace: number;
    readonly owner: ActorRef;
    readonly subject: object;
    readonly direction: string;
    readonly amountCents: number;
    readonly bookedOn: string;
    readonly code: string;
  }): void {
    const { trace, owner, subject, direction, amountCents, bookedOn, code } = of;
    const entry = { fileId: ID, trace, owner, subject, direction, amountCents, merchantNumber: 3 };
    const sent = { ...entry, windowOn: WINDOW } as unknown as SentInFile;
    const ownTrace = `87654321${String(trace).padStart(7, "0")}`;
    const received = { code, ownTrace, amountCents, direction, bookedOn };
    const command = { kind: "ReceiveReturn", sent, received, inbound: ownTrace };
    const reply = this.tell(achEntryRef(sent), command);
    expect(reply).toEqual({ kind: "return_applied" });
  }

  deliver(isNewestFirst: boolean): void {
    while (this.engine.letters.length > 0) {
      this.engine.deliver(isNewestFirst ? this.engine.letters.length - 1 : 0, false);
    }
  }

  state(): AchFileState {
    const reply = this.engine.ask(FILE, { kind: "DescribeFile" });
    return (reply as unknown as { readonly state: AchFileState }).state;
  }

  /** After the window: every owner is told, and the file is whole. */
  close(): void {
    const state = this.state();
    const isReady = state.kind === "settled" && isEveryReturnNoted(state.file);
    expect([state.kind, isReady]).toEqual(["settled", true]);
    const told = [ACCOUNT, MERCHANT].map((owner) => {
      return this.tell(owner, { kind: "CollectEntries", fileId: ID }) as unknown as EntriesFiled;
    });
    const sum = (part: "debitCents" | "creditCents") =>
      told.reduce((all, reply) => all + reply[part], 0);
    const collected = { debitCents: sum("debitCents"), creditCents: sum("creditCents") };
    this.#noted({ kind: "CloseFile", ...collected });
  }

  booked(account: string): number {
    return (this.balances as ReadonlyMap<string, number>).get(account) ?? 0;
  }
}

/** Every order of the words. */
function* ordersOf<T>(words: readonly T[]): Generator<readonly T[]> {
  if (words.length === 0) yield [];
  for (const [at, word] of words.entries()) {
    for (const rest of ordersOf(words.toSpliced(at, 1))) yield [word, ...rest];
  }
}

/** What is left in the ledger accounts of the bank. */
function playedOut(run: Run, words: readonly Word[], post: (typeof POSTS)[number]) {
  for (const word of words) {
    run.say(word);
    if (post === "at once") run.deliver(false);
  }
  run.deliver(post === "late, newest first");
  run.close();
  run.engine.restart();
  const accounts = ["cash:bank", "ach:provisional", "ach:out", "ach:suspense"] as const;
  return accounts.map((account) => run.booked(account));
}

describe("in every order of the bank's words the file ends whole", () => {
  test.each(POSTS)(
    "messages %s",
    (post) => {
      const odd: string[] = [];
      let orders = 0;
      const play = (isKnown: boolean, words: readonly Word[]): void => {
        orders++;
        const end = playedOut(new Run(isKnown), words, post).join();
        if (end !== [HELD, 0, 0, 0].join()) odd.push(`${words.join(", ")}: ${end}`);
      };
      for (const words of ordersOf(WORDS)) {
        play(true, words);
        // Its taking is heard of late, or never: whatever else is said proves it.
        play(false, words);
        play(false, words.toSpliced(orders % 7, 0, "taken"));
      }
      expect(odd).toEqual([]);
      expect(orders).toBe(3 * 720);
    },
    120_000,
  );

  test("also when a person settled it by hand meanwhile: the bank has the last word", () => {
    const odd: string[] = [];
    for (const words of ordersOf(WORDS.slice(1))) {
      for (let place = 0; place <= words.length; place++) {
        for (const said of [1_050, 2_000, 2_500]) {
          const run = new Run(true);
          const byHand = { kind: "SettleByHand", debitCents: said, creditCents: PAYOUT, note: "x" };
          for (const [at, word] of words.entries()) {
            if (at === place) run.byTwo(FILE, byHand);
            run.say(word);
            run.deliver(false);
          }
          if (place === words.length) run.byTwo(FILE, byHand);
          const [cash = 0, provisional, out, suspense = 0] = playedOut(run, [], "at once");
          const isBanks = said === 1_050 || place <= words.indexOf("stated again");
          // Of a person's word that has no explanation, the rest waits in suspense.
          const isRight = cash + suspense === HELD && (suspense === 0 || !isBanks);
          if (isRight && provisional === 0 && out === 0) continue;
          odd.push(`${words.join(", ")}, ${said} at ${place}: ${cash}, ${suspense}`);
        }
      }
    }
    expect(odd).toEqual([]);
  }, 120_000);
});
