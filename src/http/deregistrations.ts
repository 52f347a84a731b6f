/**
 * De-registration: by the customer from the phone, signed by its device key, or by an operator for
 * a customer who calls and whose phone or PIN is lost (FAQ). It ends the mandate; the account is
 * closed, and the phone number free, once nothing is owed or under way.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { AccountReply, DeviceView } from "../../actors/account-messages.ts";
import type { Device } from "../../actors/account-state.ts";
import { type AccountId, idBytes, parseId } from "../../actors/ids.ts";
import { leavingStatement } from "../../wasm/statements.ts";
import { type Api, answers, body, type ContextOf, MayKeyHeader, on, refusals } from "./api.ts";
import { operatorCaller, walletCaller } from "./auth.ts";
import { fromBase64Url } from "./bytes.ts";
import { Note } from "./fields.ts";
import { edgeProblem, onceIfKeyed, type SwitchCommand } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";

const Leaving = z
  .object({
    object: z.literal("deregistration"),
    account: z.string(),
    status: z.enum(["closing", "closed"]),
    waits_for: z
      .array(z.enum(["payments", "collection", "debts", "refunds", "blocks"]))
      .openapi({ description: "What must come to its end before the account is closed" }),
  })
  .openapi("Deregistration");

const leaveRoute = createRoute({
  method: "post",
  path: "/v1/account/deregistration",
  tags: ["wallet"],
  summary: "De-register: nothing new is paid, and the account is closed once nothing is owed",
  security: [{ session: [] }],
  request: {
    headers: MayKeyHeader,
    body: body(
      z.strictObject({
        signature: z.string().max(128).openapi({
          description: "Of the device key, base64url; docs/protocol.md section 3",
        }),
      }),
    ),
  },
  responses: {
    200: answers("How far it is", Leaving),
    ...refusals("account_not_open", "device_not_active", "device_signature_invalid"),
  },
});

const deskRoute = createRoute({
  method: "post",
  path: "/v1/desk/accounts/{account}/deregistration",
  tags: ["desk"],
  summary: "De-register for a customer whose phone or PIN is lost, with a reason",
  security: [{ key: [] }],
  request: {
    params: z.object({ account: z.string() }),
    headers: MayKeyHeader,
    body: body(z.strictObject({ note: Note })),
  },
  responses: { 200: answers("How far it is", Leaving), ...refusals("account_not_open") },
});

export function addDeregistrations(api: Api, services: Services): void {
  on(api, leaveRoute, (c) => leave(services, c));
  on(api, deskRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const accountId = parseId("account", c.req.valid("param").account);
    if (accountId === undefined) throw new Problem("account_not_open");
    const { note } = c.req.valid("json");
    const ref = { kind: "account", id: accountId };
    const close: SwitchCommand = { kind: "CloseAccount", by: "operator", note, signature: null };
    const reply = await onceIfKeyed<Closing>(services, c, { principal }, (askFirst) =>
      askFirst(ref, close),
    );
    return c.json(toLeaving(accountId, reply));
  });
}

type Closing = Extract<AccountReply, { kind: "closing" }>;

/** A repeat under its key is answered before anything is looked at: the account may be closed. */
async function leave(services: Services, c: ContextOf<typeof leaveRoute>): Promise<Response> {
  const { principal, accountId, deviceId } = walletCaller(services, c);
  const { signature } = c.req.valid("json");
  const ref = { kind: "account", id: accountId };
  const reply = await onceIfKeyed<Closing>(services, c, { principal }, async (askFirst) => {
    const known = await services.host.ask(ref, { kind: "DescribeDevice" }, { principal });
    if (known.kind !== "device") return known;
    const { device } = known as DeviceView;
    if (device.deviceId !== deviceId) return edgeProblem("device_not_active");
    const isSigned = await isSignedBy(services, accountId, device, signature);
    if (!isSigned) return edgeProblem("device_signature_invalid");
    const close: SwitchCommand = { kind: "CloseAccount", by: "customer", note: "", signature };
    return await askFirst(ref, close);
  });
  return c.json(toLeaving(accountId, reply));
}

function isSignedBy(
  { devices }: Services,
  accountId: AccountId,
  device: Device,
  signature: string,
): Promise<boolean> {
  const bytes = fromBase64Url(signature);
  if (bytes === undefined) return Promise.resolve(false);
  const statement = leavingStatement(idBytes(accountId), idBytes(device.deviceId));
  return devices.verify(accountId, device, statement, bytes);
}

function toLeaving(account: AccountId, { isClosed, waitsFor }: Closing) {
  const status = isClosed ? ("closed" as const) : ("closing" as const);
  return { object: "deregistration" as const, account, status, waits_for: waitsFor };
}
