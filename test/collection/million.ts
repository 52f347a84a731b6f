/**
 * A file of a million entries through the real switch: `bun test/collection/million.ts`. Customers
 * with a few purchases each are written into an event log; then a cut-off asks them all, writes,
 * checks and seals the file and hands it over. It prints the time of each step and the most memory
 * that the cut-off took, in a process of its own. The exit code is 1 when something is lost, or
 * memory is beyond its limit. Another number of entries may be given.
 */
import { join } from "node:path";
import { accountActor } from "../../actors/account.ts";
import type { AccountCommand } from "../../actors/account-messages.ts";
import type { ActorRef, AnyActor, Message } from "../../actors/actor.ts";
import type { MerchantCommand } from "../../actors/merchant.ts";
import { merchantActor } from "../../actors/merchant.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import type { BankGateway, FileContent } from "../../src/collection/bank-gateway.ts";
import { cutOff } from "../../src/collection/cut-off.ts";
import { loadConfig } from "../../src/config.ts";
import { dataFiles, initialise, readKeys } from "../../src/data-directory.ts";
import { VirtualClock } from "../../src/runtime/clock.ts";
import type { ActorCommit, NewEvent } from "../../src/runtime/event-log.ts";
import { SqliteEventLog } from "../../src/storage/sqlite/event-log.ts";
import { startSwitch } from "../../src/switch.ts";
import { openVault } from "../../src/vault-files.ts";
import { date } from "../actors/collecting.ts";
import {
  accountId,
  approve,
  capture,
  front,
  NOON_MS,
  openAccount,
  rear,
  requestId,
  VERIFY,
} from "../actors/samples.ts";
import { temporaryFolder } from "../commands/cli.ts";
import { commitOf } from "../conformance/commits.ts";
import { partsOf } from "./rig.ts";

const ENTRIES = 1_000_000;
const PURCHASES = 4;
const MERCHANTS = 2;
const MEGABYTES_MAX = 512;
const DAY_MS = 86_400_000;
/** Actors in memory: few, so that what is measured is the file. */
const CELLS_MAX = 4_096;
/** Accounts of one transaction. */
const ACCOUNTS_AT_ONCE = 200;

/** What the actor writes when it is told all this. */
function eventsOf(actor: AnyActor, ref: ActorRef, commands: readonly Message[]): NewEvent[] {
  let state: unknown = actor.init(ref.id);
  const events: NewEvent[] = [];
  for (const [at, command] of commands.entries()) {
    const meta = { actor: ref, commandId: `seed-${at}`, nowMs: NOON_MS, principal: "test" };
    for (const event of actor.decide(state, command, meta).events as Message[]) {
      state = actor.apply(state, event);
      const { kind } = event;
      events.push({ kind, version: actor.schemaVersion, data: JSON.stringify(event) });
    }
  }
  return events;
}

function customer(number: number, person: string, bankAccount: string): readonly AccountCommand[] {
  const vault = { person, bankAccount, pinKey: "pin" };
  const traces = { first: 1, count: 1 };
  const effectiveOn = date("2026-06-02");
  const prenote = { kind: "FileEntries", fileId: "ach_20260601_A", effectiveOn, traces };
  const bought = Array.from({ length: PURCHASES }, (_, at): AccountCommand[] => {
    const payment = number * PURCHASES + at + 1;
    const sold = capture(payment, 100) as Extract<AccountCommand, { kind: "CapturePayment" }>;
    const merchantNumber = 1 + (number % MERCHANTS);
    const payee = { ...sold.receipt.payee, merchantNumber };
    const receipt = { ...sold.receipt, payee, requestNumber: payment };
    const changes = { counter: at + 1, requestId: requestId(payment) };
    return [approve(payment, 100, changes), { ...sold, receipt }];
  });
  const opened = { ...openAccount, vault };
  return [opened, front, rear, VERIFY, prenote as AccountCommand, ...bought.flat()];
}

function merchant(number: number): readonly MerchantCommand[] {
  const place = { street: "1 Main Street", city: "Denver", state: "CO", feeBasisPoints: 150 };
  const names = { name: `Shop ${number}`, statementName: `SHOP ${number}`, keyTag: "tag" };
  return [{ kind: "SetUpMerchant", terms: { merchantNumber: number, ...names, ...place } }];
}

function seed(dataDir: string, accounts: number): void {
  initialise(dataDir);
  const files = dataFiles(dataDir);
  const log = new SqliteEventLog(files.events);
  const opened = openVault(files, readKeys(dataDir));
  let commits = 0;
  const commit = (ref: ActorRef, events: readonly NewEvent[]): ActorCommit =>
    commitOf({ ref, commandId: `seed-${commits++}`, atMs: NOON_MS, events });
  const shops = Array.from({ length: MERCHANTS }, (_, at) => {
    const ref = { kind: "merchant", id: String(at + 1) };
    return commit(ref, eventsOf(merchantActor(DEFAULT_POLICY), ref, merchant(at + 1)));
  });
  log.commit(shops);
  const actor = accountActor({ ...DEFAULT_POLICY, holdsMax: PURCHASES });
  const person = Buffer.from(JSON.stringify({ name: "Ada Example" }));
  const account = { routing_number: "021000021", account_number: "9990000000", kind: "checking" };
  const bank = Buffer.from(JSON.stringify(account));
  for (let from = 0; from < accounts; from += ACCOUNTS_AT_ONCE) {
    const numbers = Array.from({ length: Math.min(ACCOUNTS_AT_ONCE, accounts - from) }, (_, at) => {
      return from + at;
    });
    const tokens = opened.rows.put(
      numbers.flatMap((number) => [
        { kind: "person", owner: accountId(number), bytes: person },
        { kind: "bank-account", owner: accountId(number), bytes: bank },
      ]),
    );
    const commits = numbers.map((number, at) => {
      const ref = { kind: "account", id: accountId(number) };
      const [name = "", bankAccount = ""] = tokens.slice(2 * at);
      return commit(ref, eventsOf(actor, ref, customer(number, name, bankAccount)));
    });
    log.commit(commits.map((one, unit) => ({ ...one, unit })));
  }
  log.close();
  opened.close();
}

/** Takes what it is handed and keeps none of it. */
class CountingBank implements BankGateway {
  bytes = 0;
  readonly #hash = new Bun.CryptoHasher("sha256");

  async handOver(_: string, content: FileContent) {
    for await (const piece of content) {
      this.bytes += piece.length;
      this.#hash.update(piece);
    }
    return "accepted" as const;
  }

  sha256 = (): string => this.#hash.digest("hex");
  withdraw = () => Promise.resolve();
  inbound = () => Promise.resolve([]);
  taken = () => Promise.resolve();
}

const seconds = (sinceMs: number): number => Math.round((performance.now() - sinceMs) / 100) / 10;

async function cut(dataDir: string): Promise<void> {
  const clock = new VirtualClock(NOON_MS + 14 * DAY_MS, "frozen");
  const config = loadConfig(dataDir, {}, { mode: "sandbox", port: 0, collection: "by_hand" });
  const startMs = performance.now();
  const limits = { cellsMax: CELLS_MAX };
  const running = await startSwitch({ config, clock, limits, log: () => {} });
  const views = seconds(startMs);
  const bank = new CountingBank();
  const beginMs = performance.now();
  const parts = partsOf({ running, clock, dataDir } as never, bank);
  const { fileId, totals, stage } = await cutOff(parts);
  const result = { views, cutOff: seconds(beginMs), stage, totals, bytes: bank.bytes };
  const ref = { kind: "ach-file", id: fileId };
  const asked = { principal: "test" };
  const reply = await running.services.host.ask(ref, { kind: "DescribeFile" }, asked);
  const { file } = (reply as unknown as { state: { file: { sha256: string } } }).state;
  await running.stop();
  const isSame = file.sha256 === bank.sha256();
  process.stdout.write(`${JSON.stringify({ ...result, isSame })}\n`);
}

/** Runs this program with other words, to its end. */
async function run(words: readonly string[]) {
  const child = Bun.spawn([process.execPath, import.meta.path, ...words], { stdout: "pipe" });
  const said = await new Response(child.stdout).text();
  const code = await child.exited;
  if (code !== 0) throw new Error(`${words[0]} ended with ${child.signalCode ?? code}`);
  const megabytes = Math.round((child.resourceUsage()?.maxRSS ?? 0) / 2 ** 20);
  return { said, megabytes };
}

async function main(entries: number): Promise<number> {
  const folder = temporaryFolder();
  const accounts = Math.ceil(entries / PURCHASES);
  const startMs = performance.now();
  try {
    const dataDir = join(folder.path, "data");
    await run(["seed", dataDir, String(accounts)]);
    const seeded = seconds(startMs);
    const { said, megabytes } = await run(["cut", dataDir]);
    return judge(said, seeded, megabytes, accounts);
  } finally {
    folder.remove();
  }
}

function judge(said: string, seeded: number, megabytes: number, accounts: number): number {
  const result = JSON.parse(said) as {
    readonly totals: { readonly entries: number; readonly debitCents: number };
    readonly isSame: boolean;
    readonly stage: string;
  };
  process.stdout.write(`${JSON.stringify({ seeded, ...result, megabytes })}\n`);
  const { totals, isSame, stage } = result;
  const isWhole = totals.entries === accounts * PURCHASES && stage === "acknowledged";
  const isPaid = totals.debitCents === totals.entries * 100;
  return isWhole && isPaid && isSame && megabytes <= MEGABYTES_MAX ? 0 : 1;
}

const [word, dataDir = "", accounts = "0"] = process.argv.slice(2);
if (word === "seed") seed(dataDir, Number(accounts));
else if (word === "cut") await cut(dataDir);
else process.exitCode = await main(word === undefined ? ENTRIES : Number(word));
