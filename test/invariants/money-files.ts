/** Files for the bank, as their runner makes and ends them, and what the bank says of them. */
import { achFileId } from "../../actors/ach-file.ts";
import { isEveryReturnNoted, type SentFile } from "../../actors/ach-file-messages.ts";
import type { ActorRef, Message } from "../../actors/actor.ts";
import { addBankingDays, bankDateAt } from "../../actors/banking-calendar.ts";
import type { EntriesFiled } from "../../actors/collection-messages.ts";
import type { TracesReply } from "../../actors/traces.ts";
import { demand } from "./demand.ts";
import type { BankFile } from "./money-bank.ts";
import type { MoneyStep } from "./money-steps.ts";
import type { MoneyTeller } from "./money-teller.ts";
import { fileRef, TRACES } from "./money-town.ts";

type Of<Kind extends MoneyStep["kind"]> = Extract<MoneyStep, { kind: Kind }>;

const MODIFIERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

export class MoneyFiles {
  readonly #modifiers = new Map<string, number>();

  constructor(
    private readonly teller: MoneyTeller,
    private readonly owners: readonly ActorRef[],
  ) {}

  /** The cut-off: open, ask everybody, build, hand over. */
  make({ count, outcome, again, replaces }: Of<"file">): void {
    const createdOn = addBankingDays(bankDateAt(this.teller.engine.nowMs), 0);
    const used = this.#modifiers.get(createdOn) ?? 0;
    const modifier = MODIFIERS[used];
    if (modifier === undefined) return;
    this.#modifiers.set(createdOn, used + 1);
    const id = achFileId(createdOn, modifier);
    const effectiveOn = addBankingDays(createdOn, 1);
    const windowOn = addBankingDays(effectiveOn, 2);
    const file: BankFile = {
      ...{ id, effectiveOn, windowOn, entries: [], stage: "open", isTaken: undefined },
      ...{
        moved: undefined,
        isHeard: false,
        cash: 0,
        owners: [],
        collected: { debit: 0, credit: 0 },
      },
    };
    this.teller.auditor.bank.files.push(file);
    const tell = (ref: ActorRef, command: Message): Message =>
      again ? this.teller.tellTwice(ref, command) : this.teller.tell(ref, command);
    tell(fileRef(id), { kind: "OpenFile", createdOn, modifier, effectiveOn } as Message);
    let asked = this.owners.map((owner) => {
      const { block } = this.teller.tell(TRACES, {
        kind: "TakeTraces",
        count,
      } as Message) as TracesReply;
      const command = { kind: "FileEntries", fileId: id, effectiveOn, traces: block } as Message;
      return { owner, command, reply: tell(owner, command) as EntriesFiled };
    });
    if (replaces !== undefined) {
      this.teller.replaceBankAccount(replaces);
      this.teller.rare.reach("bank account replaced before the bytes");
      // Who is not sure of an answer asks again.
      asked = asked.map(({ owner, command, reply }) => {
        const now = this.teller.tell(owner, command) as EntriesFiled;
        const isKnown = reply.entries === 0 || Bun.deepEquals(now, reply);
        demand(isKnown, "I6", () => [owner, command, reply, now]);
        return { owner, command, reply: now };
      });
    }
    const sum = (part: "entries" | "debitCents" | "creditCents"): number =>
      asked.reduce((all, { reply }) => all + reply[part], 0);
    const totals = {
      ...{ entries: sum("entries"), debitCents: sum("debitCents") },
      creditCents: sum("creditCents"),
    };
    const sha256 = "ab".repeat(32);
    const sealed = "sealed";
    const built = this.teller.tell(fileRef(id), {
      kind: "BuildFile",
      totals,
      sha256,
      sealed,
    } as Message);
    demand(built.kind === "noted", "a file is built", () => built);
    file.stage = totals.entries === 0 ? "empty" : "built";
    if (file.stage === "empty") this.teller.rare.reach("file that stays empty");
    else this.#handOver(file, outcome, again);
  }

  #handOver(file: BankFile, outcome: Of<"file">["outcome"], again: boolean): void {
    const ref = fileRef(file.id);
    const isTaken = outcome === "accepted" || outcome === "unknown, taken";
    // Whoever hears `noted` hands the bytes over.
    for (let attempt = 0; attempt < (again ? 2 : 1); attempt++) {
      const reply = this.teller.tell(ref, { kind: "HandOverFile" });
      if (reply.kind === "noted") this.teller.auditor.bank.handOver(file, isTaken);
    }
    demand(file.isTaken === isTaken, "a file is handed over", () => file.id);
    file.stage = "handing over";
    if (outcome === "accepted" || outcome === "rejected") this.#acknowledge(file);
    else this.teller.rare.reach("handed over, outcome unknown");
  }

  #acknowledge(file: BankFile): void {
    const outcome = file.isTaken === true ? "accepted" : "rejected";
    const command = {
      kind: "AcknowledgeFile",
      outcome,
      note: "the bank",
      persons: "one",
    } as Message;
    const reply = this.teller.tellTwice(fileRef(file.id), command);
    demand(reply.kind === "noted", "the bank's word", () => [file.id, reply]);
    file.stage = file.isTaken === true ? "acknowledged" : "rejected";
    file.owners.push(...this.owners);
    if (file.stage === "rejected") this.teller.rare.reach("rejected file");
  }

  /** What the day brings for one of the files that are under way. */
  bank({ pick, acts, again }: Of<"bank">): void {
    const open = this.teller.auditor.bank.files.filter(({ stage }) => {
      return stage !== "closed" && stage !== "empty" && stage !== "open";
    });
    const file = open[pick % Math.max(open.length, 1)];
    if (file === undefined) return;
    for (let act = 0; act < acts; act++) this.act(file, again);
  }

  act(file: BankFile, again: boolean): void {
    const { stage, effectiveOn, windowOn } = file;
    const today = bankDateAt(this.teller.engine.nowMs);
    if (stage === "handing over") {
      if (this.teller.auditor.hasCounted(file.id)) this.#demandNotRejected(file);
      this.#acknowledge(file);
    } else if (stage === "acknowledged" && today >= effectiveOn) this.#settleFile(file, again);
    else if (stage === "settled" && today >= windowOn && this.#isNoted(file)) {
      file.stage = "collecting";
    } else if (stage === "collecting") this.#collect(file, again);
    else if (stage === "rejected") this.#unfile(file, again);
  }

  /** Before a file is collected, its returns have come to their owners. */
  #isNoted({ id }: BankFile): boolean {
    const reply = this.teller.engine.ask(fileRef(id), { kind: "DescribeFile" });
    demand(reply.kind === "file", "a file describes itself", () => reply);
    const { file } = (reply as unknown as { readonly state: { readonly file: SentFile } }).state;
    return isEveryReturnNoted(file);
  }

  /** A return proves that the bank has the file, whatever somebody says of it. */
  #demandNotRejected(file: BankFile): void {
    const by = { note: "x", persons: "two" };
    const command = { kind: "AcknowledgeFile", outcome: "rejected", ...by } as Message;
    const reply = this.teller.tell(fileRef(file.id), command);
    const isRefused = reply.kind === "file_contradicted";
    demand(isRefused, "what came back was not rejected", () => [file.id, reply]);
    // Somebody asks the bank what it meant.
    const meant = { kind: "ResolveContradiction", outcome: "accepted", note: "x" } as Message;
    const cleared = this.teller.tell(fileRef(file.id), meant);
    demand(cleared.kind === "noted", "what came back was not rejected", () => [file.id, cleared]);
    this.teller.rare.reach("returned, then said to be rejected");
  }

  #settleFile(file: BankFile, again: boolean): void {
    const ref = fileRef(file.id);
    const { bank } = this.teller.auditor;
    if (file.moved === undefined) bank.settle(file);
    const { debit = 0, credit = 0 } = file.moved ?? {};
    const said = { debitCents: debit, creditCents: credit, on: file.effectiveOn };
    const command = { kind: "SettleFile", ...said } as Message;
    if (again) {
      const all = file.entries.reduce((sum, entry) => sum + entry.amount, 1);
      const wrong = this.teller.tell(ref, { ...command, debitCents: all } as Message);
      demand(wrong.kind === "statement_differs", "what the bank says", () => [command, wrong]);
      this.teller.rare.reach("statement differs");
    }
    const reply = this.teller.tellTwice(ref, command);
    if (reply.kind === "noted") {
      file.stage = "settled";
      if (debit + credit === 0) this.teller.rare.reach("nothing but zero amounts");
    } else {
      // A return that the bank has taken off is still on its way to the file.
      const isWaiting = this.teller.engine.letters.some(
        ({ command }) => command.kind === "CountReturn",
      );
      demand(isWaiting, "what the bank says", () => [command, reply]);
      this.teller.rare.reach("statement before its returns");
    }
  }

  #collect(file: BankFile, again: boolean): void {
    const owner = file.owners.shift();
    if (owner === undefined) {
      this.#close(file);
      return;
    }
    const command = { kind: "CollectEntries", fileId: file.id } as Message;
    const reply = this.teller.tell(owner, command) as unknown as EntriesFiled;
    file.collected.debit += reply.debitCents;
    file.collected.credit += reply.creditCents;
    if (!again) return;
    const { events } = this.teller.auditor;
    this.teller.tell(owner, command);
    demand(this.teller.auditor.events === events, "I6", () => [owner, command]);
  }

  #close(file: BankFile): void {
    const { debit, credit } = file.collected;
    const command = { kind: "CloseFile", debitCents: debit, creditCents: credit } as Message;
    const reply = this.teller.tellTwice(fileRef(file.id), command);
    if (reply.kind === "noted") file.stage = "closed";
    else {
      const isWaiting = this.teller.engine.letters.length > 0;
      demand(isWaiting, "every file closes", () => [file.id, command, reply]);
      this.teller.rare.reach("file not whole");
    }
  }

  #unfile(file: BankFile, again: boolean): void {
    const owner = file.owners.shift();
    if (owner === undefined) {
      const command = { kind: "CloseFile", debitCents: 0, creditCents: 0 } as Message;
      const reply = this.teller.tellTwice(fileRef(file.id), command);
      demand(reply.kind === "noted", "every file closes", () => reply);
      file.stage = "closed";
      return;
    }
    const command = { kind: "UnfileEntries", fileId: file.id } as Message;
    if (again) this.teller.tellTwice(owner, command);
    else this.teller.tell(owner, command);
  }
}
