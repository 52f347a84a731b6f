/** The bank sends entries back, and what it sends is read: rightly, twice, late, or damaged. */
import { achEntryRef, type ReceivedReturn, type SentInFile } from "../../actors/ach-entry.ts";
import type { Message } from "../../actors/actor.ts";
import { type BankDate, bankDateAt } from "../../actors/banking-calendar.ts";
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

  take({ pick, code, slip, late, readLate }: Of<"return">): void {
    const { bank } = this.teller.auditor;
    const isOver = (stage: BankFile["stage"]) => stage === "collecting" || stage === "closed";
    const over = bank.files.filter(({ stage, isTaken }) => {
      return isTaken === true && stage !== "built" && isOver(stage) === late;
    });
    // While its owners are being told, a file is soon over.
    const ending = over.filter(({ stage }) => stage === "collecting");
    const files = readLate && ending.length > 0 ? ending : over;
    const all = files.flatMap(({ entries }) => entries);
    const wanted = slip === "same again" || slip === "own trace again";
    const entries = all.filter(({ back }) => (back !== undefined) === wanted);
    // What is presented again comes back more often, and so does a fee.
    const again = entries.filter(({ attempt, subject }) => attempt > 1 || subject.kind === "fee");
    const pool = again.length > 0 && pick % 2 === 0 ? again : entries;
    const entry = pool[pick % Math.max(pool.length, 1)];
    if (entry === undefined) return;
    const { back, direction, amount } = entry;
    const bookedOn = back?.bookedOn ?? this.#book(entry, readLate);
    if (back !== undefined) {
      const ownTrace = slip === "same again" ? back.ownTrace : bank.ownTrace();
      const read = { code: back.code, ownTrace, amount, direction, bookedOn };
      const { kind } = this.#receive(entry, read);
      const expected = slip === "same again" ? "return_known" : "return_doubted";
      demand(kind === expected, "a return is acted on once", () => [entry, slip, kind]);
      this.teller.rare.reach(slip === "same again" ? "same return again" : "possible duplicate");
      return;
    }
    if (slip === "other amount" || slip === "other direction" || slip === "unknown code") {
      this.#receiveWrong(entry, code, slip, bookedOn);
      return;
    }
    const { windowOn } = bank.file(entry.fileId);
    if (direction === "debit" && bookedOn > windowOn && !mayComeLate(code)) {
      // Refused (R68): the bank takes it back, and nothing has moved.
      const read = { code, ownTrace: bank.ownTrace(), amount, direction, bookedOn };
      const reply = this.#receive(entry, read);
      demand(reply.kind === "return_doubted", "late returns are refused", () => [entry, reply]);
      this.teller.rare.reach("late return refused");
      return;
    }
    if (entry.reversal.stage === "agreed") {
      // Its money went back before: the bank takes the return back, and nothing has moved.
      const read = { code, ownTrace: bank.ownTrace(), amount, direction, bookedOn };
      const reply = this.#receive(entry, read);
      demand(reply.kind === "return_doubted", "what went back is not returned", () => reply);
      this.teller.rare.reach("return of what was reversed");
      return;
    }
    const given = bank.giveBack(entry, code, bookedOn);
    const read = { code, ownTrace: given.ownTrace, amount, direction, bookedOn };
    const reply = this.#receive(entry, read);
    demand(reply.kind === "return_applied", "a return that is right is acted on", () => reply);
    if (readLate && late && !mayComeLate(code)) this.teller.rare.reach("return read too late");
    if (readLate && bank.file(entry.fileId).stage === "collecting") this.#hurry();
  }

  /** The newest letter goes on to the owner at once; that the owner knows is still on its way. */
  #hurry(): void {
    const { engine } = this.teller;
    for (let hop = 0; hop < 2; hop++) engine.deliver(engine.letters.length - 1, false);
  }

  /** The bank has moved a file on its day, whether or not we know; then it may take back. */
  #book({ fileId }: BankEntry, readLate: boolean): BankDate {
    const { bank } = this.teller.auditor;
    const file = bank.file(fileId);
    const today = bankDateAt(this.teller.engine.nowMs);
    if (today < file.effectiveOn) return today;
    if (file.moved === undefined) bank.settle(file);
    return readLate && today > file.windowOn ? file.windowOn : today;
  }

  #receiveWrong(
    entry: BankEntry,
    code: string,
    slip: "other amount" | "other direction" | "unknown code",
    bookedOn: BankDate,
  ): void {
    const { amount, direction } = entry;
    const ownTrace = this.teller.auditor.bank.ownTrace();
    const right = { code, ownTrace, amount, direction, bookedOn };
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
    const reply = this.#receive(entry, wrong);
    demand(reply.kind === "return_doubted", "a doubt is for a person", () => [slip, entry, reply]);
    this.teller.rare.reach(doubts[slip]);
  }

  #receive(
    { fileId, trace, owner, subject, direction, amount, merchantNumber }: BankEntry,
    read: Omit<ReceivedReturn, "amountCents"> & { readonly amount: number },
  ): Message {
    const sent: SentInFile = {
      ...{ fileId: fileId as AchFileId, trace, owner, subject, direction, merchantNumber },
      ...{ amountCents: cents(amount), windowOn: this.teller.auditor.bank.file(fileId).windowOn },
    };
    const { code, ownTrace, bookedOn } = read;
    const received: ReceivedReturn = {
      ...{ code, ownTrace, direction: read.direction, amountCents: cents(read.amount), bookedOn },
    };
    const ref = achEntryRef(sent);
    const command = { kind: "ReceiveReturn", sent, received, inbound: ownTrace };
    return this.teller.tell(ref, command as Message);
  }
}
