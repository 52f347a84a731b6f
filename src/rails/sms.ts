/**
 * SMS: an outlet of the outbox. What arrives is the token of a sealed message; it is opened here,
 * handed to the operator's gateway, and destroyed once it was taken, or once nobody has any use for
 * it: a gateway that refuses a number is not asked for ever. The token is the idempotency key.
 */
import type { Message } from "../../actors/actor.ts";
import type { DeliverMessage } from "../../actors/directory.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Outlet } from "../runtime/outbox.ts";
import type { Vault } from "../vault/vault.ts";

export interface Sms {
  /** E.164. */
  readonly to: string;
  readonly text: string;
}

export interface SmsGateway {
  /** Throws when the gateway did not take it; the outbox tries again. */
  send(sms: Sms, idempotencyKey: string): Promise<void>;
}

export class SmsOutlet implements Outlet {
  constructor(
    private readonly vault: Vault,
    private readonly gateway: SmsGateway,
    private readonly clock: Clock,
  ) {}

  async deliver(id: string, token: string, command: Message): Promise<void> {
    const bytes = this.vault.openMessage(token);
    // Already delivered and destroyed: a repeat.
    if (bytes === undefined) return;
    const { untilMs } = command as DeliverMessage;
    if (this.clock.nowMs() < untilMs) {
      const sms = JSON.parse(Buffer.from(bytes).toString("utf8")) as Sms;
      await this.gateway.send(sms, id);
    }
    this.vault.destroy([token]);
  }
}

const KEPT_MAX = 500;

/** The sandbox's gateway: it keeps the latest messages, for the desk to show. */
export class SandboxSms implements SmsGateway {
  readonly #kept: (Sms & { readonly atMs: number })[] = [];

  constructor(private readonly clock: Clock) {}

  send(sms: Sms): Promise<void> {
    this.#kept.push({ ...sms, atMs: this.clock.nowMs() });
    if (this.#kept.length > KEPT_MAX) this.#kept.shift();
    return Promise.resolve();
  }

  /** Newest last. */
  sent(): readonly (Sms & { readonly atMs: number })[] {
    return this.#kept;
  }
}

const GATEWAY_MS_MAX = 10_000;

/** The operator's gateway, by HTTP: a form with `to` and `text`, and the key in a header. */
export class HttpSms implements SmsGateway {
  constructor(private readonly url: string) {}

  async send({ to, text }: Sms, idempotencyKey: string): Promise<void> {
    const response = await fetch(this.url, {
      method: "POST",
      headers: { "idempotency-key": idempotencyKey },
      body: new URLSearchParams({ to, text }),
      signal: AbortSignal.timeout(GATEWAY_MS_MAX),
      // Numbers and codes go to the configured address only; a page behind a redirect sends no SMS.
      redirect: "manual",
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the SMS gateway answered ${response.status}`);
  }
}
