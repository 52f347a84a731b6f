/**
 * The daily sweep: what no law and nobody else needs any more is destroyed (docs/privacy.md). The
 * view says what to look at, the actors decide, and what they decide happens by the outbox; so a
 * sweep that is broken off or made twice does no harm. One event says how much of each class went.
 */
import type { AccountReply, ForgetPerson } from "../../actors/account-messages.ts";
import type { ActorRef, Message } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import { addDays, bankDateAt, instantOf } from "../../actors/banking-calendar.ts";
import { endOfKeeping, type RetentionClass, type RetentionFacts } from "../../actors/retention.ts";
import type { EndKeeping } from "../../actors/sealed.ts";
import type { RecordSweep, SweptCounts } from "../../actors/sweep.ts";
import type { CancelWake, Clock } from "../runtime/clock.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { Host } from "../runtime/host.ts";
import type { ViewProgress, ViewReader } from "../runtime/view.ts";
import { type Kept, type KeptKind, keptSince, retention } from "../views/retention.ts";
import { bankAccountFacts, personFacts } from "./facts.ts";
import { historyOf } from "./history.ts";
import { type OrphanStores, Orphans } from "./orphans.ts";

export interface RetentionParts {
  readonly host: Host;
  readonly clock: Clock;
  readonly views: ViewReader;
  readonly viewRunner: ViewProgress;
  readonly stores: OrphanStores;
}

/** Who acts: the switch by itself. */
const PRINCIPAL = "switch:retention";
/** When nobody pays much: 04:00 in New York. */
const HOUR = 4;
/** What is urgent after a start has been done by then. */
const START_MS = 3_600_000;
/** Closed accounts whose end is known and far: they are not asked before. */
const KNOWN_MAX = 100_000;
/** Of one sweep: with more of them it is no single thing that is spoilt, and the sweep ends. */
const FAULTS_MAX = 100;

export class Retention {
  readonly #orphans: Orphans;
  /** When an account's longest class ends, by id. */
  readonly #notBefore = new Map<string, number>();
  #running: Promise<unknown> = Promise.resolve();
  #cancel: CancelWake | undefined;
  #nextAtMs = Infinity;
  #isStopped = false;
  /** Of the present sweep. */
  #faults = 0;

  constructor(
    private readonly parts: RetentionParts,
    private readonly report: (error: unknown, where: string) => void,
  ) {
    this.#orphans = new Orphans(parts);
  }

  /** Every day, and some time after a start: the process may be down each day at that hour. */
  start(): void {
    const nowMs = this.parts.clock.nowMs();
    this.#schedule(Math.min(nextSweep(nowMs), nowMs + START_MS));
  }

  #schedule(atMs: number): void {
    if (this.#isStopped) return;
    const { clock } = this.parts;
    this.#nextAtMs = atMs;
    this.#cancel = clock.wakeAt(this.#nextAtMs, () => {
      const swept = this.sweep().catch((error: unknown) => this.report(error, "retention"));
      void swept.then(() => this.#schedule(nextSweep(clock.nowMs())));
    });
  }

  /** No other sweep begins; the present one ends with what it is at. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#running.catch(() => {});
  }

  /** When every sweep is done whose time has come. */
  async caughtUp(): Promise<void> {
    while (!this.#isStopped && this.#nextAtMs <= this.parts.clock.nowMs()) {
      await new Promise(setImmediate);
    }
    await this.#running.catch(() => {});
  }

  /** One after the other; gives how much of each class was destroyed. */
  sweep(): Promise<SweptCounts> {
    const run = this.#running.catch(() => {}).then(() => this.#sweep());
    this.#running = run;
    return run;
  }

  async #sweep(): Promise<SweptCounts> {
    const { host, viewRunner, stores } = this.parts;
    // Behind the log they would name too little, and what they do not name is destroyed.
    await viewRunner.demandCaughtUp();
    this.#faults = 0;
    const counts: Partial<Record<RetentionClass, number>> = {};
    const count = (name: RetentionClass, by = 1): void => {
      counts[name] = (counts[name] ?? 0) + by;
    };
    await this.#each("picture", "identity_picture", (kept) => this.#expire(kept, count));
    await this.#each("file", "ach_file", (kept) => this.#endFile(kept, count));
    await this.#each("replaced", "approval", (kept) => this.#endBankAccount(kept, count));
    await this.#each("closed", undefined, (kept) => this.#forget(kept, count));
    const orphans = async (): Promise<void> => count("orphan", await this.#orphans.sweep());
    if (!this.#isStopped) await this.#attempt(orphans);
    // What earlier sweeps decided is destroyed by now.
    stores.unnamed.tidy();
    const command: RecordSweep = { kind: "RecordSweep", counts };
    await host.ask({ kind: "sweep", id: "daily" }, command, { principal: PRINCIPAL });
    return counts;
  }

  /** Of what is old enough that the class may have ended; without a class, of all. */
  async #each(
    kind: KeptKind,
    name: RetentionClass | undefined,
    work: (kept: Kept) => Promise<void>,
  ): Promise<void> {
    const { views, clock } = this.parts;
    const nowMs = clock.nowMs();
    // Rows go while they are walked over, so they are taken first.
    for (const kept of [...keptSince(views.table(retention.name), kind, nowMs)]) {
      if (this.#isStopped) return;
      if (name !== undefined && nowMs < endOfKeeping(name, kept.fromMs)) return;
      await this.#attempt(() => work(kept));
    }
  }

  /** What cannot be looked at is told, and keeps nobody else's from being destroyed. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (++this.#faults > FAULTS_MAX) throw error;
      this.report(error, "retention");
    }
  }

  async #expire({ ref }: Kept, count: Count): Promise<void> {
    const reply = await this.#ask(ref, { kind: "ExpireDocuments" });
    if (reply.kind === "noted") count("identity_picture");
  }

  async #endFile({ ref, token, fromMs }: Kept, count: Count): Promise<void> {
    if (await this.#end(token, "bank-files", ref, { ach_file: fromMs })) count("ach_file");
  }

  /** One that its owner still speaks of is kept, whatever the calendar says. */
  async #endBankAccount({ ref, token, fromMs }: Kept, count: Count): Promise<void> {
    const kind = ref.kind === "account" ? "DescribeAccount" : "DescribeMerchant";
    const view = await this.#ask(ref, { kind });
    if (JSON.stringify(view).includes(token)) return;
    const facts = bankAccountFacts(await this.#history(ref), token, fromMs);
    if (await this.#end(token, "vault", ref, facts)) {
      count(facts.transmission === undefined ? "approval" : "transmission");
    }
  }

  async #end(
    token: string,
    store: EndKeeping["store"],
    of: ActorRef,
    facts: RetentionFacts,
  ): Promise<boolean> {
    const command: EndKeeping = { kind: "EndKeeping", store, of, facts };
    return (await this.#ask({ kind: "sealed", id: token }, command)).kind === "noted";
  }

  async #forget({ ref }: Kept, count: Count): Promise<void> {
    if (this.parts.clock.nowMs() < (this.#notBefore.get(ref.id) ?? 0)) return;
    const facts = personFacts(await this.#history(ref));
    const command: ForgetPerson = { kind: "ForgetPerson", facts, note: null };
    const reply = (await this.#ask(ref, command)) as AccountReply;
    if (reply.kind === "noted") return count(lastOf(facts));
    if (reply.kind !== "data_kept") return;
    if (this.#notBefore.size >= KNOWN_MAX) this.#notBefore.clear();
    const longest = reply.keepings.at(-1);
    if (longest !== undefined) this.#notBefore.set(ref.id, longest.untilMs);
  }

  #ask(ref: ActorRef, command: Message): Promise<Message> {
    return this.parts.host.ask(ref, command, { principal: PRINCIPAL });
  }

  async #history(ref: ActorRef): Promise<readonly StoredEvent[]> {
    return await Array.fromAsync(historyOf(this.parts.host.feed, ref));
  }
}

type Count = (name: RetentionClass, by?: number) => void;

/** The class that kept a person for longest. */
function lastOf(facts: RetentionFacts): RetentionClass {
  const ends = (Object.entries(facts) as [RetentionClass, number][])
    .map(([name, fromMs]) => ({ name, untilMs: endOfKeeping(name, fromMs) }))
    .sort((a, b) => b.untilMs - a.untilMs);
  const [longest] = ends;
  assert(longest !== undefined, "a customer who has left had a mandate");
  return longest.name;
}

/** The next 04:00 in New York. */
function nextSweep(nowMs: number): number {
  const today = bankDateAt(nowMs);
  const atMs = instantOf(today, HOUR);
  return atMs > nowMs ? atMs : instantOf(addDays(today, 1), HOUR);
}
