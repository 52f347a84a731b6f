/**
 * The phone: session, scan and approval (docs/protocol.md); registration.ts says how somebody gets
 * one. The PIN is bytes that are wiped, the device key never leaves the key store, and an approval
 * is kept until it is answered, so that a broken line never makes a second one under the same
 * counter.
 */
import { type AccountId, type DeviceId, idBytes, parseId } from "../../actors/ids.ts";
import { encodeApproval, payeeTag } from "../../wasm/approval.ts";
import { concatBytes, wipe } from "../../wasm/bytes.ts";
import { signWithDevice } from "../../wasm/device-key.ts";
import { derivePinKey, type PinKeyInput, pinProof } from "../../wasm/pin.ts";
import type { DerivationPool } from "../../wasm/pool.ts";
import { leavingStatement, mandateStatement } from "../../wasm/statements.ts";
import { ApiProblem, type Caller } from "./call.ts";
import type {
  Account,
  Deregistration,
  List,
  MandateCopy,
  Payment,
  Receipt,
  Scan,
} from "./shapes.ts";

const USD = 840;

/** What the phone's key store holds. */
export interface PhoneKeys {
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly keyPair: CryptoKeyPair;
  readonly deviceSecret: Uint8Array;
  readonly salt: Uint8Array;
  readonly pinVersion: number;
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

/** One approval at a time: the one before has no answer yet. Send `pending` first. */
export class ApprovalPending extends Error {
  override readonly name = "ApprovalPending";
  constructor() {
    super("an approval is pending: send it first");
  }
}

export interface BankAccountGiven {
  readonly routingNumber: string;
  readonly accountNumber: string;
  readonly bankAccountKind: "checking" | "savings";
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

  /** The mandate that was accepted, as it was shown. */
  async mandate(): Promise<MandateCopy> {
    return (await this.#read<MandateCopy>("GET", "/v1/account/mandate")).body;
  }

  /** Another bank account, with a mandate for it; the money on its way stays where it is. */
  async nameBankAccount(given: BankAccountGiven): Promise<Account> {
    const { keys } = this;
    const mandate = await this.caller.call<{ version: string; hash: string }>("GET", "/v1/mandate");
    const { version, hash } = mandate.body;
    const { bank_account: known } = await this.account();
    const message = new TextEncoder().encode(
      JSON.stringify({
        account: keys.account,
        device: keys.device,
        number: known.number + 1,
        bank_account: {
          routing_number: given.routingNumber,
          account_number: given.accountNumber,
          kind: given.bankAccountKind,
        },
        mandate: { version, hash },
      }),
    );
    const body = {
      message: text64(message),
      signature: text64(await signWithDevice(keys.keyPair, message)),
      mandate_signature: text64(await signMandate(keys, hash)),
    };
    return (await this.#read<Account>("POST", "/v1/account/bank-account", body)).body;
  }

  /** Asks for the account to be closed: once nothing is owed, it is. */
  async deregister(): Promise<Deregistration> {
    const { account, device, keyPair } = this.keys;
    const statement = leavingStatement(idBytes(account), idBytes(device));
    const signature = text64(await signWithDevice(keyPair, statement));
    const path = "/v1/account/deregistration";
    return (await this.#read<Deregistration>("POST", path, { signature })).body;
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

/** The mandate of this text, for this account. */
export async function signMandate(
  { account, device, keyPair }: PhoneKeys,
  textHash: string,
): Promise<Uint8Array> {
  const hash = Uint8Array.fromHex(textHash);
  const statement = mandateStatement(idBytes(account), idBytes(device), hash);
  return await signWithDevice(keyPair, statement);
}

/** Base64url without padding. */
export function text64(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

export function bytes64(text: string): Uint8Array {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}
