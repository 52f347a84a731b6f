/**
 * One keep-alive connection of HTTP/1.1, one request at a time. The driver shares the machine with
 * what it measures: bytes made beforehand go out, and of the answer only the status line and the
 * length are read while the clock runs. That costs a fraction of `fetch`.
 */
import type { Socket } from "bun";
import { assert } from "../actors/assert.ts";

export interface Answer {
  /** 0: the connection broke and nobody knows what became of the request. */
  readonly status: number;
  readonly body: string;
  /** So long whoever is turned away is asked to wait (RFC 9110 section 10.2.3). */
  readonly retryAfterMs?: number;
}

/** A whole request as the wire carries it. `body` is JSON. */
export function postBytes(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Uint8Array {
  const length = Buffer.byteLength(body);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: ${new URL(url).host}\r\ncontent-type: application/json\r\n` +
      `content-length: ${length}\r\n${lines.join("")}\r\n${body}`,
  );
}

const BROKEN: Answer = { status: 0, body: "" };
const HEAD_END = "\r\n\r\n";
const ANSWER_BYTES_MAX = 1_048_576;

export class Connection {
  #socket: Socket | undefined;
  #received: Buffer = Buffer.alloc(0);
  #waiting: ((answer: Answer) => void) | undefined;

  static async open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    const connection = new Connection();
    const broken = (): void => connection.close();
    connection.#socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        data: (_, chunk) => connection.#take(chunk),
        close: broken,
        error: broken,
        end: broken,
      },
    });
    return connection;
  }

  /** False once either side has closed it. */
  get isOpen(): boolean {
    return this.#socket !== undefined;
  }

  /** Sends a request and gives its answer; never rejects. */
  exchange(request: Uint8Array): Promise<Answer> {
    assert(this.#waiting === undefined, "one request at a time on a connection");
    return new Promise((resolve) => {
      this.#waiting = resolve;
      const written = this.#socket?.write(request) ?? -1;
      // An idle connection takes a request whole; one that does not is of no use.
      if (written !== request.length) this.close();
    });
  }

  close(): void {
    this.#settle(BROKEN);
    this.#socket?.terminate();
    this.#socket = undefined;
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const answer = answerIn(this.#received);
    if (answer === "unreadable" || this.#received.length > ANSWER_BYTES_MAX) this.close();
    else if (answer !== "partial") this.#settle(answer);
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#received = Buffer.alloc(0);
    waiting?.(answer);
  }
}

/** RFC 9112 section 6.2: the answers of both servers carry their length. */
function answerIn(bytes: Buffer): Answer | "partial" | "unreadable" {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return "partial";
  const head = bytes.toString("latin1", 0, headEnd);
  const status = /^HTTP\/1\.1 ([1-5][0-9]{2})/.exec(head)?.[1];
  const length = /\r\ncontent-length: *([0-9]+)/i.exec(head)?.[1];
  if (status === undefined || length === undefined) return "unreadable";
  const start = headEnd + HEAD_END.length;
  const end = start + Number(length);
  if (bytes.length < end) return "partial";
  const answer = { status: Number(status), body: bytes.toString("utf8", start, end) };
  const retryAfter = /\r\nretry-after: *([0-9]+)/i.exec(head)?.[1];
  return retryAfter === undefined
    ? answer
    : { ...answer, retryAfterMs: Number(retryAfter) * 1_000 };
}
