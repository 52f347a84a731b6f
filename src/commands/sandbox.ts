/**
 * The sandbox: people, shops and lanes that are really run through the switch, over HTTP, with the
 * same clients that phones and tills use. Nothing here is written past the API.
 */
import type { DeviceAlgorithm } from "../../wasm/device-key.ts";
import { DerivationPool } from "../../wasm/pool.ts";
import { ApiProblem, type Caller } from "../client/call.ts";
import type { Desk, NewMerchant } from "../client/desk.ts";
import { type Phone, type PinKeyOf, pinBytes, pooledPinKey } from "../client/phone.ts";
import { type Person, Registration } from "../client/registration.ts";
import type { Payment } from "../client/shapes.ts";
import { registerLane, type Till } from "../client/till.ts";

/** Routing number of the sandbox bank; the checksum is right, the bank does not exist. */
const ROUTING_NUMBER = "021000021";
export const DEMO_PIN = "4711";

export const SHOPS: readonly (NewMerchant & { readonly lanes: readonly string[] })[] = [
  {
    name: "Corner Grocery",
    statementName: "CORNER GROCERY",
    street: "12 Main Street",
    city: "Denver",
    state: "CO",
    feeBasisPoints: 150,
    lanes: ["Lane 1", "Lane 2"],
  },
  {
    name: "Blue Door Coffee",
    statementName: "BLUE DOOR COFFEE",
    street: "3 Harbor Walk",
    city: "Boston",
    state: "MA",
    feeBasisPoints: 175,
    lanes: ["Counter"],
  },
];

const PEOPLE = ["Ada Example", "Ben Example", "Cleo Example"];
const PURCHASES_CENTS = [499, 1250, 2075];

/** The real derivation, beside the switch: its phones and the switch share this process. */
export const pinKeyInWorker: PinKeyOf = pooledPinKey(new DerivationPool());

export interface Shop {
  readonly name: string;
  readonly apiKey: string;
  readonly tills: readonly Till[];
}

/** A customer with a phone; `pin` makes a fresh copy of the digits each time. */
export interface Customer {
  readonly name: string;
  readonly phone: Phone;
  readonly pin: () => Uint8Array;
}

async function openShops(caller: Caller, desk: Desk): Promise<readonly Shop[]> {
  const shops: Shop[] = [];
  for (const { lanes, ...merchant } of SHOPS) {
    const { api_key: apiKey } = await desk.setUpMerchant(merchant);
    const tills: Till[] = [];
    for (const lane of lanes) tills.push(await registerLane(caller, apiKey, lane));
    shops.push({ name: merchant.name, apiKey, tills });
  }
  return shops;
}

/** A picture that is one: the smallest PNG, standing in for a photograph. */
export const PICTURE = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA" +
    "AABJRU5ErkJggg==",
);

export interface Newcomer {
  readonly name: string;
  readonly phoneNumber: string;
  /** By default the real derivation; a seeded crowd may use a cheaper one. */
  readonly pinKeyOf?: PinKeyOf;
  readonly birthDate?: string;
  /** Decides what the sandbox's bank does (docs/sandbox.md). Default: one that is always good. */
  readonly accountNumber?: string;
  readonly algorithm?: DeviceAlgorithm;
}

/** Registers a person with a phone, sends the pictures, and has the desk look at them. */
export async function register(caller: Caller, desk: Desk, who: Newcomer): Promise<Customer> {
  const registration = await Registration.start(caller, who.phoneNumber, who.algorithm);
  const message = await desk.smsTo(who.phoneNumber);
  const code = /\b[0-9]{6}\b/.exec(message)?.[0] ?? "";
  const pin = (): Uint8Array => pinBytes(DEMO_PIN);
  const person: Person = {
    name: who.name,
    birthDate: who.birthDate ?? "04/12/1990",
    routingNumber: ROUTING_NUMBER,
    accountNumber: who.accountNumber ?? "9990000000",
    bankAccountKind: "checking",
  };
  const pinKeyOf = who.pinKeyOf ?? onceDerived();
  const phone = await registration.complete(code, person, pin(), pinKeyOf);
  await phone.sendPicture("front", "passport", PICTURE);
  await phone.sendPicture("rear", "passport", PICTURE);
  await desk.verifyIdentity(phone.keys.account);
  return { name: who.name, phone, pin };
}

/** The demo's phones derive their PIN key once and keep it: a real phone derives it each time. */
function onceDerived(): PinKeyOf {
  let kept: Promise<Uint8Array> | undefined;
  return async (pin, keys) => {
    kept ??= Promise.resolve(pinKeyInWorker(pin, keys));
    return (await kept).slice();
  };
}

/** One payment from till to receipt. */
export async function payOnce(
  till: Till,
  { phone, pin }: Customer,
  amountCents: number,
  title: string,
): Promise<Payment> {
  const request = await till.ask({ amountCents, title });
  const scan = await phone.scan(request.qr_text);
  return await phone.approve(scan, pin());
}

/** 202-555-01xx is the range kept for fiction; the rest only has to be possible. */
export function demoPhoneNumber(seed: number): string {
  return `+1202555${String(100 + (seed % 9_900)).padStart(4, "0")}`;
}

/** Numbers that are tried before a sandbox counts as full. */
const TAKEN_MAX = 1_000;

/** Registers a person under the next free number: a sandbox that is used for long comes round. */
export async function registerNext(
  caller: Caller,
  desk: Desk,
  who: Omit<Newcomer, "phoneNumber">,
  from: number,
): Promise<Customer> {
  for (let taken = 0; ; taken++) {
    try {
      const phoneNumber = demoPhoneNumber(from + taken);
      return await register(caller, desk, { ...who, phoneNumber });
    } catch (error) {
      const code = error instanceof ApiProblem ? error.code : "";
      const isTaken = code === "phone_taken" || code === "too_many_codes";
      if (!isTaken || taken >= TAKEN_MAX) throw error;
    }
  }
}

/** A small town: shops, people, and a few payments of each. */
export async function seed(caller: Caller, desk: Desk, from: number): Promise<readonly Shop[]> {
  const shops = await openShops(caller, desk);
  const tills = shops.flatMap((shop) => shop.tills);
  for (const [at, name] of PEOPLE.entries()) {
    const customer = await registerNext(caller, desk, { name }, from + at);
    for (const [turn, amountCents] of PURCHASES_CENTS.entries()) {
      const till = tills[(at + turn) % tills.length];
      if (till !== undefined) await payOnce(till, customer, amountCents, "Purchase");
    }
  }
  return shops;
}
