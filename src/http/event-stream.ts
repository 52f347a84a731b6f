/**
 * A stream of server-sent events. It is pulled: a page is made when the reader has taken the one
 * before, so a slow reader or a long history costs the switch one page of memory, and a comment
 * goes out every few seconds, because idle connections are closed after ten.
 */

/** Events with text for the reader, or without any; `hasMore` when there may be others behind. */
export interface EventPage {
  readonly text: string;
  readonly hasMore: boolean;
}

export interface EventSource {
  /** The page after the one before. */
  next(): EventPage;
  /** Calls `listener` when there may be something new; returns the way to stop. */
  subscribe(listener: () => void): () => void;
}

/** Hears of the end of a stream, once, and of the fault that ended it. */
export type StreamEnd = (stream: EventStream, fault: unknown) => void;

export const COMMENT_MS = 4_000;
const COMMENT = ": here\n\n";
/** How long a page waits before it comes back after the line broke. */
const RETRY = "retry: 1000\n\n";

export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #onEnd: StreamEnd;
  #stopListening = (): void => {};
  #comments: ReturnType<typeof setInterval> | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #pending = RETRY;
  #isBehind = true;
  #isOver = false;
  #wake = (): void => {};

  constructor(
    private readonly source: EventSource,
    signal: AbortSignal,
    onEnd: StreamEnd,
    commentMs = COMMENT_MS,
  ) {
    this.#onEnd = onEnd;
    this.body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
        this.#comments = setInterval(() => this.#say(COMMENT), commentMs);
        this.#stopListening = source.subscribe(() => {
          this.#isBehind = true;
          this.#wake();
        });
      },
      pull: () => this.#pull().catch((fault: unknown) => this.end(fault)),
      cancel: () => this.end(),
    });
    signal.addEventListener("abort", () => this.end());
    if (signal.aborted) this.end();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ends the stream; a second call changes nothing. */
  end(fault?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#comments);
    this.#stopListening();
    this.#onEnd(this, fault);
    this.#wake();
    try {
      this.#controller?.close();
    } catch {
      // The reader closed it first.
    }
  }

  #say(text: string): void {
    // Whoever does not read needs no second comment.
    if (this.#pending === "") this.#pending = text;
    this.#wake();
  }

  /** Gives the reader one chunk, as soon as there is one. */
  async #pull(): Promise<void> {
    while (!this.#isOver) {
      const text = this.#take();
      if (text !== "") {
        this.#controller?.enqueue(this.#encoder.encode(text));
        return;
      }
      if (this.#isBehind) await new Promise((resolve) => setImmediate(resolve));
      else await this.#woken();
    }
  }

  #take(): string {
    const said = this.#pending;
    this.#pending = "";
    if (said !== "" || !this.#isBehind) return said;
    const { text, hasMore } = this.source.next();
    this.#isBehind = hasMore;
    return text;
  }

  #woken(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return promise;
  }
}
