/**
 * A real switch in a temporary folder, on a port of its own, with a clock that the test moves: for
 * journeys over HTTP. It has one merchant with one lane, and takes on customers whose PIN key is
 * derived cheaply, because the real derivation is slow on purpose.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "../actors/assert.ts";
import { DEFAULT_POLICY, type Policy } from "../actors/policy.ts";
import { Caller } from "../src/client/call.ts";
import { Desk } from "../src/client/desk.ts";
import { MoneyDesk } from "../src/client/money-desk.ts";
import { type Phone, type PinKeyOf, pinBytes } from "../src/client/phone.ts";
import { Registration } from "../src/client/registration.ts";
import type { Payment } from "../src/client/shapes.ts";
import { registerLane, type Till } from "../src/client/till.ts";
import { PICTURE } from "../src/commands/sandbox.ts";
import { loadConfig } from "../src/config.ts";
import { addOperator, initialise, readKeys } from "../src/data-directory.ts";
import { VirtualClock } from "../src/runtime/clock.ts";
import type { EventLog } from "../src/runtime/event-log.ts";
import type { HostLimits } from "../src/runtime/host.ts";
import { type RunningSwitch, startSwitch } from "../src/switch.ts";
import { concatBytes, wipe } from "../wasm/bytes.ts";
import { hmacSha256 } from "../wasm/core.ts";
import type { DeviceAlgorithm } from "../wasm/device-key.ts";
import { Contract, type OpenApi } from "./http/contract.ts";

/** A Monday at noon in New York. */
export const NOON_MS = Date.UTC(2026, 10, 23, 17);
export const PIN = "4711";
const WRONG_PIN = "0815";
const DEADLINE_MS = 10_000;

export interface RigOptions {
  /** A flowing clock also moves with real time. Default: frozen. */
  readonly clock?: "frozen" | "flowing";
  readonly policy?: Partial<Policy>;
  readonly limits?: Partial<HostLimits>;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Default: the SQLite file of the data directory. */
  readonly openLog?: (file: string) => EventLog;
}

/** What one call was answered. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; empty where there is none or it is not JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Sent {
  readonly token?: string;
  readonly key?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, without a content type of its own. */
  readonly raw?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Customer {
  readonly phone: Phone;
  readonly phoneNumber: string;
  /** Fresh bytes each time: phones wipe them. */
  readonly pin: () => Uint8Array;
  readonly wrongPin: () => Uint8Array;
}

export interface Newcomer {
  readonly phoneNumber?: string;
  readonly name?: string;
  readonly birthDate?: string;
  readonly accountNumber?: string;
  readonly pin?: string;
  /** How far the identity check has come. Default: verified. */
  readonly identity?: "none" | "pending" | "verified";
  readonly pinKeyOf?: PinKeyOf;
  readonly algorithm?: DeviceAlgorithm;
}

export class SwitchRig {
  readonly clock: VirtualClock;
  /** What the switch logged, one JSON object per line. */
  readonly lines: string[] = [];
  readonly dataDir = mkdtempSync(join(tmpdir(), "seqr-rig-"));
  readonly deskKey: string;
  /** Of another person at the desk: some acts want two. */
  readonly otherDeskKey: string;
  #running: RunningSwitch | undefined;
  #till: Till | undefined;
  #merchantKey = "";
  #port = 0;
  #customers = 0;

  private constructor(private readonly options: RigOptions) {
    this.clock = new VirtualClock(NOON_MS, options.clock ?? "frozen");
    initialise(this.dataDir);
    const keys = readKeys(this.dataDir);
    const mode = options.config?.["mode"] === "live" ? "live" : "sandbox";
    this.deskKey = addOperator(this.dataDir, keys, "alice", mode);
    this.otherDeskKey = addOperator(this.dataDir, keys, "bob", mode);
  }

  /** A switch with its merchant and lane. */
  static async start(options: RigOptions = {}): Promise<SwitchRig> {
    const rig = new SwitchRig(options);
    await rig.restart();
    const merchant = await rig.merchant("Corner Grocery", "CORNER GROCERY");
    rig.#merchantKey = merchant;
    rig.#till = await registerLane(rig.caller, merchant, "Lane 1");
    return rig;
  }

  /** Stops the process, if it runs, and starts it again on the same data and port. */
  async restart(): Promise<void> {
    await this.#running?.stop();
    // Tests move the clock for reasons of their own: files are made where a test asks for them.
    const usual = { collection: "by_hand", mode: "sandbox", port: this.#port };
    const given = { ...usual, ...this.options.config };
    const config = loadConfig(this.dataDir, {}, given);
    this.#running = await startSwitch({
      config,
      clock: this.clock,
      log: (fields) => void this.lines.push(JSON.stringify(fields)),
      ...(this.options.policy === undefined
        ? {}
        : { policy: { ...DEFAULT_POLICY, ...this.options.policy } }),
      ...(this.options.limits === undefined ? {} : { limits: this.options.limits }),
      ...(this.options.openLog === undefined ? {} : { openLog: this.options.openLog }),
    });
    this.#port = Number(new URL(this.#running.url).port);
  }

  /** Stops the switch and keeps its data. */
  async halt(): Promise<void> {
    await this.#running?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.halt();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  get running(): RunningSwitch {
    assert(this.#running !== undefined, "the switch was started");
    return this.#running;
  }

  get caller(): Caller {
    return new Caller(this.running.url, async (request) => {
      const { method, url } = request;
      const response = await fetch(request);
      const text = await response.text();
      await this.#expectDocumented(method, url.slice(this.running.url.length), response, text);
      return new Response(text === "" ? null : text, response);
    });
  }

  get desk(): Desk {
    return new Desk(this.caller, this.deskKey);
  }

  /** What one person does at the desk, or the other. */
  moneyDesk(key: string = this.deskKey): MoneyDesk {
    return new MoneyDesk(this.caller, key);
  }

  /** The till of the one lane. */
  get till(): Till {
    assert(this.#till !== undefined, "the rig has a till");
    return this.#till;
  }

  get merchantKey(): string {
    return this.#merchantKey;
  }

  /** Takes on a merchant and gives its key. */
  async merchant(name: string, statementName: string): Promise<string> {
    const place = { street: "12 Main Street", city: "Denver", state: "CO", feeBasisPoints: 150 };
    const { api_key: key } = await this.desk.setUpMerchant({ name, statementName, ...place });
    return key;
  }

  newPhoneNumber(): string {
    return `+1202555${String(1_000 + this.#customers++)}`;
  }

  /** The six digits of the latest SMS to a number. */
  async codeSentTo(phoneNumber: string): Promise<string> {
    const code = /\b[0-9]{6}\b/.exec(await this.desk.smsTo(phoneNumber))?.[0];
    assert(code !== undefined, "the message has a code of six digits");
    return code;
  }

  /** Registers somebody with a phone, as far as asked. */
  async customer(who: Newcomer = {}): Promise<Customer> {
    const phoneNumber = who.phoneNumber ?? this.newPhoneNumber();
    const registration = await Registration.start(this.caller, phoneNumber, who.algorithm);
    const code = await this.codeSentTo(phoneNumber);
    const person = {
      name: who.name ?? "Ada Example",
      birthDate: who.birthDate ?? "04/12/1990",
      routingNumber: "021000021",
      accountNumber: who.accountNumber ?? "9990000000",
      bankAccountKind: "checking" as const,
    };
    const pin = (): Uint8Array => pinBytes(who.pin ?? PIN);
    const pinKeyOf = who.pinKeyOf ?? cheapPinKey;
    const phone = await registration.complete(code, person, pin(), pinKeyOf);
    const identity = who.identity ?? "verified";
    if (identity !== "none") await sendPictures(phone);
    if (identity === "verified") await this.desk.verifyIdentity(phone.keys.account);
    return { phone, phoneNumber, pin, wrongPin: () => pinBytes(WRONG_PIN) };
  }

  /** From the till's question to the receipt. */
  async pay(customer: Customer, amountCents: number, till = this.till): Promise<Payment> {
    const request = await till.ask({ amountCents });
    const scan = await customer.phone.scan(request.qr_text);
    return await customer.phone.approve(scan, customer.pin());
  }

  /** One call as it is, without the client's retries. */
  async send(method: string, path: string, sent: Sent = {}): Promise<Reply> {
    const headers = new Headers(sent.headers);
    if (sent.token !== undefined) headers.set("authorization", `Bearer ${sent.token}`);
    if (sent.key !== undefined) headers.set("idempotency-key", sent.key);
    if (sent.json !== undefined) headers.set("content-type", "application/json");
    const body = sent.json === undefined ? (sent.raw ?? null) : JSON.stringify(sent.json);
    const response = await fetch(this.running.url + path, {
      method,
      headers,
      body,
      redirect: "manual",
    });
    const text = await response.text();
    await this.#expectDocumented(method, path, response, text);
    return { status: response.status, headers: response.headers, text, body: objectIn(text) };
  }

  /** Whatever the switch answers in a test stands in its OpenAPI document, to the last field. */
  async #expectDocumented(
    method: string,
    path: string,
    { status, headers }: Response,
    text: string,
  ): Promise<void> {
    contract ??= await contractOf(this.running);
    const mediaType = headers.get("content-type") ?? "";
    const faults = contract.faultsOf({ method, path, status, mediaType, text });
    if (faults.length > 0) throw new Error(`${method} ${path}: ${faults.join(", ")}`);
  }

  /** Position of the last event in the log. */
  async position(): Promise<number> {
    const { viewRunner } = this.running.services;
    await viewRunner.catchUp();
    return viewRunner.position;
  }
}

/** Of the program, and so the same for every rig. */
let contract: Contract | undefined;

async function contractOf({ app }: RunningSwitch): Promise<Contract> {
  const document = await (await app.api.request("/openapi.json")).json();
  return new Contract(document as OpenApi);
}

export async function sendPictures(phone: Phone): Promise<void> {
  await phone.sendPicture("front", "passport", PICTURE);
  await phone.sendPicture("rear", "passport", PICTURE);
}

/** A PIN key that depends on all it should and costs one hash. */
export function cheapPinKey(
  pin: Uint8Array,
  { salt, deviceSecret, pinVersion }: Parameters<PinKeyOf>[1],
): Uint8Array {
  const key = hmacSha256(deviceSecret, concatBytes(salt, Uint8Array.of(pinVersion), pin));
  wipe(pin);
  return key;
}

/** Waits until `fact` holds; throws when it does not come true. */
export async function until(fact: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + DEADLINE_MS;
  while (!(await fact())) {
    assert(performance.now() < deadlineMs, `in time: ${what}`);
    await Bun.sleep(5);
  }
}

/** The promise's refusal, which must come. */
export async function refusalOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("no refusal came");
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
