/** One step of a run: what the world does to the switch, and what its people do. */
import { addBankingDays, bankDateAt, instantOf } from "../../actors/banking-calendar.ts";
import { cents } from "../../actors/money.ts";
import { ApiProblem } from "../../src/client/call.ts";
import type { Mishap } from "../../src/rails/bank-twin/state.ts";
import type { Random } from "../crash/random.ts";
import { GOOD_LINE } from "./bank-side.ts";
import {
  allowRetry,
  askBank,
  block,
  cutOffNow,
  decideDispute,
  leave,
  lift,
  nameBankAccount,
  payByHand,
  refund,
  replaceBankAccount,
  setCap,
  writeOff,
} from "./desk-acts.ts";
import { Finding } from "./finding.ts";
import { CALM } from "./network.ts";
import { bankAccountOf, moveIn } from "./people.ts";
import { TRAP_KINDS } from "./rare-states.ts";
import { reverse } from "./reversals.ts";
import { sell } from "./sales.ts";
import type { Step } from "./steps.ts";
import { streamOf } from "./streams.ts";
import { isPassing, type World } from "./world.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A crash falls within so many tasks of the process. */
const TASKS_MAX = 250;
const CROWD_MAX = 4;

export async function act(world: World, step: Step): Promise<void> {
  const { kind, number } = step;
  const random = streamOf(world.options.seed, `step ${number}`);
  world.tell(`step ${number}: ${kind}`);
  await world.heal();
  await take(world, kind, random);
  await look(world, random);
  // People take their time.
  await world.loop.wait(random.between(0, 2 * MINUTE_MS));
}

/** Somebody looks at the limit; the answer is checked when it comes. */
async function look(world: World, random: Random): Promise<void> {
  const { phone, leftAtMs } = random.pick(world.books.people);
  await phone.account().catch((error: unknown) => {
    // Who has left signs in no more once the account is closed.
    const isGone = leftAtMs !== undefined && error instanceof ApiProblem;
    if (!isGone && !isPassing(error)) throw error;
  });
}

/** The books, and every account at the desk. */
async function audit(world: World): Promise<void> {
  await world.persist(() => world.desk().ledger());
  for (const { account } of world.books.people) {
    await world.persist(() => world.desk("bob").account(account));
  }
}

async function take(world: World, kind: Step["kind"], random: Random): Promise<void> {
  switch (kind) {
    case "sale":
      return await sell(world, random);
    case "crowd":
      return await crowd(world, random);
    case "refund":
      return await refund(world, random);
    case "next run":
      return await nextRun(world);
    case "days":
      return await world.goTo(world.nowMs + random.between(1, 9) * DAY_MS);
    case "block":
      return await block(world, random);
    case "lift":
      return await lift(world, random.pick(world.books.people));
    case "cap":
      return await setCap(world, random);
    case "shop's bank":
      return await nameBankAccount(world, random);
    case "pay by hand":
      return await payByHand(world, random);
    case "write off":
      return await writeOff(world, random);
    case "allow retry":
      return await allowRetry(world, random);
    case "dispute":
      return await decideDispute(world, random);
    case "reverse":
      return await reverse(world, random);
    case "bank account":
      return await replaceBankAccount(world, random);
    case "telephone":
      return await askBank(world);
    case "leave":
      return await leave(world, random);
    case "come again":
      return await comeAgain(world, random);
    case "cut-off":
      return await cutOffNow(world);
    case "audit":
      return await audit(world);
    case "newcomer":
      return await newcomer(world, random);
    default:
      return await trouble(world, kind, random);
  }
}

type Trouble = Exclude<Step["kind"], "sale">;

async function trouble(world: World, kind: Trouble, random: Random): Promise<void> {
  const { machine, network, bank, rare } = world;
  switch (kind) {
    case "weather": {
      const part = () => random.pick([0, 0, 5, 15, 35]);
      const [lostBefore, lostAfter, doubled] = [part(), part(), part()];
      const wayMsMax = random.pick([0, 20, 500, 5_000]);
      network.weather = random.chance(30) ? CALM : { lostBefore, lostAfter, doubled, wayMsMax };
      return;
    }
    case "bank line": {
      const part = () => random.pick([0, 20, 60]);
      const line = { lostBefore: part(), lostAfter: part(), outOfOrder: 50, notHeard: part() };
      bank.line = random.chance(40) ? GOOD_LINE : line;
      return;
    }
    case "mishap":
      bank.plan(mishapOf(random));
      return;
    case "trap":
      return await setTrap(world, random);
    case "crash":
      machine.crashAfter(random.between(0, TASKS_MAX));
      rare.reach("crash between any two steps");
      return;
    case "restart":
      return await restart(world);
    case "disk full":
      return await diskFull(world, random);
    case "log fails":
      return logFails(world, random);
    case "repeat":
      return await repeat(world, random);
    case "other body":
      return await otherBody(world, random);
    case "no SMS":
      world.isSmsDown = !world.isSmsDown;
      rare.reach("SMS gateway down");
      return;
    case "lose views":
      return await world.loseViews();
    default:
      throw new Error(`no such step: ${kind}`);
  }
}

const TRAPS_OF_PEOPLE = ["AccountOpened", "PaymentAuthorised", "PurchaseRefunded"] as const;

/** A crash waits at the commit of some event; then somebody does what may bring it. */
async function setTrap(world: World, random: Random): Promise<void> {
  const kind = random.chance(25) ? random.pick(TRAPS_OF_PEOPLE) : random.pick(TRAP_KINDS);
  world.disk.trap = { kind, when: random.pick(["before", "after"] as const) };
  if (kind === "AccountOpened") return await newcomer(world, random);
  if (kind === "PaymentAuthorised") return await sell(world, random);
  if (kind === "PurchaseRefunded") return await refund(world, random);
  for (let runs = random.between(1, 4); runs > 0; runs--) await nextRun(world);
}

function mishapOf(random: Random): Mishap {
  return random.pick<Mishap>([
    { kind: "file_rejected" },
    { kind: "file_lost" },
    { kind: "outcome_unknown" },
    { kind: "acknowledgement_lost" },
    { kind: "statement_late", bankingDays: random.between(1, 3) },
    { kind: "statement_differs", byCents: cents(random.between(1, 500)) },
    { kind: "statement_split" },
    { kind: "returns_truncated", bytesKept: random.between(0, 900) },
    { kind: "returns_twice" },
    { kind: "returns_out_of_order" },
  ]);
}

/** To the next opening or cut-off, or just past it. */
async function nextRun(world: World): Promise<void> {
  const today = addBankingDays(bankDateAt(world.nowMs), 0);
  const days = [today, addBankingDays(today, 1)];
  const times = days.flatMap((day) => [instantOf(day, 8, 45), instantOf(day, 15)]);
  await world.goTo(times.find((atMs) => atMs > world.nowMs) ?? world.nowMs);
}

/** Several sales at once: whoever shares a phone or a till gets in the other's way. */
async function crowd(world: World, random: Random): Promise<void> {
  const seeds = Array.from({ length: random.between(2, CROWD_MAX) }, () => random.between(0, 1e9));
  await Promise.all(seeds.map((seed) => sell(world, streamOf(seed, "crowd"))));
}

/** Who has left comes back with another phone and bank account, under the same number. */
async function comeAgain(world: World, random: Random): Promise<void> {
  const gone = world.books.people.filter(({ leftAtMs }) => leftAtMs !== undefined);
  if (gone.length === 0) return;
  const { phoneNumber } = random.pick(gone);
  const { people } = world.books;
  const before = people.length;
  await newcomer(world, random, phoneNumber);
  if (people.length > before) world.rare.reach("came again");
}

async function newcomer(world: World, random: Random, phoneNumber?: string): Promise<void> {
  await moveIn(world, bankAccountOf(random, -1), phoneNumber).catch((error: unknown) => {
    // A message with a code may be gone with its process; then somebody comes another day.
    if (error instanceof Finding) throw error;
    world.tell(`nobody moves in: ${String(error)}`);
  });
}

async function restart(world: World): Promise<void> {
  world.rare.reach("restart in order");
  await world.machine.stop().catch(() => {});
  await world.up();
}

/** For a while nothing can be written; what was acknowledged before stays. */
async function diskFull(world: World, random: Random): Promise<void> {
  const { disk, rare, loop } = world;
  rare.reach("disk full");
  disk.isFull = true;
  const trying = sell(world, random);
  await loop.wait(random.between(1, 3 * MINUTE_MS));
  disk.isFull = false;
  await trying;
}

function logFails({ disk, rare }: World, random: Random): void {
  const isRemote = disk.options.kind === "remote";
  const fate = random.pick(
    isRemote ? (["answer lost", "cut off"] as const) : (["failed"] as const),
  );
  disk.fates.push(fate);
  rare.reach(
    fate === "failed"
      ? "log failed"
      : `log ${fate === "cut off" ? "cut off" : "with its answer lost"}`,
  );
}

/** An old call comes once more, word for word. */
async function repeat(world: World, random: Random): Promise<void> {
  const { network, rare } = world;
  const call = random.pick([...network.calls.slice(-30), ...network.calls]);
  const isOld = world.nowMs - call.sentAtMs > DAY_MS;
  await network.deliver(call).catch(() => {});
  if (isOld) rare.reach("repeated days later");
}

/** The key of a call, with something else in its body. */
async function otherBody(world: World, random: Random): Promise<void> {
  const { network, rare } = world;
  const recent = network.calls.filter(({ path, sentAtMs }) => {
    return path.endsWith("/payment-requests") && world.nowMs - sentAtMs < 5 * DAY_MS;
  });
  if (recent.length === 0) return;
  const call = random.pick(recent);
  const given = JSON.parse(new TextDecoder().decode(call.body ?? undefined)) as object;
  const body = new TextEncoder().encode(JSON.stringify({ ...given, title: "Another" }));
  rare.reach("other body under a used key");
  await network.deliver({ ...call, body: new Uint8Array(body) }).catch(() => {});
}
