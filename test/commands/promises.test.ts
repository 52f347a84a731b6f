/** `seqr doctor` on payments that stopped half way: what is still to come must be on its way. */
import { afterEach, expect, test } from "bun:test";
import type { ActorRef, Effect } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { checkLog } from "../../src/commands/log-check.ts";
import type { ActorCommit } from "../../src/runtime/event-log.ts";
import { SqliteLogReader } from "../../src/storage/sqlite/log-reader.ts";
import { actorsOf } from "../../src/switch.ts";
import type { Drive } from "../actors/drive.ts";
import {
  accountId,
  activeLane,
  approve,
  capture,
  LANE,
  openRequest,
  paymentId,
  settle,
  verifiedAccount,
} from "../actors/samples.ts";
import { commitOf } from "../conformance/commits.ts";
import { SqliteStore } from "../conformance/subjects.ts";

const ACCOUNT: ActorRef = { kind: "account", id: accountId(1) };
const TILL: ActorRef = { kind: "lane", id: LANE };

const stores: SqliteStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.dispose();
});

/** A log that is written by hand: what some actors decided, and what became of their effects. */
class Books {
  readonly #store = new SqliteStore();
  readonly #seqs = new Map<ActorRef, number>();
  #commits = 0;

  constructor() {
    stores.push(this.#store);
  }

  /** What the actor has written since; the effects of its newest decision, as far as `kept`. */
  async write(
    ref: ActorRef,
    // biome-ignore lint/suspicious/noExplicitAny: any actor.
    { events, effects }: Drive<any, any, any, any>,
    kept: Effect["kind"][] = ["timer", "send"],
  ): Promise<void> {
    const expectedSeq = this.#seqs.get(ref) ?? 0;
    this.#seqs.set(ref, events.length);
    const id = `c${this.#commits++}`;
    const made = (effects as readonly Effect[]).filter(({ kind }) => kept.includes(kind));
    const commit: ActorCommit = commitOf({
      ref,
      expectedSeq,
      commandId: id,
      events: events.slice(expectedSeq).map((event) => ({
        kind: event.kind,
        version: 1,
        data: JSON.stringify(event),
      })),
      outbox: made.flatMap((effect, at) =>
        effect.kind === "send"
          ? [{ id: `${id}>${at}`, to: effect.to, command: JSON.stringify(effect.command) }]
          : [],
      ),
      timers: made.flatMap((effect) =>
        effect.kind === "timer"
          ? [{ ...effect, kind: "set" as const, command: JSON.stringify(effect.command) }]
          : [],
      ),
    });
    const log = await this.#store.open();
    const [result] = log.commit([commit]);
    assert(result?.kind === "ok", "the commit is written");
    await this.#store.stop();
  }

  fault(): string | undefined {
    const reader = new SqliteLogReader(this.#store.file);
    try {
      return checkLog(reader, actorsOf(DEFAULT_POLICY)).fault;
    } finally {
      reader.close();
    }
  }
}

test("a hold whose lane has not answered rests on its timer", async () => {
  for (const [kept, fault] of [
    [["timer"], undefined],
    [["send"], `account:${accountId(1)}: a hold has no timer to end it`],
  ] as const) {
    const books = new Books();
    await books.write(ACCOUNT, verifiedAccount().table([[approve(1, 500), "later"]]), [...kept]);
    expect(books.fault()).toBe(fault);
  }
});

test("a lane that was paid has charged somebody, or is about to", async () => {
  for (const [kept, fault] of [
    [["send"], undefined],
    [[], `${paymentId(1)}: a lane was paid, and nobody is charged`],
  ] as const) {
    const books = new Books();
    const lane = activeLane().table([
      [openRequest(1, 500), "payment_request"],
      [settle(1, 1, 500), "noted"],
    ]);
    await books.write(TILL, lane, [...kept]);
    expect(books.fault()).toBe(fault);
  }
});

test("an account is charged for what a lane was paid: that request, that amount", async () => {
  for (const [request, paid, says] of [
    [1, 500, undefined],
    [1, 499, "charges another amount than the lane was paid"],
    [2, 500, "charges for a request that it has not paid"],
    [undefined, 500, "charges for a request that it has not paid"],
  ] as const) {
    const books = new Books();
    const account = verifiedAccount().table([
      [approve(1, 500), "later"],
      [capture(1, 500), "noted"],
    ]);
    if (request !== undefined) {
      const lane = activeLane().table([
        [openRequest(request, paid), "payment_request"],
        [settle(1, request, paid), "noted"],
      ]);
      await books.write(TILL, lane, []);
    }
    await books.write(ACCOUNT, account);
    const place = "PaymentCaptured, number 6 of account:";
    if (says === undefined) expect(books.fault()).toBeUndefined();
    else expect(books.fault()).toMatch(new RegExp(`${place}.*: ${says}$`));
  }
});

test("one payment pays one request, and what paid one is not given back", async () => {
  const twice = new Books();
  const web = activeLane("web").table([
    [openRequest(1, 500), "payment_request"],
    [settle(1, 1, 500), "noted"],
    [openRequest(2, 500), "payment_request"],
    [settle(1, 2, 500), "noted"],
  ]);
  await twice.write(TILL, web);
  expect(twice.fault()).toEndWith("its payment has paid another request");

  const back = new Books();
  const lane = activeLane().table([
    [openRequest(1, 500), "payment_request"],
    [settle(1, 1, 500), "noted"],
  ]);
  await back.write(TILL, lane);
  const refusal = { kind: "request_paid" } as const;
  const account = verifiedAccount().table([
    [approve(1, 500), "later"],
    [{ kind: "ReleasePayment", paymentId: paymentId(1), refusal }, "noted"],
  ]);
  await back.write(ACCOUNT, account);
  expect(back.fault()).toEndWith("gives back what a lane was paid with");
});
