/**
 * What the outside saw: every call with an idempotency key, every answer to it, and every line that
 * broke. The audit compares this with the event log.
 */

export interface Sent {
  /** Method, path and key: what the switch calls one command. */
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON or a picture. */
  readonly body: ArrayBuffer;
}

/** Their keys are kept in memory: after a restart they are answered anew (docs/api.md). */
const OF_MEMORY = /^\/v1\/(sessions|scans)/;

export interface Answered {
  readonly sent: Sent;
  readonly status: number;
  readonly body: string;
  readonly replayed: boolean;
}

/** A line that broke before the answer was whole. */
interface Broken {
  readonly path: string;
  readonly sentAtMs: number;
}

export class Recorder {
  /** Final answers, in order of arrival; a 503 says "ask again" and is none. */
  readonly answers: Answered[] = [];
  readonly sent = new Map<string, Sent>();
  readonly broken: Broken[] = [];
  /** Times that a call was sent again under its key. */
  resent = 0;
  /** Answers that told the caller to ask again. */
  postponed = 0;
  /** Calls of any kind that have no answer yet. */
  underWay = 0;

  readonly fetcher = async (request: Request): Promise<Response> => {
    const sentAtMs = performance.now();
    const sent = await this.#note(request);
    this.underWay++;
    try {
      const response = await fetch(request);
      const body = await response.text();
      if (sent !== undefined) this.#answered(sent, response, body);
      // 204 and 304 have no body, and a Response of them takes none.
      return new Response(body === "" ? null : body, response);
    } catch (error) {
      this.broken.push({ path: new URL(request.url).pathname, sentAtMs });
      throw error;
    } finally {
      this.underWay--;
    }
  };

  /** Sends a call again as it was. */
  async again({ method, url, headers, body }: Sent): Promise<void> {
    const given = body.byteLength === 0 ? {} : { body };
    await this.fetcher(new Request(url, { method, headers, ...given }));
  }

  /** Calls that never got a final answer. */
  unanswered(): readonly string[] {
    const answered = new Set(this.answers.map(({ sent }) => sent.id));
    return [...this.sent.keys()].filter((id) => !answered.has(id));
  }

  async #note(request: Request): Promise<Sent | undefined> {
    const key = request.headers.get("idempotency-key");
    const { method, url } = request;
    const path = new URL(url).pathname;
    if (key === null || OF_MEMORY.test(path)) return undefined;
    const id = `${method} ${path} ${key}`;
    if (this.sent.has(id)) this.resent++;
    const headers = Object.fromEntries(request.headers);
    const sent = { id, method, url, path, headers, body: await request.clone().arrayBuffer() };
    this.sent.set(id, sent);
    return sent;
  }

  #answered(sent: Sent, response: Response, body: string): void {
    const { status, headers } = response;
    if (status === 503) {
      this.postponed++;
      return;
    }
    const replayed = headers.get("idempotent-replayed") === "true";
    this.answers.push({ sent, status, body, replayed });
  }
}
