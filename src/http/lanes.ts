/** Lanes: registering one, and what a till needs to know of it. */
import { createRoute, z } from "@hono/zod-openapi";
import { laneId, parseLaneId } from "../../actors/ids.ts";
import type { LaneReply } from "../../actors/lane-messages.ts";
import type { MerchantReply } from "../../actors/merchant.ts";
import type { NumberReply } from "../../actors/numbers.ts";
import { requestsOfLane } from "../views/payment-requests.ts";
import { type Api, answers, body, type ContextOf, KeyHeader, on, refusals } from "./api.ts";
import { apiKeyTag, laneCaller, makeApiKey, merchantCaller } from "./auth.ts";
import type { Codes } from "./codes.ts";
import { Label, wholeOr } from "./fields.ts";
import { ask, once, requireKey, unless } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import {
  LaneShape,
  listOf,
  PaymentRequestShape,
  toLane,
  toList,
  toPaymentRequest,
} from "./shapes.ts";

export const LaneParam = z.object({ lane: z.string().openapi({ example: "lane_1" }) });
const merchantKey = [{ key: [] }];

const registerRoute = createRoute({
  method: "post",
  path: "/v1/lanes",
  tags: ["lanes"],
  summary: "Register a lane; its key is shown once",
  security: merchantKey,
  request: {
    headers: KeyHeader,
    body: body(z.strictObject({ name: Label, kind: z.enum(["till", "web"]).default("till") })),
  },
  responses: { 201: answers("The lane and its key", LaneShape), ...refusals("too_many_lanes") },
});

const laneRoute = createRoute({
  method: "get",
  path: "/v1/lanes/{lane}",
  tags: ["lanes"],
  summary: "A lane",
  security: merchantKey,
  request: { params: LaneParam },
  responses: { 200: answers("The lane", LaneShape), ...refusals("lane_not_found") },
});

const currentRoute = createRoute({
  method: "get",
  path: "/v1/lanes/{lane}/current",
  tags: ["lanes"],
  summary: "The payment request that is open, or the latest one",
  description: "What a till asks after a reload: nothing is orphaned.",
  security: merchantKey,
  request: { params: LaneParam },
  responses: {
    200: answers("The payment request", PaymentRequestShape),
    ...refusals("lane_not_found", "request_not_found"),
  },
});

const listRoute = createRoute({
  method: "get",
  path: "/v1/lanes/{lane}/payment-requests",
  tags: ["lanes"],
  summary: "Payment requests of a lane, newest first",
  security: merchantKey,
  request: {
    params: LaneParam,
    query: z.object({
      limit: wholeOr(20, 1, 100),
      starting_after: z.string().optional().openapi({ description: "A reference" }),
    }),
  },
  responses: {
    200: answers("Payment requests", listOf(PaymentRequestShape)),
    ...refusals("lane_not_found", "request_not_found"),
  },
});

export function addLanes(api: Api, services: Services, codes: Codes): void {
  on(api, registerRoute, (c) => register(services, codes, c));
  on(api, laneRoute, async (c) => {
    const { lane } = await laneCaller(services, c, laneOf(c.req.valid("param").lane));
    return c.json(toLane(codes, lane.terms));
  });
  on(api, currentRoute, async (c) => {
    const { lane } = await laneCaller(services, c, laneOf(c.req.valid("param").lane));
    const request = lane.open[0] ?? lane.closed[0];
    if (request === undefined) throw new Problem("request_not_found");
    return c.json(toPaymentRequest(codes, lane.terms.payee, request));
  });
  on(api, listRoute, (c) => list(services, codes, c));
}

export function laneOf(text: string) {
  const id = parseLaneId(text);
  if (id === undefined) throw new Problem("lane_not_found");
  return id;
}

/** The number comes from its own series; a repeat of the call gets the same number and key. */
async function register(
  services: Services,
  codes: Codes,
  c: ContextOf<typeof registerRoute>,
): Promise<Response> {
  const { principal, terms } = await merchantCaller(services, c);
  const { name, kind } = c.req.valid("json");
  requireKey(c);
  const mode = services.mode;
  type Registered = Extract<MerchantReply, { kind: "lane_registered" }>;
  const { reply, commandId } = await once<Registered>(
    services,
    c,
    { principal },
    async (askFirst, commandId) => {
      const { number } = await ask<NumberReply>(
        services,
        c,
        principal,
        { kind: "numbers", id: "lane" },
        { kind: "TakeNumber" },
      );
      const key = makeApiKey(services.keys, "lane", String(number), mode, commandId);
      return askFirst({ kind: "merchant", id: String(terms.merchantNumber) }, {
        kind: "RegisterLane",
        laneNumber: number,
        laneName: name,
        laneKind: kind,
        terminalCode: terminalCode(number),
        keyTag: apiKeyTag(services.keys, key),
      } as Parameters<typeof askFirst>[1]);
    },
  );
  const id = laneId(reply.laneNumber);
  const ref = { kind: "lane", id };
  const command = { kind: "DescribeLane" } as const;
  const lane = await unless("lane_not_found", () =>
    ask<Extract<LaneReply, { kind: "lane" }>>(services, c, "switch", ref, command),
  );
  // Its terms are on their way, in the outbox: the same key asks again.
  if (lane === undefined) throw new Problem("fault_busy");
  const key = makeApiKey(services.keys, "lane", String(reply.laneNumber), mode, commandId);
  return c.json(toLane(codes, lane.terms, key), 201);
}

const CODE_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const CODE_LENGTH = 6;

/** Six characters, one per lane, for the addenda of the bank file. */
function terminalCode(laneNumber: number): string {
  let code = "";
  for (let rest = laneNumber, at = 0; at < CODE_LENGTH; at++) {
    code = CODE_LETTERS.charAt(rest % CODE_LETTERS.length) + code;
    rest = Math.floor(rest / CODE_LETTERS.length);
  }
  return code;
}

async function list(
  services: Services,
  codes: Codes,
  c: ContextOf<typeof listRoute>,
): Promise<Response> {
  const id = laneOf(c.req.valid("param").lane);
  const { lane } = await laneCaller(services, c, id);
  const { limit, starting_after: after } = c.req.valid("query");
  const start = after === undefined ? undefined : codes.resolveReference(after);
  if (after !== undefined && start?.lane !== id) throw new Problem("request_not_found");
  await services.viewRunner.catchUp();
  const table = services.views.table("payment-requests");
  const found = requestsOfLane(table, id, start?.requestNumber, limit + 1);
  const { payee } = lane.terms;
  const data = found.slice(0, limit).map((request) => toPaymentRequest(codes, payee, request));
  return c.json(toList(data, found.length > limit));
}
