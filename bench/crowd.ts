/**
 * Customers and lanes for a benchmark, made over HTTP with the clients that phones and tills use,
 * and rounds of approvals that are scanned and signed before the clock runs.
 */
import { assert, present } from "../actors/assert.ts";
import type { Caller } from "../src/client/call.ts";
import type { Desk } from "../src/client/desk.ts";
import type { Phone } from "../src/client/phone.ts";
import { registerLane, type Till } from "../src/client/till.ts";
import { demoPhoneNumber, register } from "../src/commands/sandbox.ts";
import type { DeviceAlgorithm } from "../wasm/device-key.ts";
import { eachOf } from "./load.ts";

/** Calls under way while a round is prepared; each is a person, who does one thing at a time. */
const BUSY_MAX = 16;
const SHOPS = 8;
const PIN_KEY_BYTES = 32;
/** Payments that one customer can make within the limit of $100, whatever the amounts. */
export const ROUNDS_MAX = 20;
const AMOUNT_CENTS_MAX = 500;

interface Payer {
  readonly phone: Phone;
  /** Stands in for the slow derivation on the phone: 32 bytes that only it knows. */
  readonly pinKey: Uint8Array;
}

export interface Crowd {
  readonly payers: readonly Payer[];
  /** As many as payers. */
  readonly tills: readonly Till[];
}

/** A signed approval, ready to be sent, and what it approves. */
export interface Ready {
  /** JSON. */
  readonly body: string;
  readonly idempotencyKey: string;
  readonly requestId: string;
  readonly amountCents: number;
}

/**
 * Registers `size` verified customers with keys of that kind, and as many lanes. `tell` hears how
 * far it is.
 */
export async function gather(
  caller: Caller,
  desk: Desk,
  size: number,
  algorithm: DeviceAlgorithm,
  tell: (done: number) => void,
): Promise<Crowd> {
  const numbers = Array.from({ length: size }, (_, at) => at);
  const keys = await eachOf(numbers.slice(0, SHOPS), 1, async (at) => {
    const merchant = await desk.setUpMerchant({
      name: `Shop ${at + 1}`,
      statementName: `SHOP ${at + 1}`,
      street: `${at + 1} Main Street`,
      city: "Denver",
      state: "CO",
      feeBasisPoints: 150,
    });
    return merchant.api_key;
  });
  const tills = await eachOf(numbers, BUSY_MAX, (at) =>
    registerLane(caller, present(keys[at % keys.length], "a shop's key"), `Lane ${at + 1}`),
  );
  let done = 0;
  const payers = await eachOf(numbers, BUSY_MAX, async (at) => {
    const pinKey = crypto.getRandomValues(new Uint8Array(PIN_KEY_BYTES));
    const { phone } = await register(caller, desk, {
      name: `Customer ${at + 1}`,
      phoneNumber: demoPhoneNumber(at),
      pinKeyOf: () => pinKey.slice(),
      algorithm,
    });
    tell(++done);
    return { phone, pinKey };
  });
  return { payers, tills };
}

/** One approval per customer, each at another lane, in `round` 0, 1, 2 ... */
export function prepare({ payers, tills }: Crowd, round: number): Promise<readonly Ready[]> {
  assert(round < ROUNDS_MAX, "a round within the customers' limits");
  return eachOf(payers, BUSY_MAX, async ({ phone, pinKey }, at) => {
    const till = present(tills[(at + round) % tills.length], "a lane for the customer");
    const amountCents = 1 + ((at * 7 + round * 13) % AMOUNT_CENTS_MAX);
    const request = await till.ask({ amountCents, title: "Purchase" });
    const scan = await phone.scan(request.qr_text);
    const { idempotencyKey, ...body } = await phone.sign(scan, pinKey);
    return { body: JSON.stringify(body), idempotencyKey, requestId: request.id, amountCents };
  });
}
