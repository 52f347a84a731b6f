/** The bank sends entries back, and what it sends is read: rightly, twice, late, or damaged. */
import { achEntryRef, type ReceivedReturn, type SentEntry } from "../../actors/ach-entry.ts";
import type { Message } from "../../actors/actor.ts";
import type { AchFileId } from "../../actors/ids.ts";
import { cents } from "../../actors/money.ts";
import { demand } from "./demand.ts";
import type { BankEntry, BankFile } from "./money-bank.ts";
import { mayComeLate } from "./money-codes.ts";
import type { MoneyStep } from "./money-steps.ts";
import type { MoneyTeller } from "./money-teller.ts";

type Of<Kind extends MoneyStep["kind"]> = Extract<MoneyStep, { kind: Kind }>;

export class MoneyReturning {
  constructor(private readonly teller: MoneyTeller) {}

  take({ pick, code, slip, late }: Of<"return">): void {
    const { bank } = this.teller.auditor;
    const isOver = (stage: BankFile["stage"]) => stage === "collecting" || stage === "closed";
    const files = bank.files.filter(({ stage, isTaken }) => {
      return isTaken === true && stage !== "built" && isOver(stage) === late;
    });
    const all = files.flatMap(({ entries }) => entries);
    const wanted = slip === "same again" || slip === "own trace again";
    const entries = all.filter(({ back }) => (back !== undefined) === wanted);
    // What is presented again comes back more often.
    const again = entries.filter(({ attempt }) => attempt > 1);
    const pool = again.length > 0 && pick % 2 === 0 ? again : entries;
    const entry = pool[pick % Math.max(pool.length, 1)];
    if (entry === undefined) return;
    const { back, direction, amount } = entry;
    if (back !== undefined) {
      const ownTrace = slip === "same again" ? back.ownTrace : bank.ownTrace();
      const { kind } = this.#receive(entry, { code: back.code, ownTrace, amount, direction }, late);
      const expected = slip === "same again" ? "return_known" : "return_doubted";
      demand(kind === expected, "a return is acted on once", () => [entry, slip, kind]);
      this.teller.rare.reach(slip === "same again" ? "same return again" : "possible duplicate");
      return;
    }
    if (slip === "other amount" || slip === "other direction" || slip === "unknown code") {
      this.#receiveWrong(entry, code, slip, late);
      return;
    }
    if (direction === "debit" && late && !mayComeLate(code)) {
      // Refused (R68): the bank takes it back, and nothing has moved.
      const ownTrace = bank.ownTrace();
      const reply = this.#receive(entry, { code, ownTrace, amount, direction }, late);
      demand(reply.kind === "return_doubted", "late returns are refused", () => [entry, reply]);
      this.teller.rare.reach("late return refused");
      return;
    }
    const given = bank.giveBack(entry, code);
    const read = { code, ownTrace: given.ownTrace, amount, direction };
    const reply = this.#receive(entry, read, late);
    demand(reply.kind === "return_applied", "a return that is right is acted on", () => reply);
  }

  #receiveWrong(
    entry: BankEntry,
    code: string,
    slip: "other amount" | "other direction" | "unknown code",
    late: boolean,
  ): void {
    const { amount, direction } = entry;
    const right = { code, ownTrace: this.teller.auditor.bank.ownTrace(), amount, direction };
    const other = direction === "debit" ? "credit" : "debit";
    const wrong = {
      "other amount": { ...right, amount: amount + 1 },
      "other direction": { ...right, direction: other } as const,
      "unknown code": { ...right, code: "R99" },
    }[slip];
    const doubts = {
      "other amount": "amount differs",
      "other direction": "direction differs",
      "unknown code": "unknown code",
    } as const;
    const reply = this.#receive(entry, wrong, late);
    demand(reply.kind === "return_doubted", "a doubt is for a person", () => [slip, entry, reply]);
    this.teller.rare.reach(doubts[slip]);
  }

  #receive(
    { fileId, trace, owner, subject, direction, amount, merchantNumber }: BankEntry,
    read: { code: string; ownTrace: string; amount: number; direction: BankEntry["direction"] },
    isCollected: boolean,
  ): Message {
    const sent: SentEntry = {
      ...{ fileId: fileId as AchFileId, trace, owner, subject, direction, merchantNumber },
      amountCents: cents(amount),
    };
    const { code, ownTrace } = read;
    const received: ReceivedReturn = {
      ...{ code, ownTrace, direction: read.direction, amountCents: cents(read.amount) },
    };
    const ref = achEntryRef(sent);
    return this.teller.tell(ref, {
      kind: "ReceiveReturn",
      sent,
      received,
      inbound: ownTrace,
      isCollected,
    } as Message);
  }
}
