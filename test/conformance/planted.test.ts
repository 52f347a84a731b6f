/**
 * A suite that cannot fail proves nothing: here every fault that a log, a host or a saga might have
 * is planted, one at a time, and the cases that are meant to catch it must fail.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { assert } from "../../actors/assert.ts";
import type { EventLog } from "../../src/runtime/event-log.ts";
import { alarms } from "./cases/alarms.ts";
import { batch } from "./cases/batch.ts";
import { dedupe } from "./cases/dedupe.ts";
import { deliveries } from "./cases/deliveries.ts";
import { evolution } from "./cases/evolution.ts";
import { feed } from "./cases/feed.ts";
import { outbox } from "./cases/outbox.ts";
import { projections } from "./cases/projections.ts";
import { provisional } from "./cases/provisional.ts";
import { refusals } from "./cases/refusals.ts";
import { repeats } from "./cases/repeats.ts";
import { saga } from "./cases/saga.ts";
import { sequence } from "./cases/sequence.ts";
import { size } from "./cases/size.ts";
import { snapshots } from "./cases/snapshots.ts";
import { timers } from "./cases/timers.ts";
import { unknownOutcome } from "./cases/unknown-outcome.ts";
import * as logs from "./faulty-logs.ts";
import * as sagas from "./faulty-sagas.ts";
import { patience } from "./rig.ts";
import type { Group, Subject } from "./subject.ts";
import { DELAYED, MEMORY } from "./subjects.ts";

interface Planted {
  readonly fault: string;
  readonly subject: Subject;
  /** Where each case must fail, by the beginning of its sentence. */
  readonly caughtBy: readonly (readonly [Group, ...string[]])[];
}

const REAL = { ...patience };
const CASE_MS_MAX = 2_000;

beforeAll(() => Object.assign(patience, { untilMs: 150, drainMs: 50 }));
afterAll(() => Object.assign(patience, REAL));

function log(Faulty: new (inner: EventLog) => EventLog): Subject {
  return {
    ...MEMORY,
    create: async () => {
      const store = await MEMORY.create();
      return {
        open: async () => new Faulty(await store.open()),
        stop: () => store.stop(),
        crash: () => store.crash(),
        dispose: () => store.dispose(),
      };
    },
  };
}

const host = (Seen: new (inner: EventLog) => EventLog): Subject => ({
  ...MEMORY,
  hostSees: (inner) => new Seen(inner),
});

const forgetting = (forgets: logs.Forgets): Subject => ({
  ...MEMORY,
  create: async () => new logs.ForgetfulStore(forgets),
});

/** On the late log a payment takes several commits, so that there is something between them. */
const actors = (planted: NonNullable<Subject["actors"]>): Subject => ({
  ...DELAYED,
  actors: planted,
});

// biome-ignore format: a table is read by its rows.
const PLANTED: readonly Planted[] = [
  { fault: "the expected sequence is ignored", subject: log(logs.IgnoresExpectedSeq), caughtBy: [
    [sequence, "a commit on too low", "a commit on too high", "of two writers", "a commit without"],
    [batch, "one conflict among many", "the commits of a unit"],
    [provisional, "three commands"],
    [refusals, "a refusal on a stale", "two nodes on one actor"],
  ] },
  { fault: "rows of a loser are written", subject: log(logs.WritesLosers), caughtBy: [
    [batch, "of a loser", "the commits of a unit"],
  ] },
  { fault: "units are broken apart", subject: log(logs.BreaksUnits), caughtBy: [
    [batch, "the commits of a unit", "a unit that lost"],
  ] },
  { fault: "one conflict fails the list", subject: log(logs.FailsAllForOne), caughtBy: [
    [batch, "one conflict among many", "answers come in the order"],
    [sequence, "sequences and positions"],
  ] },
  { fault: "what rests on a loser passes", subject: log(logs.ForgetsLosers), caughtBy: [
    [batch, "another writer's event"],
  ] },
  { fault: "answers are reordered", subject: log(logs.ReordersAnswers), caughtBy: [
    [batch, "answers come in the order", "a list of 256"],
  ] },
  { fault: "one position is given twice", subject: log(logs.SharesPositions), caughtBy: [
    [batch, "answers come in the order", "a list of 256"],
    [projections, "a live projection"],
  ] },
  { fault: "replies are forgotten", subject: log(logs.ForgetsReplies), caughtBy: [
    [dedupe, "the same command id writes", "the same command id on", "the same command id twice",
      "a refusal is remembered", "a remembered reply"],
    [repeats, "a repeat gets the first", "a refusal is remembered",
      "a promised answer is remembered"],
  ] },
  { fault: "a repeat is told its own reply", subject: log(logs.AnswersRepeatsAnew), caughtBy: [
    [dedupe, "the same command id writes", "command ids are told apart"],
  ] },
  { fault: "pruning forgets all", subject: log(logs.PrunesAll), caughtBy: [
    [dedupe, "pruning forgets the days"],
  ] },
  { fault: "pruning knows no maximum", subject: log(logs.PrunesTooMany), caughtBy: [
    [dedupe, "pruning forgets no more"],
  ] },
  { fault: "replies are forgotten at a restart", subject: forgetting("replies"), caughtBy: [
    [dedupe, "a remembered reply is there"],
    [repeats, "a repeat after a restart", "a promised answer is remembered"],
  ] },
  { fault: "a send is dropped", subject: log(logs.DropsSends), caughtBy: [
    [outbox, "items come oldest first", "an item is there until"],
    [deliveries, "what was not delivered", "many messages"],
  ] },
  { fault: "sends are forgotten at a restart", subject: forgetting("outbox"), caughtBy: [
    [outbox, "an item is there until"],
    [deliveries, "what was not delivered", "messages between actors"],
  ] },
  { fault: "what is delivered is kept", subject: log(logs.KeepsDelivered), caughtBy: [
    [outbox, "the receiver's commit", "an item sent and delivered"],
  ] },
  { fault: "the newest send comes first", subject: log(logs.NewestSendsFirst), caughtBy: [
    [outbox, "items come oldest first", "what is sent after a removal", "reading goes on"],
  ] },
  { fault: "timers are due early", subject: log(logs.FiresEarly), caughtBy: [
    [timers, "a timer is due at its time", "a timer that is set again"],
    [alarms, "no timer rings early"],
  ] },
  { fault: "timers are forgotten at a restart", subject: forgetting("timers"), caughtBy: [
    [timers, "timers are there after a crash"],
    [alarms, "a timer rings across", "a timer that fell due"],
  ] },
  { fault: "cancels are ignored", subject: log(logs.IgnoresCancels), caughtBy: [
    [timers, "a cancelled timer is gone", "changes of one commit"],
    [alarms, "a cancelled timer does not ring", "a cancel that is on its way"],
  ] },
  { fault: "a firing without its timer passes", subject: log(logs.TakesAnyFiring), caughtBy: [
    [timers, "a firing takes its timer", "a firing of a timer that was cancelled", "a firing sees"],
    [alarms, "a cancel that comes between", "two nodes that see"],
  ] },
  { fault: "a firing leaves its timer", subject: log(logs.KeepsFiredTimers), caughtBy: [
    [timers, "a firing takes its timer"],
    [alarms, "a timer rings at its time", "a timer set for the past"],
  ] },
  { fault: "positions are skipped", subject: log(logs.SkipsPositions), caughtBy: [
    [feed, "positions count", "a reader that goes on", "a reader beside", "an actor's history"],
    [sequence, "sequences and positions"],
    [projections, "a live projection", "a projection that goes on"],
  ] },
  { fault: "the feed has no stable order", subject: log(logs.UnstableFeed), caughtBy: [
    [feed, "reading twice", "a reader beside"],
  ] },
  { fault: "history leaves out the newest", subject: log(logs.ForgetsHistory), caughtBy: [
    [feed, "an actor's history"],
    [evolution, "a state of an older version"],
  ] },
  { fault: "the last event is not loaded", subject: log(logs.LosesTheLastEvent), caughtBy: [
    [snapshots, "an actor loads as", "an actor without a stored state"],
    [evolution, "an actor without its stored states", "events of an older version"],
  ] },
  { fault: "a state of any version is believed", subject: log(logs.ForgetsVersions), caughtBy: [
    [evolution, "a state of an older version"],
  ] },
  { fault: "the log answers before it writes", subject: forgetting("the last write"), caughtBy: [
    [dedupe, "a remembered reply is there"],
    [snapshots, "state and events are the same"],
    [repeats, "a repeat after a restart"],
    [size, "10,000 actors"],
  ] },
  { fault: "the host answers before the write", caughtBy: [
    [provisional, "no reply leaves", "an answer that rests"],
    [deliveries, "nothing leaves the process"],
  ], subject: host(logs.AnswersBeforeTheWrite) },
  { fault: "the host decides anew after a lost answer", caughtBy: [
    [unknownOutcome, "cut after the commit"],
  ], subject: host(logs.mistakingUnknownFor("conflict")) },
  { fault: "the host gives up after a lost answer", caughtBy: [
    [unknownOutcome, "cut before the commit", "a payment over two actors"],
  ], subject: host(logs.mistakingUnknownFor("failed")) },
  { fault: "no hold ends by itself", subject: actors(sagas.noHoldTimer), caughtBy: [
    [saga, "a hold whose message was lost"],
  ] },
  { fault: "a hold is released without asking", subject: actors(sagas.releasesUnasked), caughtBy: [
    [saga, "a crash after any commit"],
  ] },
  { fault: "the till forgets whom it refused", subject: actors(sagas.forgetsRefusals), caughtBy: [
    [saga, "a payment that was told no"],
  ] },
  { fault: "a cancelled request is paid", subject: actors(sagas.paysCancelled), caughtBy: [
    [saga, "a cancel before the payment"],
  ] },
  { fault: "the cap is forgotten", subject: actors(sagas.forgetsTheCap), caughtBy: [
    [saga, "no approval lifts"],
  ] },
];

function caseOf(group: Group, beginning: string): Group[string] {
  const found = Object.entries(group).filter(([sentence]) => sentence.startsWith(beginning));
  const [first] = found;
  assert(first !== undefined, `a case begins with: ${beginning}`);
  assert(found.length === 1, `one case begins with: ${beginning}`);
  return first[1];
}

/** True when the case fails, or does not come to its end. */
async function isCaught(run: Group[string], subject: Subject): Promise<boolean> {
  const gaveUp = Promise.withResolvers<never>();
  const deadline = setTimeout(() => gaveUp.reject(new Error("it hangs")), CASE_MS_MAX);
  try {
    await Promise.race([run(subject), gaveUp.promise]);
    return false;
  } catch {
    return true;
  } finally {
    clearTimeout(deadline);
  }
}

for (const { fault, subject, caughtBy } of PLANTED) {
  test(`caught: ${fault}`, async () => {
    const missed: string[] = [];
    for (const [group, ...beginnings] of caughtBy) {
      for (const beginning of beginnings) {
        if (!(await isCaught(caseOf(group, beginning), subject))) missed.push(beginning);
      }
    }
    expect(missed).toEqual([]);
  }, 30_000);
}

test("a log that forgets nothing passes where the forgetful ones are caught", async () => {
  const sound = forgetting("nothing");
  for (const { caughtBy } of PLANTED.filter(({ fault }) => fault.includes("restart"))) {
    for (const [group, ...beginnings] of caughtBy) {
      for (const beginning of beginnings) await caseOf(group, beginning)?.(sound);
    }
  }
});
