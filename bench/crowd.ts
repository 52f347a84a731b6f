/**
 * Customers with phones, and lanes with tills, for a switch under measurement. They are registered
 * before it starts; then tills ask and phones scan and sign over HTTP, with the clients that real
 * ones use, and approvals are ready to be sent when the clock runs.
 */
import { assert, present } from "../actors/assert.ts";
import { DEFAULT_POLICY } from "../actors/policy.ts";
import { Caller } from "../src/client/call.ts";
import { Phone, type SignedApproval } from "../src/client/phone.ts";
import type { Payment } from "../src/client/shapes.ts";
import { Till } from "../src/client/till.ts";
import { type DeviceAlgorithm, exportDeviceKey, generateDeviceKey } from "../wasm/device-key.ts";
import { PAYMENTS_PER_CUSTOMER_MAX } from "./core-payments.ts";
import { eachOf } from "./load.ts";
import { customerId, type OpenedLane, PIN_KEY_BYTES, Town } from "./town.ts";

/** Calls under way while approvals are prepared; each is a person, who does one thing at a time. */
const BUSY_MAX = 32;
/** So many, or as many as it takes. */
const MERCHANTS = 8;
const LANES_MAX = DEFAULT_POLICY.lanesPerMerchantMax;
const AMOUNT_CENTS_MAX = 500;
const SECRET_BYTES = 32;
const SALT_BYTES = 16;

/** A signed approval, ready to be sent, and what it approves. */
export interface Ready {
  /** JSON. */
  readonly body: string;
  readonly idempotencyKey: string;
  readonly requestId: string;
  readonly amountCents: number;
}

/** What a customer holds in the hand. */
interface Holder {
  readonly keyPair: CryptoKeyPair;
  /** Stands in for the slow derivation on the phone: 32 bytes that only it knows. */
  readonly pinKey: Uint8Array;
}

/** The people of a data directory, who need no server yet. */
export interface People {
  /** The number of the first customer. */
  readonly first: number;
  readonly holders: readonly Holder[];
  /** One more than customers, of several merchants. */
  readonly lanes: readonly OpenedLane[];
}

/**
 * Registers `size` customers with keys of that kind, from number `first` on, and one more lane than
 * that, in the directory.
 */
export async function settle(
  dataDir: string,
  size: number,
  algorithm: DeviceAlgorithm,
  tell: (done: number) => void,
  first = 0,
): Promise<People> {
  const numbers = Array.from({ length: size }, (_, at) => at);
  const holders = await eachOf(numbers, BUSY_MAX, async () => ({
    keyPair: await generateDeviceKey(algorithm),
    pinKey: crypto.getRandomValues(new Uint8Array(PIN_KEY_BYTES)),
  }));
  const publicKeys = await eachOf(holders, BUSY_MAX, async ({ keyPair }) =>
    Buffer.from(await exportDeviceKey(keyPair)).toString("base64url"),
  );
  const town = await Town.open(dataDir);
  try {
    const wanted = size + 1;
    const perMerchant = Math.min(Math.ceil(wanted / MERCHANTS), LANES_MAX);
    const lanes: OpenedLane[] = [];
    while (lanes.length < wanted) {
      lanes.push(...(await town.openMerchant(Math.min(perMerchant, wanted - lanes.length))));
    }
    const keyOf = (customer: number) => ({
      algorithm,
      publicKey: present(publicKeys[customer - first], "a customer's public key"),
      pinKey: present(holders[customer - first], "a customer with a phone").pinKey,
    });
    await town.register(first, first + size, keyOf, tell);
    return { first, holders, lanes };
  } finally {
    await town.close();
  }
}

export class Crowd {
  readonly #phones: readonly Phone[];
  readonly #tills: readonly Till[];
  #prepared = 0;

  /** `url` is that of their switch; it may go away and come back there. */
  constructor(
    private readonly people: People,
    url: string,
  ) {
    const caller = new Caller(url);
    this.#phones = people.holders.map(({ keyPair }, at) =>
      phoneOf(caller, keyPair, people.first + at),
    );
    this.#tills = people.lanes.map(({ id, key }) => tillOf(caller, id, key));
  }

  /** The number of the customer after the last. */
  get end(): number {
    return this.people.first + this.size;
  }

  get size(): number {
    return this.#phones.length;
  }

  /** Approvals that customers have room for within their limits. */
  get left(): number {
    return this.size * PAYMENTS_PER_CUSTOMER_MAX - this.#prepared;
  }

  /** One approval of each of the next `count` customers, each at another lane. */
  prepare(count: number): Promise<readonly Ready[]> {
    assert(count <= this.size, "no customer approves twice at once");
    assert(count <= this.left, "customers have room within their limits");
    const first = this.#prepared;
    this.#prepared += count;
    const turns = Array.from({ length: count }, (_, at) => first + at);
    return eachOf(turns, BUSY_MAX, (turn) => this.#prepareOne(turn));
  }

  /** A whole visit of the next customer. Throws where it is refused. */
  async visit(): Promise<{ readonly ready: Ready; readonly payment: Payment }> {
    assert(this.left > 0, "customers have room within their limits");
    const turn = this.#prepared++;
    const ready = await this.#prepareOne(turn);
    const { body, idempotencyKey } = ready;
    const signed = { ...(JSON.parse(body) as Omit<SignedApproval, "idempotencyKey">) };
    const payment = await this.#phoneOf(turn).send({ ...signed, idempotencyKey });
    return { ready, payment };
  }

  #phoneOf(turn: number): Phone {
    return present(this.#phones[turn % this.size], "a customer's phone");
  }

  async #prepareOne(turn: number): Promise<Ready> {
    const phone = this.#phoneOf(turn);
    const { pinKey } = present(this.people.holders[turn % this.size], "a customer");
    // One till more than phones: nobody always pays at the same one, and no till is asked twice by
    // as many approvals as there are customers, which would supersede its first request.
    const till = present(this.#tills[turn % this.#tills.length], "a till");
    const amountCents = 1 + ((turn * 7) % AMOUNT_CENTS_MAX);
    const request = await till.ask({ amountCents, title: "Purchase" });
    const scan = await phone.scan(request.qr_text);
    const { idempotencyKey, ...body } = await phone.sign(scan, pinKey);
    return { body: JSON.stringify(body), idempotencyKey, requestId: request.id, amountCents };
  }
}

function phoneOf(caller: Caller, keyPair: CryptoKeyPair, customer: number): Phone {
  return new Phone(caller, {
    account: customerId("account", customer),
    device: customerId("device", customer),
    keyPair,
    // Only the derivation of the PIN key wants these, and nobody derives one here.
    deviceSecret: new Uint8Array(SECRET_BYTES),
    salt: new Uint8Array(SALT_BYTES),
    pinVersion: 1,
  });
}

/** A till knows its lane by the id and its key; what it could print is not needed. */
function tillOf(caller: Caller, id: string, key: string): Till {
  const payee = {
    merchant: "",
    merchant_name: "",
    lane: id,
    lane_name: "",
    street: "",
    city: "",
    state: "",
    line: "",
  };
  return new Till(caller, { id, payee, sticker_text: "", sticker_short_text: "" }, key);
}
