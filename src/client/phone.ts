/**
 * The phone: registration, session, scan and approval (docs/protocol.md). The PIN is bytes that are
 * wiped, the device key never leaves the key store, and an approval is kept until it is answered,
 * so that a broken line never makes a second one under the same counter.
 */
import { type AccountId, type DeviceId, idBytes, parseId } from "../../actors/ids.ts";
import { encodeApproval, payeeTag } from "../../wasm/approval.ts";
import { concatBytes, wipe } from "../../wasm/bytes.ts";
import {
  type DeviceAlgorithm,
  deviceAlgorithm,
  exportDeviceKey,
  generateDeviceKey,
  signWithDevice,
} from "../../wasm/device-key.ts";
import {
  type BirthDate,
  derivePinKey,
  type PinKeyInput,
  pinProof,
  type WeakPin,
  weakPin,
} from "../../wasm/pin.ts";
import type { DerivationPool } from "../../wasm/pool.ts";
import { ApiProblem, type Caller } from "./call.ts";
import type { Account, List, Payment, Receipt, Scan } from "./shapes.ts";

const USD = 840;
const SECRET_BYTES = 32;

/** What the phone's key store holds. */
export interface PhoneKeys {
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly keyPair: CryptoKeyPair;
  readonly deviceSecret: Uint8Array;
  readonly salt: Uint8Array;
  readonly pinVersion: number;
}

export interface Person {
  readonly name: string;
  /** MM/DD/YYYY (FAQ). */
  readonly birthDate: string;
  readonly routingNumber: string;
  readonly accountNumber: string;
  readonly bankAccountKind: "checking" | "savings";
}

/** A signed approval, ready to be sent as often as it takes. */
export interface SignedApproval {
  readonly approval: string;
  readonly proof: string;
  readonly signature: string;
  readonly idempotencyKey: string;
}

/** Turns the PIN into the PIN key; the bytes of the PIN are wiped. */
export type PinKeyOf = (
  pin: Uint8Array,
  keys: Omit<PhoneKeys, "keyPair">,
) => Uint8Array | Promise<Uint8Array>;

/** The real derivation, in this thread: it holds up everything else for a while. */
export function argon2PinKey(pin: Uint8Array, keys: Omit<PhoneKeys, "keyPair">): Uint8Array {
  return derivePinKey(pinKeyInput(pin, keys));
}

/** The real derivation, in a worker. */
export function pooledPinKey(pool: Pick<DerivationPool, "derivePinKey">): PinKeyOf {
  return (pin, keys) => pool.derivePinKey(pinKeyInput(pin, keys));
}

function pinKeyInput(pin: Uint8Array, keys: Omit<PhoneKeys, "keyPair">): PinKeyInput {
  const { salt, deviceSecret, account, device, pinVersion } = keys;
  const ids = { accountId: idBytes(account), deviceId: idBytes(device) };
  return { pin, salt, deviceSecret, ...ids, pinVersion };
}

/** The digits of a PIN as bytes, for callers that have a text (tests, demo). */
export function pinBytes(digits: string): Uint8Array {
  return new TextEncoder().encode(digits);
}

interface Activation {
  readonly account: string;
  readonly device: string;
  readonly salt: string;
  readonly pin_version: number;
  readonly token: string;
}

interface Activated {
  readonly token: string;
  readonly keys: PhoneKeys;
}

/** docs/protocol.md section 3: this PIN is too easily guessed. Choose another. */
export class PinRefused extends Error {
  override readonly name = "PinRefused";
  constructor(readonly reason: WeakPin) {
    super("the PIN is too easily guessed");
  }
}

/** Undefined for what is no date: the switch refuses that by itself. */
function birthDateOf({ birthDate }: Person): BirthDate | undefined {
  const match = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(birthDate);
  if (match === null) return undefined;
  return { month: Number(match[1]), day: Number(match[2]), year: Number(match[3]) };
}

/** A registration under way: number, then code, then everything else. */
export class Registration {
  /** Made once: when the answer is lost, the same keys are sent again. */
  #activated: Activated | undefined;

  private constructor(
    private readonly caller: Caller,
    readonly id: string,
    private readonly phone: string,
    private readonly algorithm: DeviceAlgorithm,
  ) {}

  /** Asks for a code by SMS to an E.164 number. */
  static async start(
    caller: Caller,
    phone: string,
    algorithm: DeviceAlgorithm = "p256",
  ): Promise<Registration> {
    const { body } = await caller.call<{ id: string }>("POST", "/v1/registrations", {
      idempotencyKey: crypto.randomUUID(),
      body: { phone },
    });
    return new Registration(caller, body.id, phone, algorithm);
  }

  /**
   * Enters the code, makes the keys, and opens the account. May be called again when it fails.
   * Throws PinRefused for a PIN that is easily guessed: the switch never sees the PIN, so only the
   * phone can refuse it. The PIN is wiped.
   */
  async complete(
    code: string,
    person: Person,
    pin: Uint8Array,
    pinKeyOf: PinKeyOf = argon2PinKey,
  ): Promise<Phone> {
    let pinKey: Uint8Array | undefined;
    try {
      const weakness = weakPin(pin, birthDateOf(person));
      if (weakness !== undefined) throw new PinRefused(weakness);
      this.#activated ??= await this.#activate(code);
      const { keys } = this.#activated;
      pinKey = await pinKeyOf(pin, keys);
      await this.#open(this.#activated, person, pinKey);
      return new Phone(this.caller, keys, pinKeyOf);
    } finally {
      wipe(pin);
      if (pinKey !== undefined) wipe(pinKey);
    }
  }

  async #open({ token, keys }: Activated, person: Person, pinKey: Uint8Array): Promise<void> {
    const { body: mandate } = await this.caller.call<{ version: string; hash: string }>(
      "GET",
      "/v1/mandate",
    );
    const message = new TextEncoder().encode(
      JSON.stringify({
        account: keys.account,
        device: keys.device,
        phone: this.phone,
        name: person.name,
        birth_date: person.birthDate,
        bank_account: {
          routing_number: person.routingNumber,
          account_number: person.accountNumber,
          kind: person.bankAccountKind,
        },
        mandate: { version: mandate.version, hash: mandate.hash },
        pin_key: text64(pinKey),
      }),
    );
    await this.caller.call("POST", `/v1/registrations/${this.id}/completion`, {
      idempotencyKey: crypto.randomUUID(),
      body: {
        token,
        device_key: text64(await exportDeviceKey(keys.keyPair)),
        algorithm: deviceAlgorithm(keys.keyPair),
        message: text64(message),
        signature: text64(await signWithDevice(keys.keyPair, message)),
      },
    });
  }

  async #activate(code: string): Promise<Activated> {
    const path = `/v1/registrations/${this.id}/activation`;
    const { body: given } = await this.caller.call<Activation>("POST", path, {
      idempotencyKey: crypto.randomUUID(),
      body: { phone: this.phone, code },
    });
    return { token: given.token, keys: await makeKeys(given, this.algorithm) };
  }
}

async function makeKeys(given: Activation, algorithm: DeviceAlgorithm): Promise<PhoneKeys> {
  const account = parseId("account", given.account);
  const device = parseId("device", given.device);
  if (account === undefined || device === undefined) throw new Error("the switch gave no ids");
  return {
    account,
    device,
    keyPair: await generateDeviceKey(algorithm),
    deviceSecret: crypto.getRandomValues(new Uint8Array(SECRET_BYTES)),
    salt: bytes64(given.salt),
    pinVersion: given.pin_version,
  };
}

/** One approval at a time: the one before has no answer yet. Send `pending` first. */
export class ApprovalPending extends Error {
  override readonly name = "ApprovalPending";
  constructor() {
    super("an approval is pending: send it first");
  }
}

export class Phone {
  #token: string | undefined;
  #pending: SignedApproval | undefined;
  #isApproving = false;

  constructor(
    private readonly caller: Caller,
    readonly keys: PhoneKeys,
    private readonly pinKeyOf: PinKeyOf = argon2PinKey,
  ) {}

  /** An approval that was sent and not answered; nothing else is approved before it is. */
  get pending(): SignedApproval | undefined {
    return this.#pending;
  }

  async account(): Promise<Account> {
    return (await this.#read<Account>("GET", "/v1/account")).body;
  }

  async receipts(limit = 20): Promise<readonly Receipt[]> {
    return (await this.#read<List<Receipt>>("GET", `/v1/receipts?limit=${limit}`)).body.data;
  }

  async sendPicture(side: "front" | "rear", document: string, picture: Uint8Array): Promise<void> {
    await this.#read("PUT", `/v1/account/identity/${side}?document=${document}`, picture);
  }

  /** Who asks, and for how much. */
  async scan(qr: string): Promise<Scan> {
    return (await this.#read<Scan>("POST", "/v1/scans", { qr })).body;
  }

  /** Signs what the payer saw, and sends it until there is an answer. The PIN is wiped. */
  async approve(scan: Scan, pin: Uint8Array): Promise<Payment> {
    if (this.#isApproving || this.#pending !== undefined) {
      wipe(pin);
      throw new ApprovalPending();
    }
    // A second tap must not sign under the same counter: that is what a copied phone does.
    this.#isApproving = true;
    let pinKey: Uint8Array | undefined;
    try {
      const { keyPair: _, ...keys } = this.keys;
      pinKey = await this.pinKeyOf(pin, keys);
      return await this.send(await this.sign(scan, pinKey));
    } finally {
      wipe(pin);
      if (pinKey !== undefined) wipe(pinKey);
      this.#isApproving = false;
    }
  }

  /** The approval of exactly what the scan showed, under the given PIN key. */
  async sign(scan: Scan, pinKey: Uint8Array): Promise<SignedApproval> {
    const { account, device, keyPair } = this.keys;
    const subject = parseId("paymentRequest", scan.payment_request);
    if (subject === undefined) throw new Error("the scan names no payment request");
    const body = encodeApproval({
      kind: "purchase",
      pinVersion: scan.pin_version,
      accountId: idBytes(account),
      deviceId: idBytes(device),
      subject: idBytes(subject),
      subjectVersion: scan.version,
      amountCents: scan.amount.amount,
      currency: USD,
      payeeTag: payeeTag(scan.payee.line),
      counter: scan.next_counter,
      clientTimeMs: Date.now(),
      nonce: bytes64(scan.nonce),
    });
    const proof = pinProof(pinKey, body);
    const signature = await signWithDevice(keyPair, concatBytes(body, proof));
    return {
      approval: text64(body),
      proof: text64(proof),
      signature: text64(signature),
      idempotencyKey: crypto.randomUUID(),
    };
  }

  /** Sends an approval; the same one again gets the same answer. */
  async send(signed: SignedApproval): Promise<Payment> {
    if (this.#pending !== undefined && this.#pending.approval !== signed.approval) {
      throw new ApprovalPending();
    }
    this.#pending = signed;
    const { idempotencyKey, ...body } = signed;
    try {
      const options = { idempotencyKey, body };
      const answer = await this.caller.call<Payment>("POST", "/v1/payments", options);
      this.#pending = undefined;
      return answer.body;
    } catch (error) {
      // A no of the switch is an answer; a broken line or a proxy's page is not.
      if (error instanceof ApiProblem && error.body["money_taken"] === "no") {
        this.#pending = undefined;
      }
      throw error;
    }
  }

  async #read<Body>(method: string, path: string, body?: unknown) {
    this.#token ??= await this.#openSession();
    const idempotencyKey = crypto.randomUUID();
    const call = (token: string) =>
      this.caller.call<Body>(method, path, { token, idempotencyKey, body });
    try {
      return await call(this.#token);
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.code !== "unauthenticated") throw error;
      // The session ended: sign in anew, once.
      this.#token = await this.#openSession();
      return await call(this.#token);
    }
  }

  async #openSession(): Promise<string> {
    const { account, device, keyPair } = this.keys;
    const { body: given } = await this.caller.call<{ challenge: string }>(
      "POST",
      "/v1/sessions/challenges",
      { idempotencyKey: crypto.randomUUID(), body: { account, device } },
    );
    const message = new TextEncoder().encode(`SEQR-SESSION-v1\0${given.challenge}`);
    const signature = text64(await signWithDevice(keyPair, message));
    const { body: session } = await this.caller.call<{ token: string }>("POST", "/v1/sessions", {
      idempotencyKey: crypto.randomUUID(),
      body: { account, device, challenge: given.challenge, signature },
    });
    return session.token;
  }
}

/** Base64url without padding. */
export function text64(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

export function bytes64(text: string): Uint8Array {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}
