/**
 * Where a merchant is paid out to. It is sealed in the vault, which opens it for no route: shown is
 * only how its number ends. After a payout came back nothing is sent before the merchant, or
 * the desk for it, has named a bank account again; a changed one waits, and is in a queue of the
 * desk meanwhile (docs/money.md).
 */
import { createRoute, z } from "@hono/zod-openapi";
import { bankDateAt } from "../../actors/banking-calendar.ts";
import { merchantId, numberOf, parseMerchantId } from "../../actors/ids.ts";
import type { MerchantReply } from "../../actors/merchant.ts";
import type { Settlement } from "../../actors/settlement-messages.ts";
import { wipe } from "../../wasm/bytes.ts";
import { type BankAccountEnding, endingOf } from "../vault/bank-account-ending.ts";
import {
  type ChangedBankAccount,
  changedBankAccounts,
  heldBankAccounts,
} from "../views/changed-bank-accounts.ts";
import { type Api, answers, body, KeyHeader, on, refusals } from "./api.ts";
import { AuditPage, AuditTrail, auditTrail } from "./audit.ts";
import { merchantCaller, operatorCaller } from "./auth.ts";
import { BankAccountFields, Note, wholeOr } from "./fields.ts";
import { ask, once, orUndo, type SwitchCommand } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { listOf, orNull, toList, toTime } from "./shapes.ts";

type Context = Parameters<typeof ask>[1];

const BankAccountShapeFields = {
  object: z.literal("bank_account"),
  merchant: z.string(),
  status: z.enum(["none", "active", "returned"]).openapi({
    description: "`returned`: payouts came back from it. Name one, and the next payout goes there",
  }),
  kind: z.enum(["checking", "savings"]).nullable(),
  last_four: z.string().nullable().openapi({
    description: "The end of its number; less of a short one",
    example: "6789",
  }),
  return_code: z.string().nullable().openapi({ description: "Why the last payout came back" }),
  payouts_from: z.string().nullable().openapi({
    description: "It took another one's place: nothing is sent to it before that banking day",
    example: "2026-11-27",
  }),
};

const BankAccountShape = z.object(BankAccountShapeFields).openapi("BankAccount");

const DeskBankAccountShape = z
  .object({
    ...BankAccountShapeFields,
    proposal: orNull(
      z.object({
        kind: z.enum(["checking", "savings"]).nullable(),
        last_four: z.string().nullable(),
        note: z.string().nullable(),
        proposed_by: z.string(),
      }),
      "Named by one operator; it counts when another one names the same",
    ),
  })
  .openapi("DeskBankAccount");

const ChangedShape = z
  .object({
    object: z.literal("bank_account_change"),
    merchant: z.string(),
    changed_at: z.iso.datetime(),
    by: z.string(),
    note: z.string().nullable(),
    payouts_from: z.string(),
  })
  .openapi("BankAccountChange");

const MerchantParam = z.object({ merchant: z.string().openapi({ example: "mer_1" }) });
const ofMerchant = "/v1/desk/merchants/{merchant}";
const security = [{ key: [] }];
const shown = { 200: answers("The bank account, by its last letters", BankAccountShape) };
const deskShown = { 200: answers("The same, and what waits", DeskBankAccountShape) };

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
  description:
    "Payouts on their way stay where they are. The number is never shown again. One that takes " +
    "another one's place is paid to from the third banking day on (`payouts_from`).",
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
  responses: { ...deskShown, ...refusals("merchant_not_found") },
});

const deskSetRoute = createRoute({
  method: "put",
  path: `${ofMerchant}/bank-account`,
  tags: ["desk"],
  summary: "Name the bank account of a merchant, with a reason: two people",
  description:
    "The first call proposes it (202); it counts when another person names the same. Another " +
    "one is another proposal, and takes the place of the one that waits.",
  security,
  request: {
    params: MerchantParam,
    headers: KeyHeader,
    body: body(z.strictObject({ ...BankAccountFields, note: Note })),
  },
  responses: {
    ...deskShown,
    202: answers("Proposed: nothing has happened yet", DeskBankAccountShape),
    ...refusals("merchant_not_found", "second_person_needed"),
  },
});

const changesRoute = createRoute({
  method: "get",
  path: "/v1/desk/bank-account-changes",
  tags: ["desk"],
  summary: "Merchants whose bank account was changed, and is not paid to yet",
  description: "Call them before that, under a number that was known before.",
  security,
  request: {
    query: z.object({
      limit: wholeOr(50, 1, 100),
      starting_after: z.string().optional().openapi({ description: "A merchant of the list" }),
    }),
  },
  responses: {
    200: answers("The one that is paid to first", listOf(ChangedShape)),
    ...refusals("not_found"),
  },
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
    const named = { ...c.req.valid("json"), note: null, persons: "one" as const };
    await set(services, c, principal, terms.merchantNumber, named);
    return c.json(await bankAccount(services, c, principal, terms.merchantNumber));
  });
  on(api, deskShowRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const number = merchantNumberOf(c.req.valid("param").merchant);
    return c.json(await deskBankAccount(services, c, principal, number));
  });
  on(api, deskSetRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const number = merchantNumberOf(c.req.valid("param").merchant);
    const named = { ...c.req.valid("json"), persons: "two" as const };
    const { kind } = await set(services, c, principal, number, named);
    const now = await deskBankAccount(services, c, principal, number);
    return kind === "bank_account_proposed" ? c.json(now, 202) : c.json(now);
  });
  on(api, changesRoute, async (c) => {
    operatorCaller(services, c);
    await services.viewRunner.catchUp();
    const { limit, starting_after: after } = c.req.valid("query");
    const table = services.views.table(changedBankAccounts.name);
    const today = bankDateAt(services.clock.nowMs());
    const from = after === undefined ? undefined : parseMerchantId(after);
    if (after !== undefined && from === undefined) throw new Problem("not_found");
    const number = from === undefined ? undefined : numberOf(from);
    const found = heldBankAccounts(table, today, limit + 1, number);
    if (found === undefined) throw new Problem("not_found");
    return c.json(toList(found.slice(0, limit).map(toChange), found.length > limit));
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

function toChange({ merchantNumber, changedAtMs, by, note, payableFrom }: ChangedBankAccount) {
  return {
    object: "bank_account_change" as const,
    merchant: merchantId(merchantNumber),
    changed_at: toTime(changedAtMs),
    ...{ by, note, payouts_from: payableFrom },
  };
}

interface Given {
  readonly routing_number: string;
  readonly account_number: string;
  readonly kind: "checking" | "savings";
  readonly note: string | null;
  readonly persons: "one" | "two";
}

type Named = Extract<MerchantReply, { kind: "noted" | "bank_account_proposed" }>;

/** Sealed first, then told to the merchant by token. */
async function set(
  services: Services,
  c: Context,
  principal: string,
  merchantNumber: number,
  { routing_number, account_number, kind, note, persons }: Given,
): Promise<Named> {
  const { vault } = services;
  const { reply } = await once<Named>(services, c, { principal }, async (askFirst) => {
    const known = await described(services, c, principal, merchantNumber);
    const bytes = Buffer.from(JSON.stringify({ routing_number, account_number, kind }));
    const owner = String(merchantNumber);
    const whole = { kind: "bank-account" as const, owner, bytes };
    const tokens = vault.put([whole, endingOf(owner, { account_number, kind })]);
    wipe(bytes);
    const [token = "", ending = ""] = tokens;
    const sameAs = sameBankAccounts(services, merchantNumber, known, { token, ending });
    const command: SwitchCommand = {
      ...{ kind: "SetBankAccount", token, ending, note, persons, sameAs },
    };
    const asked = askFirst(merchantRef(merchantNumber), command);
    return orUndo(asked, () => vault.destroy(tokens));
  });
  return reply;
}

interface Tokens {
  readonly token: string;
  readonly ending: string;
}

/** Which of those that the merchant knows are this one; number and kind, and none is opened. */
function sameBankAccounts(
  services: Services,
  owner: number,
  { bankAccount, ending, proposal }: Settlement,
  given: Tokens,
): readonly string[] {
  const now = bankAccount === null || ending === null ? [] : [{ token: bankAccount, ending }];
  const known: readonly Tokens[] = proposal === null ? now : [...now, proposal];
  const { kind } = endingShown(services, owner, given.ending);
  const same = known.filter(({ token, ending: shown }) => {
    if (endingShown(services, owner, shown).kind !== kind) return false;
    return services.vault.isSameBankAccount(token, given.token);
  });
  return same.map(({ token }) => token);
}

async function bankAccount(
  services: Services,
  c: Context,
  principal: string,
  merchantNumber: number,
) {
  return toBankAccount(
    services,
    merchantNumber,
    await described(services, c, principal, merchantNumber),
  );
}

async function deskBankAccount(
  services: Services,
  c: Context,
  principal: string,
  merchantNumber: number,
) {
  const settlement = await described(services, c, principal, merchantNumber);
  const { proposal } = settlement;
  const waiting = proposal && {
    ...endingShown(services, merchantNumber, proposal.ending),
    ...{ note: proposal.note, proposed_by: proposal.by },
  };
  return { ...toBankAccount(services, merchantNumber, settlement), proposal: waiting };
}

async function described(
  services: Services,
  c: Context,
  principal: string,
  merchantNumber: number,
): Promise<Settlement> {
  type Described = Extract<MerchantReply, { kind: "merchant" }>;
  const ref = merchantRef(merchantNumber);
  const command = { kind: "DescribeMerchant" } as const;
  return (await ask<Described>(services, c, principal, ref, command)).settlement;
}

function toBankAccount(services: Services, merchantNumber: number, settlement: Settlement) {
  const { payableFrom } = settlement;
  const isHeld = payableFrom !== null && bankDateAt(services.clock.nowMs()) < payableFrom;
  return {
    object: "bank_account" as const,
    merchant: merchantId(merchantNumber),
    ...shownOf(services, merchantNumber, settlement),
    return_code: settlement.rejectedBy,
    payouts_from: isHeld ? payableFrom : null,
  };
}

/** By its ending, which is sealed as well: the bank account itself stays closed. */
function shownOf(services: Services, owner: number, { ending, rejectedBy }: Settlement) {
  if (ending === null) {
    return { ...NOTHING, status: rejectedBy === null ? ("none" as const) : ("returned" as const) };
  }
  return { ...endingShown(services, owner, ending), status: "active" as const };
}

const NOTHING = { kind: null, last_four: null };

function endingShown({ vault }: Services, owner: number, ending: string) {
  const bytes = vault.open(ending, "bank-account-ending", String(owner));
  if (bytes === undefined) return NOTHING;
  const { kind, last_four } = JSON.parse(Buffer.from(bytes).toString()) as BankAccountEnding;
  wipe(bytes);
  return { kind, last_four };
}
