/**
 * The composition root: the only file that knows every part. It opens the data directory, starts
 * the actors, the views and the server, and stops them in the order that loses nothing.
 */
import { accountActor } from "../actors/account.ts";
import { achEntryActor } from "../actors/ach-entry.ts";
import { achFileActor } from "../actors/ach-file.ts";
import { achInboundActor } from "../actors/ach-inbound.ts";
import type { AnyActor } from "../actors/actor.ts";
import { bankStatementActor } from "../actors/bank-statement.ts";
import { directoryActor } from "../actors/directory.ts";
import { laneActor } from "../actors/lane.ts";
import { merchantActor } from "../actors/merchant.ts";
import { numbersActor } from "../actors/numbers.ts";
import { DEFAULT_POLICY, type Policy } from "../actors/policy.ts";
import { purchaseActor } from "../actors/purchase.ts";
import { tracesActor } from "../actors/traces.ts";
import { shadowCore } from "../wasm/core.ts";
import type { Config } from "./config.ts";
import { dataFiles, readKeys, readOperators } from "./data-directory.ts";
import { Alarms } from "./http/alarms.ts";
import { type App, makeApp } from "./http/app.ts";
import { DeviceKeys } from "./http/device-keys.ts";
import { addEdgeHeaders, PICTURE_BYTES_MAX, requestIdOf } from "./http/edge.ts";
import { WAIT_MS_MAX } from "./http/lane-watch.ts";
import { makeMetrics } from "./http/metrics.ts";
import { type ProblemCode, problemBody } from "./http/problem.ts";
import type { Operator, Services } from "./http/services.ts";
import { SignatureQueue } from "./http/signature-queue.ts";
import { mandateText } from "./mandate.ts";
import { HttpSms, SandboxSms, SmsOutlet } from "./rails/sms.ts";
import { type Clock, RealClock } from "./runtime/clock.ts";
import type { EventLog } from "./runtime/event-log.ts";
import { Host, type HostLimits } from "./runtime/host.ts";
import { ViewRunner } from "./runtime/view.ts";
import { SqliteEventLog } from "./storage/sqlite/event-log.ts";
import { OpenFailed } from "./storage/sqlite/open.ts";
import { DirectoryOwned, type OwnerLock, takeOwnerLock } from "./storage/sqlite/owner-lock.ts";
import { SqliteVaultRows } from "./storage/sqlite/vault-rows.ts";
import { SqliteViewStore } from "./storage/sqlite/view-store.ts";
import { SealedFiles } from "./vault/documents.ts";
import { Vault } from "./vault/vault.ts";
import { VERSION } from "./version.ts";
import { achEntries } from "./views/ach-entries.ts";
import { achFiles } from "./views/ach-files.ts";
import { identityQueue } from "./views/identity-queue.ts";
import { ledgerBalances } from "./views/ledger-balances.ts";
import { merchantEvents } from "./views/merchant-events.ts";
import { paymentRequests } from "./views/payment-requests.ts";

export const VIEWS = [
  ledgerBalances,
  paymentRequests,
  merchantEvents,
  identityQueue,
  achEntries,
  achFiles,
];

/** Every kind of actor, under one policy. */
export function actorsOf(policy: Policy): readonly AnyActor[] {
  return [
    accountActor(policy),
    laneActor(policy),
    merchantActor(policy),
    directoryActor(policy),
    numbersActor,
    achFileActor(policy),
    achEntryActor,
    achInboundActor,
    bankStatementActor,
    tracesActor,
    purchaseActor,
  ];
}

export interface SwitchOptions {
  readonly config: Config;
  readonly clock?: Clock;
  readonly policy?: Policy;
  readonly limits?: Partial<HostLimits>;
  /** One line of named fields; nothing personal gets here. Default: JSON on standard output. */
  readonly log?: Services["log"];
  /** Default: the SQLite file of the data directory. */
  readonly openLog?: (file: string) => EventLog;
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
/** No request runs for so long: what had arrived before the stop has been answered. */
const QUIET_MS = 50;
/** How long the last answers may take to leave. */
const FLUSH_MS_MAX = 1_000;
/** Held status requests outlive the server's idle time of ten seconds. */
const IDLE_SECONDS = 10;
/** A second fence: the edge refuses by the route's own maximum, and says so in a problem. */
const SERVER_BODY_BYTES_MAX = 2 * PICTURE_BYTES_MAX;
const HELD_SECONDS = Math.ceil(WAIT_MS_MAX / 1000) + 5;

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
  const { config, clock = new RealClock(), policy = DEFAULT_POLICY, log } = options;
  const { openLog = (file) => new SqliteEventLog(file) } = options;
  const files = dataFiles(config.dataDir);
  const keys = readKeys(config.dataDir);
  // Read now as well: a list that is broken ends the start, not the first call of the desk.
  readOperators(config.dataDir);
  const lock = await ownDirectory(files.lock);
  opened.add("lock", () => lock.release());
  const eventLog = opened.part("event log", openLog(files.events));
  const vaultRows = opened.part("vault", new SqliteVaultRows(files.vault));
  const views = opened.part("views", new SqliteViewStore(files.views));
  // Before anything is done: a port that is taken ends the start here.
  const front = opened.part("server", new Front(config));
  const vault = new Vault(keys, vaultRows);
  const sandboxSms = config.mode === "sandbox" ? new SandboxSms(clock) : undefined;
  const sms = sandboxSms ?? new HttpSms(config.smsGatewayUrl ?? "");
  const host = new Host({
    actors: actorsOf(policy),
    log: eventLog,
    clock,
    outlets: { sms: new SmsOutlet(vault, sms, clock) },
    report,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const viewRunner = new ViewRunner(host.feed, views, VIEWS, report);
  opened.add("views", () => viewRunner.stop());
  await viewRunner.start();
  opened.add("host", () => host.drain());
  await host.start();
  const metrics = makeMetrics(host);
  const alarms = new Alarms(clock, host);
  shadowCore({
    rate: config.shadowRate,
    random: Math.random,
    alarm(job) {
      alarms.raise("core_disagreement");
      metrics.fault("core_disagreement");
      log({ event: "alarm", alarm: "core_disagreement", job });
    },
  });
  const services: Services = {
    host,
    clock,
    views,
    viewRunner,
    keys,
    vault,
    documents: new SealedFiles(keys, files.documents),
    policy,
    metrics,
    alarms,
    devices: new DeviceKeys(new SignatureQueue(clock, metrics)),
    mode: config.mode,
    publicHost: config.publicHost ?? front.address,
    mandate: mandateText(config.originatorName),
    operators: operatorsOf(config.dataDir),
    sentSms: sandboxSms === undefined ? undefined : () => sandboxSms.sent(),
    log,
    version: VERSION,
  };
  const app = makeApp(services);
  front.open(app);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await front.drain();
    await opened.close();
  };
  return {
    services,
    app,
    url: `http://${front.address}`,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
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

/** The address cannot be listened on: what the operating system says of it, and which it is. */
class ListenFailed extends Error {
  override readonly name = "ListenFailed";
  constructor({ hostname, port }: Config, cause: unknown) {
    const code = String((cause as { code?: unknown }).code ?? "refused");
    const why = LISTEN_FAULTS[code] ?? code;
    super(`cannot listen on ${hostname} port ${port}: ${why}`, { cause });
  }
}

const LISTEN_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: "it is in use; choose another with --port N",
  EACCES: "permission denied",
  EADDRNOTAVAIL: "this machine has no such address",
  EINVAL: "there is no such address",
};

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

/**
 * The front door. It is open as long as the process owns the data directory: before the app is
 * there, and after the end has begun, it asks callers to come again.
 */
class Front {
  readonly #server: Bun.Server<undefined>;
  readonly #mode: Config["mode"];
  /** `host:port`, with an IPv6 address in brackets (RFC 3986 section 3.2.2). */
  readonly address: string;
  #app: App | undefined;
  #isDraining = false;
  /** Requests that were let in and have no answer yet. */
  #running = 0;

  /** Throws ListenFailed when the port is taken, or the address is none of this machine. */
  constructor(config: Config) {
    const { hostname, port } = config;
    this.#mode = config.mode;
    try {
      this.#server = Bun.serve({
        hostname,
        port,
        idleTimeout: IDLE_SECONDS,
        maxRequestBodySize: SERVER_BODY_BYTES_MAX,
        // The page that the server would show otherwise quotes our code and the caller's address.
        development: false,
        fetch: (request, server) => this.#answer(request, server),
        error: () => problemWithoutApp(undefined, "internal_error"),
      });
    } catch (error) {
      throw new ListenFailed(config, error);
    }
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    this.address = `${host}:${this.#server.port}`;
  }

  /** The port is known once it is open; the app is made of services that already name it. */
  open(app: App): void {
    this.#app = app;
  }

  /** Lets nobody in any more, and waits until those inside have their answers. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#app?.release();
    const endsAtMs = performance.now() + STOP_MS_MAX;
    let quietSinceMs = performance.now();
    while (performance.now() < Math.min(endsAtMs, quietSinceMs + QUIET_MS)) {
      await Bun.sleep(5);
      if (this.#running > 0) quietSinceMs = performance.now();
    }
  }

  async close(): Promise<void> {
    const flushed = Promise.withResolvers<void>();
    const timeout = setTimeout(flushed.resolve, FLUSH_MS_MAX);
    this.#server.stop().then(flushed.resolve, flushed.reject);
    await flushed.promise.finally(() => clearTimeout(timeout));
    await this.#server.stop(true);
  }

  #answer(request: Request, server: Bun.Server<undefined>): Response | Promise<Response> {
    // Without a host, or with one that is none, the address is no URL (RFC 9112 section 3.2).
    const pathname = URL.parse(request.url)?.pathname;
    if (pathname === undefined) return problemWithoutApp(request, "malformed_request");
    if (this.#app === undefined) return this.#comeAgain(request, pathname, "fault_busy");
    const isOpen = !this.#isDraining || pathname === "/healthz" || pathname === "/metrics";
    if (!isOpen) return this.#comeAgain(request, pathname, "fault_draining");
    if (request.url.includes("wait=")) server.timeout(request, HELD_SECONDS);
    return this.#letIn(this.#app, request);
  }

  async #letIn(app: App, request: Request): Promise<Response> {
    this.#running++;
    try {
      return await app.api.fetch(request);
    } finally {
      this.#running--;
    }
  }

  #comeAgain(request: Request, pathname: string, code: ProblemCode): Response {
    const again = { "retry-after": "1", connection: "close" };
    if (pathname !== "/readyz") return problemWithoutApp(request, code, again);
    const status = code === "fault_draining" ? "draining" : "starting";
    const headers = new Headers({ "content-type": "application/json", ...again });
    addEdgeHeaders(headers, requestIdOf(request.headers.get("x-request-id")));
    const body = { status, mode: this.#mode };
    return new Response(JSON.stringify(body), { status: 503, headers });
  }
}

/** A no that is said before the app is asked, or when it is not there. */
function problemWithoutApp(
  request: Request | undefined,
  code: ProblemCode,
  more: Readonly<Record<string, string>> = {},
): Response {
  const requestId = requestIdOf(request?.headers.get("x-request-id"));
  const headers = new Headers({ "content-type": "application/problem+json", ...more });
  addEdgeHeaders(headers, requestId);
  const body = problemBody(code, requestId, {});
  return new Response(JSON.stringify(body), { status: body.status, headers });
}
