/**
 * The message that opens an account (docs/protocol.md section 3): JSON, signed by the new device
 * key. It carries all that is personal, so it is read here and goes on sealed.
 */
import { z } from "@hono/zod-openapi";
import { type AccountId, type DeviceId, idBytes, type PersonId } from "../../actors/ids.ts";
import { ed25519Verify } from "../../wasm/core.ts";
import { importP256PublicKey, verifyP256 } from "../../wasm/p256.ts";
import { mandateStatement } from "../../wasm/statements.ts";
import { lastLetters } from "../vault/bank-account-ending.ts";
import type { Sealing } from "../vault/vault.ts";
import { fromBase64Url } from "./bytes.ts";
import { BankAccountFields, PersonName } from "./fields.ts";
import { isPossibleNumber } from "./phone-number.ts";
import { Problem } from "./problem.ts";
import { strictText } from "./strict-json.ts";

/**
 * R3: `+` and 8 to 15 digits; `+1` needs exactly 10 more. Anything else that phones type is not.
 */
export const Phone = z
  .string()
  .regex(/^\+[1-9][0-9]{7,14}$/)
  .refine(isPossibleNumber)
  .openapi({ example: "+12025550123" });

export const Completion = z.strictObject({
  token: z.string().max(200),
  device_key: z.string().max(128).openapi({ description: "Raw public key, base64url" }),
  algorithm: z.enum(["p256", "ed25519"]),
  message: z.string().max(8192).openapi({ description: "JSON as base64url; see docs/protocol.md" }),
  signature: z.string().max(128).openapi({ description: "64 bytes, base64url" }),
  mandate_signature: z.string().max(128).openapi({
    description: "Of the mandate alone; 64 bytes, base64url; docs/protocol.md section 3",
  }),
});

/** What the signed message says. */
const Message = z.strictObject({
  account: z.string(),
  device: z.string(),
  phone: Phone,
  name: PersonName,
  birth_date: z.string().regex(/^\d{2}\/\d{2}\/\d{4}$/),
  bank_account: z.strictObject(BankAccountFields),
  mandate: z.strictObject({ version: z.string().max(64), hash: z.string().length(64) }),
  pin_key: z.string().max(64),
});

export type CompletionGiven = z.infer<typeof Completion>;
export type SignedMessage = z.infer<typeof Message>;

/** What the phone says, once its signature is checked. Throws Problem. */
export async function readMessage(given: CompletionGiven): Promise<SignedMessage> {
  const publicKey = fromBase64Url(given.device_key);
  const signed = fromBase64Url(given.message);
  const signature = fromBase64Url(given.signature);
  if (publicKey === undefined || signed === undefined || signature === undefined) {
    throw new Problem("invalid_request");
  }
  await checkSignature(given.algorithm, publicKey, signed, signature);
  return parseSigned(Message, signed);
}

async function checkSignature(
  algorithm: "p256" | "ed25519",
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<void> {
  if (algorithm === "ed25519") {
    const isValid = ed25519Verify(signature, message, publicKey);
    if (!isValid) throw new Problem("device_signature_invalid");
    return;
  }
  const key = await importP256PublicKey(publicKey);
  if (key === undefined) throw new Problem("device_key_invalid");
  if (!(await verifyP256(key, message, signature))) throw new Problem("device_signature_invalid");
}

/** The same key says yes to the mandate by itself: that is kept, and shown without the rest. */
export async function checkMandateSignature(
  { algorithm, device_key: key, mandate_signature: text }: CompletionGiven,
  accountId: AccountId,
  deviceId: DeviceId,
  textHash: string,
): Promise<void> {
  const publicKey = fromBase64Url(key);
  const signature = fromBase64Url(text);
  if (publicKey === undefined || signature === undefined) throw new Problem("invalid_request");
  const hash = new Uint8Array(Buffer.from(textHash, "hex"));
  const statement = mandateStatement(idBytes(accountId), idBytes(deviceId), hash);
  await checkSignature(algorithm, publicKey, statement, signature);
}

/** Throws Problem, with the fields that are off. */
export function parseSigned<Said>(shape: z.ZodType<Said>, bytes: Uint8Array): Said {
  const parsed = shape.safeParse(jsonOf(bytes));
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, code }) => ({
    pointer: ["/message", ...path].join("/"),
    code,
  }));
  throw new Problem("invalid_request", { errors });
}

function jsonOf(bytes: Uint8Array): unknown {
  const text = strictText(bytes);
  if (text === undefined) throw new Problem("malformed_json");
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem("malformed_json");
  }
}

/**
 * What goes into the vault: of the message the person, the bank account and the PIN key; then where
 * it came from, where that is known.
 */
export function sealingsOf(
  message: SignedMessage,
  owner: AccountId,
  person: PersonId,
  address: string | undefined,
): readonly Sealing[] {
  const { name, birth_date, phone, bank_account } = message;
  const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
  const pinKey = fromBase64Url(message.pin_key) ?? new Uint8Array();
  const bank_account_ending = lastLetters(bank_account.account_number);
  const shown = { name, birth_date, phone, bank_account_ending };
  const from: Sealing | undefined =
    address === undefined
      ? undefined
      : { kind: "network-address", owner, person, bytes: Buffer.from(address) };
  return [
    { kind: "person", owner, person, bytes: json(shown) },
    { kind: "bank-account", owner, person, bytes: json(bank_account) },
    { kind: "pin-key", owner, person, bytes: pinKey },
    ...(from === undefined ? [] : [from]),
  ];
}

export function fieldProblem(pointer: string): Problem {
  return new Problem("invalid_request", { errors: [{ pointer, code: "invalid_format" }] });
}
