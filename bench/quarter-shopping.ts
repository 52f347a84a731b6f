/**
 * Purchases of a simulated quarter. Each is said to the actors as the routes would say it (open,
 * scan, approve), with the verdicts of the gateway as given: what HTTP and cryptography cost is
 * measured by `seqr bench payments`. A lane serves one payer after the other, a payer pays once at
 * a time; a few requests are cancelled, superseded or left alone, a few PINs are wrong.
 */
import type { ApprovePayment, PaymentCaptured } from "../actors/account-messages.ts";
import type { Message } from "../actors/actor.ts";
import { present } from "../actors/assert.ts";
import {
  encodeId,
  ID_BYTES,
  makePaymentRequestId,
  type PaymentId,
  type PaymentRequestId,
} from "../actors/ids.ts";
import type { LaneCommand } from "../actors/lane-messages.ts";
import { cents } from "../actors/money.ts";
import { isRefusal } from "../actors/refusals.ts";
import type { Services } from "../src/http/services.ts";
import { AMOUNT_ACCOUNT, REACTIONS } from "../src/rails/bank-twin/reactions.ts";
import type { Dice } from "./dice.ts";
import { eachOf } from "./load.ts";
import type { Citizen, Lane, Town } from "./quarter-town.ts";
import type { Tally } from "./tally.ts";

/** As long as what a phone signs: 132 bytes in base64url. */
const SIGNED = "s".repeat(176);

const LANES_AT_ONCE = 2_048;
/** Most purchases are small. */
const AMOUNTS_CENTS = [99, 250, 499, 499, 1_250, 2_075] as const;
const SPREAD_CENTS = 200;
/** What goes otherwise, in a thousand purchases. */
const ODD = { cancelled: 8, superseded: 5, left: 4, pin: 8, repeated: 4, dear: 2 } as const;
const DEAR_CENTS = 9_900;

export class Shopping {
  #calls = 0;

  constructor(
    private readonly services: Pick<Services, "host" | "clock">,
    private readonly town: Town,
    private readonly dice: Dice,
    private readonly seen: Tally,
    /** Hears of each payment that a phone got its receipt for. */
    private readonly acknowledged: (paymentId: PaymentId, amountCents: number) => void,
  ) {}

  /** So many customers each want something. */
  async go(count: number): Promise<void> {
    const { citizens, lanes } = this.town;
    const queues = new Map<Lane, Citizen[]>();
    for (const at of this.dice.sample(count, citizens.length)) {
      const lane = this.dice.pick(lanes);
      const queue = queues.get(lane);
      const citizen = present(citizens[at], "a customer of the town");
      if (queue === undefined) queues.set(lane, [citizen]);
      else queue.push(citizen);
    }
    await eachOf([...queues], LANES_AT_ONCE, async ([lane, queue]) => {
      for (const citizen of queue) await this.#serve(lane, citizen);
    });
  }

  async #serve(lane: Lane, citizen: Citizen): Promise<void> {
    const { dice } = this;
    const amountCents = this.#amountFor(citizen);
    if (dice.perMille(ODD.superseded)) await this.#open(lane, amountCents + 1);
    const requestId = await this.#open(lane, amountCents);
    if (dice.perMille(ODD.left)) return;
    if (dice.perMille(ODD.cancelled)) {
      await this.#ask(lane, { kind: "CancelPaymentRequest", requestId }, `lane:${lane.id}`);
      return;
    }
    const scan = { kind: "ScanPaymentRequest", requestNumber: lane.requests } as const;
    await this.#ask(lane, scan, "wallet");
    const isWrong = dice.perMille(ODD.pin);
    if (isWrong) await this.#approve(lane, citizen, requestId, amountCents, false);
    await this.#approve(lane, citizen, requestId, amountCents, true);
  }

  #amountFor({ bankNumber }: Citizen): number {
    const { dice } = this;
    if (bankNumber === AMOUNT_ACCOUNT) {
      // The last two digits of the amount name the row.
      const { account } = dice.pick(REACTIONS);
      return 100 * (1 + dice.below(20)) + Number(account.slice(-2));
    }
    if (dice.perMille(ODD.dear)) return DEAR_CENTS;
    return dice.pick(AMOUNTS_CENTS) + dice.below(SPREAD_CENTS);
  }

  async #open(lane: Lane, amountCents: number): Promise<PaymentRequestId> {
    const nowMs = this.services.clock.nowMs();
    const requestId = makePaymentRequestId(lane.id, nowMs, this.dice.bytes(ID_BYTES));
    const fields = { title: "Purchase", clientInvoiceId: "", cashierId: "" };
    const terms = { requestId, amountCents: cents(amountCents), ...fields };
    const reply = await this.#ask(
      lane,
      { kind: "OpenPaymentRequest", ...terms },
      `lane:${lane.id}`,
    );
    if (reply.kind !== "payment_request") throw new Error(`a lane asks for money: ${reply.kind}`);
    lane.requests++;
    return requestId;
  }

  #ask({ id }: Lane, command: LaneCommand, principal: string): Promise<Message> {
    return this.services.host.ask({ kind: "lane", id }, command, { principal });
  }

  async #approve(
    lane: Lane,
    citizen: Citizen,
    requestId: PaymentRequestId,
    amountCents: number,
    pinProofValid: boolean,
  ): Promise<void> {
    const { accountId, deviceId, counter } = citizen;
    const paymentId = encodeId("payment", this.dice.bytes(ID_BYTES));
    const command: ApprovePayment = {
      ...{ kind: "ApprovePayment", paymentId, requestId, laneId: lane.id, version: 1 },
      ...{ amountCents: cents(amountCents), deviceId, counter: counter + 1 },
      ...{ pinVersion: 1, pinProofValid, signed: SIGNED },
    };
    const times = this.dice.perMille(ODD.repeated) ? 2 : 1;
    const id = `bench-${++this.#calls}`;
    for (let time = 0; time < times; time++) {
      const reply = await this.#once(accountId, command, id);
      if (time === 0) this.#note(citizen, command, reply);
    }
  }

  /** Once per id, as over HTTP: a repeat gets the first answer. */
  async #once(accountId: string, command: ApprovePayment, id: string): Promise<Message> {
    const options = { principal: `wallet:${accountId}`, commandId: id, fingerprint: id };
    const ref = { kind: "account", id: accountId };
    const answer = await this.services.host.askOnce(ref, command, options);
    if (answer.kind === "mismatch") throw new Error("an approval has an id of its own");
    return answer.reply;
  }

  #note(citizen: Citizen, { paymentId, counter, amountCents }: ApprovePayment, reply: Message) {
    if (reply.kind === "payment_captured") {
      citizen.counter = (reply as PaymentCaptured).counter;
      this.acknowledged(paymentId, amountCents);
      return;
    }
    if (!isRefusal(reply)) throw new Error(`an approval is answered: ${reply.kind}`);
    const { kind } = reply;
    this.seen.add(`refused: ${kind}`);
    // Only a wrong PIN and a payment that was let go have used the counter up.
    const isUsed = kind === "pin_wrong" || kind.startsWith("request_") || kind === "payment_barred";
    if (isUsed) citizen.counter = counter;
  }
}
