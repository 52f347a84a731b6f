/**
 * The desk and money that is owed to somebody and that no file takes, beside paying it by hand
 * (desk-debts.ts): it is sent again, or kept for whoever nobody finds (docs/money.md).
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { AccountReply } from "../../actors/account-messages.ts";
import { parseId } from "../../actors/ids.ts";
import { REFUND_RESOLUTIONS } from "../../actors/stopped-refund-messages.ts";
import { type Api, answers, body, MayKeyHeader, on, refusals } from "./api.ts";
import { operatorCaller } from "./auth.ts";
import { accountOf } from "./desk.ts";
import { Note } from "./fields.ts";
import { onceIfKeyed, type SwitchCommand } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";

const resolveRoute = createRoute({
  method: "post",
  path: "/v1/desk/accounts/{account}/refunds/{refund}/resolve",
  tags: ["desk"],
  summary: "Find the way for a refund that no file takes: two people",
  description:
    "`send_again`: what came back goes into the next file, to the customer's bank account of " +
    "today; never what was taken from somebody else. `unclaimed`: nobody finds the owner; it is " +
    "kept in the books, where it can still be paid by hand, and the account need not wait for " +
    "it. The first call proposes it; the same resolution by another person does it.",
  security: [{ key: [] }],
  request: {
    params: z.object({ account: z.string(), refund: z.string() }),
    headers: MayKeyHeader,
    body: body(z.strictObject({ resolution: z.enum(REFUND_RESOLUTIONS), note: Note })),
  },
  responses: {
    200: answers(
      "Done, or proposed",
      z.object({
        refund: z.string(),
        resolution: z.enum(REFUND_RESOLUTIONS),
        status: z.enum(["proposed", "resolved"]),
      }),
    ),
    ...refusals(
      ...(["account_not_open", "not_found", "refund_not_stuck"] as const),
      ...(["resolution_does_not_fit", "account_blocked", "second_person_needed"] as const),
    ),
  },
});

export function addDeskStoppedRefunds(api: Api, services: Services): void {
  on(api, resolveRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const { account, refund } = c.req.valid("param");
    const ref = { kind: "account", id: accountOf(account) };
    const refundId = parseId("refund", refund);
    if (refundId === undefined) throw new Problem("not_found");
    const { resolution, note } = c.req.valid("json");
    const command: SwitchCommand = { kind: "ResolveRefund", refundId, resolution, note };
    const reply: AccountReply = await onceIfKeyed(services, c, { principal }, (askFirst) => {
      return askFirst(ref, command);
    });
    const isProposed = reply.kind === "refund_resolution_proposed";
    const status = isProposed ? ("proposed" as const) : ("resolved" as const);
    return c.json({ refund: refundId, resolution, status });
  });
}
