/**
 * The composition root: the only file that knows every part. It opens the data directory, starts
 * the actors, the views and the server, and stops them in the order that loses nothing.
 */
import { accountActor } from "../actors/account.ts";
import { achEntryActor } from "../actors/ach-entry.ts";
import { achFileActor } from "../actors/ach-file.ts";
import { achInboundActor } from "../actors/ach-inbound.ts";
import type { AnyActor } from "../actors/actor.ts";
import { bankAccountAccessActor } from "../actors/bank-account-access.ts";
import { bankStatementActor } from "../actors/bank-statement.ts";
import { bankDateAt } from "../actors/banking-calendar.ts";
import { collectionRunsActor } from "../actors/collection-runs.ts";
import { directoryActor } from "../actors/directory.ts";
import { laneActor } from "../actors/lane.ts";
import { mandateTextActor } from "../actors/mandate-text.ts";
import { merchantActor } from "../actors/merchant.ts";
import { numbersActor } from "../actors/numbers.ts";
import { DEFAULT_POLICY, type Policy } from "../actors/policy.ts";
import { purchaseActor } from "../actors/purchase.ts";
import { sealedActor } from "../actors/sealed.ts";
import { sweepActor } from "../actors/sweep.ts";
import { tracesActor } from "../actors/traces.ts";
import { shadowCore } from "../wasm/core.ts";
import { type BankLine, bankLine } from "./bank-line.ts";
import { recordAccess } from "./collection/bank-account-record.ts";
import { type BankGateway, reachable } from "./collection/bank-gateway.ts";
import { Collections } from "./collection/collections.ts";
import { ratesToWatch } from "./collection/return-rates.ts";
import type { Config } from "./config.ts";
import { type DataFiles, dataFiles, readKeys, readOperators } from "./data-directory.ts";
import { EvidenceFiles } from "./evidence-files.ts";
import { type AlarmKind, Alarms } from "./http/alarms.ts";
import { type App, makeApp } from "./http/app.ts";
import { Codes } from "./http/codes.ts";
import { DeviceKeys } from "./http/device-keys.ts";
import { Front } from "./http/front.ts";
import { type Metrics, makeMetrics } from "./http/metrics.ts";
import type { Operator, Sandbox, Services } from "./http/services.ts";
import { SignatureQueue } from "./http/signature-queue.ts";
import { mandateText } from "./mandate.ts";
import { SANDBOX_ODFI } from "./odfi-config.ts";
import type { OdfiProfile } from "./rails/ach/odfi-profile.ts";
import { HttpSms, SmsOutlet } from "./rails/sms.ts";
import { Retention } from "./retention/sweep.ts";
import { type Clock, RealClock, type VirtualClock } from "./runtime/clock.ts";
import type { EventLog } from "./runtime/event-log.ts";
import { Host, type HostLimits } from "./runtime/host.ts";
import type { ViewProgress, ViewReader } from "./runtime/view.ts";
import { SandboxWorld } from "./sandbox.ts";
import { SqliteEventLog } from "./storage/sqlite/event-log.ts";
import { OpenFailed } from "./storage/sqlite/open.ts";
import { DirectoryOwned, type OwnerLock, takeOwnerLock } from "./storage/sqlite/owner-lock.ts";
import type { BankAccountOpener } from "./vault/bank-accounts.ts";
import { type OpenVault, openVault } from "./vault-files.ts";
import { VERSION } from "./version.ts";
import { followViews } from "./view-following.ts";
import { type AchExceptionKind, achExceptions, exceptionKinds } from "./views/ach-exceptions.ts";
import { changedBankAccounts, heldBankAccounts } from "./views/changed-bank-accounts.ts";
import { hasFailedReversal, reversals } from "./views/reversals.ts";
import { warmUp } from "./warm-up.ts";

/** Every kind of actor, under one policy. */
export function actorsOf(policy: Policy): readonly AnyActor[] {
  return [
    accountActor(policy),
    laneActor(policy),
    merchantActor(policy),
    directoryActor(policy),
    mandateTextActor,
    numbersActor,
    achFileActor(policy),
    achEntryActor,
    achInboundActor,
    bankAccountAccessActor,
    bankStatementActor,
    collectionRunsActor,
    tracesActor,
    purchaseActor,
    sealedActor,
    sweepActor,
  ];
}

export interface SwitchOptions {
  readonly config: Config;
  /** Of a sandbox. Default: real time, and what the sandbox was moved ahead by. */
  readonly clock?: VirtualClock;
  readonly policy?: Policy;
  readonly limits?: Partial<HostLimits>;
  /** One line of named fields; nothing personal gets here. Default: JSON on standard output. */
  readonly log?: Services["log"];
  /** Default: the SQLite file of the data directory. */
  readonly openLog?: (file: string) => EventLog;
  /** Default: a sandbox has a bank of its own, and a live switch has none. */
  readonly bank?: BankGateway;
  /** Default: every kind of actor, as it is. */
  readonly actors?: (policy: Policy) => readonly AnyActor[];
}

export interface RunningSwitch {
  readonly services: Services;
  /** Not among the services: no route may have it. For who puts a collection together by hand. */
  readonly bankAccounts: BankAccountOpener;
  readonly retention: Retention;
  readonly app: App;
  /** `http://host:port`. */
  readonly url: string;
  /** Finishes what runs, then closes everything; a second call changes nothing. */
  stop(): Promise<void>;
}

function logLine(fields: Readonly<Record<string, string | number | boolean>>): void {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ...fields })}\n`);
}

/**
 * Starts a switch on its data directory. Throws when another process owns the directory, and when
 * anything cannot be opened; then all that was opened before is closed again.
 */
export async function startSwitch(options: SwitchOptions): Promise<RunningSwitch> {
  const { log = logLine } = options;
  const report = (error: unknown, where: string): void => {
    log({ event: "fault", where, name: error instanceof Error ? error.name : typeof error });
  };
  const opened = new Opened(report);
  try {
    return await start({ ...options, log }, opened, report);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function start(
  options: SwitchOptions & Required<Pick<SwitchOptions, "log">>,
  opened: Opened,
  report: (error: unknown, where: string) => void,
): Promise<RunningSwitch> {
  const { config, policy = policyOf(config), log, limits = {} } = options;
  const { openLog = (file) => new SqliteEventLog(file), actors = actorsOf } = options;
  const files = dataFiles(config.dataDir);
  const keys = readKeys(config.dataDir);
  // Read now as well: a list that is broken ends the start, not the first call of the desk.
  readOperators(config.dataDir);
  const lock = await ownDirectory(files.lock);
  opened.add("lock", () => lock.release());
  const eventLog = opened.part("event log", openLog(files.events));
  const { vault, ...vaultParts } = opened.part("vault", openVault(files, keys));
  // Before anything is done: a port that is taken ends the start here.
  const front = opened.part("server", new Front(config));
  const publicHost = config.publicHost ?? front.address;
  const world = worldOf(config, files, options.clock);
  const clock = options.clock ?? world?.clock ?? new RealClock();
  const sms = world?.sms ?? new HttpSms(config.smsGatewayUrl ?? "");
  const outlets = { sms: new SmsOutlet(vault, sms, clock), ...vaultParts.outlets };
  const hosted = { actors: actors(policy), log: eventLog, clock, outlets };
  const host = new Host({ ...hosted, report, limits });
  // A log that is not the file of the directory can be read by nobody but its maker.
  const isFile = options.openLog === undefined;
  const following = followViews(files, host.feed, isFile, report);
  opened.add("views", async () => (await following.catch(() => undefined))?.stop());
  // While the worker of the views is loaded.
  const metrics = makeMetrics(host);
  const alarms = new Alarms(clock, host);
  watchCore(config.shadowRate, alarms, metrics, log);
  const { views, viewRunner } = await following;
  opened.add("host", () => host.drain());
  await host.start();
  watchViews(alarms, views, viewRunner, clock);
  const alarmed: Alarmed = (alarm, error, where) => {
    alarms.raise(alarm);
    report(error, where);
  };
  const parts = { host, clock, views, viewRunner, vault, keys, policy, publicHost };
  const bank = bankLine(config, options.bank ?? world?.bank, clock);
  alarms.watch(() => (bank.hasRefused() ? ["bank_pieces_refused"] : []));
  const daily = dailyWork({ ...parts, bank, alarms }, vaultParts, config, alarmed);
  const { bankAccounts, collections, retention } = daily;
  opened.add("collection", () => collections.stop());
  opened.add("retention", () => retention.stop());
  const evidence = new EvidenceFiles(files.events, keys, profileOf(config).odfi, clock);
  const services: Services = {
    ...parts,
    documents: vaultParts.documents,
    metrics,
    places: front.places,
    alarms,
    devices: new DeviceKeys(new SignatureQueue(clock, metrics)),
    mode: config.mode,
    mandate: mandateText(config.originatorName, policy),
    operators: operatorsOf(config.dataDir),
    collections,
    hasBank: bank.isThere,
    evidence: opened.part("evidence", evidence),
    sandbox: world && sandboxOf(world, collections),
    log,
    version: VERSION,
  };
  const app = makeApp(services);
  await collections.start();
  retention.start();
  front.open(app);
  opened.add("warming up", warmUp(metrics, report));
  const url = `http://${front.address}`;
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await front.drain();
    await opened.close();
  };
  const running = { services, bankAccounts, retention, app, url };
  return { ...running, stop: () => (stopping ??= stop()) };
}

function policyOf({ payoutCentsMin, returnFees }: Config): Policy {
  return { ...DEFAULT_POLICY, payoutCentsMin, returnFeesByAch: returnFees === "by_ach" };
}

/** What of the bank's words waits for a person. */
const ALARM_OF: Readonly<Record<AchExceptionKind, AlarmKind>> = {
  file_contradicted: "bank_contradicted",
  inbound: "bank_exceptions",
  left_out: "entries_left_out",
  statement_differs: "bank_statement_differs",
  unexplained: "bank_money_unexplained",
};

/** What they cannot show is an alarm of its own, and hides no other one. */
function watchViews(alarms: Alarms, views: ViewReader, progress: ViewProgress, clock: Clock): void {
  alarms.watch(() => {
    try {
      const seen = moneyIn(views, clock);
      return progress.isBehind ? [...seen, "views_behind"] : seen;
    } catch {
      return ["views_behind"];
    }
  });
}

/** Alarms about money. */
function moneyIn(views: ViewReader, clock: Clock): readonly AlarmKind[] {
  const today = bankDateAt(clock.nowMs());
  const held = heldBankAccounts(views.table(changedBankAccounts.name), today, 1);
  const hasFailed = hasFailedReversal(views.table(reversals.name), today);
  return [
    ...ratesToWatch(views, clock).map((kind) => `${kind}_returns` as const),
    ...(held?.length === 0 ? [] : ["payout_account_changed" as const]),
    ...(hasFailed ? ["reversal_failed" as const] : []),
    ...exceptionKinds(views.table(achExceptions.name)).map((kind) => ALARM_OF[kind]),
  ];
}

type Alarmed = (alarm: AlarmKind, error: unknown, where: string) => void;

function worldOf(config: Config, files: DataFiles, clock?: VirtualClock): SandboxWorld | undefined {
  if (config.mode !== "sandbox") return undefined;
  return new SandboxWorld(files, profileOf(config), clock);
}

function sandboxOf(world: SandboxWorld, collections: Collections): Sandbox {
  return {
    sentSms: () => world.sms.sent(),
    advanceTo: (toMs) => world.advanceTo(toMs, collections),
  };
}

/** The bank of a sandbox that names none does not exist. */
function profileOf({ odfi = SANDBOX_ODFI }: Config): OdfiProfile {
  return odfi;
}

type DailyParts = Pick<
  Services,
  "host" | "clock" | "views" | "viewRunner" | "vault" | "keys" | "policy" | "publicHost" | "alarms"
> & { readonly bank: BankLine };

/** What the clock does: money is collected, and what nobody needs any more is destroyed. */
function dailyWork(
  { keys, policy, publicHost, bank, alarms, ...parts }: DailyParts,
  { bankAccounts: openerOf, ...vaultParts }: Omit<OpenVault, "vault">,
  config: Config,
  alarmed: Alarmed,
) {
  const codes = new Codes(keys, publicHost, policy.requestMsMax);
  const bankAccounts = openerOf(recordAccess(parts.host));
  const collections = new Collections(
    {
      ...{ ...parts, bankAccounts, policy, files: vaultParts.bankFiles },
      gateway: reachable(bank.gateway),
      alarm: (kind: AlarmKind) => alarms.raise(kind),
      profile: profileOf(config),
      receiptNumber: (lane, requestNumber) => codes.reference(lane, requestNumber),
    },
    (error, where) => alarmed("collection_failed", error, where),
    bank.isThere ? config.collection : "by_hand",
  );
  const { documents, bankFiles, unnamed } = vaultParts;
  const stores = { vault: parts.vault, documents, bankFiles, unnamed };
  const retention = new Retention({ ...parts, stores }, (error, where) =>
    alarmed("retention_failed", error, where),
  );
  return { bankAccounts, collections, retention };
}

/** A part of the core's verdicts is computed again by the reference. */
function watchCore(rate: number, alarms: Alarms, metrics: Metrics, log: Services["log"]): void {
  shadowCore({
    rate,
    random: Math.random,
    alarm(job) {
      alarms.raise("core_disagreement");
      metrics.fault("core_disagreement");
      log({ event: "alarm", alarm: "core_disagreement", job });
    },
  });
}

/** Two starts at one moment may each find the other in the way: both try again, not in step. */
const LOCK_TRIES_MAX = 5;
const LOCK_RETRY_MS = 20;

/** Throws DirectoryOwned when another process keeps the directory, OpenFailed on a full disk. */
async function ownDirectory(file: string): Promise<OwnerLock> {
  for (let tries = 1; ; tries++) {
    try {
      return takeOwnerLock(file);
    } catch (error) {
      if (!(error instanceof DirectoryOwned)) throw new OpenFailed(file, error);
      if (tries >= LOCK_TRIES_MAX) throw error;
    }
    await Bun.sleep(LOCK_RETRY_MS * tries * (1 + Math.random()));
  }
}

/** What has been opened: closed newest first, each part whatever became of the others. */
class Opened {
  readonly #closers: { readonly name: string; readonly close: () => void | Promise<void> }[] = [];

  constructor(private readonly report: (error: unknown, where: string) => void) {}

  add(name: string, close: () => void | Promise<void>): void {
    this.#closers.push({ name, close });
  }

  part<Part extends { close(): void | Promise<void> }>(name: string, part: Part): Part {
    this.add(name, () => part.close());
    return part;
  }

  /** Never throws: a part that does not close is told, and the rest is closed all the same. */
  async close(): Promise<void> {
    for (const { name, close } of this.#closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        this.report(error, `closing the ${name}`);
      }
    }
  }
}

/** Operators are few and change by hand: the file is read again every few seconds at most. */
function operatorsOf(dataDir: string): () => readonly Operator[] {
  const FRESH_MS = 2_000;
  let known: readonly Operator[] = [];
  let readAtMs = -Infinity;
  return () => {
    const nowMs = performance.now();
    if (nowMs - readAtMs > FRESH_MS) {
      known = readOperators(dataDir);
      readAtMs = nowMs;
    }
    return known;
  };
}
