/**
 * One call to the switch: JSON in, JSON out, problems as errors with their code. Every call that
 * moves money carries an idempotency key and is sent again with the same key when the line breaks,
 * so that "did it go through?" always gets its answer.
 */

/** A no of the switch. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  constructor(
    readonly status: number,
    readonly code: string,
    /** The whole problem object. */
    readonly body: Readonly<Record<string, unknown>>,
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

export class Caller {
  constructor(
    readonly baseUrl: string,
    private readonly fetcher: (request: Request) => Promise<Response> = (request) => fetch(request),
  ) {}

  /** Throws ApiProblem, or whatever the network throws when it stays broken. */
  async call<Body>(method: string, path: string, options: CallOptions = {}): Promise<Answer<Body>> {
    const isRepeatable = method === "GET" || options.idempotencyKey !== undefined;
    for (let attempt = 0; ; attempt++) {
      const mayRetry = isRepeatable && attempt < RETRIES_MAX && options.signal?.aborted !== true;
      try {
        return await this.#once<Body>(method, path, options);
      } catch (error) {
        const isTemporary = !(error instanceof ApiProblem) || error.status === 503;
        if (!mayRetry || !isTemporary) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS * 2 ** attempt));
      }
    }
  }

  async #once<Body>(method: string, path: string, options: CallOptions): Promise<Answer<Body>> {
    const headers: Record<string, string> = { ...options.headers };
    if (options.token !== undefined) headers["authorization"] = `Bearer ${options.token}`;
    if (options.idempotencyKey !== undefined) headers["idempotency-key"] = options.idempotencyKey;
    const isBytes = options.body instanceof Uint8Array;
    if (options.body !== undefined && !isBytes) headers["content-type"] = "application/json";
    const response = await this.fetcher(
      new Request(this.baseUrl + path, {
        method,
        headers,
        body: isBytes ? (options.body as Uint8Array<ArrayBuffer>) : jsonOf(options.body),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      }),
    );
    const text = await response.text();
    const body = text === "" ? undefined : (JSON.parse(text) as unknown);
    if (response.status >= 400) throw problemOf(response.status, body);
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

function problemOf(status: number, body: unknown): ApiProblem {
  const problem = (body ?? {}) as Record<string, unknown>;
  const code = problem["code"];
  return new ApiProblem(status, typeof code === "string" ? code : `http_${status}`, problem);
}
