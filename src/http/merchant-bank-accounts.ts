/**
 * Where a merchant is paid out to. It is sealed in the vault, which opens it for no route: shown is
 * only how its number ends. After a payout came back nothing is sent before the merchant, or
 * the desk for it, has named a bank account again (docs/money.md).
 */
import { createRoute, z } from "@hono/zod-openapi";
import { merchantId, numberOf, parseMerchantId } from "../../actors/ids.ts";
import type { MerchantReply } from "../../actors/merchant.ts";
import type { Settlement } from "../../actors/settlement-messages.ts";
import { wipe } from "../../wasm/bytes.ts";
import { type BankAccountEnding, endingOf } from "../vault/bank-account-ending.ts";
import { type Api, answers, body, KeyHeader, on, refusals } from "./api.ts";
import { AuditPage, AuditTrail, auditTrail } from "./audit.ts";
import { merchantCaller, operatorCaller } from "./auth.ts";
import { BankAccountFields, Note } from "./fields.ts";
import { ask, once, orUndo, type SwitchCommand } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";

type Context = Parameters<typeof ask>[1];

const BankAccountShape = z
  .object({
    object: z.literal("bank_account"),
    merchant: z.string(),
    status: z.enum(["none", "active", "returned"]).openapi({
      description:
        "`returned`: payouts came back from it. Name one, and the next payout goes there",
    }),
    kind: z.enum(["checking", "savings"]).nullable(),
    last_four: z.string().nullable().openapi({
      description: "The end of its number; less of a short one",
      example: "6789",
    }),
    return_code: z.string().nullable().openapi({ description: "Why the last payout came back" }),
  })
  .openapi("BankAccount");

const MerchantParam = z.object({ merchant: z.string().openapi({ example: "mer_1" }) });
const ofMerchant = "/v1/desk/merchants/{merchant}";
const security = [{ key: [] }];
const shown = { 200: answers("The bank account, by its last letters", BankAccountShape) };

const showRoute = createRoute({
  method: "get",
  path: "/v1/merchant/bank-account",
  tags: ["lanes"],
  summary: "Where this merchant is paid out to",
  security,
  responses: shown,
});

const setRoute = createRoute({
  method: "put",
  path: "/v1/merchant/bank-account",
  tags: ["lanes"],
  summary: "Name the bank account that is paid out to from now on",
  description: "Payouts on their way stay where they are. The number is never shown again.",
  security,
  request: { headers: KeyHeader, body: body(z.strictObject(BankAccountFields)) },
  responses: shown,
});

const deskShowRoute = createRoute({
  method: "get",
  path: `${ofMerchant}/bank-account`,
  tags: ["desk"],
  summary: "Where a merchant is paid out to",
  security,
  request: { params: MerchantParam },
  responses: { ...shown, ...refusals("merchant_not_found") },
});

const deskSetRoute = createRoute({
  method: "put",
  path: `${ofMerchant}/bank-account`,
  tags: ["desk"],
  summary: "Name the bank account of a merchant, with a reason",
  security,
  request: {
    params: MerchantParam,
    headers: KeyHeader,
    body: body(z.strictObject({ ...BankAccountFields, note: Note })),
  },
  responses: { ...shown, ...refusals("merchant_not_found") },
});

const auditRoute = createRoute({
  method: "get",
  path: `${ofMerchant}/audit`,
  tags: ["desk"],
  summary: "What happened to a merchant, who did it, and why",
  security,
  request: { params: MerchantParam, query: AuditPage },
  responses: { 200: answers("Newest first", AuditTrail), ...refusals("merchant_not_found") },
});

export function addMerchantBankAccounts(api: Api, services: Services): void {
  on(api, showRoute, async (c) => {
    const { principal, terms } = await merchantCaller(services, c);
    return c.json(await bankAccount(services, c, principal, terms.merchantNumber));
  });
  on(api, setRoute, async (c) => {
    const { principal, terms } = await merchantCaller(services, c);
    await set(services, c, principal, terms.merchantNumber, c.req.valid("json"), null);
    return c.json(await bankAccount(services, c, principal, terms.merchantNumber));
  });
  on(api, deskShowRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const number = merchantNumberOf(c.req.valid("param").merchant);
    return c.json(await bankAccount(services, c, principal, number));
  });
  on(api, deskSetRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const number = merchantNumberOf(c.req.valid("param").merchant);
    const given = c.req.valid("json");
    await set(services, c, principal, number, given, given.note);
    return c.json(await bankAccount(services, c, principal, number));
  });
  on(api, auditRoute, async (c) => {
    operatorCaller(services, c);
    const ref = merchantRef(merchantNumberOf(c.req.valid("param").merchant));
    return c.json(await auditTrail(services, ref, c.req.valid("query"), "merchant_not_found"));
  });
}

function merchantNumberOf(text: string): number {
  const id = parseMerchantId(text);
  if (id === undefined) throw new Problem("merchant_not_found");
  return numberOf(id);
}

const merchantRef = (number: number) => ({ kind: "merchant", id: String(number) });

interface Given {
  readonly routing_number: string;
  readonly account_number: string;
  readonly kind: "checking" | "savings";
}

/** Sealed first, then told to the merchant by token. */
async function set(
  services: Services,
  c: Context,
  principal: string,
  merchantNumber: number,
  { routing_number, account_number, kind }: Given,
  note: string | null,
): Promise<void> {
  const { vault } = services;
  await once(services, c, { principal }, (askFirst) => {
    const bytes = Buffer.from(JSON.stringify({ routing_number, account_number, kind }));
    const owner = String(merchantNumber);
    const whole = { kind: "bank-account" as const, owner, bytes };
    const tokens = vault.put([whole, endingOf(owner, { account_number, kind })]);
    wipe(bytes);
    const [token = "", ending = ""] = tokens;
    const command: SwitchCommand = { kind: "SetBankAccount", token, ending, note };
    const asked = askFirst(merchantRef(merchantNumber), command);
    return orUndo(asked, () => vault.destroy(tokens));
  });
}

async function bankAccount(
  services: Services,
  c: Context,
  principal: string,
  merchantNumber: number,
) {
  type Described = Extract<MerchantReply, { kind: "merchant" }>;
  const ref = merchantRef(merchantNumber);
  const command = { kind: "DescribeMerchant" } as const;
  const { settlement } = await ask<Described>(services, c, principal, ref, command);
  return {
    object: "bank_account" as const,
    merchant: merchantId(merchantNumber),
    ...shownOf(services, merchantNumber, settlement),
    return_code: settlement.rejectedBy,
  };
}

/** By its ending, which is sealed as well: the bank account itself stays closed. */
function shownOf({ vault }: Services, owner: number, { ending, rejectedBy }: Settlement) {
  const nothing = { kind: null, last_four: null };
  if (ending === null) {
    return { ...nothing, status: rejectedBy === null ? ("none" as const) : ("returned" as const) };
  }
  const bytes = vault.open(ending, "bank-account-ending", String(owner));
  if (bytes === undefined) return { ...nothing, status: "active" as const };
  const { kind, last_four } = JSON.parse(Buffer.from(bytes).toString()) as BankAccountEnding;
  wipe(bytes);
  return { status: "active" as const, kind, last_four };
}
