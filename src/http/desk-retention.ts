/**
 * What is kept of a customer, why and until when; and forgetting one, which is refused for as long
 * as a law wants something kept (GDPR 17(3)(b); docs/privacy.md).
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { AccountReply, AccountView } from "../../actors/account-messages.ts";
import type { AccountId } from "../../actors/ids.ts";
import { keptBy, type RetentionFacts } from "../../actors/retention.ts";
import { personFacts } from "../retention/facts.ts";
import { historyOf } from "../retention/history.ts";
import { type Api, answers, body, KeptShape, MayKeyHeader, on, refusals } from "./api.ts";
import { operatorCaller } from "./auth.ts";
import { accountOf } from "./desk.ts";
import { Note } from "./fields.ts";
import { ask, onceIfKeyed, type SwitchCommand } from "./once.ts";
import { toKept } from "./problem.ts";
import type { Services } from "./services.ts";
import { toTime } from "./shapes.ts";

const AccountParam = z.object({ account: z.string() });
const desk = { tags: ["desk"], security: [{ key: [] }] };

const RetentionShape = z
  .object({
    object: z.literal("retention"),
    account: z.string(),
    status: z.enum(["open", "blocked", "closed"]),
    kept: z.array(KeptShape).openapi({ description: "The longest last" }),
    forgotten_at: z.iso.datetime().nullable(),
  })
  .openapi("Retention");

const showRoute = createRoute({
  ...{ ...desk, method: "get", path: "/v1/desk/accounts/{account}/retention" },
  summary: "What is kept of a customer, why, and until when",
  request: { params: AccountParam },
  responses: { 200: answers("The classes", RetentionShape), ...refusals("account_not_open") },
});

const eraseRoute = createRoute({
  ...{ ...desk, method: "post", path: "/v1/desk/accounts/{account}/erasure" },
  summary: "Forget a customer who has left, once no law wants anything kept",
  description:
    "The person's data key is destroyed: nothing that was sealed under it can be read again, in " +
    "no copy either. The ledger keeps the pseudonymous id. The daily sweep does it by itself.",
  request: {
    params: AccountParam,
    headers: MayKeyHeader,
    body: body(z.strictObject({ note: Note })),
  },
  responses: {
    200: answers("Forgotten", z.object({ account: z.string() })),
    ...refusals("account_not_open", "data_kept"),
  },
});

export function addDeskRetention(api: Api, services: Services): void {
  on(api, showRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const account = accountOf(c.req.valid("param").account);
    const ref = { kind: "account", id: account };
    const view = await ask<AccountView>(services, c, principal, ref, { kind: "DescribeAccount" });
    const { status, forgottenAtMs } = view;
    const facts = forgottenAtMs === null ? await factsOf(services, account) : {};
    const kept = keptBy(facts, services.clock.nowMs()).map(toKept);
    const forgotten_at = forgottenAtMs === null ? null : toTime(forgottenAtMs);
    return c.json({ object: "retention" as const, account, status, kept, forgotten_at });
  });
  on(api, eraseRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const account = accountOf(c.req.valid("param").account);
    const { note } = c.req.valid("json");
    const facts = await factsOf(services, account);
    const command: SwitchCommand = { kind: "ForgetPerson", facts, note };
    await onceIfKeyed<AccountReply>(services, c, { principal }, (askFirst) =>
      askFirst({ kind: "account", id: account }, command),
    );
    return c.json({ account });
  });
}

async function factsOf({ host }: Services, account: AccountId): Promise<RetentionFacts> {
  return personFacts(await Array.fromAsync(historyOf(host.feed, { kind: "account", id: account })));
}
