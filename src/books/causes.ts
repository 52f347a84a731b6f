/**
 * Which ACH file an event is about. Most events say so; of those that do not, the way of their
 * command tells: what a file counted as returned goes on to its owner under the same id and `>0`.
 * What is remembered for that is only what is under way.
 */
import type { Message } from "../../actors/actor.ts";
import type { StoredEvent } from "../runtime/event-log.ts";

/** A return that its file has counted and its owner has not noted yet. */
export interface CountedReturn {
  readonly fileId: string;
  readonly amountCents: number;
}

export class Causes {
  /** By the id of the command that was counted. */
  readonly #returns = new Map<string, CountedReturn>();
  /** Files of payouts that are sent and have not arrived, by payout id. */
  readonly #payouts = new Map<string, string>();

  /** Must hear every event that `isHeard`, in order; gives the file of the event. */
  hear({ ref, commandId }: StoredEvent, body: Message): string | undefined {
    const { fileId, payoutId } = body as { readonly fileId?: string; readonly payoutId?: string };
    if (ref.kind === "ach-file") {
      this.#follow(ref.id, commandId, body);
      return ref.id;
    }
    const known = fileId ?? this.#payouts.get(payoutId ?? "");
    if (payoutId !== undefined) {
      // One that has arrived may still come back: then the way of the command tells.
      if (body.kind === "PayoutFiled" && fileId !== undefined) this.#payouts.set(payoutId, fileId);
      else this.#payouts.delete(payoutId);
    }
    return known ?? this.countedFor(commandId)?.fileId;
  }

  /** The return that a command of this id brings to its owner. */
  countedFor(commandId: string): CountedReturn | undefined {
    return this.#returns.get(causeOf(commandId));
  }

  #follow(fileId: string, commandId: string, body: Message): void {
    if (body.kind === "ReturnCounted") {
      const { amountCents } = body as unknown as { readonly amountCents: number };
      this.#returns.set(commandId, { fileId, amountCents });
    } else if (body.kind === "ReturnNoted") {
      this.#returns.delete(causeOf(causeOf(commandId)));
    }
  }
}

/** Whether the event tells of files at all: the others need not be parsed for it. */
export function isHeard({ ref, kind }: StoredEvent): boolean {
  if (ref.kind === "ach-file") return kind === "ReturnCounted" || kind === "ReturnNoted";
  return ref.kind === "merchant" && kind.startsWith("Payout");
}

/**
 * Of each posting of the event the sequence number of its ACH entry, where it has one: an event of
 * many entries posts one pair for each, in their order (docs/money.md, I11).
 */
export function traceOf(body: Message, posting: number): number | undefined {
  const { trace, debits, fees, refunds, entry } = body as {
    readonly trace?: number;
    readonly debits?: readonly { readonly trace: number }[];
    readonly fees?: readonly { readonly trace: number }[];
    readonly refunds?: readonly { readonly trace: number }[];
    readonly entry?: { readonly postings: readonly unknown[] };
  };
  if (trace !== undefined) return trace;
  const entries = debits ?? fees ?? refunds ?? [];
  if (entry?.postings.length !== 2 * entries.length) return undefined;
  return entries[Math.floor(posting / 2)]?.trace;
}

/** `C>0>1` was sent by what `C>0` decided. */
function causeOf(commandId: string): string {
  return commandId.slice(0, Math.max(commandId.lastIndexOf(">"), 0));
}
