/** The desk takes on merchants. */
import { createRoute, z } from "@hono/zod-openapi";
import { merchantId } from "../../actors/ids.ts";
import type { MerchantReply, MerchantTerms } from "../../actors/merchant.ts";
import type { NumberReply } from "../../actors/numbers.ts";
import { STATEMENT_NAME } from "../../actors/statement-name.ts";
import { type Api, answers, body, type ContextOf, KeyHeader, on } from "./api.ts";
import { apiKeyTag, makeApiKey, operatorCaller } from "./auth.ts";
import { Label } from "./fields.ts";
import { ask, once } from "./once.ts";
import type { Services } from "./services.ts";

const deskKey = [{ key: [] }];
/** A fee above a tenth of the price is a typing error. */
const FEE_BASIS_POINTS_MAX = 1_000;

const Merchant = z
  .object({
    object: z.literal("merchant"),
    id: z.string(),
    name: z.string(),
    statement_name: z.string(),
    fee_basis_points: z.int(),
    api_key: z.string().optional().openapi({ description: "Shown once, on set-up" }),
  })
  .openapi("Merchant");

const setUpRoute = createRoute({
  method: "post",
  path: "/v1/desk/merchants",
  tags: ["desk"],
  summary: "Take on a merchant; its API key is shown once",
  security: deskKey,
  request: {
    headers: KeyHeader,
    body: body(
      z.strictObject({
        name: Label,
        // What the bank statement is sent with; never cut short.
        statement_name: z.string().regex(STATEMENT_NAME),
        street: Label,
        city: Label,
        state: z.string().regex(/^[A-Z]{2}$/),
        fee_basis_points: z.int().min(0).max(FEE_BASIS_POINTS_MAX),
      }),
    ),
  },
  responses: { 201: answers("The merchant and its key", Merchant) },
});

export function addDeskMerchants(api: Api, services: Services): void {
  on(api, setUpRoute, (c) => setUp(services, c));
}

/** The number comes from its own series; a repeat of the call gets the same number and key. */
async function setUp(services: Services, c: ContextOf<typeof setUpRoute>): Promise<Response> {
  const principal = operatorCaller(services, c);
  const { keys, mode } = services;
  const given = c.req.valid("json");
  type SetUp = Extract<MerchantReply, { kind: "merchant" }>;
  const { reply, commandId } = await once<SetUp>(
    services,
    c,
    { principal },
    async (askFirst, commandId) => {
      const ref = { kind: "numbers", id: "merchant" };
      const command = { kind: "TakeNumber" } as const;
      const { number } = await ask<NumberReply>(services, c, principal, ref, command);
      const key = makeApiKey(keys, "merchant", String(number), mode, commandId);
      const terms: MerchantTerms = {
        merchantNumber: number,
        name: given.name,
        statementName: given.statement_name,
        street: given.street,
        city: given.city,
        state: given.state,
        feeBasisPoints: given.fee_basis_points,
        keyTag: apiKeyTag(keys, key),
      };
      const setUpMerchant = { kind: "SetUpMerchant" as const, terms };
      return askFirst({ kind: "merchant", id: String(number) }, setUpMerchant);
    },
  );
  const { terms } = reply;
  const merchant = {
    object: "merchant" as const,
    id: merchantId(terms.merchantNumber),
    name: terms.name,
    statement_name: terms.statementName,
    fee_basis_points: terms.feeBasisPoints,
    api_key: makeApiKey(keys, "merchant", String(terms.merchantNumber), mode, commandId),
  };
  return c.json(merchant, 201);
}
