/** What actors say of themselves, held against what the events say. */
import type { AccountView } from "../../actors/account-messages.ts";
import type { AccountState } from "../../actors/account-state.ts";
import type { Message } from "../../actors/actor.ts";
import { exposureOf } from "../../actors/collection-state.ts";
import type { LaneState } from "../../actors/lane-state.ts";
import { clampedRoom } from "./account-audit.ts";
import type { Auditor } from "./auditor.ts";
import { demand } from "./demand.ts";
import { CLOSED_MAX } from "./town.ts";

export function checkAccount(
  auditor: Auditor,
  id: string,
  reply: Message,
  rebuilt: AccountState,
): void {
  const audit = auditor.account(id);
  demand(reply.kind === "account", "an open account describes itself", () => reply);
  const { limit, blocks, device, collection, personId, status } = reply as AccountView;
  const { due, held, cap } = audit;
  const told = [limit.capCents, limit.availableCents, limit.exposureCents, limit.holdsCents];
  const counted = [cap, clampedRoom(cap, due, held), due, held];
  demand(Bun.deepEquals(told.map(Number), counted), "I4", () => ({ id, told, counted }));
  demand(auditor.dueOf(personId) === due, "I3", () => [id, auditor.dueOf(personId), due]);
  const { purchases } = collection;
  let sum = 0;
  for (const { amountCents } of purchases) sum += amountCents;
  demand(sum === due, "I3", () => [id, purchases, due]);
  demand(purchases.length === audit.purchases.size, "I3", () => [id, purchases.length]);
  const reasons = blocks.map(({ reason }) => reason);
  demand(Bun.deepEquals(reasons, [...audit.blocks]), "blocks", () => [id, reasons]);
  demand((status === "blocked") === reasons.length > 0, "blocks", () => [id, status]);
  demand(device.counter === audit.counter, "R12", () => [id, device, audit.counter]);
  demand(rebuilt.kind === status, "I7", () => [id, rebuilt]);
  const { holds, pinFailures } = rebuilt.customer;
  const exposure = exposureOf(rebuilt.customer.collection);
  const parts = Object.values(exposure).map(Number);
  demand(
    parts.every((part) => part >= 0),
    "I3",
    () => [id, exposure],
  );
  demand(parts.reduce((a, b) => a + b) === due, "I3", () => [id, exposure]);
  demand(holds.length === audit.holds.size, "holds", () => [id, holds]);
  demand(pinFailures === audit.failures, "R19", () => [id, pinFailures, audit.failures]);
}

export function checkLane(auditor: Auditor, id: string, rebuilt: LaneState): void {
  const audit = auditor.lane(id);
  demand(rebuilt.kind === "active", "a lane with events is active", () => id);
  const told = rebuilt.open.map((request) => ({
    requestId: String(request.requestId),
    version: request.version,
    revision: request.revision,
    amount: Number(request.amountCents),
    expiresAtMs: request.expiresAtMs,
  }));
  const counted = audit.open.map(({ requestId, version, revision, amount, expiresAtMs }) => ({
    requestId,
    version,
    revision,
    amount,
    expiresAtMs,
  }));
  demand(Bun.deepEquals(told, counted), "open requests", () => ({ id, told, counted }));
  const closed = rebuilt.closed.map(({ requestId, status }) => `${requestId} ${status}`);
  const ended = audit.ended
    .slice(-CLOSED_MAX)
    .reverse()
    .map((requestId) => `${requestId} ${audit.find(requestId)?.status}`);
  demand(Bun.deepEquals(closed, ended), "closed requests", () => ({ id, closed, ended }));
}
