/** The people of a world: shops with tills, and customers with phones, taken on as they come. */
import { ApiProblem } from "../../src/client/call.ts";
import { pinBytes } from "../../src/client/phone.ts";
import { Registration } from "../../src/client/registration.ts";
import { registerLane, type Till } from "../../src/client/till.ts";
import { REACTIONS } from "../../src/rails/bank-twin/reactions.ts";
import type { Random } from "../crash/random.ts";
import { cheapPinKey, sendPictures } from "../switch-rig.ts";
import type { Person, Shop } from "./books.ts";
import { expectFact } from "./finding.ts";
import type { World } from "./world.ts";

export const PIN = "4711";
export const CAP_CENTS = 10_000;
export const GOOD_ACCOUNT = "9990000000";
/** What comes of an entry is said by the last two digits of its amount. */
export const BY_AMOUNT = "9990000098";
const ROUTING_NUMBER = "021000021";
const FIRST_NUMBER = 1_000;

const SHOPS = [
  { name: "Corner Grocery", statementName: "CORNER GROCERY", feeBasisPoints: 150, lanes: 2 },
  { name: "Blue Door Coffee", statementName: "BLUE DOOR COFFEE", feeBasisPoints: 175, lanes: 1 },
];

export async function openShops(world: World): Promise<void> {
  for (const { lanes, ...shop } of SHOPS) {
    const place = { street: "12 Main Street", city: "Denver", state: "CO" };
    const setUpKey = crypto.randomUUID();
    const { id, api_key: key } = await world.persist(() =>
      world.desk().setUpMerchant({ ...shop, ...place }, setUpKey),
    );
    const tills: Till[] = [];
    for (let lane = 1; lane <= lanes; lane++) {
      const laneKey = crypto.randomUUID();
      const name = `Lane ${lane}`;
      tills.push(await world.persist(() => registerLane(world.caller, key, name, laneKey)));
    }
    const number = Number(id.split("_").at(-1));
    const { feeBasisPoints } = shop;
    world.books.shops.push({ number, key, feeBasisPoints, tills, bankAccount: undefined });
  }
}

/** Every row of the sandbox's bank is somebody's over the seeds; the good one is most people's. */
export function bankAccountOf(random: Random, turn: number): string {
  const rows = REACTIONS.map(({ account }) => account);
  if (turn >= 0) return rows[turn % rows.length] ?? GOOD_ACCOUNT;
  if (random.chance(15)) return BY_AMOUNT;
  return random.chance(50) ? random.pick(rows) : GOOD_ACCOUNT;
}

/** Somebody registers, with pictures, and the desk verifies who it is. */
export async function moveIn(
  world: World,
  bankAccount: string,
  phoneNumber = `+1202555${FIRST_NUMBER + world.newcomers++}`,
): Promise<Person> {
  const { books, caller } = world;
  const registration = await world.persist(() =>
    Registration.start(caller, phoneNumber, "ed25519"),
  );
  const text = await world.persist(() => smsTo(world, phoneNumber));
  const code = /\b[0-9]{6}\b/.exec(text)?.[0] ?? "";
  const name = `Ada Example ${books.people.length}`;
  const person = {
    ...{ name, birthDate: "04/12/1990", bankAccountKind: "checking" as const },
    ...{ routingNumber: ROUTING_NUMBER, accountNumber: bankAccount },
  };
  const complete = () => registration.complete(code, person, pinBytes(PIN), cheapPinKey);
  const phone = await world.persist(complete);
  await world.persist(() => sendPictures(phone));
  const account = phone.keys.account;
  await world.persist(() => verify(world, account));
  const blocks = new Map<string, number>();
  const known: Person = {
    ...{ name, phoneNumber, bankAccount, phone, account, blocks },
    ...{ capsCents: [CAP_CENTS], leftAtMs: undefined, byHandCents: 0, sales: [] },
  };
  books.moved(known);
  world.tell(`${name} moves in with bank account ${bankAccount}: ${account}`);
  return known;
}

/** Said again after a broken line it may have been done already. */
async function verify(world: World, account: string): Promise<void> {
  try {
    await world.desk().verifyIdentity(account);
  } catch (error) {
    const isDone = error instanceof ApiProblem && error.code === "identity_already_verified";
    if (!isDone) throw error;
  }
}

/** A message that a crash took out of the gateway's memory is asked for anew. */
async function smsTo(world: World, phoneNumber: string): Promise<string> {
  return await world.desk().smsTo(phoneNumber);
}

export function shopOfTill({ books }: World, till: Till): Shop {
  const shop = books.shops.find(({ tills }) => tills.includes(till));
  expectFact(shop !== undefined, "a till is a shop's");
  return shop;
}
