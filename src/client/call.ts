/**
 * One call to the switch: JSON in, JSON out, problems as errors with their code. Every call that
 * does something carries an idempotency key and is sent again with the same key when the line
 * breaks, so that "did it go through?" always gets its answer.
 */

/** A no of the switch. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  constructor(
    readonly status: number,
    readonly code: string,
    /** The whole problem object. */
    readonly body: Readonly<Record<string, unknown>>,
    /** How long the switch asks to be left alone, in milliseconds. */
    readonly retryAfterMs = 0,
  ) {
    super(code);
  }

  get retryable(): boolean {
    return this.body["retryable"] === true;
  }
}

export interface CallOptions {
  readonly token?: string;
  readonly idempotencyKey?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
  readonly etag: string | undefined;
  /** The switch had answered this key before. */
  readonly replayed: boolean;
}

const RETRIES_MAX = 4;
const RETRY_MS = 200;
/** Whatever an answer says, people wait for no longer than this before the next try. */
const ASKED_MS_MAX = 5_000;

export class Caller {
  constructor(
    readonly baseUrl: string,
    private readonly fetcher: (request: Request) => Promise<Response> = (request) => fetch(request),
    /** The first pause; each further one is twice as long. */
    private readonly retryMs = RETRY_MS,
  ) {}

  /** Throws ApiProblem, or whatever the network throws when it stays broken. */
  async call<Body>(method: string, path: string, options: CallOptions = {}): Promise<Answer<Body>> {
    const isRepeatable = method === "GET" || options.idempotencyKey !== undefined;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#once<Body>(method, path, options);
      } catch (error) {
        const isOver = !isRepeatable || attempt >= RETRIES_MAX || options.signal?.aborted === true;
        if (isOver || !isPassing(error)) throw error;
        const askedMs = error instanceof ApiProblem ? error.retryAfterMs : 0;
        const pauseMs = Math.max(this.retryMs * 2 ** attempt, Math.min(askedMs, ASKED_MS_MAX));
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  async #once<Body>(method: string, path: string, options: CallOptions): Promise<Answer<Body>> {
    const headers: Record<string, string> = { ...options.headers };
    if (options.token !== undefined) headers["authorization"] = `Bearer ${options.token}`;
    const { idempotencyKey } = options;
    if (idempotencyKey !== undefined && method !== "GET") {
      headers["idempotency-key"] = idempotencyKey;
    }
    const isBytes = options.body instanceof Uint8Array;
    if (options.body !== undefined && !isBytes) headers["content-type"] = "application/json";
    const response = await this.fetcher(
      new Request(this.baseUrl + path, {
        method,
        headers,
        // What is signed or personal goes to the switch that was asked, and nowhere else.
        redirect: "error",
        body: isBytes ? (options.body as Uint8Array<ArrayBuffer>) : jsonOf(options.body),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      }),
    );
    const text = await response.text();
    if (response.status >= 400) throw problemOf(response, text);
    // Half an answer does not parse: that is a broken line.
    const body = text === "" ? undefined : (JSON.parse(text) as unknown);
    return {
      status: response.status,
      body: body as Body,
      etag: response.headers.get("etag") ?? undefined,
      replayed: response.headers.get("idempotent-replayed") === "true",
    };
  }
}

function jsonOf(body: unknown): string | null {
  return body === undefined ? null : JSON.stringify(body);
}

/** A broken line, a proxy without its switch, or a switch that may answer better next time. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiProblem)) return true;
  return error.status >= 500 && error.body["retryable"] !== false;
}

/** What is not the switch's own answer, a proxy's page say, has its status for a code. */
function problemOf({ status, headers }: Response, text: string): ApiProblem {
  const problem = problemIn(text);
  const code = problem["code"];
  const name = typeof code === "string" ? code : `http_${status}`;
  // RFC 9110 section 10.2.3; the switch gives seconds.
  const seconds = Number(headers.get("retry-after") ?? 0);
  return new ApiProblem(status, name, problem, Number.isFinite(seconds) ? seconds * 1_000 : 0);
}

function problemIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
