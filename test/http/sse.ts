/** Server-sent events as a page reads them: frames and comments, one after the other. */
import { assert } from "../../actors/assert.ts";
import type { SwitchRig } from "../switch-rig.ts";

export interface SentEvent {
  readonly id: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const DEADLINE_MS = 10_000;

export class EventStream {
  readonly comments: string[] = [];
  readonly events: SentEvent[] = [];
  /** Resolves when the switch ends the stream. */
  readonly ended: Promise<void>;
  readonly #abort = new AbortController();
  #isOver = false;

  private constructor(readonly response: Response) {
    this.ended = this.#read();
  }

  /** Listens to a lane; with `after`, from behind that event. */
  static async open(
    rig: SwitchRig,
    lane: string,
    token: string,
    after?: number,
  ): Promise<EventStream> {
    const response = await fetch(`${rig.running.url}/v1/lanes/${lane}/events`, {
      headers: {
        authorization: `Bearer ${token}`,
        ...(after === undefined ? {} : { "last-event-id": String(after) }),
      },
    });
    assert(response.status === 200, "the stream opens");
    return new EventStream(response);
  }

  /** The events so far, once there are so many. */
  async until(count: number): Promise<readonly SentEvent[]> {
    const deadlineMs = performance.now() + DEADLINE_MS;
    while (this.events.length < count) {
      assert(performance.now() < deadlineMs, `in time: ${count} events`);
      assert(!this.#isOver, "the stream goes on");
      await Bun.sleep(2);
    }
    return this.events;
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(): Promise<void> {
    const reader = this.response.body?.getReader();
    assert(reader !== undefined, "a stream has a body");
    this.#abort.signal.addEventListener("abort", () => void reader.cancel());
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
      const frames = text.split("\n\n");
      text = frames.pop() ?? "";
      for (const frame of frames) this.#take(frame);
    }
    this.#isOver = true;
  }

  #take(frame: string): void {
    const fields = new Map<string, string>();
    for (const line of frame.split("\n")) {
      const colon = line.indexOf(":");
      if (colon === 0) this.comments.push(line);
      else fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    const [id, type, data] = [fields.get("id"), fields.get("event"), fields.get("data")];
    if (id === undefined || type === undefined || data === undefined) return;
    const parsed = JSON.parse(data) as Readonly<Record<string, unknown>>;
    this.events.push({ id: Number(id), type, data: parsed });
  }
}
