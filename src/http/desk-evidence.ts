/** The desk's export of what proves one purchase, for the bank that asks (docs/privacy.md). */
import { createRoute, z } from "@hono/zod-openapi";
import { parseId } from "../../actors/ids.ts";
import { Evidence } from "../evidence/evidence.ts";
import { achEntries, capturePosition } from "../views/ach-entries.ts";
import { type Api, answers, on, refusals } from "./api.ts";
import { operatorCaller } from "./auth.ts";
import { wholeIn } from "./fields.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";

const evidenceRoute = createRoute({
  method: "get",
  path: "/v1/desk/payments/{payment}/evidence",
  tags: ["desk"],
  summary: "The evidence of one purchase, to be checked by anybody without us",
  description:
    "Mandate, approval as signed, receipt, ACH entries and returns, as events of the log with " +
    "the proof that they stand there. `seqr evidence verify FILE` checks it. It names nobody.",
  security: [{ key: [] }],
  request: {
    params: z.object({ payment: z.string() }),
    query: z.object({
      size: wholeIn(1, Number.MAX_SAFE_INTEGER).openapi({
        description: "Under the root over so many events: those of a hash that was kept elsewhere",
      }),
    }),
  },
  responses: {
    200: answers("The evidence", Evidence),
    ...refusals("not_found", "invalid_request"),
  },
});

export function addDeskEvidence(api: Api, services: Services): void {
  on(api, evidenceRoute, async (c) => {
    operatorCaller(services, c);
    const paymentId = parseId("payment", c.req.valid("param").payment);
    await services.viewRunner.catchUp();
    const table = services.views.table(achEntries.name);
    const position = paymentId && capturePosition(table, paymentId);
    if (position === undefined) throw new Problem("not_found");
    const evidence = await services.evidence.of(position, c.req.valid("query").size);
    if (evidence !== undefined) return c.json(evidence);
    throw new Problem("invalid_request", {
      errors: [{ pointer: "query/size", code: "too_small" }],
    });
  });
}
