/**
 * The desk and what is not collected: who owes what since when, what was paid by hand, another
 * attempt after a new consent, disputes, debts and fees that two people give up (FAQ;
 * docs/money.md).
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { AccountReply, AccountView } from "../../actors/account-messages.ts";
import { exposureOf, isDebitOver } from "../../actors/collection-state.ts";
import type { BindPhone } from "../../actors/directory.ts";
import { type AccountId, type PaymentId, parseId } from "../../actors/ids.ts";
import { amountOf, ZERO_CENTS } from "../../actors/money.ts";
import type { RefusalKind } from "../../actors/refusals.ts";
import { waitingRefunds } from "../../actors/stopped-refund.ts";
import { complianceQueue, frozenAccounts } from "../views/compliance-queue.ts";
import { type DebtRow, debtQueue, debts, findDebt } from "../views/debts.ts";
import { type Api, answers, body, KeyHeader, MayKeyHeader, on, refusals } from "./api.ts";
import { operatorCaller } from "./auth.ts";
import { randomId } from "./bytes.ts";
import {
  AccountDebtsShape,
  DebtShape,
  DISPUTE_OUTCOMES,
  FrozenShape,
  PaidShape,
  type SamePhone,
  type StuckMoney,
  toAccountDebts,
  toDebt,
  toFrozen,
} from "./debt-shapes.ts";
import { accountOf } from "./desk.ts";
import { Note, wholeOr } from "./fields.ts";
import { AskedMoney, fromMoney, toMoney } from "./money.ts";
import { ask, once, onceIfKeyed, type SwitchCommand } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { listOf, toList } from "./shapes.ts";

const AccountParam = z.object({ account: z.string() });
const DebitParam = AccountParam.extend({ payment: z.string() });
const Page = z.object({
  limit: wholeOr(50, 1, 100),
  starting_after: z.string().optional().openapi({ description: "An account of the list" }),
});
const ofAccount = "/v1/desk/accounts/{account}";
const ofDebit = `${ofAccount}/debits/{payment}` as const;

function route<Path extends string>(method: "get" | "post", path: Path, summary: string) {
  return { method, path, summary, tags: ["desk"], security: [{ key: [] }] };
}

const queueRoute = createRoute({
  ...route("get", "/v1/desk/debts", "Accounts from which something is not collected"),
  request: { query: Page },
  responses: { 200: answers("Oldest first", listOf(DebtShape)), ...refusals("not_found") },
});

const frozenRoute = createRoute({
  ...route("get", "/v1/desk/frozen", "Accounts that law or a sanctions list has frozen"),
  description: "After R15 and R16. Nothing is sent to or from them until the block is lifted.",
  request: { query: Page },
  responses: { 200: answers("Oldest first", listOf(FrozenShape)), ...refusals("not_found") },
});

const accountRoute = createRoute({
  ...route("get", `${ofAccount}/debts`, "What an account owes, debit by debit, with its attempts"),
  request: { params: AccountParam },
  responses: { 200: answers("The debts", AccountDebtsShape), ...refusals("account_not_open") },
});

const payRoute = createRoute({
  ...route("post", `${ofAccount}/manual-payments`, "The customer paid outside ACH"),
  description:
    "Principal is paid first, oldest first; where nothing can be debited any more, payments that " +
    "were not sent come next, each whole; then what was written off, then fees. What is too much " +
    "is owed back. A block for the debt goes when nothing is owed. Above the debt it takes two " +
    "people: the first call proposes it (202), and the same amount with the same evidence by " +
    "another person records it. Another proposal takes the place of the one that waits.",
  request: {
    params: AccountParam,
    headers: KeyHeader,
    body: body(
      z.strictObject({
        amount: AskedMoney,
        evidence: Note.openapi({ description: "What proves it: number of a transfer, a receipt" }),
      }),
    ),
  },
  responses: {
    201: answers("What is still owed", PaidShape),
    202: answers("Proposed: nothing has happened yet", PaidShape),
    ...refusals("account_not_open", "second_person_needed"),
  },
});

/** An act on one debit, with its reason. */
function debitRoute<Path extends string, Done extends z.ZodType>(
  path: Path,
  said: { readonly summary: string; readonly description: string },
  done: Done,
  codes: readonly RefusalKind[],
) {
  return createRoute({
    ...route("post", path, said.summary),
    description: said.description,
    request: {
      params: DebitParam,
      headers: MayKeyHeader,
      body: body(z.strictObject({ note: Note })),
    },
    responses: {
      200: answers("Done", done),
      ...refusals("account_not_open", "not_found", ...codes),
    },
  });
}

const retryRoute = debitRoute(
  `${ofDebit}/retry`,
  {
    summary: "Present a returned debit again",
    description:
      "After a new consent (R08), or when our own defect is mended: the note says which. Only " +
      "from the bank account that it came back from; once the customer has named another one it " +
      "is paid by hand (`bank_account_replaced`).",
  },
  z.object({ payment: z.string(), status: z.literal("to_be_presented") }),
  ["debit_not_returned", "no_retry_left", "bank_account_replaced"],
);

const writeOffRoute = debitRoute(
  `${ofDebit}/write-off`,
  {
    summary: "Give up a debit that came back, or can be sent no more: two people",
    description:
      "The first call proposes it; the same call by another person agrees, and it is written " +
      "off. A debit that was never sent is given up where bank account or mandate no longer do. " +
      "Money that comes later is recorded as a manual payment.",
  },
  z.object({ payment: z.string(), status: z.enum(["proposed", "written_off"]) }),
  ["debit_not_returned", "second_person_needed"],
);

const waiveRoute = debitRoute(
  `${ofDebit}/fee-waiver`,
  {
    summary: "Give up the return fee of a debit: two people",
    description:
      "The first call proposes it; the same call by another person agrees, and what is owed of " +
      "the fee is owed no more. The principal stays owed. A fee that a file holds waits until it " +
      "is collected or comes back; one that was paid is not waived.",
  },
  z.object({ payment: z.string(), status: z.enum(["proposed", "waived"]) }),
  ["fee_not_owed", "fee_under_way", "second_person_needed"],
);

const payRefundRoute = createRoute({
  ...route(
    "post",
    `${ofAccount}/refunds/{refund}/payment`,
    "Pay a stuck refund by hand: two people",
  ),
  description:
    "Of what came back and no file can take any more: the customer has left, or names no other " +
    "bank account, or it is a stranger's who was debited by mistake. The first call proposes it; " +
    "the same call by another person puts it on record, when the check or transfer is on its way.",
  request: {
    params: AccountParam.extend({ refund: z.string() }),
    headers: MayKeyHeader,
    body: body(
      z.strictObject({
        evidence: Note.openapi({ description: "What proves it: number of a check, a transfer" }),
      }),
    ),
  },
  responses: {
    200: answers(
      "On record, or proposed",
      z.object({ refund: z.string(), status: z.enum(["proposed", "paid"]) }),
    ),
    ...refusals(
      ...(["account_not_open", "account_blocked", "not_found", "refund_not_stuck"] as const),
      "second_person_needed",
    ),
  },
});

const disputeRoute = createRoute({
  ...route("post", `${ofDebit}/dispute`, "Decide a dispute"),
  description:
    "`merchant_pays`: it is taken from the merchant's next settlement. `lost`: we bear it. " +
    "`won`: the bank paid after all.",
  request: {
    params: DebitParam,
    headers: MayKeyHeader,
    body: body(z.strictObject({ outcome: z.enum(DISPUTE_OUTCOMES), note: Note })),
  },
  responses: {
    200: answers("Decided", z.object({ payment: z.string(), outcome: z.enum(DISPUTE_OUTCOMES) })),
    ...refusals("account_not_open", "not_found", "debit_not_disputed"),
  },
});

export function addDeskDebts(api: Api, services: Services): void {
  addQueues(api, services);
  on(api, payRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const accountId = accountOf(c.req.valid("param").account);
    const { amount, evidence } = c.req.valid("json");
    type Recorded = Extract<AccountReply, { kind: "payment_recorded" | "payment_proposed" }>;
    const { reply } = await once<Recorded>(services, c, { principal }, (askFirst) => {
      const excessId = randomId("refund", services.clock);
      const amountCents = fromMoney(amount);
      const command = { kind: "RecordPayment" as const, amountCents, evidence, excessId };
      return askFirst({ kind: "account", id: accountId }, command);
    });
    const owed = toMoney(reply.debtCents);
    const isProposed = reply.kind === "payment_proposed";
    if (isProposed) return c.json({ account: accountId, status: "proposed" as const, owed }, 202);
    return c.json({ account: accountId, status: "recorded" as const, owed }, 201);
  });
  on(api, retryRoute, async (c) => {
    const { principal, debit } = debitCaller(services, c, c.req.valid("param"));
    const command: SwitchCommand = {
      ...{ kind: "AllowRetry", paymentId: debit.payment, note: c.req.valid("json").note },
    };
    await act(services, c, principal, debit, command);
    return c.json({ payment: debit.payment, status: "to_be_presented" as const });
  });
  on(api, writeOffRoute, async (c) => {
    const { principal, debit } = debitCaller(services, c, c.req.valid("param"));
    const command: SwitchCommand = {
      ...{ kind: "WriteOff", paymentId: debit.payment, note: c.req.valid("json").note },
    };
    const { kind } = await act(services, c, principal, debit, command);
    const status = kind === "write_off_proposed" ? ("proposed" as const) : ("written_off" as const);
    return c.json({ payment: debit.payment, status });
  });
  on(api, waiveRoute, async (c) => {
    const { principal, debit } = debitCaller(services, c, c.req.valid("param"));
    const command: SwitchCommand = {
      ...{ kind: "WaiveFee", paymentId: debit.payment, note: c.req.valid("json").note },
    };
    const { kind } = await act(services, c, principal, debit, command);
    const status = kind === "fee_waiver_proposed" ? ("proposed" as const) : ("waived" as const);
    return c.json({ payment: debit.payment, status });
  });
  on(api, payRefundRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const { account, refund } = c.req.valid("param");
    const ref = { kind: "account", id: accountOf(account) };
    const refundId = parseId("refund", refund);
    if (refundId === undefined) throw new Problem("not_found");
    const { evidence } = c.req.valid("json");
    const command: SwitchCommand = { kind: "PayRefund", refundId, evidence };
    const { kind } = await onceIfKeyed<AccountReply>(services, c, { principal }, (askFirst) =>
      askFirst(ref, command),
    );
    const status = kind === "refund_by_hand_proposed" ? ("proposed" as const) : ("paid" as const);
    return c.json({ refund: refundId, status });
  });
  on(api, disputeRoute, async (c) => {
    const { principal, debit } = debitCaller(services, c, c.req.valid("param"));
    const { outcome, note } = c.req.valid("json");
    const command: SwitchCommand = {
      ...{ kind: "DecideDispute", paymentId: debit.payment, outcome, note },
    };
    await act(services, c, principal, debit, command);
    return c.json({ payment: debit.payment, outcome });
  });
}

function addQueues(api: Api, services: Services): void {
  on(api, queueRoute, async (c) => {
    const principal = operatorCaller(services, c);
    await services.viewRunner.catchUp();
    const { limit, starting_after: after } = c.req.valid("query");
    const found = debtQueue(services.views.table(debts.name), limit + 1, cursor(after));
    if (found === undefined) throw new Problem("not_found");
    const shown = found.slice(0, limit).map(async (row) => {
      return toDebt(row, await stuckMoney(services, c, principal, row));
    });
    return c.json(toList(await Promise.all(shown), found.length > limit));
  });
  on(api, frozenRoute, async (c) => {
    operatorCaller(services, c);
    await services.viewRunner.catchUp();
    const { limit, starting_after: after } = c.req.valid("query");
    const table = services.views.table(complianceQueue.name);
    const found = frozenAccounts(table, limit + 1, cursor(after));
    if (found === undefined) throw new Problem("not_found");
    return c.json(toList(found.slice(0, limit).map(toFrozen), found.length > limit));
  });
  on(api, accountRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const id = accountOf(c.req.valid("param").account);
    const describe = { kind: "DescribeAccount" } as const;
    const ref = { kind: "account", id };
    const view = await ask<AccountView>(services, c, principal, ref, describe);
    await services.viewRunner.catchUp();
    const row = findDebt(services.views.table(debts.name), id);
    const samePhone = await samePhoneAs(services, c, principal, id, view);
    return c.json(toAccountDebts(id, view, row, samePhone));
  });
}

/** Of the newest events of a number, and of its accounts: so many are looked at. */
const PHONE_EVENTS_MAX = 200;
const SAME_PHONE_MAX = 10;

/** Who came back after a late return (R10) is another account: the number says where to look. */
async function samePhoneAs(
  services: Services,
  c: DeskContext,
  principal: string,
  own: AccountId,
  { phoneTag }: AccountView,
): Promise<readonly SamePhone[]> {
  const ref = { kind: "directory", id: phoneTag };
  const events = await services.host.feed.history(ref, Number.MAX_SAFE_INTEGER, PHONE_EVENTS_MAX);
  const bound = events.filter(({ kind }) => kind === "PhoneBound");
  const ids = new Set(bound.map(({ data }) => (JSON.parse(data) as BindPhone).accountId));
  ids.delete(own);
  const others = [...ids].slice(0, SAME_PHONE_MAX).map(async (accountId) => {
    const describe = { kind: "DescribeAccount" } as const;
    const other = { kind: "account", id: accountId };
    return { accountId, view: await ask<AccountView>(services, c, principal, other, describe) };
  });
  return await Promise.all(others);
}

/** What is due at the account and can be debited no more; what it owes and cannot send. */
async function stuckMoney(
  services: Services,
  c: DeskContext,
  principal: string,
  { accountId, bankAccountCode, mandateEndedCode, stopped }: DebtRow,
): Promise<StuckMoney> {
  const isOver = bankAccountCode !== null || mandateEndedCode !== null;
  if (!isOver && stopped.length === 0) return { dueCents: ZERO_CENTS, stuckCents: ZERO_CENTS };
  const ref = { kind: "account", id: accountId };
  const describe = { kind: "DescribeAccount" } as const;
  const { collection } = await ask<AccountView>(services, c, principal, ref, describe);
  const dueCents = isDebitOver(collection) ? exposureOf(collection).dueCents : ZERO_CENTS;
  return { dueCents, stuckCents: amountOf(waitingRefunds(collection)) };
}

/** An account of a list; what is none is in no list. */
function cursor(after: string | undefined): AccountId | undefined {
  if (after === undefined) return undefined;
  const id = parseId("account", after);
  if (id === undefined) throw new Problem("not_found");
  return id;
}

interface Debit {
  readonly account: AccountId;
  readonly payment: PaymentId;
}

type DeskContext = Parameters<typeof operatorCaller>[1];

/** Who asks comes first: nobody else learns what there is. */
function debitCaller(
  services: Services,
  c: DeskContext,
  { account, payment }: { readonly account: string; readonly payment: string },
): { readonly principal: string; readonly debit: Debit } {
  const principal = operatorCaller(services, c);
  const id = parseId("payment", payment);
  if (id === undefined) throw new Problem("not_found");
  return { principal, debit: { account: accountOf(account), payment: id } };
}

async function act(
  services: Services,
  c: DeskContext,
  principal: string,
  { account }: Debit,
  command: SwitchCommand,
): Promise<AccountReply> {
  const ref = { kind: "account", id: account };
  return await onceIfKeyed(services, c, { principal }, (askFirst) => askFirst(ref, command));
}
