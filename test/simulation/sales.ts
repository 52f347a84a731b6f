/**
 * Sales at the tills, in every order that people and lines bring about: payers who meet, tills that
 * ask anew, wrong PINs, phones that are copied, approvals that are sent twice or never answered.
 */
import { ApiProblem } from "../../src/client/call.ts";
import { ApprovalPending, pinBytes, type SignedApproval } from "../../src/client/phone.ts";
import type { PaymentRequest, Scan } from "../../src/client/shapes.ts";
import type { Till } from "../../src/client/till.ts";
import { REACTIONS } from "../../src/rails/bank-twin/reactions.ts";
import type { Random } from "../crash/random.ts";
import { cheapPinKey } from "../switch-rig.ts";
import type { Person, Sale } from "./books.ts";
import { Finding } from "./finding.ts";
import { BY_AMOUNT, PIN, shopOfTill } from "./people.ts";
import { isPassing, type World } from "./world.ts";

const WRONG_PIN = "0815";
const MINUTE_MS = 60_000;

export type Way =
  | "plain"
  | "wrong PIN"
  | "cancelled in the race"
  | "two payers"
  | "asked anew"
  | "changed"
  | "too late"
  | "copied phone"
  | "tapped twice"
  | "walks away";

export const WAYS: readonly Way[] = [
  ...Array<Way>(8).fill("plain"),
  ...(["wrong PIN", "cancelled in the race", "two payers", "asked anew"] as const),
  ...(["changed", "too late", "copied phone", "tapped twice", "walks away"] as const),
];

/** One sale, whatever comes of it. */
export async function sell(world: World, random: Random): Promise<void> {
  const { people, shops } = world.books;
  const person = random.pick(people);
  const till = random.pick(random.pick(shops).tills);
  const way = random.pick(WAYS);
  world.tell(`${person.name} goes to ${till.lane.id}: ${way}`);
  try {
    await new Selling(world, random, person, till).take(way);
  } catch (error) {
    // A no, or a line that stayed broken: what became of it is asked for later.
    const isKnown = error instanceof ApiProblem || error instanceof ApprovalPending;
    if (!isKnown && !isPassing(error)) throw error;
  }
}

/** An approval that has no answer yet is sent until it has. */
export async function flush(world: World, person: Person): Promise<void> {
  const { phone } = person;
  for (;;) {
    const { pending } = phone;
    if (pending === undefined) return;
    await world
      .persist(() => phone.send(pending))
      .catch((error: unknown) => {
        if (!(error instanceof ApiProblem)) throw error;
      });
  }
}

class Selling {
  constructor(
    private readonly world: World,
    private readonly random: Random,
    private readonly person: Person,
    private readonly till: Till,
  ) {}

  async take(way: Way): Promise<void> {
    const { world, person, till, random } = this;
    await flush(world, person);
    const request = await this.#ask();
    const scan = await world.persist(() => person.phone.scan(request.qr_text));
    switch (way) {
      case "plain":
        return await this.#approve(person, scan);
      case "wrong PIN":
        return await this.#wrongPins(request, scan);
      case "cancelled in the race":
        return await this.#race(request, scan);
      case "two payers":
        return await this.#twoPayers(request, scan);
      case "asked anew":
        await this.#ask();
        return await this.#approve(person, scan);
      case "changed": {
        const amountCents = request.amount.amount + 1;
        const key = crypto.randomUUID();
        await world.persist(() => till.update(request, { amountCents }, key));
        return await this.#approve(person, scan);
      }
      case "too late":
        await world.goTo(world.nowMs + random.between(1, 40) * MINUTE_MS);
        return await this.#approve(person, scan);
      case "copied phone":
        return await this.#copied(scan);
      case "tapped twice":
        return await this.#tappedTwice(scan);
      case "walks away":
        return;
    }
  }

  async #ask(): Promise<PaymentRequest> {
    const amountCents = await this.#amount();
    const key = crypto.randomUUID();
    const asked = { amountCents, title: "Purchase" };
    const request = await this.world.persist(() => this.till.ask(asked, key));
    this.world.books.asked.push({ till: this.till, request: request.id });
    return request;
  }

  async #amount(): Promise<number> {
    const { random, person } = this;
    if (person.bankAccount === BY_AMOUNT) {
      const row = random.pick(REACTIONS).account.slice(-2);
      return 100 * random.between(1, 9) + Number(row);
    }
    if (random.chance(75)) return random.between(1, 3_500);
    const { limit } = await this.world.persist(() => person.phone.account());
    const room = limit?.available.amount ?? 0;
    const oneTooMuch = random.chance(30) ? 1 : 0;
    return Math.max(1, room + oneTooMuch);
  }

  async #sign(person: Person, scan: Scan, pin = PIN): Promise<SignedApproval> {
    const { world } = this;
    const { phone } = person;
    const signed = await phone.sign(scan, cheapPinKey(pinBytes(pin), phone.keys));
    const sale: Sale = {
      ...{ person, shop: shopOfTill(world, this.till), approval: signed.approval },
      ...{ request: scan.payment_request, amountCents: scan.amount.amount },
      ...{ approvedAtMs: world.nowMs, blocksBefore: [...person.blocks.values()] },
      ...{ state: "unknown", paid: undefined, refundedCents: 0, refunds: [] },
    };
    world.books.approved(sale);
    return signed;
  }

  async #approve(person: Person, scan: Scan, pin = PIN): Promise<void> {
    await person.phone.send(await this.#sign(person, scan, pin));
  }

  async #wrongPins(request: PaymentRequest, first: Scan): Promise<void> {
    const { random, person, world } = this;
    let scan = first;
    for (let tries = random.between(1, 4); tries > 0; tries--) {
      await this.#approve(person, scan, WRONG_PIN).catch(demandNo);
      await flush(world, person);
      scan = await world.persist(() => person.phone.scan(request.qr_text));
    }
    await this.#approve(person, scan);
  }

  async #race(request: PaymentRequest, scan: Scan): Promise<void> {
    const { rare } = this.world;
    const key = crypto.randomUUID();
    const sending = this.#approve(this.person, scan);
    const [paid, cancelled] = await Promise.allSettled([sending, this.till.cancel(request, key)]);
    if (paid.status === "fulfilled") rare.reach("request paid in the race");
    if (cancelled.status === "fulfilled") rare.reach("request cancelled in the race");
    const isBoth = paid.status === "fulfilled" && cancelled.status === "fulfilled";
    if (isBoth) this.world.found(new Finding("a request is paid or cancelled", request.id));
  }

  async #twoPayers(request: PaymentRequest, scan: Scan): Promise<void> {
    const { world, person, random } = this;
    const others = world.books.people.filter((one) => one !== person);
    if (others.length === 0) return await this.#approve(person, scan);
    const other = random.pick(others);
    await flush(world, other);
    const second = await world.persist(() => other.phone.scan(request.qr_text));
    world.rare.reach("two payers, one request");
    await Promise.allSettled([this.#approve(person, scan), this.#approve(other, second)]);
  }

  /** Two phones with one key: the second approval under a counter blocks the account. */
  async #copied(scan: Scan): Promise<void> {
    const { world, person } = this;
    const signed = await this.#sign(person, scan);
    await person.phone.send(signed);
    const next = await this.#ask();
    const later = await world.persist(() => person.phone.scan(next.qr_text));
    const copy = await this.#sign(person, { ...later, next_counter: scan.next_counter });
    await person.phone.send(copy);
    world.found(new Finding("a copied phone pays", [person.name, later]));
  }

  async #tappedTwice(scan: Scan): Promise<void> {
    const { person, random } = this;
    const signed = await this.#sign(person, scan);
    const idempotencyKey = random.chance(50) ? signed.idempotencyKey : crypto.randomUUID();
    const again = { ...signed, idempotencyKey };
    await Promise.allSettled([person.phone.send(signed), person.phone.send(again)]);
  }
}

function demandNo(error: unknown): void {
  if (!(error instanceof ApiProblem) && !isPassing(error)) throw error;
}
