/**
 * The bank account that two customers have (docs/privacy.md): who else has it when an account is
 * opened, and the desk's queue of those that somebody has to look at.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { AccountReply, AccountView } from "../../actors/account-messages.ts";
import { debtCents, exposureOf } from "../../actors/collection-state.ts";
import { type AccountId, parseId } from "../../actors/ids.ts";
import { exposureTotal } from "../../actors/limit.ts";
import { SHARERS_MAX } from "../../actors/shared-bank-account.ts";
import { sharedBankAccounts, waitingShared } from "../views/shared-bank-accounts.ts";
import { type Api, answers, body, MayKeyHeader, on, refusals } from "./api.ts";
import { operatorCaller } from "./auth.ts";
import { accountOf } from "./desk.ts";
import { Note, wholeOr } from "./fields.ts";
import { onceIfKeyed, type SwitchCommand } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { listOf, toList, toTime } from "./shapes.ts";

const desk = { tags: ["desk"], security: [{ key: [] }] };

const SharedShape = z
  .object({
    account: z.string(),
    others: z.array(z.string()),
    since: z.iso.datetime(),
  })
  .openapi("SharedBankAccount");

const queueRoute = createRoute({
  ...{ ...desk, method: "get", path: "/v1/desk/shared-bank-accounts" },
  summary: "Accounts whose bank account another customer has too, not yet looked at",
  request: {
    query: z.object({
      limit: wholeOr(50, 1, 200),
      starting_after: z.string().optional().openapi({ description: "An account id" }),
    }),
  },
  responses: { 200: answers("Oldest first", listOf(SharedShape)), ...refusals("not_found") },
});

const reviewRoute = createRoute({
  ...{ ...desk, method: "post" },
  path: "/v1/desk/accounts/{account}/shared-bank-account/review",
  summary: "Somebody has looked at it, and says what it is",
  description: "A joint account, for example. Block the account where it is not theirs.",
  request: {
    params: z.object({ account: z.string() }),
    headers: MayKeyHeader,
    body: body(z.strictObject({ note: Note })),
  },
  responses: {
    200: answers("It is out of the queue", z.object({ account: z.string() })),
    ...refusals("account_not_open", "bank_account_not_shared"),
  },
});

export function addSharedBankAccounts(api: Api, services: Services): void {
  on(api, queueRoute, async (c) => {
    operatorCaller(services, c);
    await services.viewRunner.catchUp();
    const { limit, starting_after: after } = c.req.valid("query");
    const table = services.views.table(sharedBankAccounts.name);
    const from = after === undefined ? undefined : parseId("account", after);
    if (after !== undefined && from === undefined) throw new Problem("not_found");
    const found = waitingShared(table, limit + 1, from);
    if (found === undefined) throw new Problem("not_found");
    const data = found.slice(0, limit).map(({ accountId, others, sinceMs }) => {
      return { account: accountId, others, since: toTime(sinceMs) };
    });
    return c.json(toList(data, found.length > limit));
  });
  on(api, reviewRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const account = accountOf(c.req.valid("param").account);
    const { note } = c.req.valid("json");
    const command: SwitchCommand = { kind: "ReviewSharedBankAccount", note };
    await onceIfKeyed<AccountReply>(services, c, { principal }, (askFirst) =>
      askFirst({ kind: "account", id: account }, command),
    );
    return c.json({ account });
  });
}

/**
 * Accounts with the bank account of this token, but the owner's. Who has left and owes nothing is
 * no longer one; an account that is being opened at this moment is.
 */
export async function sharersOf(
  { host, vault }: Services,
  token: string,
  own: AccountId,
): Promise<readonly AccountId[]> {
  const sharers: AccountId[] = [];
  for (const owner of vault.ownersSharing(token)) {
    const id = parseId("account", owner);
    if (id === undefined || id === own || sharers.length >= SHARERS_MAX) continue;
    const ref = { kind: "account", id };
    const view = await host.ask(ref, { kind: "DescribeAccount" }, { principal: "switch" });
    if (!hasLeft(view as AccountView)) sharers.push(id);
  }
  return sharers;
}

function hasLeft(view: AccountView): boolean {
  if (view.kind !== "account" || view.status !== "closed") return false;
  const exposureCents = exposureTotal(exposureOf(view.collection));
  return exposureCents === 0 && debtCents(view.collection) === 0;
}
