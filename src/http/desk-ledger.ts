/** The desk reads the books: the trial balance, and the lines of one customer. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ActorRef, Message } from "../../actors/actor.ts";
import { entryOf } from "../../actors/ledger.ts";
import { sumCents } from "../../actors/money.ts";
import { traceOf } from "../books/causes.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { Feed } from "../runtime/feed.ts";
import { allBalances, entryCount } from "../views/ledger-balances.ts";
import { type Api, answers, type ContextOf, on, refusals } from "./api.ts";
import { operatorCaller } from "./auth.ts";
import { accountOf } from "./desk.ts";
import { wholeIn, wholeOr } from "./fields.ts";
import { MoneyShape, toMoney } from "./money.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { toTime } from "./shapes.ts";

const deskKey = [{ key: [] }];

const balanceRoute = createRoute({
  method: "get",
  path: "/v1/desk/ledger",
  tags: ["desk"],
  summary: "Trial balance: every ledger account, and the sum that must be zero",
  security: deskKey,
  responses: {
    200: answers(
      "Debit positive, credit negative",
      z.object({
        entries: z.int(),
        sum: MoneyShape,
        position: z.int(),
        accounts: z.array(z.object({ account: z.string(), balance: MoneyShape })),
      }),
    ),
  },
});

const LedgerLine = z
  .object({
    position: z.int(),
    at: z.iso.datetime(),
    event: z.string(),
    entry: z.string().openapi({ description: "Name of the journal entry, docs/money.md" }),
    account: z.string().openapi({ example: "cust:per_01m0000000000000000000000:due" }),
    side: z.enum(["debit", "credit"]),
    amount: MoneyShape,
    file: z.string().nullable().openapi({ example: "ach_20261123_A" }),
    trace: z.int().nullable().openapi({ description: "Sequence number of the ACH entry" }),
  })
  .openapi("LedgerLine");

const linesRoute = createRoute({
  method: "get",
  path: "/v1/desk/accounts/{account}/ledger",
  tags: ["desk"],
  summary: "What was posted to a customer's ledger accounts, and why",
  security: deskKey,
  request: {
    params: z.object({ account: z.string() }),
    query: z.object({
      limit: wholeOr(50, 1, 200).openapi({ description: "Journal entries; none is split" }),
      before: wholeIn(1, Number.MAX_SAFE_INTEGER),
    }),
  },
  responses: {
    200: answers(
      "Newest entry first",
      z.object({
        object: z.literal("list"),
        data: z.array(LedgerLine),
        has_more: z.boolean(),
        next_before: z.int().nullable().openapi({
          description: "`before` of the next page; null at the end",
        }),
      }),
    ),
    ...refusals("account_not_open"),
  },
});

const ACCOUNTS_MAX = 1_000;

export function addDeskLedger(api: Api, services: Services): void {
  on(api, balanceRoute, async (c) => {
    operatorCaller(services, c);
    await services.viewRunner.catchUp();
    const table = services.views.table("ledger-balances");
    const balances = [...allBalances(table)];
    return c.json({
      entries: entryCount(table),
      sum: toMoney(sumCents(balances.map(([, balanceCents]) => balanceCents))),
      position: services.viewRunner.position,
      accounts: balances
        .slice(0, ACCOUNTS_MAX)
        .map(([account, balanceCents]) => ({ account, balance: toMoney(balanceCents) })),
    });
  });
  on(api, linesRoute, (c) => lines(services, c));
}

const LATEST = Number.MAX_SAFE_INTEGER;
/** Events that are read at once, and for one page: most of an account's events post nothing. */
const CHUNK = 200;
const READ_MAX = 1_000;

async function lines(services: Services, c: ContextOf<typeof linesRoute>): Promise<Response> {
  operatorCaller(services, c);
  const { limit, before = LATEST } = c.req.valid("query");
  const ref = { kind: "account", id: accountOf(c.req.valid("param").account) };
  const { feed } = services.host;
  const newest = await feed.history(ref, LATEST, 1);
  if (newest.length === 0) throw new Problem("account_not_open");
  const { data, next } = await page(feed, ref, before, limit);
  const list = { object: "list" as const, data };
  return c.json({ ...list, has_more: next !== null, next_before: next });
}

interface Page {
  readonly data: readonly ReturnType<typeof linesOf>[number][];
  /** Where the next page begins; null at the end of the history. */
  readonly next: number | null;
}

/** So many journal entries from before a position on, newest first. */
async function page(feed: Feed, ref: ActorRef, before: number, limit: number): Promise<Page> {
  const data: Page["data"][number][] = [];
  let [entries, last, from] = [0, before, before];
  for (let read = 0; read < READ_MAX; read += CHUNK) {
    const events = await feed.history(ref, from, CHUNK);
    for (const event of events) {
      const posted = linesOf(event);
      if (posted.length === 0) continue;
      if (entries === limit) return { data, next: last };
      entries++;
      last = event.position;
      data.push(...posted);
    }
    from = events.at(-1)?.position ?? from;
    if (events.length < CHUNK) return { data, next: null };
  }
  return { data, next: from };
}

/** Of each posting to one of the customer's ledger accounts a line. */
function linesOf({ position, atMs, kind, data }: StoredEvent) {
  const body = JSON.parse(data) as Message & { readonly fileId?: string };
  const entry = entryOf(body);
  return (entry?.postings ?? []).flatMap(({ account, side, amountCents }, at) => {
    if (!account.startsWith("cust:")) return [];
    const cause = { file: body.fileId ?? null, trace: traceOf(body, at) ?? null };
    const place = { position, at: toTime(atMs), event: kind, entry: entry?.name ?? "" };
    return [{ ...place, account, side, amount: toMoney(amountCents), ...cause }];
  });
}
