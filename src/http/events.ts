/**
 * The merchant's feed: one gap-free number per event, the same in the list and in the stream. A
 * stream is a raw ReadableStream with a comment every few seconds, because idle connections are
 * closed after ten.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { eventsSince, lastNumber, type MerchantEvent } from "../views/merchant-events.ts";
import { type Api, answers, type ContextOf, on, refused } from "./api.ts";
import { laneCaller, merchantCaller } from "./auth.ts";
import { LaneParam, laneOf } from "./lanes.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { listOf, toList, toTime } from "./shapes.ts";

const COMMENT_MS = 4_000;
const STREAMS_MAX = 10_000;
const PAGE = 100;

const EventShape = z
  .object({
    object: z.literal("event"),
    id: z.int().openapi({ description: "1, 2, 3 ... per merchant, without a gap" }),
    type: z.string(),
    at: z.iso.datetime(),
    lane: z.string(),
    payment_request: z.string(),
    payment: z.string().nullable(),
  })
  .openapi("Event");

const listRoute = createRoute({
  method: "get",
  path: "/v1/events",
  tags: ["lanes"],
  summary: "What happened since event N",
  security: [{ key: [] }],
  request: {
    query: z.object({
      since: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(PAGE).default(20),
    }),
  },
  responses: { 200: answers("Events in order", listOf(EventShape)), 401: refused },
});

const streamRoute = createRoute({
  method: "get",
  path: "/v1/lanes/{lane}/events",
  tags: ["lanes"],
  summary: "Events of one lane as they happen (text/event-stream)",
  description: "`Last-Event-ID` continues after that event; without it the stream starts now.",
  security: [{ key: [] }],
  request: { params: LaneParam },
  responses: {
    200: { description: "A stream", content: { "text/event-stream": { schema: z.string() } } },
    404: refused,
  },
});

function toEvent({ number, type, atMs, laneId, requestId, paymentId }: MerchantEvent) {
  return {
    object: "event" as const,
    id: number,
    type,
    at: toTime(atMs),
    lane: laneId,
    payment_request: requestId,
    payment: paymentId ?? null,
  };
}

/** Open streams, so that a shutdown can end them. */
export class Streams {
  readonly #ends = new Set<() => void>();

  get isFull(): boolean {
    return this.#ends.size >= STREAMS_MAX;
  }

  add(end: () => void): () => void {
    this.#ends.add(end);
    return () => this.#ends.delete(end);
  }

  /** Tells every client to come back. */
  close(): void {
    for (const end of [...this.#ends]) end();
  }
}

export function addEvents(api: Api, services: Services, streams: Streams): void {
  on(api, listRoute, async (c) => {
    const { terms } = await merchantCaller(services, c);
    const { since, limit } = c.req.valid("query");
    await services.viewRunner.catchUp();
    const table = services.views.table("merchant-events");
    const events = eventsSince(table, terms.merchantNumber, since, limit + 1);
    return c.json(toList(events.slice(0, limit).map(toEvent), events.length > limit));
  });
  on(api, streamRoute, (c) => stream(services, streams, c));
}

async function stream(
  services: Services,
  streams: Streams,
  c: ContextOf<typeof streamRoute>,
): Promise<Response> {
  const lane = laneOf(c.req.valid("param").lane);
  const { lane: described } = await laneCaller(services, c, lane);
  if (streams.isFull || services.host.isDraining) throw new Problem("fault_busy");
  await services.viewRunner.catchUp();
  const table = services.views.table("merchant-events");
  const { merchantNumber } = described.terms.payee;
  const given = /^[0-9]{1,15}$/.exec(c.req.header("last-event-id") ?? "");
  const newest = lastNumber(table, merchantNumber);
  // A number that was never given, of an older sandbox say, would mean silence for ever.
  let last = given === null ? newest : Math.min(Number(given[0]), newest);
  const next = (): string => {
    let text = "";
    for (;;) {
      const events = eventsSince(table, merchantNumber, last, PAGE);
      last = events.at(-1)?.number ?? last;
      text += events
        .filter(({ laneId }) => laneId === lane)
        .map(frame)
        .join("");
      if (events.length < PAGE) return text;
    }
  };
  return new Response(streamOf(services, streams, c.req.raw.signal, next), {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    },
  });
}

function frame(event: MerchantEvent): string {
  return `id: ${event.number}\nevent: ${event.type}\ndata: ${JSON.stringify(toEvent(event))}\n\n`;
}

function streamOf(
  services: Services,
  streams: Streams,
  signal: AbortSignal,
  next: () => string,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let end = (): void => {};
  return new ReadableStream({
    start(controller) {
      const write = (text: string): void => {
        if (text !== "") controller.enqueue(encoder.encode(text));
      };
      const comment = setInterval(() => write(": here\n\n"), COMMENT_MS);
      const stopListening = services.viewRunner.onAdvance(() => write(next()));
      const forget = streams.add(() => end());
      end = () => {
        clearInterval(comment);
        stopListening();
        forget();
        end = () => {};
        try {
          controller.close();
        } catch {
          // The client closed it first.
        }
      };
      signal.addEventListener("abort", () => end());
      write(`retry: 1000\n\n${next()}`);
    },
    cancel() {
      end();
    },
  });
}
