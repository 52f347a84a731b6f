/**
 * The front door. It is open as long as the process owns the data directory: before the app is
 * there, and after the end has begun, it asks callers to come again.
 */
import type { App } from "./app.ts";
import { addEdgeHeaders, INBOUND_BYTES_MAX, requestIdOf } from "./edge.ts";
import { WAIT_MS_MAX } from "./lane-watch.ts";
import { type Bindings, callerAddress } from "./network-address.ts";
import { Places } from "./places.ts";
import { problemBody } from "./problem.ts";
import type { ProblemCode } from "./problem-table.ts";
import type { Services } from "./services.ts";

export interface FrontOptions {
  readonly hostname: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly mode: Services["mode"];
  /** `proxy`: it says where calls come from. */
  readonly tls: "none" | "proxy";
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
const SERVER_BODY_BYTES_MAX = 2 * INBOUND_BYTES_MAX;
const HELD_SECONDS = Math.ceil(WAIT_MS_MAX / 1000) + 5;
/** The status of a payment request (payment-requests.ts), which may be held. */
const MAY_BE_HELD = /^\/v1\/lanes\/[^/]+\/payment-requests\/[^/]+$/;
/** Calls behind which whole files are made or read, and the most that the server allows them. */
const LONG_WORK = /^\/v1\/(?:desk\/(?:files|inbound)|test_helpers)\b/;
const LONG_WORK_SECONDS = 255;

/** The address cannot be listened on: what the operating system says of it, and which it is. */
class ListenFailed extends Error {
  override readonly name = "ListenFailed";
  constructor({ hostname, port }: FrontOptions, cause: unknown) {
    const code = String((cause as { code?: unknown }).code ?? "refused");
    const why = LISTEN_FAULTS[code] ?? code;
    super(`cannot listen on ${hostname} port ${port}: ${why}`, { cause });
  }
}

const NO_SUCH_ADDRESS = "there is no such address";
const LISTEN_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: "it is in use; choose another with --port N",
  EACCES: "permission denied",
  EADDRNOTAVAIL: "this machine has no such address",
  EINVAL: NO_SUCH_ADDRESS,
  // A name that nobody answers for leaves whatever the look-up met last: a file, or a server.
  ENOENT: NO_SUCH_ADDRESS,
  ENOTFOUND: NO_SUCH_ADDRESS,
};

export class Front {
  readonly places = new Places();
  readonly #server: Bun.Server<undefined>;
  readonly #mode: FrontOptions["mode"];
  readonly #isBehindProxy: boolean;
  /** `host:port`, with an IPv6 address in brackets (RFC 3986 section 3.2.2). */
  readonly address: string;
  #app: App | undefined;
  #isDraining = false;
  /** Requests that were let in and have no answer yet. */
  #running = 0;

  /** Throws ListenFailed when the port is taken, or the address is none of this machine. */
  constructor(options: FrontOptions) {
    const { hostname, port, mode, tls } = options;
    this.#mode = mode;
    this.#isBehindProxy = tls === "proxy";
    try {
      this.#server = Bun.serve({
        hostname,
        port,
        // Bun shares a port with other processes unless told otherwise, in what is no development.
        reusePort: false,
        idleTimeout: IDLE_SECONDS,
        maxRequestBodySize: SERVER_BODY_BYTES_MAX,
        // The page that the server would show otherwise quotes our code and the caller's address.
        development: false,
        fetch: (request, server) => this.#answer(request, server),
        error: () => problemWithoutApp(undefined, "internal_error"),
      });
    } catch (error) {
      throw new ListenFailed(options, error);
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
    if (this.places.isFullFor(pathname)) return this.#turnAway(this.#app, request);
    if (mayBeHeld(request, pathname)) server.timeout(request, HELD_SECONDS);
    if (LONG_WORK.test(pathname)) server.timeout(request, LONG_WORK_SECONDS);
    const forwarded = request.headers.get("x-forwarded-for");
    const direct = server.requestIP(request)?.address;
    const address = callerAddress(direct, forwarded, this.#isBehindProxy);
    return this.#letIn(this.#app, request, { address });
  }

  async #letIn(app: App, request: Request, bindings: Bindings): Promise<Response> {
    this.#running++;
    try {
      return await app.api.fetch(request, bindings);
    } finally {
      this.#running--;
    }
  }

  /** The line stays open: to make a new one would cost more than the answer. */
  #turnAway(app: App, request: Request): Response {
    app.turnedAway();
    return problemWithoutApp(request, "fault_busy", { "retry-after": "1" });
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

/** Whether the answer may be held; for how long, the route reads. */
function mayBeHeld({ method, url }: Request, pathname: string): boolean {
  const isLook = method === "GET" || method === "HEAD";
  return isLook && MAY_BE_HELD.test(pathname) && url.includes("wait=");
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
