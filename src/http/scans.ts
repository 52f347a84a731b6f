/**
 * A scan: the phone sends the text of a code, and the switch says who asks for how much. The amount
 * always comes from the switch; the code only says where to look (R22).
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { AccountView } from "../../actors/account-messages.ts";
import { type LaneId, laneId } from "../../actors/ids.ts";
import type { PaymentRequest, PaymentRequestView } from "../../actors/lane-messages.ts";
import { clampCents, subtractCents, ZERO_CENTS } from "../../actors/money.ts";
import { parseQrText, type QrPayload } from "../../wasm/qr.ts";
import {
  type Api,
  answers,
  body,
  CLOSED,
  type ContextOf,
  MayKeyHeader,
  on,
  refusals,
} from "./api.ts";
import { type WalletCaller, walletCaller } from "./auth.ts";
import { toBase64Url } from "./bytes.ts";
import type { Codes } from "./codes.ts";
import { MoneyShape, toMoney } from "./money.ts";
import { makeNonce } from "./nonce.ts";
import { ask } from "./once.ts";
import { Problem } from "./problem.ts";
import { Repeats } from "./repeats.ts";
import type { Services } from "./services.ts";
import { orNull, PayeeShape, toPayee, toTime } from "./shapes.ts";
import { VerifiedCodes } from "./verified-codes.ts";

const Scan = z
  .object({
    object: z.literal("scan"),
    payment_request: z.string(),
    reference: z.string(),
    version: z.int(),
    amount: MoneyShape,
    title: z.string(),
    payee: PayeeShape,
    expires_at: z.iso.datetime(),
    nonce: z.string().openapi({ description: "12 bytes, base64url: goes into the approval" }),
    next_counter: z.int(),
    pin_version: z.int(),
    limit_before: MoneyShape,
    limit_after: orNull(MoneyShape, "Null: the amount is too high"),
  })
  .openapi("Scan");

const scanRoute = createRoute({
  method: "post",
  path: "/v1/scans",
  tags: ["wallet"],
  summary: "Look at what a scanned code asks for",
  security: [{ session: [] }],
  request: { headers: MayKeyHeader, body: body(z.strictObject({ qr: z.string().max(512) })) },
  responses: {
    200: answers("Show this before the PIN", Scan),
    ...refusals(
      "qr_malformed",
      "qr_not_genuine",
      "qr_not_payable",
      "account_not_open",
      "device_not_active",
      "lane_not_found",
      "nothing_to_pay",
      ...CLOSED,
    ),
  },
});

interface Target {
  readonly lane: LaneId;
  /** Undefined: whatever is open there. */
  readonly requestNumber: number | undefined;
}

export function addScans(api: Api, services: Services, codes: Codes): void {
  // The nonce of a scan is good for so long.
  const repeats = new Repeats(services.clock, services.policy.scanMs);
  const publicKeyOf = (kid: number) => services.keys.qrPublicKey(kid);
  const verified = new VerifiedCodes(publicKeyOf, services.metrics);
  on(api, scanRoute, (c) => {
    const caller = walletCaller(services, c);
    return repeats.answer(c, caller.principal, 200, () =>
      scan(services, codes, verified, c, caller),
    );
  });
}

async function scan(
  services: Services,
  codes: Codes,
  verified: VerifiedCodes,
  c: ContextOf<typeof scanRoute>,
  caller: WalletCaller,
): Promise<z.infer<typeof Scan>> {
  const target = resolve(codes, verified, c.req.valid("json").qr);
  const account = await ask<AccountView>(
    services,
    c,
    caller.principal,
    { kind: "account", id: caller.accountId },
    { kind: "DescribeAccount" },
  );
  if (account.device.deviceId !== caller.deviceId) throw new Problem("device_not_active");
  const { payee, request } = await ask<PaymentRequestView>(
    services,
    c,
    // Nothing personal goes to the lane (FAQ), not even into its audit trail.
    "wallet",
    { kind: "lane", id: target.lane },
    { kind: "ScanPaymentRequest", requestNumber: target.requestNumber },
  );
  const { availableCents } = account.limit;
  const after = subtractCents(availableCents, request.amountCents);
  return {
    object: "scan" as const,
    payment_request: request.requestId,
    reference: codes.reference(payee.laneId, request.requestNumber),
    version: request.version,
    amount: toMoney(request.amountCents),
    title: request.title,
    payee: toPayee(payee),
    expires_at: toTime(request.expiresAtMs),
    nonce: toBase64Url(nonceFor(services, caller, request)),
    next_counter: account.device.counter + 1,
    pin_version: account.device.pinVersion,
    limit_before: toMoney(availableCents),
    limit_after: after < 0 ? null : toMoney(clampCents(after, ZERO_CENTS, availableCents)),
  };
}

function nonceFor(services: Services, caller: WalletCaller, request: PaymentRequest): Uint8Array {
  const { requestId, version } = request;
  const subject = {
    requestId,
    version,
    accountId: caller.accountId,
    deviceId: caller.deviceId,
  };
  const untilMs = services.clock.nowMs() + services.policy.scanMs;
  return makeNonce(services.keys, subject, Math.min(untilMs, request.expiresAtMs));
}

/** All codes of one payment request lead to the same one (merchant-api A9). */
function resolve(codes: Codes, verified: VerifiedCodes, text: string): Target {
  const short = /^HTTP:\/\/[^/]+\/([QR])([A-Z0-9]{1,32})$/i.exec(text);
  if (short !== null) return resolveShort(codes, short[1] ?? "", short[2] ?? "");
  const parsed = parseQrText(text);
  if (parsed.kind !== "parsed") throw new Problem("qr_malformed");
  const verdict = verified.verify(parsed.bytes);
  if (verdict.kind === "signature_invalid" || verdict.kind === "key_unknown") {
    throw new Problem("qr_not_genuine");
  }
  if (verdict.kind !== "valid") throw new Problem("qr_malformed");
  return targetOf(codes, verdict.payload);
}

function targetOf(codes: Codes, payload: QrPayload): Target {
  if (payload.kind === "lane_sticker") {
    return { lane: laneId(payload.laneNumber), requestNumber: undefined };
  }
  if (payload.kind === "payment_request") return byReference(codes, payload.reference);
  throw new Problem("qr_not_payable");
}

function byReference(codes: Codes, reference: string): Target {
  const target = codes.resolveReference(reference);
  if (target === undefined) throw new Problem("qr_malformed");
  return target;
}

function resolveShort(codes: Codes, letter: string, rest: string): Target {
  if (letter.toUpperCase() === "R") return byReference(codes, rest);
  const lane = codes.laneOfStickerId(rest);
  if (lane === undefined) throw new Problem("qr_not_genuine");
  return { lane, requestNumber: undefined };
}
