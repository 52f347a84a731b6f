/**
 * The line between phones, tills, desks and the switch: it loses what is sent, or the answer; it
 * delivers twice, or late. It keeps every call and every answer that arrived, for the checker.
 */
import type { Random } from "../crash/random.ts";
import type { Rare } from "../invariants/rare.ts";
import { type Loop, OUTSIDE } from "./loop.ts";
import { LineBroke, type Machine } from "./machine.ts";

export interface Call {
  /** Counts from 1. */
  readonly number: number;
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | null;
  readonly key: string | undefined;
  readonly sentAtMs: number;
}

export interface Answer {
  readonly call: Call;
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  readonly atMs: number;
}

/** How bad the line is; of a hundred calls. */
export interface Weather {
  readonly lostBefore: number;
  readonly lostAfter: number;
  readonly doubled: number;
  /** The longest way, in milliseconds: what is sent together arrives in any order. */
  readonly wayMsMax: number;
}

export const CALM: Weather = { lostBefore: 0, lostAfter: 0, doubled: 0, wayMsMax: 0 };

/** A second delivery comes so much later at most. */
const DOUBLE_MS_MAX = 20_000;

export class Network {
  weather = CALM;
  /** Calls with an idempotency key, in the order in which they were first sent. */
  readonly calls: Call[] = [];
  /** Approvals that the switch has and has not answered. */
  paying = 0;
  #numbers = 0;

  constructor(
    private readonly loop: Loop,
    private readonly machine: Machine,
    private readonly random: Random,
    private readonly rare: Rare<string>,
    private readonly hear: (answer: Answer) => void,
  ) {}

  /** As `fetch` is for a client. Throws LineBroke. */
  readonly fetch = async (request: Request): Promise<Response> => {
    const { method, url } = request;
    const bytes = new Uint8Array(await request.arrayBuffer());
    const headers = Object.fromEntries(request.headers);
    const { weather, random } = this;
    const call: Call = {
      ...{ number: ++this.#numbers, method, url, headers },
      path: new URL(url).pathname,
      body: bytes.length === 0 ? null : bytes,
      key: headers["idempotency-key"],
      sentAtMs: this.machine.nowMs,
    };
    if (call.key !== undefined) this.calls.push(call);
    if (random.chance(weather.doubled)) {
      this.rare.reach("delivered twice");
      const laterMs = random.between(0, DOUBLE_MS_MAX);
      const again = (): void => void this.deliver(call).catch(() => {});
      this.loop.add(again, laterMs, OUTSIDE);
    }
    return responseOf(await this.deliver(call));
  };

  /** The call travels there, and its answer back; both may be lost. */
  async deliver(call: Call): Promise<Answer> {
    const { weather, random, loop, machine } = this;
    const lost = random.next() * 100;
    await loop.wait(random.between(0, weather.wayMsMax));
    if (lost < weather.lostBefore) {
      this.rare.reach("lost before");
      throw new LineBroke("lost on the way there");
    }
    const { listener } = machine;
    if (listener === undefined) throw new LineBroke("nobody listens");
    const answer = await this.#inside(call, async (): Promise<Answer> => {
      const { method, url, headers, body } = call;
      const response = await listener(new Request(url, { method, headers, body }), SERVER);
      const { status } = response;
      const text = await response.text();
      return { call, status, text, headers: response.headers, atMs: machine.nowMs };
    });
    await loop.wait(random.between(0, weather.wayMsMax));
    if (lost < weather.lostBefore + weather.lostAfter) {
      this.rare.reach("lost after");
      throw new LineBroke("lost on the way back");
    }
    this.hear(answer);
    return answer;
  }

  async #inside(call: Call, work: () => Promise<Answer>): Promise<Answer> {
    const isPaying = call.path === "/v1/payments";
    if (isPaying) this.paying++;
    try {
      return await this.machine.inside(work);
    } finally {
      if (isPaying) this.paying--;
    }
  }
}

/** What a listener asks of the server that called it. */
const SERVER = { timeout: () => {}, requestIP: () => ({ address: "192.0.2.1" }) };
const NO_BODY: ReadonlySet<number> = new Set([204, 304]);

function responseOf({ status, text, headers }: Answer): Response {
  return new Response(NO_BODY.has(status) ? null : text, { status, headers });
}
