/**
 * The electronic mandate (FAQ): the text that is to be accepted, and the customer's copy of the one
 * that was, with the evidence of it.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { AccountView } from "../../actors/account-messages.ts";
import type { Mandate } from "../../actors/mandate.ts";
import type { MandateTextReply } from "../../actors/mandate-text.ts";
import { wipe } from "../../wasm/bytes.ts";
import { type Api, answers, on, refusals } from "./api.ts";
import { walletCaller } from "./auth.ts";
import { ask, unless } from "./once.ts";
import type { Services } from "./services.ts";
import { orNull, toTime } from "./shapes.ts";

type Context = Parameters<typeof ask>[1];

const textRoute = createRoute({
  method: "get",
  path: "/v1/mandate",
  tags: ["wallet"],
  summary: "The mandate to accept",
  responses: {
    200: answers(
      "Text, version and hash",
      z.object({ version: z.string(), text: z.string(), hash: z.string() }),
    ),
  },
});

const MandateEndShape = z
  .object({
    by: z.enum(["customer", "operator", "bank"]),
    return_code: z.string().nullable(),
    at: z.iso.datetime().nullable(),
  })
  .openapi("MandateEnd");

const MandateShape = z
  .object({
    object: z.literal("mandate"),
    account: z.string(),
    version: z.string(),
    hash: z.string(),
    text: z.string().nullable().openapi({ description: "As it was shown" }),
    amount_rule: z.literal("as_approved_each_time"),
    name: z.string().nullable(),
    bank_account_ending: z.string().nullable().openapi({ description: "The last four" }),
    device: z.string(),
    signature: z.string().nullable(),
    accepted_at: z.iso.datetime(),
    ended: orNull(MandateEndShape, "Null while it is in force"),
  })
  .openapi("Mandate");

const copyRoute = createRoute({
  method: "get",
  path: "/v1/account/mandate",
  tags: ["wallet"],
  summary: "A copy of the mandate that was accepted",
  security: [{ session: [] }],
  responses: { 200: answers("The mandate", MandateShape), ...refusals("account_not_open") },
});

export function addMandates(api: Api, services: Services): void {
  on(api, textRoute, (c) => c.json(services.mandate));
  on(api, copyRoute, async (c) => {
    const { principal, accountId } = walletCaller(services, c);
    const ref = { kind: "account", id: accountId };
    const view = await ask<AccountView>(services, c, principal, ref, { kind: "DescribeAccount" });
    const { mandate } = view;
    return c.json({
      object: "mandate" as const,
      account: accountId,
      ...toMandate(mandate),
      text: (await mandateTextOf(services, c, mandate.textHash)) ?? null,
      ...nameOf(services, mandate.person, accountId),
    });
  });
}

/** Keeps the text that is shown now: whoever accepts it can have it again. */
export async function keepMandateText(services: Services, c: Context): Promise<void> {
  const { version, text, hash } = services.mandate;
  const ref = { kind: "mandate-text", id: hash };
  await ask<MandateTextReply>(services, c, "switch", ref, {
    kind: "KeepMandateText",
    version,
    text,
  });
}

/** Undefined for one that was accepted before texts were kept. */
async function mandateTextOf(
  services: Services,
  c: Context,
  hash: string,
): Promise<string | undefined> {
  type Described = Extract<MandateTextReply, { kind: "mandate_text" }>;
  const ref = { kind: "mandate-text", id: hash };
  const kept = await unless("mandate_text_not_found", () =>
    ask<Described>(services, c, "switch", ref, { kind: "DescribeMandateText" }),
  );
  return kept?.text;
}

function toMandate(mandate: Mandate) {
  const { textVersion, textHash, amountRule, deviceId, signature, acceptedAtMs, ended } = mandate;
  return {
    version: textVersion,
    hash: textHash,
    amount_rule: amountRule,
    device: deviceId,
    signature,
    accepted_at: toTime(acceptedAtMs),
    ended: ended && {
      by: ended.by,
      return_code: ended.code,
      at: ended.atMs === null ? null : toTime(ended.atMs),
    },
  };
}

/** Of the customer's own, for the customer's eyes. */
function nameOf({ vault }: Services, token: string, accountId: string) {
  const bytes = vault.open(token, "person", accountId);
  if (bytes === undefined) return { name: null, bank_account_ending: null };
  const { name, bank_account_ending: ending } = JSON.parse(Buffer.from(bytes).toString("utf8")) as {
    name: string;
    bank_account_ending?: string;
  };
  wipe(bytes);
  return { name, bank_account_ending: ending ?? null };
}
