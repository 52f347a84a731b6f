/**
 * The desk's list of what waits for a second person: every act of two people of which one has
 * spoken, with who did, when, and what it is about (docs/money.md). Notes and evidence are read
 * where the act itself is: they are what somebody wrote.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { AccountView } from "../../actors/account-messages.ts";
import { addBankingDays, bankDateAt } from "../../actors/banking-calendar.ts";
import type { Collection } from "../../actors/collection-state.ts";
import { REVERSAL_DAYS } from "../../actors/reversed-entry.ts";
import { waitingRefunds } from "../../actors/stopped-refund.ts";
import { PROPOSED_ACTS, type Proposal, proposals, proposalsBehind } from "../views/proposals.ts";
import { type Api, answers, on, refusals } from "./api.ts";
import { operatorCaller } from "./auth.ts";
import { wholeOr } from "./fields.ts";
import { MoneyShape, toMoney } from "./money.ts";
import { ask } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { listOf, orNull, toList, toTime } from "./shapes.ts";

/** Rows of the view that are looked at for a page: few of them wait no more. */
const LOOKED_AT_MAX = 1_000;

const ProposalShape = z
  .object({
    object: z.literal("proposal"),
    id: z.string().openapi({ example: "prp_91" }),
    act: z.enum(PROPOSED_ACTS),
    about: z.array(z.string()).openapi({
      description: "What the act names, in its order: account, payment, refund, file, merchant",
    }),
    amount: orNull(MoneyShape, "Where the act has one"),
    entries: z.int().nullable().openapi({ description: "Of a reversal: how many" }),
    proposed_by: z.string(),
    proposed_at: z.iso.datetime(),
  })
  .openapi("Proposal");

const listRoute = createRoute({
  ...{ method: "get", path: "/v1/desk/proposals", tags: ["desk"], security: [{ key: [] }] },
  summary: "What one person has proposed, and waits for a second one",
  description: "Another person gives the same call as the first one did.",
  request: {
    query: z.object({
      limit: wholeOr(50, 1, 100),
      starting_after: z.string().optional().openapi({ description: "A proposal" }),
    }),
  },
  responses: { 200: answers("Oldest first", listOf(ProposalShape)), ...refusals("not_found") },
});

type Context = Parameters<typeof ask>[1];

export function addDeskProposals(api: Api, services: Services): void {
  on(api, listRoute, async (c) => {
    const principal = operatorCaller(services, c);
    await services.viewRunner.catchUp();
    const { limit, starting_after: after } = c.req.valid("query");
    const table = services.views.table(proposals.name);
    const rows = proposalsBehind(table, LOOKED_AT_MAX, positionOf(after));
    const found: Proposal[] = [];
    for (const row of rows) {
      if (found.length > limit) break;
      if (await isOpen(services, c, principal, row)) found.push(row);
    }
    return c.json(toList(found.slice(0, limit).map(toProposal), found.length > limit));
  });
}

function positionOf(after: string | undefined): number {
  if (after === undefined) return 0;
  const [, digits] = /^prp_([1-9][0-9]{0,14})$/.exec(after) ?? [];
  if (digits === undefined) throw new Problem("not_found");
  return Number(digits);
}

function toProposal({ act, about, amountCents, entries, by, atMs, position }: Proposal) {
  return {
    object: "proposal" as const,
    id: `prp_${position}`,
    ...{ act, about: [...about], entries },
    amount: amountCents === null ? null : toMoney(amountCents),
    proposed_by: by,
    proposed_at: toTime(atMs),
  };
}

/** Whether a second word would still do it. */
async function isOpen(
  services: Services,
  c: Context,
  principal: string,
  { act, about, atMs }: Proposal,
): Promise<boolean> {
  const [id = "", subject = ""] = about;
  switch (act) {
    case "write_off":
    case "fee_waiver":
    case "refund_by_hand":
    case "refund_resolution": {
      const describe = { kind: "DescribeAccount" } as const;
      const ref = { kind: "account", id };
      const { collection } = await ask<AccountView>(services, c, principal, ref, describe);
      return isOpenAt(collection, act, subject);
    }
    case "reversal": {
      // Proposed after the debit was settled: later than this it is too late in any case.
      const lastOn = addBankingDays(bankDateAt(atMs), REVERSAL_DAYS);
      return bankDateAt(services.clock.nowMs()) <= lastOn;
    }
    default:
      return true;
  }
}

function isOpenAt(
  collection: Collection,
  act: "write_off" | "fee_waiver" | "refund_by_hand" | "refund_resolution",
  id: string,
): boolean {
  const { writeOffs, fees, unclaimed = [] } = collection;
  switch (act) {
    case "write_off":
      return writeOffs.some(({ paymentId }) => paymentId === id);
    case "fee_waiver":
      return fees.some(({ paymentId, sent, waiverProposedBy: by }) => {
        return paymentId === id && sent === null && by !== undefined;
      });
    case "refund_by_hand":
      return [...waitingRefunds(collection), ...unclaimed].some((refund) => {
        return refund.refundId === id && refund.byHandProposedBy !== undefined;
      });
    case "refund_resolution":
      return waitingRefunds(collection).some(({ refundId, proposal }) => {
        return refundId === id && proposal !== undefined;
      });
  }
}
