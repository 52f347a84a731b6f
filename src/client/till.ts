/** The till: it asks for money at its lane and waits for the answer. */
import type { Caller } from "./call.ts";
import type { Lane, PaymentRequest } from "./shapes.ts";

export interface Asked {
  readonly amountCents: number;
  readonly title?: string;
  readonly clientInvoiceId?: string;
  readonly cashierId?: string;
}

const WAIT_MS = 20_000;

/** Registers a lane with the merchant's key; the till keeps the key it is given. */
export async function registerLane(
  caller: Caller,
  merchantKey: string,
  name: string,
  idempotencyKey: string = crypto.randomUUID(),
): Promise<Till> {
  const { body } = await caller.call<Lane>("POST", "/v1/lanes", {
    token: merchantKey,
    idempotencyKey,
    body: { name, kind: "till" },
  });
  if (body.lane_key === undefined) throw new Error("the switch gave no lane key");
  return new Till(caller, body, body.lane_key);
}

export class Till {
  constructor(
    private readonly caller: Caller,
    readonly lane: Lane,
    readonly key: string,
  ) {}

  /** Opens a payment request; what was open at this lane is superseded. */
  async ask(asked: Asked, idempotencyKey: string = crypto.randomUUID()): Promise<PaymentRequest> {
    const answer = await this.caller.call<PaymentRequest>("POST", this.#path(), {
      token: this.key,
      idempotencyKey,
      body: bodyOf(asked),
    });
    return answer.body;
  }

  async update(
    request: PaymentRequest,
    asked: Asked,
    idempotencyKey: string = crypto.randomUUID(),
  ): Promise<PaymentRequest> {
    const answer = await this.caller.call<PaymentRequest>("PATCH", this.#path(request.id), {
      token: this.key,
      idempotencyKey,
      headers: { "if-match": `"${request.revision}"` },
      body: bodyOf(asked),
    });
    return answer.body;
  }

  async cancel(
    request: PaymentRequest,
    idempotencyKey: string = crypto.randomUUID(),
  ): Promise<PaymentRequest> {
    const path = `${this.#path(request.id)}/cancel`;
    const options = { token: this.key, idempotencyKey };
    return (await this.caller.call<PaymentRequest>("POST", path, options)).body;
  }

  async show(id: string): Promise<PaymentRequest> {
    const options = { token: this.key };
    return (await this.caller.call<PaymentRequest>("GET", this.#path(id), options)).body;
  }

  /** What is open at the lane, or the latest: for a till that was switched off and on. */
  async current(): Promise<PaymentRequest> {
    const path = `/v1/lanes/${this.lane.id}/current`;
    return (await this.caller.call<PaymentRequest>("GET", path, { token: this.key })).body;
  }

  /** Waits until the request is no longer open, or for `deadlineMs`; gives it as it then is. */
  async untilClosed(request: PaymentRequest, deadlineMs: number): Promise<PaymentRequest> {
    const endsAtMs = performance.now() + deadlineMs;
    let latest = request;
    while (latest.status === "open") {
      const leftMs = Math.floor(endsAtMs - performance.now());
      if (leftMs <= 0) return latest;
      const answer = await this.caller.call<PaymentRequest | undefined>(
        "GET",
        `${this.#path(request.id)}?wait=${Math.min(leftMs, WAIT_MS)}`,
        { token: this.key, headers: { "if-none-match": `"${latest.revision}"` } },
      );
      latest = answer.body ?? latest;
    }
    return latest;
  }

  #path(id?: string): string {
    const base = `/v1/lanes/${this.lane.id}/payment-requests`;
    return id === undefined ? base : `${base}/${id}`;
  }
}

function bodyOf({ amountCents, title, clientInvoiceId, cashierId }: Asked) {
  return {
    amount: { amount: amountCents, currency: "USD" },
    ...(title === undefined ? {} : { title }),
    ...(clientInvoiceId === undefined ? {} : { client_invoice_id: clientInvoiceId }),
    ...(cashierId === undefined ? {} : { cashier_id: cashierId }),
  };
}
