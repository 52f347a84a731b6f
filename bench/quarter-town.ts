/**
 * The people and shops of a simulated quarter. They are set up through the same actors that HTTP
 * speaks to, with their names and bank accounts sealed in the vault; codes by SMS and pictures of
 * documents are left out, because a quarter is about money.
 */

import type { AccountCommand } from "../actors/account-messages.ts";
import { present } from "../actors/assert.ts";
import {
  type AccountId,
  type DeviceId,
  encodeId,
  ID_BYTES,
  type LaneId,
  laneId,
  type PersonId,
} from "../actors/ids.ts";
import type { LaneKind } from "../actors/lane-messages.ts";
import type { MerchantCommand } from "../actors/merchant.ts";
import type { Services } from "../src/http/services.ts";
import type { Dice } from "./dice.ts";
import { eachOf } from "./load.ts";

const ROUTING_NUMBER = "021000021";
/** Rows of the vault in one write: three of each customer. */
const CUSTOMERS_AT_ONCE = 500;
const BUSY_MAX = 512;
const PIN_KEY_BYTES = 32;
const TOKEN_LETTERS = 24;
const FEE_BASIS_POINTS = 150;
/** Of ten lanes, so many are tills; the others are web shops. */
const TILLS_OF_TEN = 7;

export interface Citizen {
  readonly accountId: AccountId;
  readonly personId: PersonId;
  readonly deviceId: DeviceId;
  /** What the sandbox's bank makes of it is in docs/sandbox.md. */
  bankNumber: string;
  /** The last device counter that was used up. */
  counter: number;
}

export interface Lane {
  readonly id: LaneId;
  readonly kind: LaneKind;
  readonly merchantNumber: number;
  requests: number;
}

export interface Town {
  readonly citizens: readonly Citizen[];
  readonly lanes: readonly Lane[];
  readonly merchants: number;
}

export interface TownWish {
  readonly merchants: number;
  readonly lanes: number;
  /** A customer for each, with a bank account of this number. */
  readonly bankNumbers: readonly string[];
  /** Bank accounts of the shops, in turn. */
  readonly shopNumbers: readonly string[];
}

type Parts = Pick<Services, "host" | "vault" | "mandate">;

export async function settle(
  parts: Parts,
  wish: TownWish,
  dice: Dice,
  tell: (text: string) => void,
): Promise<Town> {
  for (let number = 1; number <= wish.merchants; number++) {
    await openShop(parts, number, wish.shopNumbers[number % wish.shopNumbers.length] ?? "");
  }
  const numbers = Array.from({ length: wish.lanes }, (_, at) => at + 1);
  const lanes = await eachOf(numbers, BUSY_MAX, (number) =>
    openLane(parts, number, wish.merchants),
  );
  const citizens: Citizen[] = [];
  for (let from = 0; from < wish.bankNumbers.length; from += CUSTOMERS_AT_ONCE) {
    const some = wish.bankNumbers.slice(from, from + CUSTOMERS_AT_ONCE);
    citizens.push(...(await openAccounts(parts, some, from, dice)));
    tell(`customers ${citizens.length} of ${wish.bankNumbers.length}`);
  }
  return { citizens, lanes, merchants: wish.merchants };
}

/** The token of a sealed bank account with this number; `person` is whose data key seals it. */
export function sealBankAccount(
  { vault }: Pick<Parts, "vault">,
  owner: string,
  person: string,
  number: string,
): string {
  const [token] = vault.put([{ kind: "bank-account", owner, person, bytes: bankAccount(number) }]);
  return present(token, "a token for what was put");
}

function bankAccount(number: string): Uint8Array {
  const kind = "checking";
  return json({ routing_number: ROUTING_NUMBER, account_number: number, kind });
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

async function openShop(parts: Parts, merchantNumber: number, number: string): Promise<void> {
  const id = String(merchantNumber);
  const place = { street: `${id} Main Street`, city: "Denver", state: "CO" };
  const names = { name: `Shop ${id}`, statementName: `SHOP ${id}` };
  const terms = {
    merchantNumber,
    ...names,
    ...place,
    feeBasisPoints: FEE_BASIS_POINTS,
    keyTag: id,
  };
  const ask = (command: MerchantCommand) =>
    parts.host.ask({ kind: "merchant", id }, command, { principal: "desk:bench" });
  await ask({ kind: "SetUpMerchant", terms });
  const token = sealBankAccount(parts, id, id, number);
  const named = { token, ending: number.slice(-4), note: null };
  await ask({ kind: "SetBankAccount", ...named, persons: "one", sameAs: [] });
}

async function openLane({ host }: Parts, laneNumber: number, merchants: number): Promise<Lane> {
  const merchantNumber = 1 + (laneNumber % merchants);
  const kind: LaneKind = Math.floor(laneNumber / merchants) % 10 < TILLS_OF_TEN ? "till" : "web";
  const command: MerchantCommand = {
    ...{ kind: "RegisterLane", laneNumber, laneName: `Lane ${laneNumber}`, laneKind: kind },
    terminalCode: String(laneNumber).padStart(6, "0"),
    keyTag: `lane-${laneNumber}`,
  };
  const ref = { kind: "merchant", id: String(merchantNumber) };
  await host.ask(ref, command, { principal: `merchant:${merchantNumber}` });
  return { id: laneId(laneNumber), kind, merchantNumber, requests: 0 };
}

async function openAccounts(
  parts: Parts,
  bankNumbers: readonly string[],
  from: number,
  dice: Dice,
): Promise<readonly Citizen[]> {
  const citizens = bankNumbers.map((bankNumber): Citizen => {
    const accountId = encodeId("account", dice.bytes(ID_BYTES));
    const personId = encodeId("person", dice.bytes(ID_BYTES));
    const deviceId = encodeId("device", dice.bytes(ID_BYTES));
    return { accountId, personId, deviceId, bankNumber, counter: 0 };
  });
  const tokens = parts.vault.put(
    citizens.flatMap(({ accountId: owner, personId: person, bankNumber }, at) => [
      { kind: "person", owner, person, bytes: json({ name: `Customer ${from + at}` }) } as const,
      { kind: "bank-account", owner, person, bytes: bankAccount(bankNumber) } as const,
      { kind: "pin-key", owner, person, bytes: dice.bytes(PIN_KEY_BYTES) } as const,
    ]),
  );
  await eachOf(citizens, BUSY_MAX, async (citizen, at) => {
    const [person = "", account = "", pinKey = ""] = tokens.slice(3 * at, 3 * at + 3);
    await openAccount(parts, citizen, { person, bankAccount: account, pinKey });
  });
  return citizens;
}

async function openAccount(
  { host, mandate }: Parts,
  { accountId, personId, deviceId }: Citizen,
  vault: { readonly person: string; readonly bankAccount: string; readonly pinKey: string },
): Promise<void> {
  const ref = { kind: "account", id: accountId };
  const ask = (command: AccountCommand, principal: string) => host.ask(ref, command, { principal });
  const own = `wallet:${accountId}`;
  const device = { deviceId, algorithm: "p256", publicKey: "bench", pinVersion: 1 } as const;
  const text = { mandateTextVersion: mandate.version, mandateTextHash: mandate.hash };
  const consent = { ...text, mandateSignature: "", addressToken: null };
  await ask(
    {
      ...{ kind: "OpenAccount", personId },
      ...{ phoneTag: `tag-${accountId}`, ...device, ...consent, vault },
      birthDate: { year: 1990, month: 4, day: 12 },
    },
    own,
  );
  for (const side of ["front", "rear"] as const) {
    // A token of no picture, in the form of one: when it is to be destroyed there is nothing to do.
    const token = `doc_${side.padEnd(TOKEN_LETTERS, "0")}`;
    const document = { documentKind: "passport", side, token } as const;
    await ask({ kind: "SubmitIdentityDocument", ...document }, own);
  }
  await ask({ kind: "VerifyIdentity" }, "desk:bench");
}
