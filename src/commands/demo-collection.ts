/**
 * The second half of the demo: days pass, and the money is fetched. One customer's purchase is
 * collected, another's comes back unpaid, is presented again, and is paid.
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { AchFileReply } from "../../actors/ach-file-messages.ts";
import { assert, present } from "../../actors/assert.ts";
import { bankDateAt } from "../../actors/banking-calendar.ts";
import type { AchFileId } from "../../actors/ids.ts";
import { cents, formatCents } from "../../actors/money.ts";
import type { Desk } from "../client/desk.ts";
import { dataFiles, readKeys } from "../data-directory.ts";
import { AchCheck } from "../rails/ach-check/check.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { RunningSwitch } from "../switch.ts";
import { SealedFiles } from "../vault/documents.ts";
import { bodyOf } from "../views/event-body.ts";
import type { Customer } from "./sandbox.ts";

/** What the sandbox's bank says of it: R01 once, then paid (docs/sandbox.md). */
export const UNPAID_ACCOUNT = "9990000001";

export interface CollectionStory {
  readonly ach: {
    readonly file: AchFileId;
    readonly entries: number;
    /** Cents. */
    readonly debitTotal: number;
    /** `good`, or the rules that the file breaks. */
    readonly checkerVerdict: string;
  };
  /** Days in New York. */
  readonly collected: string;
  readonly returned: {
    readonly code: string;
    readonly blocked: string;
    readonly retried: string;
    readonly lifted: string;
  };
}

type Tell = (text: string) => void;
type Days = Partial<Record<"collected" | "blocked" | "retried" | "lifted", string>>;

const DAY_MS = 86_400_000;
/** It takes three weeks, or four with holidays. */
const DAYS_MAX = 40;
const EVENTS_MAX = 50;

export class CollectionDemo {
  readonly #days: Days = {};
  #code = "";
  #file: AchFileId | undefined;
  #position: number;

  constructor(
    private readonly running: RunningSwitch,
    private readonly desk: Desk,
    private readonly dataDir: string,
    private readonly payer: Customer,
    private readonly debtor: Customer,
    private readonly tell: Tell,
  ) {
    this.#position = running.services.viewRunner.position;
  }

  /** Moves the sandbox's time on until both stories are over. */
  async play(): Promise<CollectionStory> {
    const { clock } = this.running.services;
    for (let day = 0; day < DAYS_MAX && !this.#isOver(); day++) {
      await this.desk.advanceClock(clock.nowMs() + DAY_MS);
      const today = bankDateAt(clock.nowMs());
      for (const event of await this.#news()) await this.#hear(today, event);
    }
    const { collected, blocked, retried, lifted } = this.#days;
    const file = present(this.#file, "the purchase was put into a file");
    return {
      ach: await this.#describe(file),
      collected: present(collected, "the purchase was collected"),
      returned: {
        code: this.#code,
        blocked: present(blocked, "the debit came back"),
        retried: present(retried, "it was presented again"),
        lifted: present(lifted, "it was paid"),
      },
    };
  }

  #isOver(): boolean {
    return this.#days.collected !== undefined && this.#days.lifted !== undefined;
  }

  /** What both accounts have recorded since, oldest first. */
  async #news(): Promise<readonly StoredEvent[]> {
    const { feed } = this.running.services.host;
    const all: StoredEvent[] = [];
    for (const { phone } of [this.payer, this.debtor]) {
      const ref = { kind: "account", id: phone.keys.account };
      all.push(...(await feed.history(ref, Number.MAX_SAFE_INTEGER, EVENTS_MAX)));
    }
    const news = all.filter(({ position }) => position > this.#position);
    news.sort((a, b) => a.position - b.position);
    this.#position = news.at(-1)?.position ?? this.#position;
    return news;
  }

  async #hear(today: string, stored: StoredEvent): Promise<void> {
    const isPayer = stored.ref.id === this.payer.phone.keys.account;
    const { name } = isPayer ? this.payer : this.debtor;
    const event = bodyOf<AccountEvent>(stored);
    switch (event.kind) {
      case "PrenoteFiled":
        this.#say(today, `${name}: the bank is asked about the account (prenote)`);
        return;
      case "DebitsFiled":
        await this.#filed(today, name, event, isPayer);
        return;
      case "DebitsCollected":
        this.#days[isPayer ? "collected" : "lifted"] = today;
        this.#say(today, `${name}: collected, ${await this.#limitOf(isPayer)}`);
        return;
      case "DebitReturned":
        this.#days.blocked = today;
        this.#code = event.code;
        this.#say(today, `${name}: comes back unpaid (${event.code}), blocked`);
        return;
      default:
    }
  }

  async #filed(
    today: string,
    name: string,
    { fileId, debits }: Extract<AccountEvent, { kind: "DebitsFiled" }>,
    isPayer: boolean,
  ): Promise<void> {
    const { entries, debitTotal, checkerVerdict } = await this.#describe(fileId);
    const again = debits.some(({ attempt }) => attempt > 1);
    if (again) this.#days.retried = today;
    if (isPayer) this.#file = fileId;
    const what = again ? "presented again" : "put into a file";
    const count = entries === 1 ? "1 entry" : `${entries} entries`;
    const sum = `${count}, debits ${formatCents(cents(debitTotal))}`;
    this.#say(today, `${name}: ${what}: ${fileId}, ${sum}; the checker says ${checkerVerdict}`);
  }

  async #limitOf(isPayer: boolean): Promise<string> {
    const { limit } = await (isPayer ? this.payer : this.debtor).phone.account();
    return limit === null
      ? "no limit"
      : `limit back at ${formatCents(cents(limit.available.amount))}`;
  }

  #say(today: string, text: string): void {
    this.tell(`     ${today}  ${text}\n`);
  }

  /** From the bytes that were handed over, which are sealed in the data directory. */
  async #describe(fileId: AchFileId): Promise<CollectionStory["ach"]> {
    const ref = { kind: "ach-file", id: fileId };
    const asked = { principal: "demo" };
    const { host } = this.running.services;
    const reply = (await host.ask(ref, { kind: "DescribeFile" }, asked)) as AchFileReply;
    assert(reply.kind === "file" && "file" in reply.state, "a file describes itself");
    const { file } = reply.state;
    assert("sealed" in file, "a file that was sent is sealed");
    const store = new SealedFiles(readKeys(this.dataDir), dataFiles(this.dataDir).ach);
    const check = new AchCheck();
    const content = present(store.read(fileId, file.sealed), "a file that was sent is kept");
    for (const piece of content) check.push(piece);
    const { ok, findings, entries, debitCents } = check.end();
    const rules = [...new Set(findings.map(({ rule }) => rule))].join(", ");
    const checkerVerdict = ok ? "good" : rules;
    return { file: fileId, entries, debitTotal: debitCents, checkerVerdict };
  }
}
