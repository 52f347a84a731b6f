/** Registration step by step, with any field of the signed message changed before it is signed. */
import { assert } from "../../actors/assert.ts";
import { type AccountId, type DeviceId, idBytes } from "../../actors/ids.ts";
import { text64 } from "../../src/client/phone.ts";
import { exportP256PublicKey, generateP256KeyPair, signP256 } from "../../wasm/p256.ts";
import { mandateStatement } from "../../wasm/statements.ts";
import type { Reply, SwitchRig } from "../switch-rig.ts";

export interface Started {
  readonly phoneNumber: string;
  readonly id: string;
  readonly code: string;
}

export interface Activated extends Started {
  readonly account: string;
  readonly device: string;
  readonly token: string;
  readonly keyPair: CryptoKeyPair;
  readonly mandateHash: string;
}

export function askForCode(rig: SwitchRig, phone: string): Promise<Reply> {
  return rig.send("POST", "/v1/registrations", { json: { phone } });
}

export function enterCode(
  rig: SwitchRig,
  { id, phoneNumber }: Pick<Started, "id" | "phoneNumber">,
  code: string,
): Promise<Reply> {
  const path = `/v1/registrations/${id}/activation`;
  return rig.send("POST", path, { json: { phone: phoneNumber, code } });
}

export async function started(rig: SwitchRig): Promise<Started> {
  const phoneNumber = rig.newPhoneNumber();
  const { body } = await askForCode(rig, phoneNumber);
  return { phoneNumber, id: textIn(body, "id"), code: await rig.codeSentTo(phoneNumber) };
}

export async function activated(rig: SwitchRig): Promise<Activated> {
  const start = await started(rig);
  const { body } = await enterCode(rig, start, start.code);
  const [account, device] = [textIn(body, "account"), textIn(body, "device")];
  return await withDevice(rig, { ...start, account, device, token: textIn(body, "token") });
}

/** A phone of its own, and the mandate that it will be shown. */
export async function withDevice(
  rig: SwitchRig,
  given: Omit<Activated, "keyPair" | "mandateHash">,
): Promise<Activated> {
  const { body: mandate } = await rig.send("GET", "/v1/mandate");
  const keyPair = await generateP256KeyPair();
  return { ...given, keyPair, mandateHash: textIn(mandate, "hash") };
}

/** Another code than the one that was sent. */
export function otherCode(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, "0");
}

export async function messageOf(rig: SwitchRig, { account, device, phoneNumber }: Activated) {
  const { body: mandate } = await rig.send("GET", "/v1/mandate");
  return {
    account,
    device,
    phone: phoneNumber,
    name: "Ada Example",
    birth_date: "04/12/1990",
    bank_account: { routing_number: "021000021", account_number: "9990000000", kind: "checking" },
    mandate: { version: textIn(mandate, "version"), hash: textIn(mandate, "hash") },
    pin_key: text64(new Uint8Array(32).fill(7)),
  };
}

/** The body of a completion; `changes` go into the message before it is signed. */
export async function completionOf(
  rig: SwitchRig,
  activation: Activated,
  changes: Readonly<Record<string, unknown>> = {},
) {
  const message = { ...(await messageOf(rig, activation)), ...changes };
  return await signedCompletion(activation, JSON.stringify(message));
}

/** What the device key says yes to. */
export function mandateOf({ account, device, mandateHash }: Activated): Uint8Array {
  const [accountId, deviceId] = [account as AccountId, device as DeviceId];
  return mandateStatement(idBytes(accountId), idBytes(deviceId), Uint8Array.fromHex(mandateHash));
}

/** A completion around any text, rightly signed. */
export async function signedCompletion(activation: Activated, text: string) {
  const { token, keyPair } = activation;
  const message = new TextEncoder().encode(text);
  const statement = mandateOf(activation);
  return {
    token,
    device_key: text64(await exportP256PublicKey(keyPair.publicKey)),
    algorithm: "p256",
    message: text64(message),
    signature: text64(await signP256(keyPair.privateKey, message)),
    mandate_signature: text64(await signP256(keyPair.privateKey, statement)),
  };
}

export function complete(rig: SwitchRig, { id }: Started, json: unknown): Promise<Reply> {
  return rig.send("POST", `/v1/registrations/${id}/completion`, { json });
}

export function textIn(body: Readonly<Record<string, unknown>>, field: string): string {
  const value = body[field];
  assert(typeof value === "string", `the answer has the text ${field}`);
  return value;
}
