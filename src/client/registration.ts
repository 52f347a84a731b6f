/**
 * Registration on the phone (docs/protocol.md section 3): number, activation code, then the keys
 * are made and the account is opened with a message that they sign.
 */
import { parseId } from "../../actors/ids.ts";
import { wipe } from "../../wasm/bytes.ts";
import {
  type DeviceAlgorithm,
  deviceAlgorithm,
  exportDeviceKey,
  generateDeviceKey,
  signWithDevice,
} from "../../wasm/device-key.ts";
import { type BirthDate, type WeakPin, weakPin } from "../../wasm/pin.ts";
import type { Caller } from "./call.ts";
import {
  argon2PinKey,
  type BankAccountGiven,
  bytes64,
  Phone,
  type PhoneKeys,
  type PinKeyOf,
  signMandate,
  text64,
} from "./phone.ts";

const SECRET_BYTES = 32;

export interface Person extends BankAccountGiven {
  readonly name: string;
  /** MM/DD/YYYY (FAQ). */
  readonly birthDate: string;
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
        mandate_signature: text64(await signMandate(keys, mandate.hash)),
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
