/** Payment requests: a till opens, shows, changes and cancels what a payer is asked for. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Message } from "../../actors/actor.ts";
import {
  type LaneId,
  laneOfPaymentRequest,
  type PaymentRequestId,
  parseId,
} from "../../actors/ids.ts";
import type {
  LaneCommand,
  PaymentRequest,
  PaymentRequestView,
} from "../../actors/lane-messages.ts";
import { refusalOfClosed } from "../../actors/payment-request.ts";
import { findRequest } from "../views/payment-requests.ts";
import { type Api, answers, body, CLOSED, type ContextOf, KeyHeader, on, refusals } from "./api.ts";
import { type LaneCaller, laneCaller } from "./auth.ts";
import { randomPaymentRequestId } from "./bytes.ts";
import type { Codes } from "./codes.ts";
import { Label, tillText, wholeIn } from "./fields.ts";
import { type LaneWatch, WAIT_MS_MAX } from "./lane-watch.ts";
import { LaneParam, laneOf } from "./lanes.ts";
import { AskedMoney, fromMoney } from "./money.ts";
import { once } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { PaymentRequestShape, toPaymentRequest } from "./shapes.ts";

const key = [{ key: [] }];
const RequestParam = LaneParam.extend({ request: z.string() });
const Fields = z.strictObject({
  amount: AskedMoney,
  title: Label.default("Purchase"),
  client_invoice_id: tillText(64),
  cashier_id: tillText(32),
});
const shown = answers("The payment request as it is now", PaymentRequestShape);

const openRoute = createRoute({
  method: "post",
  path: "/v1/lanes/{lane}/payment-requests",
  tags: ["lanes"],
  summary: "Ask for money; at a till this supersedes what was open",
  security: key,
  request: { params: LaneParam, headers: KeyHeader, body: body(Fields) },
  responses: { 201: shown, ...refusals("lane_not_found", "too_many_requests") },
});

const showRoute = createRoute({
  method: "get",
  path: "/v1/lanes/{lane}/payment-requests/{request}",
  tags: ["lanes"],
  summary: "Status of a payment request; with `wait`, as soon as it changes",
  description:
    "`ETag` is the revision. With `If-None-Match` an unchanged request is answered 304; with " +
    "`wait` (milliseconds) the answer is held until it changes or the time is over.",
  security: key,
  request: {
    params: RequestParam,
    query: z.object({ wait: wholeIn(0, WAIT_MS_MAX) }),
  },
  responses: {
    200: shown,
    304: { description: "Unchanged" },
    ...refusals("lane_not_found", "request_not_found", "too_many_listeners"),
  },
});

const updateRoute = createRoute({
  method: "patch",
  path: "/v1/lanes/{lane}/payment-requests/{request}",
  tags: ["lanes"],
  summary: "Change what is asked; an approval of the older version is refused",
  security: key,
  request: { params: RequestParam, headers: KeyHeader, body: body(Fields) },
  responses: {
    200: shown,
    ...refusals("lane_not_found", ...CLOSED, "version_mismatch", "too_many_updates"),
  },
});

const cancelRoute = createRoute({
  method: "post",
  path: "/v1/lanes/{lane}/payment-requests/{request}/cancel",
  tags: ["lanes"],
  summary: "Cancel; when it is paid already the answer is 409 with the truth",
  security: key,
  request: { params: RequestParam, headers: KeyHeader },
  responses: {
    200: shown,
    ...refusals("lane_not_found", ...CLOSED, "version_mismatch", "invalid_request"),
  },
});

export function addPaymentRequests(
  api: Api,
  services: Services,
  codes: Codes,
  watch: LaneWatch,
): void {
  on(api, openRoute, (c) => open(services, codes, c));
  on(api, showRoute, (c) => show(services, codes, watch, c));
  on(api, updateRoute, (c) => update(services, codes, c));
  on(api, cancelRoute, (c) => cancel(services, codes, c));
}

function fieldsOf(given: z.infer<typeof Fields>) {
  return {
    amountCents: fromMoney(given.amount),
    title: given.title,
    clientInvoiceId: given.client_invoice_id,
    cashierId: given.cashier_id,
  };
}

/** The id in the path, when it is of this lane. */
function requestOf(text: string, lane: LaneId): PaymentRequestId {
  const id = parseId("paymentRequest", text);
  if (id === undefined || laneOfPaymentRequest(id) !== lane) {
    throw new Problem("request_not_found");
  }
  return id;
}

async function open(
  services: Services,
  codes: Codes,
  c: ContextOf<typeof openRoute>,
): Promise<Response> {
  const lane = laneOf(c.req.valid("param").lane);
  const { principal } = await laneCaller(services, c, lane);
  const fields = fieldsOf(c.req.valid("json"));
  const { reply } = await once<PaymentRequestView>(services, c, { principal }, (ask) => {
    const requestId = randomPaymentRequestId(lane, services.clock);
    const command: LaneCommand = { kind: "OpenPaymentRequest", requestId, ...fields };
    return ask({ kind: "lane", id: lane }, command);
  });
  c.header("etag", etag(reply.request));
  return c.json(toPaymentRequest(codes, reply.payee, reply.request), 201);
}

async function show(
  services: Services,
  codes: Codes,
  watch: LaneWatch,
  c: ContextOf<typeof showRoute>,
): Promise<Response> {
  const lane = laneOf(c.req.valid("param").lane);
  const caller = await laneCaller(services, c, lane);
  const requestId = requestOf(c.req.valid("param").request, lane);
  const seen = c.req.header("if-none-match");
  const waitMs = c.req.valid("query").wait ?? 0;
  let request = await current(services, caller, requestId);
  if (waitMs > 0 && isSeen(request, seen)) {
    // Told apart from an unchanged one by the lane itself, after each of its events.
    const isNew = async (): Promise<boolean> => {
      request = await current(services, await describe(services, lane, caller), requestId);
      return !isSeen(request, seen);
    };
    await watch.until(lane, waitMs, c.req.raw, isNew);
  }
  c.header("etag", etag(request));
  if (isSeen(request, seen)) return c.body(null, 304);
  return c.json(toPaymentRequest(codes, caller.lane.terms.payee, request));
}

async function describe(services: Services, id: LaneId, caller: LaneCaller): Promise<LaneCaller> {
  const command: LaneCommand = { kind: "DescribeLane" };
  const reply: Message = await services.host.ask({ kind: "lane", id }, command, caller);
  return reply.kind === "lane" ? { ...caller, lane: reply as LaneCaller["lane"] } : caller;
}

/** RFC 9110 section 13.1.2: a list of revisions, compared weakly, or `*` for any. */
function isSeen(request: PaymentRequest, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  const seen = ifNoneMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return seen.includes("*") || seen.includes(etag(request));
}

/** From the lane while it remembers it, else from the view. */
async function current(
  services: Services,
  { lane }: LaneCaller,
  requestId: PaymentRequestId,
): Promise<PaymentRequest> {
  const isAsked = (request: PaymentRequest): boolean => request.requestId === requestId;
  const known = lane.open.find(isAsked) ?? lane.closed.find(isAsked);
  if (known !== undefined) return known;
  await services.viewRunner.catchUp();
  const found = findRequest(services.views.table("payment-requests"), requestId);
  if (found === undefined) throw new Problem("request_not_found");
  return found;
}

/** RFC 9110 section 8.8.3: strong, because the same revision is the same representation. */
function etag({ revision }: PaymentRequest): string {
  return `"${revision}"`;
}

/** The revision that must hold; undefined for any. What is not understood is refused. */
function revisionIn(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch === "*") return undefined;
  const match = /^"([0-9]{1,9})"$/.exec(ifMatch);
  if (match !== null) return Number(match[1]);
  const errors = [{ pointer: "header/if-match", code: "invalid_format" }];
  throw new Problem("invalid_request", { errors });
}

async function update(
  services: Services,
  codes: Codes,
  c: ContextOf<typeof updateRoute>,
): Promise<Response> {
  const lane = laneOf(c.req.valid("param").lane);
  const caller = await laneCaller(services, c, lane);
  const requestId = requestOf(c.req.valid("param").request, lane);
  const revision = revisionIn(c.req.header("if-match"));
  const fields = fieldsOf(c.req.valid("json"));
  const command: LaneCommand = { kind: "UpdatePaymentRequest", requestId, revision, ...fields };
  return await change(services, codes, caller, requestId, async () => {
    const { reply } = await once<PaymentRequestView>(services, c, caller, (ask) =>
      ask({ kind: "lane", id: lane }, command),
    );
    c.header("etag", etag(reply.request));
    return c.json(toPaymentRequest(codes, reply.payee, reply.request));
  });
}

async function cancel(
  services: Services,
  codes: Codes,
  c: ContextOf<typeof cancelRoute>,
): Promise<Response> {
  const lane = laneOf(c.req.valid("param").lane);
  const caller = await laneCaller(services, c, lane);
  const requestId = requestOf(c.req.valid("param").request, lane);
  const revision = revisionIn(c.req.header("if-match"));
  const command: LaneCommand = { kind: "CancelPaymentRequest", requestId, revision };
  return await change(services, codes, caller, requestId, async () => {
    const { reply } = await once<PaymentRequestView>(services, c, caller, (ask) =>
      ask({ kind: "lane", id: lane }, command),
    );
    c.header("etag", etag(reply.request));
    return c.json(toPaymentRequest(codes, reply.payee, reply.request));
  });
}

/** A 409 carries the request as it truly is (merchant-api B1), also one its lane has forgotten. */
async function change(
  services: Services,
  codes: Codes,
  caller: LaneCaller,
  requestId: PaymentRequestId,
  run: () => Promise<Response>,
): Promise<Response> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Problem) || !error.code.startsWith("request_")) throw error;
    const { payee } = caller.lane.terms;
    const now = await describe(services, payee.laneId, caller);
    // Throws that it is not found where there never was one.
    const request = await current(services, now, requestId);
    const more = { payment_request: toPaymentRequest(codes, payee, request) };
    const code = error.code === "request_not_found" ? refusalOfClosed(request).kind : error.code;
    throw new Problem(code, { ...error.details, more });
  }
}
