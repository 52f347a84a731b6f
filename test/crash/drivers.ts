/**
 * Tills and phones that go on paying whatever happens to the switch: each call is sent again under
 * its key until there is an answer, some are sent twice at once, some requests are cancelled while
 * they are being paid, and old calls are repeated at random.
 */
import { ApiProblem } from "../../src/client/call.ts";
import type { SignedApproval } from "../../src/client/phone.ts";
import type { PaymentRequest } from "../../src/client/shapes.ts";
import type { Till } from "../../src/client/till.ts";
import type { Customer } from "../../src/commands/sandbox.ts";
import type { Random } from "./random.ts";
import type { Recorder } from "./recorder.ts";
import { cheapPinKey, type Town } from "./town.ts";

/** Who gets no answer for so long gives up, and the test fails. */
const PERSIST_MS_MAX = 150_000;
const PAUSE_MS = 30;

export interface Drivers {
  /** Lets every sale that has begun come to its end. */
  finish(): Promise<void>;
  /** What went wrong with a driver itself. */
  readonly faults: readonly string[];
}

export function startDrivers(town: Town, recorder: Recorder, random: Random): Drivers {
  const run = new Run(town, recorder, random);
  const loops = [...town.tills.map((till) => run.sellAt(till)), run.repeatOldCalls()];
  return {
    faults: run.faults,
    async finish() {
      run.isOver = true;
      await Promise.all(loops);
    },
  };
}

/** Calls again until there is a yes or a no; gives undefined for a no. */
async function persist<T>(call: () => Promise<T>): Promise<T | undefined> {
  const endsAtMs = performance.now() + PERSIST_MS_MAX;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const isNo = error instanceof ApiProblem && error.status !== 503;
      if (isNo && error.status < 500) return undefined;
      if (isNo || performance.now() > endsAtMs) throw error;
      await Bun.sleep(PAUSE_MS);
    }
  }
}

class Run {
  readonly faults: string[] = [];
  readonly #idle: Customer[];
  isOver = false;

  constructor(
    town: Town,
    private readonly recorder: Recorder,
    private readonly random: Random,
  ) {
    this.#idle = [...town.customers];
  }

  /** One till serves one customer after another. */
  async sellAt(till: Till): Promise<void> {
    while (!this.isOver) {
      const customer = this.#idle.shift();
      if (customer === undefined) {
        await Bun.sleep(PAUSE_MS);
        continue;
      }
      try {
        await this.#sell(till, customer);
      } catch (error) {
        this.faults.push(error instanceof Error ? `${error.name}: ${error.message}` : "unknown");
      }
      this.#idle.push(customer);
    }
  }

  /** Late repeats: of calls that were answered long ago, by processes that are no more. */
  async repeatOldCalls(): Promise<void> {
    while (!this.isOver) {
      await Bun.sleep(PAUSE_MS);
      const { answers } = this.recorder;
      if (answers.length === 0) continue;
      const { sent } = this.random.pick(answers);
      // A line that breaks here is no fault: the call had its answer.
      await this.recorder.again(sent).catch(() => {});
    }
  }

  async #sell(till: Till, customer: Customer): Promise<void> {
    const request = await this.#ask(till);
    if (request === undefined) return;
    const scan = await persist(() => customer.phone.scan(request.qr_text));
    if (scan === undefined) return;
    const signed = await customer.phone.sign(
      scan,
      cheapPinKey(customer.pin(), customer.phone.keys),
    );
    await this.#pay(till, customer, request, signed);
  }

  async #ask(till: Till): Promise<PaymentRequest | undefined> {
    const { random } = this;
    // Mostly small; now and then one that only a fresh limit can pay.
    const amountCents = random.chance(3) ? random.between(2_000, 9_000) : random.between(1, 60);
    const key = crypto.randomUUID();
    const ask = () => persist(() => till.ask({ amountCents, title: "Purchase" }, key));
    const asked = random.chance(10) ? await Promise.all([ask(), ask()]) : [await ask()];
    const [first, second = first] = asked;
    if (first?.id !== second?.id) this.faults.push("one key opened two payment requests");
    return first;
  }

  async #pay(
    till: Till,
    { phone }: Customer,
    request: PaymentRequest,
    signed: SignedApproval,
  ): Promise<void> {
    const { random } = this;
    const pay = () => persist(() => phone.send(signed));
    const cancelKey = crypto.randomUUID();
    const cancel = () => persist(() => till.cancel(request, cancelKey));
    const other = { ...signed, idempotencyKey: crypto.randomUUID() };
    const way = random.between(1, 100);
    if (way <= 15) await Promise.all([pay(), cancel()]);
    else if (way <= 20) await cancel().then(pay);
    else if (way <= 25) await pay().then(cancel);
    else if (way <= 35) await Promise.all([pay(), pay()]);
    else if (way <= 40) await Promise.all([pay(), persist(() => phone.send(other))]);
    else await pay();
  }
}
