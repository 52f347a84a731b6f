/** People at the desk who reverse entries, or try to. */
import { achEntryRef } from "../../actors/ach-entry.ts";
import type { Message } from "../../actors/actor.ts";
import { addBankingDays, bankDateAt } from "../../actors/banking-calendar.ts";
import type { AchFileId } from "../../actors/ids.ts";
import { cents } from "../../actors/money.ts";
import type { ReversalReason } from "../../actors/reversal-messages.ts";
import type { SentEntry } from "../../actors/sent-entry.ts";
import { demand } from "./demand.ts";
import type { BankEntry, BankFile } from "./money-bank.ts";
import { lastDayOf } from "./money-reversals.ts";
import type { MoneyStep } from "./money-steps.ts";
import type { MoneyTeller } from "./money-teller.ts";
import { refundOf } from "./money-town.ts";

type Reverse = Extract<MoneyStep, { kind: "reverse" }>;

/** Beside those of refunds. */
const FIRST_ID = 1_000_000;
const SETTLED: ReadonlySet<BankFile["stage"]> = new Set(["settled", "collecting", "closed"]);

export class MoneyReversing {
  #ids = FIRST_ID;

  constructor(private readonly teller: MoneyTeller) {}

  take({ pick, reason, by, again }: Reverse): void {
    const { bank } = this.teller.auditor;
    const all = bank.files.toReversed().flatMap(({ stage, entries }) => {
      return stage === "open" || stage === "empty" ? [] : entries;
    });
    // Most files are long over.
    const fresh = all.filter((entry) => this.#expected(entry, reason, "nobody").endsWith("posed"));
    const pool = fresh.length > 0 && pick % 4 > 0 ? fresh : all;
    const entry = pool[pick % Math.max(pool.length, 1)];
    if (entry === undefined) return;
    const people = by === "both" ? (["alice", "bob"] as const) : [by];
    for (const name of people) this.#say(entry, reason, `desk:${name}`);
    if (again) this.#say(entry, reason, `desk:${people.at(-1)}`);
  }

  #say(entry: BankEntry, reason: ReversalReason, by: string): void {
    const { fileId, trace, owner, subject, direction, amount, merchantNumber } = entry;
    const expected = this.#expected(entry, reason, by);
    const { effectiveOn } = entry;
    const sent: SentEntry = {
      ...{ fileId: fileId as AchFileId, trace, owner, subject, direction, merchantNumber },
      amountCents: cents(amount),
    };
    const command = {
      ...{ kind: "ReverseEntry", sent, file: { effectiveOn, isSettled: this.#isSettled(entry) } },
      ...{ bankAccount: entry.token, refundId: refundOf(++this.#ids), reason, note: "ours" },
    };
    const reply = this.teller.tell(achEntryRef(sent), command as Message, by);
    demand(reply.kind === expected, "who reverses what, and when", () => [expected, reply, entry]);
    if (REFUSALS.has(reply.kind)) this.teller.rare.reach(`no reversal: ${reply.kind as Refused}`);
  }

  #isSettled({ fileId }: BankEntry): boolean {
    const { stage, isTaken } = this.teller.auditor.bank.file(fileId);
    return isTaken === true && SETTLED.has(stage);
  }

  #expected(entry: BankEntry, reason: ReversalReason, by: string): string {
    const { subject, reversal, fileId, trace } = entry;
    if (subject.kind !== "debit") return "entry_not_reversible";
    if (this.teller.auditor.hasReceived(fileId, trace)) return "entry_came_back";
    if (reversal.stage === "agreed") return "entry_already_reversed";
    if (!this.#isSettled(entry)) return "file_not_at_this_stage";
    const next = addBankingDays(bankDateAt(this.teller.engine.nowMs), 1);
    if (next > lastDayOf(entry)) return "reversal_too_late";
    if (reversal.stage === "none" || reversal.reason !== reason) return "reversal_proposed";
    return reversal.by === by ? "second_person_needed" : "reversal_recorded";
  }
}

type Refused =
  | "entry_not_reversible"
  | "entry_came_back"
  | "entry_already_reversed"
  | "file_not_at_this_stage"
  | "reversal_too_late"
  | "second_person_needed";

const REFUSALS: ReadonlySet<string> = new Set([
  ...(["entry_not_reversible", "entry_came_back", "entry_already_reversed"] as const),
  ...(["file_not_at_this_stage", "reversal_too_late", "second_person_needed"] as const),
] satisfies Refused[]);
