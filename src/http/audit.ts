/** The audit trail of an actor: what happened to it, who did it, and why. */
import { z } from "@hono/zod-openapi";
import type { ActorRef } from "../../actors/actor.ts";
import { wholeIn, wholeOr } from "./fields.ts";
import { Problem } from "./problem.ts";
import type { ProblemCode } from "./problem-table.ts";
import type { Services } from "./services.ts";
import { listOf, toList, toTime } from "./shapes.ts";

const AuditEntry = z
  .object({
    position: z.int(),
    at: z.iso.datetime(),
    event: z.string(),
    principal: z.string(),
    note: z.string().nullable(),
  })
  .openapi("AuditEntry");

export const AuditTrail = listOf(AuditEntry);

export const AuditPage = z.object({
  limit: wholeOr(50, 1, 200),
  before: wholeIn(1, Number.MAX_SAFE_INTEGER),
});

const LATEST = Number.MAX_SAFE_INTEGER;

/**
 * Newest first. Throws Problem `unknown` for an actor that nothing ever happened to; undefined:
 * such a trail is empty.
 */
export async function auditTrail(
  { host }: Services,
  ref: ActorRef,
  { limit, before = LATEST }: { readonly limit: number; readonly before?: number | undefined },
  unknown: ProblemCode | undefined,
) {
  const { feed } = host;
  const events = await feed.history(ref, before, limit + 1);
  const isKnown = events.length > 0 || (await feed.history(ref, LATEST, 1)).length > 0;
  if (!isKnown && unknown !== undefined) throw new Problem(unknown);
  const data = events.slice(0, limit).map(({ position, atMs, kind, principal, data }) => {
    const { note, evidence } = JSON.parse(data) as { note?: string | null; evidence?: string };
    const why = note ?? evidence ?? null;
    return { position, at: toTime(atMs), event: kind, principal, note: why };
  });
  return toList(data, events.length > limit);
}
