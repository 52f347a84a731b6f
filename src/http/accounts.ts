/** The wallet's own account: state and limit, identity pictures, receipts. */
import { createRoute, z } from "@hono/zod-openapi";
import type { AccountReply, AccountView } from "../../actors/account-messages.ts";
import { DOCUMENT_KINDS, DOCUMENT_SIDES } from "../../actors/identity.ts";
import { parseId } from "../../actors/ids.ts";
import type { Receipt } from "../../actors/receipt.ts";
import { refunds, refundsOf } from "../views/refunds.ts";
import { reversals, reversalsOf } from "../views/reversals.ts";
import { type Api, answers, type ContextOf, MayKeyHeader, on, refusals } from "./api.ts";
import { walletCaller } from "./auth.ts";
import type { Codes } from "./codes.ts";
import { PICTURE_BYTES_MAX } from "./edge.ts";
import { wholeOr } from "./fields.ts";
import { ask, onceIfKeyed, orUndo } from "./once.ts";
import { isPicture } from "./picture.ts";
import { Problem } from "./problem.ts";
import { findReceipt, receiptsOf } from "./receipts.ts";
import type { Services } from "./services.ts";
import { AccountShape, listOf, ReceiptShape, toAccount, toList, toReceipt } from "./shapes.ts";

const session = [{ session: [] }];

const accountRoute = createRoute({
  method: "get",
  path: "/v1/account",
  tags: ["wallet"],
  summary: "The account, its limit and what stands in the way of paying",
  security: session,
  responses: { 200: answers("The account", AccountShape), ...refusals("account_not_open") },
});

const pictureRoute = createRoute({
  method: "put",
  path: "/v1/account/identity/{side}",
  tags: ["wallet"],
  summary: "Send a picture of the identity document, front or rear",
  description: "The body is the picture itself: JPEG, PNG or WebP, at most 8 MiB.",
  security: session,
  request: {
    params: z.object({ side: z.enum(DOCUMENT_SIDES) }),
    headers: MayKeyHeader,
    query: z.object({ document: z.enum(DOCUMENT_KINDS) }),
  },
  responses: {
    200: answers("Received", z.object({ identity: z.enum(["none", "pending"]) })),
    ...refusals(
      "length_required",
      "picture_missing",
      "invalid_request",
      "account_not_open",
      "identity_already_verified",
    ),
  },
});

const receiptsRoute = createRoute({
  method: "get",
  path: "/v1/receipts",
  tags: ["wallet"],
  summary: "Receipts, newest first",
  security: session,
  request: {
    query: z.object({
      limit: wholeOr(20, 1, 100),
      starting_after: z.string().optional().openapi({ description: "A payment id" }),
    }),
  },
  responses: { 200: answers("Receipts", listOf(ReceiptShape)), ...refusals("not_found") },
});

const receiptRoute = createRoute({
  method: "get",
  path: "/v1/receipts/{payment}",
  tags: ["wallet"],
  summary: "One receipt",
  security: session,
  request: { params: z.object({ payment: z.string() }) },
  responses: { 200: answers("The receipt", ReceiptShape), ...refusals("not_found") },
});

export function addAccounts(api: Api, services: Services, codes: Codes): void {
  on(api, accountRoute, async (c) => {
    const { principal, accountId } = walletCaller(services, c);
    const ref = { kind: "account", id: accountId };
    const command = { kind: "DescribeAccount" } as const;
    const view = await ask<AccountView>(services, c, principal, ref, command);
    return c.json(toAccount(accountId, view));
  });
  on(api, pictureRoute, (c) => submitPicture(services, c));
  on(api, receiptsRoute, (c) => listReceipts(services, codes, c));
  on(api, receiptRoute, async (c) => {
    const { accountId } = walletCaller(services, c);
    const paymentId = parseId("payment", c.req.valid("param").payment);
    const receipt =
      paymentId === undefined
        ? undefined
        : await findReceipt(services.host.feed, accountId, paymentId);
    if (receipt === undefined) throw new Problem("not_found");
    await services.viewRunner.catchUp();
    return c.json(shown(services, codes, receipt));
  });
}

/** The receipt itself never changes; what was given back since stands beside it. */
function shown({ views }: Services, codes: Codes, receipt: Receipt) {
  const { paymentId } = receipt;
  return toReceipt(codes, receipt, {
    refunds: refundsOf(views.table(refunds.name), paymentId),
    reversals: reversalsOf(views.table(reversals.name), paymentId),
  });
}

/** Sealed first, then told to the account by token; pictures that it replaces are destroyed. */
async function submitPicture(
  services: Services,
  c: ContextOf<typeof pictureRoute>,
): Promise<Response> {
  const { principal, accountId } = walletCaller(services, c);
  const bytes = new Uint8Array(await services.places.without(c.req.arrayBuffer()));
  if (bytes.length > PICTURE_BYTES_MAX) throw new Problem("body_too_large");
  if (!isPicture(bytes)) throw new Problem("picture_missing");
  type Changed = Extract<AccountReply, { kind: "identity_changed" }>;
  const calling = { principal, body: bytes };
  const reply = await onceIfKeyed<Changed>(services, c, calling, (askFirst) => {
    const token = services.documents.put(accountId, bytes);
    const command = {
      kind: "SubmitIdentityDocument" as const,
      documentKind: c.req.valid("query").document,
      side: c.req.valid("param").side,
      token,
    };
    const asked = askFirst({ kind: "account", id: accountId }, command);
    return orUndo(asked, () => services.documents.destroy([token]));
  });
  return c.json({ identity: reply.identity.kind });
}

async function listReceipts(
  services: Services,
  codes: Codes,
  c: ContextOf<typeof receiptsRoute>,
): Promise<Response> {
  const { accountId } = walletCaller(services, c);
  const { limit, starting_after: after } = c.req.valid("query");
  await services.viewRunner.catchUp();
  const found: ReturnType<typeof toReceipt>[] = [];
  let isPast = after === undefined;
  for await (const receipt of receiptsOf(services.host.feed, accountId)) {
    if (isPast) found.push(shown(services, codes, receipt));
    isPast ||= receipt.paymentId === after;
    if (found.length > limit) break;
  }
  // Not an empty page: whoever asks would believe that there is nothing more.
  if (!isPast) throw new Problem("not_found");
  return c.json(toList(found.slice(0, limit), found.length > limit));
}
