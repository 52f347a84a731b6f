/**
 * The composition root: the only file that knows every part. It opens the data directory, starts
 * the actors, the views and the server, and stops them in the order that loses nothing.
 */
import { accountActor } from "../actors/account.ts";
import type { AnyActor } from "../actors/actor.ts";
import { directoryActor } from "../actors/directory.ts";
import { laneActor } from "../actors/lane.ts";
import { merchantActor } from "../actors/merchant.ts";
import { numbersActor } from "../actors/numbers.ts";
import { DEFAULT_POLICY, type Policy } from "../actors/policy.ts";
import type { Config } from "./config.ts";
import { dataFiles, readKeys, readOperators } from "./data-directory.ts";
import { type App, makeApp } from "./http/app.ts";
import { PICTURE_BYTES_MAX } from "./http/edge.ts";
import { WAIT_MS_MAX } from "./http/lane-watch.ts";
import { makeMetrics } from "./http/metrics.ts";
import type { Operator, Services } from "./http/services.ts";
import { mandateText } from "./mandate.ts";
import { HttpSms, SandboxSms, SmsOutlet } from "./rails/sms.ts";
import { type Clock, RealClock } from "./runtime/clock.ts";
import { Host, type HostLimits } from "./runtime/host.ts";
import { ViewRunner } from "./runtime/view.ts";
import { SqliteEventLog } from "./storage/sqlite/event-log.ts";
import { takeOwnerLock } from "./storage/sqlite/owner-lock.ts";
import { SqliteVaultRows } from "./storage/sqlite/vault-rows.ts";
import { SqliteViewStore } from "./storage/sqlite/view-store.ts";
import { SealedFiles } from "./vault/documents.ts";
import { Vault } from "./vault/vault.ts";
import { VERSION } from "./version.ts";
import { identityQueue } from "./views/identity-queue.ts";
import { ledgerBalances } from "./views/ledger-balances.ts";
import { merchantEvents } from "./views/merchant-events.ts";
import { paymentRequests } from "./views/payment-requests.ts";

export const VIEWS = [ledgerBalances, paymentRequests, merchantEvents, identityQueue];

/** Every kind of actor, under one policy. */
export function actorsOf(policy: Policy): readonly AnyActor[] {
  return [
    accountActor(policy),
    laneActor(policy),
    merchantActor(policy),
    directoryActor(policy),
    numbersActor,
  ];
}

export interface SwitchOptions {
  readonly config: Config;
  readonly clock?: Clock;
  readonly policy?: Policy;
  readonly limits?: Partial<HostLimits>;
  /** One line of named fields; nothing personal gets here. Default: JSON on standard output. */
  readonly log?: Services["log"];
}

export interface RunningSwitch {
  readonly services: Services;
  readonly app: App;
  /** `http://host:port`. */
  readonly url: string;
  /** Finishes what runs, then closes everything; a second call changes nothing. */
  stop(): Promise<void>;
}

/** How long a stop waits for requests that are still running. */
const STOP_MS_MAX = 5_000;
/** Held status requests outlive the server's idle time of ten seconds. */
const IDLE_SECONDS = 10;
/** A second fence: the edge refuses by the route's own maximum, and says so in a problem. */
const SERVER_BODY_BYTES_MAX = 2 * PICTURE_BYTES_MAX;
const HELD_SECONDS = Math.ceil(WAIT_MS_MAX / 1000) + 5;

export function logLine(fields: Readonly<Record<string, string | number | boolean>>): void {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ...fields })}\n`);
}

/** Starts a switch on its data directory. Throws when another process owns the directory. */
export async function startSwitch(options: SwitchOptions): Promise<RunningSwitch> {
  const { config, clock = new RealClock(), policy = DEFAULT_POLICY, log = logLine } = options;
  const files = dataFiles(config.dataDir);
  const keys = readKeys(config.dataDir);
  const lock = takeOwnerLock(files.lock);
  const eventLog = new SqliteEventLog(files.events);
  const vaultRows = new SqliteVaultRows(files.vault);
  const views = new SqliteViewStore(files.views);
  const vault = new Vault(keys, vaultRows);
  const sandboxSms = config.mode === "sandbox" ? new SandboxSms(clock) : undefined;
  const sms = sandboxSms ?? new HttpSms(config.smsGatewayUrl ?? "");
  const report = (error: unknown, where: string): void => {
    log({ event: "fault", where, name: error instanceof Error ? error.name : typeof error });
  };
  const host = new Host({
    actors: actorsOf(policy),
    log: eventLog,
    clock,
    outlets: { sms: new SmsOutlet(vault, sms) },
    report,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const viewRunner = new ViewRunner(host.feed, views, VIEWS, report);
  await viewRunner.start();
  await host.start();
  // The port is known once it is open; the app is made of services that already name it.
  const server = listen(config);
  const publicHost = config.publicHost ?? `${config.hostname}:${server.port}`;
  const services: Services = {
    host,
    clock,
    views,
    viewRunner,
    keys,
    vault,
    documents: new SealedFiles(keys, files.documents),
    policy,
    metrics: makeMetrics(host),
    mode: config.mode,
    publicHost,
    mandate: mandateText(config.originatorName),
    operators: operatorsOf(config.dataDir),
    sentSms: sandboxSms === undefined ? undefined : () => sandboxSms.sent(),
    log,
    version: VERSION,
  };
  const app = makeApp(services);
  server.answerWith(app);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    const closed = server.close();
    app.release();
    await Promise.race([closed, Bun.sleep(STOP_MS_MAX)]);
    await host.drain();
    await server.closeNow();
    await viewRunner.stop();
    for (const part of [views, vaultRows, eventLog]) part.close();
    lock.release();
  };
  return {
    services,
    app,
    url: `http://${config.hostname}:${server.port}`,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
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

function listen(config: Config) {
  let app: App | undefined;
  const server = Bun.serve({
    hostname: config.hostname,
    port: config.port,
    idleTimeout: IDLE_SECONDS,
    maxRequestBodySize: SERVER_BODY_BYTES_MAX,
    fetch(request, self) {
      if (app === undefined) return new Response(null, { status: 503 });
      if (request.url.includes("wait=")) self.timeout(request, HELD_SECONDS);
      return app.api.fetch(request);
    },
  });
  return {
    port: server.port,
    answerWith(made: App): void {
      app = made;
    },
    close: () => server.stop(),
    closeNow: () => server.stop(true),
  };
}
