/** The merchant's feed: one gap-free number per event, the same in the list and in the stream. */
import { createRoute, z } from "@hono/zod-openapi";
import { type LaneId, settlementId } from "../../actors/ids.ts";
import { eventsSince, lastNumber, type MerchantEvent } from "../views/merchant-events.ts";
import { type Api, answers, type ContextOf, on, refusals } from "./api.ts";
import { laneCaller, merchantCaller } from "./auth.ts";
import { type EventSource, EventStream } from "./event-stream.ts";
import { wholeOr } from "./fields.ts";
import { LaneParam, laneOf } from "./lanes.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { listOf, toList, toTime } from "./shapes.ts";
import { Tally } from "./tally.ts";

export const STREAMS_MAX = 10_000;
/** A lane is one till and perhaps a page or two: with more, one key would take all places. */
export const STREAMS_PER_LANE_MAX = 20;
const PAGE = 100;

const EventShape = z
  .object({
    object: z.literal("event"),
    id: z.int().openapi({ description: "1, 2, 3 ... per merchant, without a gap" }),
    type: z.string(),
    at: z.iso.datetime(),
    lane: z.string().nullable().openapi({ description: "Null for what is of no lane" }),
    payment_request: z.string().nullable(),
    payment: z.string().nullable(),
    refund: z.string().nullable(),
    settlement: z.string().nullable(),
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
      since: wholeOr(0, 0, Number.MAX_SAFE_INTEGER),
      limit: wholeOr(20, 1, PAGE),
    }),
  },
  responses: { 200: answers("Events in order", listOf(EventShape)) },
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
    ...refusals("lane_not_found", "too_many_listeners"),
  },
});

function toEvent(event: MerchantEvent) {
  const { number, type, atMs, laneId, requestId, paymentId, refundId, payoutId } = event;
  return {
    object: "event" as const,
    id: number,
    type,
    at: toTime(atMs),
    lane: laneId ?? null,
    payment_request: requestId ?? null,
    payment: paymentId ?? null,
    refund: refundId ?? null,
    settlement: payoutId === undefined ? null : settlementId(payoutId),
  };
}

/** Open streams, so that a shutdown can end them. */
export class Streams {
  readonly #open = new Set<EventStream>();
  readonly #perLane = new Tally(STREAMS_PER_LANE_MAX);

  /** `report` hears of what ended a stream that should have gone on. */
  constructor(private readonly report: (fault: unknown) => void) {}

  /** Throws Problem when there is no place left. */
  open(lane: LaneId, source: EventSource, signal: AbortSignal): EventStream {
    if (this.#open.size >= STREAMS_MAX) throw new Problem("fault_busy");
    if (!this.#perLane.add(lane)) throw new Problem("too_many_listeners");
    const stream = new EventStream(source, signal, (ended, fault) => {
      this.#open.delete(ended);
      this.#perLane.remove(lane);
      if (fault !== undefined) this.report(fault);
    });
    // Whoever has gone before the stream began takes no place.
    if (!stream.isOver) this.#open.add(stream);
    return stream;
  }

  /** Tells every client to come back. */
  close(): void {
    for (const stream of [...this.#open]) stream.end();
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
  if (services.host.isDraining) throw new Problem("fault_busy");
  await services.viewRunner.catchUp();
  const table = services.views.table("merchant-events");
  const { merchantNumber } = described.terms.payee;
  const given = /^[0-9]{1,15}$/.exec(c.req.header("last-event-id") ?? "");
  const newest = lastNumber(table, merchantNumber);
  // A number that was never given, of an older sandbox say, would mean silence for ever.
  let last = given === null ? newest : Math.min(Number(given[0]), newest);
  const source: EventSource = {
    next() {
      const events = eventsSince(table, merchantNumber, last, PAGE);
      last = events.at(-1)?.number ?? last;
      const ours = events.filter(({ laneId }) => laneId === lane);
      return { text: ours.map(frame).join(""), hasMore: events.length === PAGE };
    },
    subscribe: (listener) => services.viewRunner.onAdvance(listener),
  };
  const headers = {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  };
  // Of a HEAD nobody reads the body: a stream for it would stay open for ever.
  if (c.req.method === "HEAD") return new Response(null, { headers });
  return new Response(streams.open(lane, source, c.req.raw.signal).body, { headers });
}

function frame(event: MerchantEvent): string {
  return `id: ${event.number}\nevent: ${event.type}\ndata: ${JSON.stringify(toEvent(event))}\n\n`;
}
