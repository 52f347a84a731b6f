/**
 * The desk: customer service and operators. Every act has a name, a reason and a place in the log.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { AccountReply, AccountView } from "../../actors/account-messages.ts";
import { BLOCK_REASONS } from "../../actors/block.ts";
import { DOCUMENT_SIDES, REJECTION_REASONS } from "../../actors/identity.ts";
import { type AccountId, parseId } from "../../actors/ids.ts";
import { cents } from "../../actors/money.ts";
import { waitingForIdentity } from "../views/identity-queue.ts";
import { type Api, answers, body, type ContextOf, MayKeyHeader, on, refusals } from "./api.ts";
import { AuditPage, AuditTrail, auditTrail } from "./audit.ts";
import { operatorCaller } from "./auth.ts";
import { Note } from "./fields.ts";
import { SetMoney } from "./money.ts";
import { ask, onceIfKeyed, type SwitchCommand } from "./once.ts";
import { pictureType } from "./picture.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { AccountShape, LimitShape, listOf, toAccount, toLimit, toList, toTime } from "./shapes.ts";

const deskKey = [{ key: [] }];
const AccountParam = z.object({ account: z.string() });
const Identity = z.object({ identity: z.enum(["none", "pending", "verified", "rejected"]) });
const Blocks = z.object({ block_reasons: z.array(z.string()) });

function route<Path extends string>(method: "get" | "post", path: Path, summary: string) {
  return { method, path, summary, tags: ["desk"], security: deskKey };
}

const accountRoute = createRoute({
  ...route("get", "/v1/desk/accounts/{account}", "An account"),
  request: { params: AccountParam },
  responses: { 200: answers("The account", AccountShape), ...refusals("account_not_open") },
});

const queueRoute = createRoute({
  ...route("get", "/v1/desk/identities", "Accounts whose identity waits to be checked"),
  responses: { 200: answers("Oldest first", listOf(z.object({ account: z.string() }))) },
});

const pictureRoute = createRoute({
  ...route("get", "/v1/desk/accounts/{account}/identity/{side}", "A picture that waits"),
  request: { params: AccountParam.extend({ side: z.enum(DOCUMENT_SIDES) }) },
  responses: {
    200: { description: "The picture", content: { "image/*": { schema: z.string() } } },
    ...refusals("account_not_open", "not_found", "invalid_request"),
  },
});

const DECIDED = ["account_not_open", "identity_already_verified", "identity_not_pending"] as const;

const verifyRoute = createRoute({
  ...route("post", "/v1/desk/accounts/{account}/identity/verify", "The person is who they say"),
  request: { params: AccountParam, headers: MayKeyHeader },
  responses: { 200: answers("Verified", Identity), ...refusals(...DECIDED) },
});

const rejectRoute = createRoute({
  ...route("post", "/v1/desk/accounts/{account}/identity/reject", "The pictures do not do"),
  request: {
    params: AccountParam,
    headers: MayKeyHeader,
    body: body(z.strictObject({ reason: z.enum(REJECTION_REASONS) })),
  },
  responses: { 200: answers("Rejected", Identity), ...refusals(...DECIDED) },
});

const blockRoute = createRoute({
  ...route("post", "/v1/desk/accounts/{account}/blocks", "Block, with a reason"),
  request: {
    params: AccountParam,
    headers: MayKeyHeader,
    body: body(z.strictObject({ reason: z.enum(BLOCK_REASONS), note: Note })),
  },
  responses: {
    200: answers("Blocked", Blocks),
    ...refusals("account_not_open", "block_already_open"),
  },
});

const liftRoute = createRoute({
  ...route("post", "/v1/desk/accounts/{account}/blocks/{reason}/lift", "Lift one block"),
  request: {
    params: AccountParam.extend({ reason: z.enum(BLOCK_REASONS) }),
    headers: MayKeyHeader,
    body: body(z.strictObject({ note: Note })),
  },
  responses: {
    200: answers("The blocks that remain", Blocks),
    ...refusals("account_not_open", "block_not_open"),
  },
});

const capRoute = createRoute({
  ...route("post", "/v1/desk/accounts/{account}/cap", "Set the spending limit, with a reason"),
  request: {
    params: AccountParam,
    headers: MayKeyHeader,
    body: body(z.strictObject({ cap: SetMoney, note: Note })),
  },
  responses: { 200: answers("The limit", LimitShape), ...refusals("account_not_open") },
});

const auditRoute = createRoute({
  ...route("get", "/v1/desk/accounts/{account}/audit", "What happened, who did it, and why"),
  request: {
    params: AccountParam,
    query: AuditPage,
  },
  responses: {
    200: answers("Newest first", AuditTrail),
    ...refusals("account_not_open"),
  },
});

const smsRoute = createRoute({
  ...route("get", "/v1/desk/sms", "Sandbox: what would have been sent by SMS"),
  responses: {
    200: answers(
      "Newest last",
      listOf(z.object({ at: z.iso.datetime(), to: z.string(), text: z.string() })),
    ),
    ...refusals("not_found"),
  },
});

export function addDesk(api: Api, services: Services): void {
  on(api, accountRoute, async (c) => {
    const { id, view } = await describe(services, c, c.req.valid("param").account);
    return c.json(toAccount(id, view));
  });
  on(api, queueRoute, async (c) => {
    operatorCaller(services, c);
    await services.viewRunner.catchUp();
    const table = services.views.table("identity-queue");
    const waiting = waitingForIdentity(table, QUEUE_PAGE + 1);
    const data = waiting.slice(0, QUEUE_PAGE).map((account) => ({ account }));
    return c.json(toList(data, waiting.length > QUEUE_PAGE));
  });
  on(api, pictureRoute, (c) => picture(services, c));
  on(api, verifyRoute, (c) =>
    decideIdentity(services, c, c.req.valid("param").account, { kind: "VerifyIdentity" }),
  );
  on(api, rejectRoute, (c) => {
    const { reason } = c.req.valid("json");
    const command: SwitchCommand = { kind: "RejectIdentity", reason };
    return decideIdentity(services, c, c.req.valid("param").account, command);
  });
  addBlocks(api, services);
  on(api, auditRoute, async (c) => {
    operatorCaller(services, c);
    const ref = { kind: "account", id: accountOf(c.req.valid("param").account) };
    return c.json(await auditTrail(services, ref, c.req.valid("query"), "account_not_open"));
  });
  on(api, smsRoute, (c) => {
    operatorCaller(services, c);
    if (services.sandbox === undefined) throw new Problem("not_found");
    const sent = services.sandbox.sentSms();
    const data = sent.map(({ atMs, to, text }) => ({ at: toTime(atMs), to, text }));
    return c.json(toList(data, false));
  });
}

const QUEUE_PAGE = 100;

function addBlocks(api: Api, services: Services): void {
  type Changed = Extract<AccountReply, { kind: "blocks_changed" }>;
  on(api, blockRoute, async (c) => {
    const command: SwitchCommand = { kind: "BlockAccount", ...c.req.valid("json") };
    const { blocks } = await act<Changed>(services, c, c.req.valid("param").account, command);
    return c.json({ block_reasons: blocks.map(({ reason }) => reason) });
  });
  on(api, liftRoute, async (c) => {
    const { account, reason } = c.req.valid("param");
    const command: SwitchCommand = { kind: "LiftBlock", reason, ...c.req.valid("json") };
    const { blocks } = await act<Changed>(services, c, account, command);
    return c.json({ block_reasons: blocks.map((block) => block.reason) });
  });
  on(api, capRoute, async (c) => {
    const { cap, note } = c.req.valid("json");
    if (cap.amount > services.policy.capCentsMax) {
      throw new Problem("invalid_request", {
        errors: [{ pointer: "/cap/amount", code: "out_of_range" }],
      });
    }
    const command: SwitchCommand = { kind: "SetCap", capCents: cents(cap.amount), note };
    type Set = Extract<AccountReply, { kind: "cap_set" }>;
    const { limit } = await act<Set>(services, c, c.req.valid("param").account, command);
    return c.json(toLimit(limit));
  });
}

type DeskContext = Parameters<typeof operatorCaller>[1];

/** The account that a path names; an id that is none is open to nobody. */
export function accountOf(text: string): AccountId {
  const id = parseId("account", text);
  if (id === undefined) throw new Problem("account_not_open");
  return id;
}

async function act<Reply extends AccountReply>(
  services: Services,
  c: DeskContext,
  account: string,
  command: SwitchCommand,
): Promise<Reply> {
  const principal = operatorCaller(services, c);
  const ref = { kind: "account", id: accountOf(account) };
  return await onceIfKeyed<Reply>(services, c, { principal }, (askFirst) => askFirst(ref, command));
}

async function describe(services: Services, c: DeskContext, account: string) {
  const principal = operatorCaller(services, c);
  const id = accountOf(account);
  const ref = { kind: "account", id };
  const command = { kind: "DescribeAccount" } as const;
  return { id, view: await ask<AccountView>(services, c, principal, ref, command) };
}

async function decideIdentity(
  services: Services,
  c: DeskContext,
  account: string,
  command: SwitchCommand,
): Promise<Response> {
  type Changed = Extract<AccountReply, { kind: "identity_changed" }>;
  const reply = await act<Changed>(services, c, account, command);
  return c.json({ identity: reply.identity.kind });
}

async function picture(services: Services, c: ContextOf<typeof pictureRoute>): Promise<Response> {
  const { account, side } = c.req.valid("param");
  const { id, view } = await describe(services, c, account);
  const { identity } = view;
  const documents = identity.kind === "verified" ? undefined : identity.documents;
  const token = side === "front" ? documents?.frontToken : documents?.rearToken;
  const bytes = token === undefined ? undefined : services.documents.open(id, token);
  const type = bytes === undefined ? undefined : pictureType(bytes);
  if (bytes === undefined || type === undefined) throw new Problem("not_found");
  return c.body(bytes.slice().buffer, 200, { "content-type": type });
}
