/** People and shops for the crash tests: real clients, with a PIN key that costs nothing. */
import { Caller } from "../../src/client/call.ts";
import { Desk } from "../../src/client/desk.ts";
import type { PinKeyOf } from "../../src/client/phone.ts";
import { registerLane, type Till } from "../../src/client/till.ts";
import { type Customer, demoPhoneNumber, register } from "../../src/commands/sandbox.ts";

/** SHA-256 instead of Argon2: what crashes is the switch, not the phone. */
export function cheapPinKey(
  pin: Uint8Array,
  { deviceSecret, salt }: Parameters<PinKeyOf>[1],
): Uint8Array {
  const key = new Uint8Array(32);
  Bun.SHA256.hash(Buffer.concat([pin, deviceSecret, salt]), key);
  pin.fill(0);
  return key;
}

export interface Town {
  readonly desk: Desk;
  readonly tills: readonly Till[];
  readonly customers: readonly Customer[];
}

export interface TownSize {
  readonly tills: number;
  readonly customers: number;
}

/** Everybody is set up by `deskCaller`; tills and phones then speak through `caller`. */
export async function foundTown(
  caller: Caller,
  deskKey: string,
  { tills: tillsCount, customers: customersCount }: TownSize,
): Promise<Town> {
  const desk = new Desk(caller, deskKey);
  const { api_key: apiKey } = await desk.setUpMerchant({
    name: "Crash Market",
    statementName: "CRASH MARKET",
    street: "1 Fault Line",
    city: "Denver",
    state: "CO",
    feeBasisPoints: 150,
  });
  const tills: Till[] = [];
  for (let at = 1; at <= tillsCount; at++) {
    tills.push(await registerLane(caller, apiKey, `Lane ${at}`));
  }
  const names = Array.from({ length: customersCount }, (_, at) => at);
  const customers = await Promise.all(
    names.map((at) =>
      register(caller, desk, {
        name: "Casey Example",
        phoneNumber: demoPhoneNumber(at),
        pinKeyOf: cheapPinKey,
      }),
    ),
  );
  return { desk, tills, customers };
}

/** One line of figures at the desk: the books as the switch itself tells them. */
export async function ledgerSum(url: string, deskKey: string): Promise<number> {
  return (await new Desk(new Caller(url), deskKey).ledger()).sum.amount;
}
