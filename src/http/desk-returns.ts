/** The desk's report of return rates: what came back of what was originated, against thresholds. */
import { createRoute, z } from "@hono/zod-openapi";
import { addDays, type BankDate, bankDateAt } from "../../actors/banking-calendar.ts";
import { merchantId, numberOf, parseMerchantId } from "../../actors/ids.ts";
import type { MerchantReply } from "../../actors/merchant.ts";
import { RATE_CLASSES, RATE_DAYS, ratesFrom, recentReturns } from "../collection/return-rates.ts";
import { daysOfReturns, merchantsWithReturns, returnRates } from "../views/return-rates.ts";
import { type Api, answers, type ContextOf, on, refusals } from "./api.ts";
import { operatorCaller } from "./auth.ts";
import { ask } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";

/** Merchants that are looked at, and those that are shown, the worst first. */
const MERCHANTS_MAX = 1_000;
const SHOWN_MAX = 50;

const Rate = z
  .object({
    kind: z.enum(RATE_CLASSES as [string, ...string[]]),
    returned: z.int(),
    basis_points: z.int().nullable().openapi({ description: "Null where nothing was originated" }),
    threshold_basis_points: z.int(),
    level: z.enum(["good", "watch", "above"]).openapi({
      description: "`watch`: half of the threshold is reached; `above`: it is passed",
    }),
  })
  .openapi("ReturnRate");

const Counts = {
  originated: z.int(),
  unauthorised: z.int(),
  administrative: z.int(),
  overall: z.int().openapi({ description: "All that came back" }),
};

const ReturnRates = z
  .object({
    object: z.literal("return_rates"),
    merchant: z.string().nullable(),
    from: z.string().openapi({ example: "2026-09-24" }),
    to: z.string().openapi({ example: "2026-11-22" }),
    originated: z.int().openapi({ description: "Debits that the bank took" }),
    rates: z.array(Rate),
    days: z.array(z.object({ day: z.string(), ...Counts })),
    merchants: z.array(z.object({ merchant: z.string(), ...Counts })),
  })
  .openapi("ReturnRates");

const ratesRoute = createRoute({
  method: "get",
  path: "/v1/desk/return-rates",
  tags: ["desk"],
  summary: "Return rates over sixty days, with counts, by day and by merchant",
  security: [{ key: [] }],
  request: {
    query: z.object({
      merchant: z
        .string()
        .regex(/^mer_[1-9][0-9]{0,9}$/)
        .optional()
        .openapi({ description: "Of this merchant alone" }),
    }),
  },
  responses: { 200: answers("The rates", ReturnRates), ...refusals("merchant_not_found") },
});

export function addDeskReturns(api: Api, services: Services): void {
  on(api, ratesRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const merchantNumber = await merchantOf(services, c, principal);
    await services.viewRunner.catchUp();
    const today = bankDateAt(services.clock.nowMs());
    const counts = recentReturns(services.views, today, merchantNumber);
    const table = services.views.table(returnRates.name);
    return c.json({
      object: "return_rates" as const,
      merchant: merchantNumber === undefined ? null : merchantId(merchantNumber),
      from: addDays(today, 1 - RATE_DAYS),
      to: today,
      originated: counts.originated,
      rates: ratesFrom(counts).map(({ basisPoints, thresholdBasisPoints, ...rate }) => ({
        ...rate,
        basis_points: basisPoints,
        threshold_basis_points: thresholdBasisPoints,
      })),
      days: [...daysOfReturns(table, today, RATE_DAYS, merchantNumber)],
      merchants: merchantNumber === undefined ? worstMerchants(services, today) : [],
    });
  });
}

async function merchantOf(
  services: Services,
  c: ContextOf<typeof ratesRoute>,
  principal: string,
): Promise<number | undefined> {
  const { merchant } = c.req.valid("query");
  if (merchant === undefined) return undefined;
  const id = parseMerchantId(merchant);
  if (id === undefined) throw new Problem("merchant_not_found");
  const number = numberOf(id);
  const ref = { kind: "merchant", id: String(number) };
  await ask<MerchantReply>(services, c, principal, ref, { kind: "DescribeMerchant" });
  return number;
}

/** Those of whom nobody returned anything are not here. */
function worstMerchants(services: Services, today: BankDate) {
  const table = services.views.table(returnRates.name);
  const numbers = merchantsWithReturns(table, today, RATE_DAYS, MERCHANTS_MAX);
  const all = numbers.map((number) => {
    return { merchant: merchantId(number), ...recentReturns(services.views, today, number) };
  });
  // Two shares are compared by their counts, crosswise: nothing is rounded.
  const worse = (one: (typeof all)[number], other: (typeof all)[number]): number =>
    other.overall * one.originated - one.overall * other.originated;
  return all.toSorted(worse).slice(0, SHOWN_MAX);
}
