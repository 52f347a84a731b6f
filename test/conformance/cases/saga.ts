/** A payment over two actors, crashed at every point (ARCHITECTURE.md). */
import { expect } from "bun:test";
import type {
  ActorCommit,
  Awaitable,
  CommitResult,
  OutboxItem,
} from "../../../src/runtime/event-log.ts";
import { LogFailure } from "../../../src/runtime/event-log.ts";
import { loadCell } from "../../../src/runtime/loader.ts";
import { cancelRequest, openRequest, pay, payOnce, replyOf, settleDown } from "../asks.ts";
import { ALL } from "../commits.ts";
import { ForwardingLog } from "../forwarding-log.ts";
import { Rig, until } from "../rig.ts";
import type { Group } from "../subject.ts";
import {
  boundOf,
  CAP,
  HOLD_MS,
  type PurseState,
  purse,
  purseOf,
  type TillState,
  till,
  tillOf,
} from "../toy-saga.ts";

/** Passes `left` commits; the next one dies with the process, before or after it is written. */
class MortalLog extends ForwardingLog {
  constructor(
    inner: ForwardingLog["inner"],
    private readonly fate: { left: number; readonly when: "before" | "after" },
  ) {
    super(inner);
  }

  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    const isLast = this.fate.left-- === 0;
    const dead = this.fate.left < 0 && !isLast;
    if (dead || (isLast && this.fate.when === "before")) throw new LogFailure("failed", "dead");
    if (!isLast) return super.commit(list);
    return (async () => {
      await super.commit(list);
      throw new LogFailure("failed", "dead");
    })();
  }
}

async function stateOf<State>(
  rig: Rig,
  of: typeof purse | typeof till,
  id: string,
): Promise<State> {
  const ref = { kind: of.kind, id };
  return (await loadCell(rig.log, of, ref)).state as State;
}

/** Every hold has ended, both sides agree, and the cap holds. */
async function expectAgreement(rig: Rig, purses: readonly string[]): Promise<void> {
  const { requests } = await stateOf<TillState>(rig, till, "t");
  let captured = 0;
  for (const id of purses) {
    const state = await stateOf<PurseState>(rig, purse, id);
    expect(boundOf(state)).toBeLessThanOrEqual(CAP);
    for (const [payment, { outcome, request }] of Object.entries(state.holds)) {
      const paid = requests[request];
      const isPaid = typeof paid === "object" && paid.paidBy === payment;
      expect(outcome).toBe(isPaid ? "captured" : "released");
      if (isPaid) captured++;
    }
  }
  const paidRequests = Object.values(requests).filter((state) => typeof state === "object");
  expect(captured).toBe(paidRequests.length);
}

/** Lets hold timers run out until no hold is left. */
async function runOut(rig: Rig, purses: readonly string[]): Promise<void> {
  await until(async () => {
    rig.clock.advance(HOLD_MS);
    await settleDown();
    const states = await Promise.all(purses.map((id) => stateOf<PurseState>(rig, purse, id)));
    return states.every(({ holds }) =>
      Object.values(holds).every(({ outcome }) => outcome !== "held"),
    );
  }, "every hold ends");
}

/**
 * Actors do not stay in memory: where the log answers later each message between them goes through
 * the outbox, and a payment takes three commits.
 */
const STRANGERS = { cellsMax: 1 };

/** Another till takes the only place. */
const pushOut = (rig: Rig): Promise<void> => openRequest(rig, "away", "u");

const quiet = (answer: Promise<unknown>): void => void answer.catch(() => undefined);

/** Two payers on one request and one more payment, with a death at commit `left`. */
async function dieAt(rig: Rig, fate: { left: number }, left: number): Promise<boolean> {
  await openRequest(rig, "r1");
  await openRequest(rig, "r2");
  await pushOut(rig);
  fate.left = left;
  quiet(payOnce(rig, "p", pay("x", "r1", 60)));
  quiet(payOnce(rig, "q", pay("y", "r1", 60)));
  await settleDown();
  quiet(payOnce(rig, "p", pay("z", "r2", 60)));
  quiet(cancelRequest(rig, "r2"));
  await settleDown();
  const died = fate.left < 0;
  fate.left = Number.MAX_SAFE_INTEGER;
  await rig.crash();
  return died;
}

function crashes(when: "before" | "after"): Group[string] {
  return async (subject) => {
    for (let left = 0, died = true; died; left++) {
      const fate = { left: Number.MAX_SAFE_INTEGER, when };
      await Rig.with(
        subject,
        async (rig) => {
          died = await dieAt(rig, fate, left);
          await runOut(rig, ["p", "q"]);
          await expectAgreement(rig, ["p", "q"]);
          // The phone asks again, and hears the truth.
          const again = replyOf(await payOnce(rig, "p", pay("x", "r1", 60)));
          const { holds } = await stateOf<PurseState>(rig, purse, "p");
          const truth = { captured: "paid", released: "not_paid", held: "" };
          expect(again.kind).toBe(truth[holds["x"]?.outcome ?? "held"]);
        },
        { wrap: (log) => new MortalLog(log, fate), limits: STRANGERS },
      );
    }
  };
}

export const saga: Group = {
  "a crash before any commit leaves no hold without an end": crashes("before"),
  "a crash after any commit leaves no hold without an end": crashes("after"),

  "a cancel before the payment wins": (subject) =>
    Rig.with(subject, async (rig) => {
      await openRequest(rig, "r");
      expect(await cancelRequest(rig, "r")).toEqual({ kind: "cancelled" });
      expect(replyOf(await payOnce(rig, "p", pay("x", "r", 10)))).toEqual({ kind: "not_paid" });
      await expectAgreement(rig, ["p"]);
    }),

  "a payment before the cancel wins": (subject) =>
    Rig.with(subject, async (rig) => {
      await openRequest(rig, "r");
      expect(replyOf(await payOnce(rig, "p", pay("x", "r", 10)))).toEqual({ kind: "paid" });
      expect(await cancelRequest(rig, "r")).toEqual({ kind: "already_paid" });
      await expectAgreement(rig, ["p"]);
    }),

  "a cancel and a payment at once: both callers hear the same truth": (subject) =>
    Rig.with(subject, async (rig) => {
      for (let n = 0; n < 20; n++) {
        const request = `r${n}`;
        await openRequest(rig, request);
        const paying = payOnce(rig, `p${n}`, pay(`x${n}`, request, 10));
        for (let turns = n % 6; turns > 0; turns--) await settleDown();
        const [paid, cancelled] = [await paying, await cancelRequest(rig, request)];
        const both = `${replyOf(paid).kind} ${cancelled.kind}`;
        expect(["paid already_paid", "not_paid cancelled"]).toContain(both);
      }
      await expectAgreement(
        rig,
        Array.from({ length: 20 }, (_, n) => `p${n}`),
      );
    }),

  "of two payers on one request one pays and the other is let go": (subject) =>
    Rig.with(subject, async (rig) => {
      await openRequest(rig, "r");
      const answers = await Promise.all([
        payOnce(rig, "p", pay("x", "r", 10)),
        payOnce(rig, "q", pay("y", "r", 10)),
      ]);
      expect(answers.map((answer) => replyOf(answer).kind).sort()).toEqual(["not_paid", "paid"]);
      await expectAgreement(rig, ["p", "q"]);
    }),

  "a hold that runs out against a late paid is captured, not released": (subject) =>
    Rig.with(subject, async (rig) => {
      await openRequest(rig, "r");
      await payOnce(rig, "p", pay("x", "r", 10));
      // The timer's question comes after the truth, and changes nothing.
      const inquire: { kind: string } & Record<string, string> = { kind: "inquire", payment: "x" };
      await rig.ask(purseOf("p"), inquire);
      rig.clock.advance(2 * HOLD_MS);
      await settleDown();
      await expectAgreement(rig, ["p"]);
      const kinds = (await rig.log.read(0, ALL)).map(({ kind }) => kind);
      expect(kinds).toEqual(["opened", "held", "paid", "captured"]);
    }),

  "a payment that was told no by the timer stays refused when its message comes late": (subject) =>
    Rig.with(subject, async (rig) => {
      // The request is not open yet, so the hold is released and the till remembers.
      expect(replyOf(await payOnce(rig, "p", pay("x", "r", 10)))).toEqual({ kind: "not_paid" });
      await openRequest(rig, "r");
      const late: { kind: string } & Record<string, string> = {
        kind: "settle",
        payment: "x",
        request: "r",
        purse: "p",
      };
      await rig.ask(tillOf("t"), late);
      await settleDown();
      await expectAgreement(rig, ["p"]);
      expect(replyOf(await payOnce(rig, "q", pay("y", "r", 10)))).toEqual({ kind: "paid" });
    }),

  "no approval lifts a purse above its cap, however many come at once": (subject) =>
    Rig.with(subject, async (rig) => {
      const asked = Array.from({ length: 30 }, async (_, n) => {
        await openRequest(rig, `r${n}`);
        return replyOf(await payOnce(rig, "p", pay(`x${n}`, `r${n}`, 20))).kind;
      });
      const kinds = await Promise.all(asked);
      expect(kinds.filter((kind) => kind === "paid").length).toBe(CAP / 20);
      expect(kinds.filter((kind) => kind === "cap_exceeded").length).toBe(30 - CAP / 20);
      await expectAgreement(rig, ["p"]);
    }),

  "a hold whose message was lost is asked for by its timer": (subject) => {
    /** Loses what a purse sends to a till the first time. */
    class LosingLog extends ForwardingLog {
      override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
        const isKept = ({ command }: OutboxItem): boolean => !command.includes('"settle"');
        return super.commit(
          list.map((commit) => ({ ...commit, outbox: commit.outbox.filter(isKept) })),
        );
      }
    }
    return Rig.with(
      subject,
      async (rig) => {
        await openRequest(rig, "r");
        await pushOut(rig);
        const paying = payOnce(rig, "p", pay("x", "r", 10));
        quiet(paying);
        await settleDown();
        await runOut(rig, ["p"]);
        await paying;
        await expectAgreement(rig, ["p"]);
      },
      { wrap: (log) => new LosingLog(log), limits: STRANGERS },
    );
  },
};
