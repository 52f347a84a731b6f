/**
 * The customer names another bank account (docs/protocol.md section 3): one message signed by the
 * device key, as at registration, with a mandate of its own. The number is sealed, and never shown.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { AccountReply, AccountView } from "../../actors/account-messages.ts";
import type { Device } from "../../actors/account-state.ts";
import { type AccountId, idBytes } from "../../actors/ids.ts";
import { wipe } from "../../wasm/bytes.ts";
import { mandateStatement } from "../../wasm/statements.ts";
import { lastLetters } from "../vault/bank-account-ending.ts";
import type { Sealing } from "../vault/vault.ts";
import { type Api, answers, body, type ContextOf, KeyHeader, on, refusals } from "./api.ts";
import { walletCaller } from "./auth.ts";
import { fromBase64Url } from "./bytes.ts";
import { BankAccountFields } from "./fields.ts";
import { keepMandateText } from "./mandates.ts";
import { addressOf } from "./network-address.ts";
import { ask, edgeProblem, once, orUndo, type SwitchCommand } from "./once.ts";
import { Problem } from "./problem.ts";
import { fieldProblem, parseSigned } from "./registration-message.ts";
import type { Services } from "./services.ts";
import { AccountShape, toAccount } from "./shapes.ts";
import { sharersOf } from "./shared-bank-accounts.ts";

/** What the signed message says. */
const Message = z.strictObject({
  account: z.string(),
  device: z.string(),
  number: z.int().min(2),
  bank_account: z.strictObject(BankAccountFields),
  mandate: z.strictObject({ version: z.string().max(64), hash: z.string().length(64) }),
});
type Named = z.infer<typeof Message>;

const nameRoute = createRoute({
  method: "post",
  path: "/v1/account/bank-account",
  tags: ["wallet"],
  summary: "Name another bank account, with a mandate of its own",
  description:
    "The message has `account`, `device`, `number` (one more than `bank_account.number` of the " +
    "account), `bank_account` and `mandate`, as at registration. What is on its way stays " +
    "where it is; the bank is asked about the new one before it is debited.",
  security: [{ session: [] }],
  request: {
    headers: KeyHeader,
    body: body(
      z.strictObject({
        message: z.string().max(4096).openapi({ description: "JSON as base64url" }),
        signature: z.string().max(128).openapi({ description: "Of the message, base64url" }),
        mandate_signature: z.string().max(128).openapi({
          description: "Of the mandate alone; docs/protocol.md section 3",
        }),
      }),
    ),
  },
  responses: {
    200: answers("The account, with its new bank account", AccountShape),
    ...refusals(
      ...(["account_not_open", "account_closing", "account_blocked"] as const),
      ...(["device_not_active", "device_signature_invalid", "mandate_changed"] as const),
      "bank_account_out_of_step",
    ),
  },
});

export function addBankAccount(api: Api, services: Services): void {
  on(api, nameRoute, (c) => name(services, c));
}

type Context = ContextOf<typeof nameRoute>;

async function name(services: Services, c: Context): Promise<Response> {
  const { principal, accountId, deviceId } = walletCaller(services, c);
  const ref = { kind: "account", id: accountId };
  const describe = { kind: "DescribeAccount" } as const;
  await once<AccountReply>(services, c, { principal }, async (askFirst) => {
    const view = await ask<AccountView>(services, c, principal, ref, describe);
    if (view.device.deviceId !== deviceId) return edgeProblem("device_not_active");
    const message = await readSigned(services, c, accountId, view.device);
    await keepMandateText(services, c);
    const tokens = services.vault.put(sealingsOf(services, c, message, accountId, view));
    const [person = "", token = "", address = null] = tokens;
    const { version: textVersion, hash: textHash } = message.mandate;
    const signature = c.req.valid("json").mandate_signature;
    const command: SwitchCommand = {
      ...{ kind: "ReplaceBankAccount", token, person, number: message.number },
      mandate: { textVersion, textHash, signature, address },
      others: await sharersOf(services, token, accountId),
    };
    return orUndo(askFirst(ref, command), () => services.vault.destroy(tokens));
  });
  return c.json(toAccount(accountId, await ask(services, c, principal, ref, describe)));
}

/** Throws Problem for what is not said by this device about this account and this mandate. */
async function readSigned(
  services: Services,
  c: Context,
  accountId: AccountId,
  device: Device,
): Promise<Named> {
  const given = c.req.valid("json");
  const signed = fromBase64Url(given.message);
  if (signed === undefined) throw new Problem("invalid_request");
  await checkSigned(services, accountId, device, signed, given.signature);
  const message = parseSigned(Message, signed);
  if (message.account !== accountId) throw fieldProblem("/message/account");
  if (message.device !== device.deviceId) throw fieldProblem("/message/device");
  const { version, hash } = services.mandate;
  const isToday = message.mandate.version === version && message.mandate.hash === hash;
  if (!isToday) throw new Problem("mandate_changed");
  const textHash = new Uint8Array(Buffer.from(hash, "hex"));
  const statement = mandateStatement(idBytes(accountId), idBytes(device.deviceId), textHash);
  await checkSigned(services, accountId, device, statement, given.mandate_signature);
  return message;
}

async function checkSigned(
  { devices }: Services,
  accountId: AccountId,
  device: Device,
  bytes: Uint8Array,
  text: string,
): Promise<void> {
  const signature = fromBase64Url(text);
  const isSigned =
    signature !== undefined && (await devices.verify(accountId, device, bytes, signature));
  if (!isSigned) throw new Problem("device_signature_invalid");
}

/** The person with the end of the new number, the bank account, and where it was said from. */
function sealingsOf(
  { vault }: Services,
  c: Context,
  { bank_account }: Named,
  owner: AccountId,
  view: AccountView,
): readonly Sealing[] {
  const { personId: person } = view;
  const known = vault.open(view.vault.person, "person", owner);
  // Nobody is forgotten whose account is open.
  if (known === undefined) throw new Problem("internal_error");
  const shown = JSON.parse(Buffer.from(known).toString()) as object;
  wipe(known);
  const bank_account_ending = lastLetters(bank_account.account_number);
  const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
  const address = addressOf(c);
  return [
    { kind: "person", owner, person, bytes: json({ ...shown, bank_account_ending }) },
    { kind: "bank-account", owner, person, bytes: json(bank_account) },
    ...(address === undefined
      ? []
      : [{ kind: "network-address" as const, owner, person, bytes: Buffer.from(address) }]),
  ];
}
