/**
 * Merchants, lanes and customers in bulk: written through the host, so that the log holds every
 * event that the real ways leave, and sealed in the vault as they are. Who is who follows from a
 * number, so that a million of them need no list.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Device } from "../actors/account-state.ts";
import type { ActorRef } from "../actors/actor.ts";
import { assert } from "../actors/assert.ts";
import { encodeId, ID_BYTES, type ID_PREFIX, type LaneId, laneId } from "../actors/ids.ts";
import { DEFAULT_POLICY } from "../actors/policy.ts";
import { dataFiles, initialise, isInitialised, readKeys } from "../src/data-directory.ts";
import { apiKeyTag, makeApiKey } from "../src/http/auth.ts";
import type { SwitchCommand } from "../src/http/once.ts";
import { mandateText } from "../src/mandate.ts";
import { RealClock } from "../src/runtime/clock.ts";
import { Host } from "../src/runtime/host.ts";
import { SqliteEventLog } from "../src/storage/sqlite/event-log.ts";
import { type OwnerLock, takeOwnerLock } from "../src/storage/sqlite/owner-lock.ts";
import { actorsOf } from "../src/switch.ts";
import type { KeyRing } from "../src/vault/key-ring.ts";
import type { Sealing } from "../src/vault/vault.ts";
import { type OpenVault, openVault } from "../src/vault-files.ts";
import { eachOf } from "./load.ts";

/** People who are registered together: one commit a step for all of them. */
const BATCH = 1_000;
/** Lanes that are opened at once, for the same reason. */
const OPENING = 256;
export const PIN_KEY_BYTES = 32;
/** Ids sort by time: customers register one after the other, from this moment on. */
const FIRST_AT_MS = Date.UTC(2026, 0, 1);
const REGISTRATION_MS = 100;
const DELIVERING_MS = 20;
const TAG_BYTES = 24;
const TOKEN_BYTES = 18;
const MANDATE = mandateText("SEQR Sandbox Inc.", DEFAULT_POLICY);

/** What a customer's phone has: a real key where it will sign, one of random bytes elsewhere. */
export interface PhoneKey extends Pick<Device, "algorithm" | "publicKey"> {
  /** 32 bytes. */
  readonly pinKey: Uint8Array;
}

/** A lane, and the key of its till. */
export interface OpenedLane {
  readonly id: LaneId;
  readonly key: string;
}

/** The id of the customer's account, device and so on; the same in every run and process. */
export function customerId<Name extends keyof typeof ID_PREFIX>(name: Name, customer: number) {
  const bytes = new Uint8Array(
    createHash("sha256").update(`${name} ${customer}`).digest().subarray(0, ID_BYTES),
  );
  const atMs = BigInt(FIRST_AT_MS + customer * REGISTRATION_MS);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Number(atMs >> 16n));
  view.setUint16(4, Number(atMs & 0xffffn));
  // RFC 9562 section 5.7: version 7, variant 10.
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return encodeId(name, bytes);
}

/** Keys of random bytes: for payments whose signature nobody checks. */
function randomKey(): PhoneKey {
  return {
    algorithm: "p256",
    publicKey: Buffer.from([4, ...randomBytes(64)]).toString("base64url"),
    pinKey: new Uint8Array(randomBytes(PIN_KEY_BYTES)),
  };
}

type Saying<Kind extends SwitchCommand["kind"]> = Extract<SwitchCommand, { kind: Kind }>;

/** What is said of a customer on the way to the first payment. */
interface Newcomer {
  readonly directory: ActorRef;
  readonly account: ActorRef;
  readonly sendCode: Saying<"SendCode">;
  readonly activate: Saying<"ActivatePhone">;
  readonly open: Omit<Saying<"OpenAccount">, "vault">;
  readonly sealings: readonly Sealing[];
}

/** Codes by SMS, which nobody reads here, and pictures to be destroyed, of which there are none. */
const NOWHERE = { deliver: () => Promise.resolve() };

/** A data directory whose owner writes into it without a server. */
export class Town {
  readonly clock = new RealClock();
  readonly #lock: OwnerLock;
  readonly #vault: OpenVault;
  readonly #log: SqliteEventLog;
  readonly #faults: string[] = [];
  readonly keys: KeyRing;
  readonly host: Host;

  private constructor(dataDir: string) {
    const files = dataFiles(dataDir);
    this.keys = readKeys(dataDir);
    this.#lock = takeOwnerLock(files.lock);
    this.#vault = openVault(files, this.keys);
    this.#log = new SqliteEventLog(files.events);
    this.host = new Host({
      actors: actorsOf(DEFAULT_POLICY),
      log: this.#log,
      clock: this.clock,
      outlets: { sms: NOWHERE, documents: NOWHERE },
      report: (error, where) => this.#faults.push(`${where}: ${String(error)}`),
    });
  }

  /** Makes the directory where it is not there. */
  static async open(dataDir: string): Promise<Town> {
    if (!isInitialised(dataDir)) initialise(dataDir);
    const town = new Town(dataDir);
    await town.host.start();
    return town;
  }

  /** Takes on a merchant with so many lanes. */
  async openMerchant(lanes: number): Promise<readonly OpenedLane[]> {
    const number = await this.#takeNumber("merchant");
    const name = `Shop ${number}`;
    const terms = {
      merchantNumber: number,
      name,
      statementName: name.toUpperCase(),
      street: `${number} Main Street`,
      city: "Denver",
      state: "CO",
      feeBasisPoints: 150,
      keyTag: this.#keyOf("merchant", number).tag,
    };
    const merchant = { kind: "merchant", id: String(number) };
    await this.#ask("merchant", merchant, { kind: "SetUpMerchant", terms }, "desk:bench");
    const names = Array.from({ length: lanes }, (_, at) => `Lane ${at + 1}`);
    return await eachOf(names, OPENING, async (laneName) => {
      const laneNumber = await this.#takeNumber("lane");
      const { key, tag } = this.#keyOf("lane", laneNumber);
      const command: SwitchCommand = {
        kind: "RegisterLane",
        laneNumber,
        laneName,
        laneKind: "till",
        terminalCode: laneNumber.toString(36).toUpperCase().padStart(6, "0"),
        keyTag: tag,
      };
      await this.#ask("lane_registered", merchant, command, `merchant:${number}`);
      return { id: laneId(laneNumber), key };
    });
  }

  /** Registers customers `from` to `until`, verified, with the keys that `keyOf` gives. */
  async register(
    from: number,
    until: number,
    keyOf: (customer: number) => PhoneKey = randomKey,
    tell: (done: number) => void = () => {},
  ): Promise<void> {
    assert(from <= until, "customers are counted upwards");
    for (let at = from; at < until; at += BATCH) {
      const size = Math.min(BATCH, until - at);
      await this.#registerBatch(
        Array.from({ length: size }, (_, n) => at + n),
        keyOf,
      );
      tell(at + size - from);
    }
  }

  async #registerBatch(
    customers: readonly number[],
    keyOf: (customer: number) => PhoneKey,
  ): Promise<void> {
    const people = customers.map((customer) => this.#newcomer(customer, keyOf(customer)));
    const tokens = this.#vault.vault.put(people.flatMap(({ sealings }) => sealings));
    const steps: ((newcomer: Newcomer, at: number) => Promise<void>)[] = [
      ({ directory, sendCode }) => this.#ask("code_sent", directory, sendCode, "wallet"),
      ({ directory, activate }) => this.#ask("phone_activated", directory, activate, "wallet"),
      ({ account, open }, at) => {
        const [person = "", bankAccount = "", pinKey = ""] = tokens.slice(3 * at, 3 * at + 3);
        return this.#ask("account_opened", account, {
          ...open,
          vault: { person, bankAccount, pinKey },
        });
      },
      ({ account }) => this.#ask("identity_changed", account, picture("front")),
      ({ account }) => this.#ask("identity_changed", account, picture("rear")),
      ({ account }) =>
        this.#ask("identity_changed", account, { kind: "VerifyIdentity" }, "desk:bench"),
    ];
    // A step for all of them is one commit.
    for (const step of steps) await Promise.all(people.map(step));
  }

  #newcomer(customer: number, { algorithm, publicKey, pinKey }: PhoneKey): Newcomer {
    const phone = `+1${2_000_000_000 + customer}`;
    const tag = this.keys.tagText("phone", TAG_BYTES, phone);
    const accountId = customerId("account", customer);
    const personId = customerId("person", customer);
    const deviceId = customerId("device", customer);
    const registrationId = customerId("registration", customer);
    const codeTag = this.keys.tagText("code", TAG_BYTES, phone, "000000");
    const person = JSON.stringify({ name: `Customer ${customer}`, birthDate: "04/12/1990", phone });
    const bankAccount = JSON.stringify({ routing: "021000021", account: `${customer}` });
    return {
      directory: { kind: "directory", id: tag },
      account: { kind: "account", id: accountId },
      sendCode: {
        kind: "SendCode",
        registrationId,
        accountId,
        deviceId,
        codeTag,
        messageToken: `mt_${randomBytes(TOKEN_BYTES).toString("base64url")}`,
      },
      activate: { kind: "ActivatePhone", registrationId, codeTag },
      open: {
        kind: "OpenAccount",
        personId,
        phoneTag: tag,
        deviceId,
        algorithm,
        publicKey,
        pinVersion: 1,
        mandateTextVersion: MANDATE.version,
        mandateTextHash: MANDATE.hash,
        mandateSignature: "",
        addressToken: null,
        birthDate: { year: 1990, month: 4, day: 12 },
      },
      sealings: [
        { kind: "person", owner: accountId, person: personId, bytes: Buffer.from(person) },
        {
          kind: "bank-account",
          owner: accountId,
          person: personId,
          bytes: Buffer.from(bankAccount),
        },
        { kind: "pin-key", owner: accountId, person: personId, bytes: pinKey },
      ],
    };
  }

  async #takeNumber(series: "merchant" | "lane"): Promise<number> {
    const ref = { kind: "numbers", id: series };
    const principal = { principal: "desk:bench" };
    const command = { kind: "TakeNumber" };
    return ((await this.host.ask(ref, command, principal)) as { number?: number }).number ?? 0;
  }

  #keyOf(owner: "merchant" | "lane", number: number): { key: string; tag: string } {
    const key = makeApiKey(this.keys, owner, String(number), "sandbox", "bench");
    return { key, tag: apiKeyTag(this.keys, key) };
  }

  /** Throws where the actor says anything but what is expected. */
  async #ask(
    expected: string,
    ref: ActorRef,
    command: SwitchCommand,
    principal = `wallet:${ref.id}`,
  ): Promise<void> {
    const { kind } = await this.host.ask(ref, command, { principal });
    if (kind !== expected) throw new Error(`${command.kind}: ${kind}`);
  }

  /**
   * When all messages are delivered: whoever opens the directory next would be measured with them.
   * Throws where something went wrong that nobody was told of.
   */
  async close(): Promise<void> {
    while (this.#faults.length === 0 && this.#log.outboxNext(1).length > 0) {
      await Bun.sleep(DELIVERING_MS);
    }
    await this.host.drain();
    this.#log.close();
    this.#vault.close();
    this.#lock.release();
    const [fault] = this.#faults;
    if (fault !== undefined) throw new Error(`${this.#faults.length} faults: ${fault}`);
  }
}

/** The pictures themselves are destroyed at verification: only their tokens are ever in the log. */
function picture(side: "front" | "rear"): SwitchCommand {
  const token = `doc_${randomBytes(TOKEN_BYTES).toString("base64url")}`;
  return { kind: "SubmitIdentityDocument", documentKind: "passport", side, token };
}
