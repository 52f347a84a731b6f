/**
 * What an event says in its own fields about the money that its journal entry moves. The two are
 * written by different code, so an entry that somebody changed does not go unnoticed.
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { AchInboundEvent } from "../../actors/ach-inbound.ts";
import type { Message } from "../../actors/actor.ts";
import type { MovedMoney } from "../../actors/inbound-exception.ts";
import type { MerchantEvent } from "../../actors/merchant.ts";
import { type Cents, cents, sumCents, ZERO_CENTS } from "../../actors/money.ts";
import type { CountedReturn } from "./causes.ts";
import { type BooksPart, type Moved, NOTHING_MOVED } from "./clearing.ts";

type Figures = Partial<Record<BooksPart, number>>;

/**
 * Undefined where the event leaves it to others: then the totals of its file tell. `counted` is
 * what the file counted of a return, of which the owner's event has no amount of its own.
 */
export function ownFigures(
  body: Message,
  moved: Moved,
  counted: CountedReturn | undefined,
): Moved | undefined {
  const figures = figuresOf(body as AccountEvent | MerchantEvent | AchInboundEvent, moved, counted);
  if (figures === undefined) return undefined;
  const said = { ...NOTHING_MOVED };
  for (const [part, value] of Object.entries(figures)) said[part as BooksPart] = cents(value);
  return said;
}

function figuresOf(
  event: AccountEvent | MerchantEvent | AchInboundEvent,
  moved: Moved,
  counted: CountedReturn | undefined,
): Figures | undefined {
  switch (event.kind) {
    case "PaymentCaptured":
      return { due: event.receipt.amountCents };
    case "RefundGranted":
      return { due: -event.dueCents };
    case "DebitsFiled": {
      const first = event.debits.filter(({ attempt }) => attempt === 1);
      return { in_flight: amountOf(event.debits), due: -amountOf(first) };
    }
    case "FeesFiled":
      return { fees_in_flight: amountOf(event.fees) };
    case "DebitReversed": {
      const collected = event.from === "in_flight" ? event.amountCents : 0;
      const due = event.isDueAgain ? event.amountCents : 0;
      return { due, in_flight: -collected, provisional: collected };
    }
    case "RefundsFiled":
      return { out: -amountOf(event.refunds) };
    case "PayoutFiled":
      return { out: -event.amountCents };
    case "DebitsCollected":
      return { provisional: event.amountCents, in_flight: -event.amountCents };
    case "FeesCollected":
      return { provisional: event.amountCents, fees_in_flight: -event.amountCents };
    case "FeeReturned":
      return { ...cashPair(event.amountCents, moved), fees_in_flight: -event.amountCents };
    case "FeeReopened":
      return { cash: -event.amountCents };
    case "ReturnFeeCharged":
    case "FeeSetOff":
    case "FeeWaived":
    case "RefundUnclaimed":
      return {};
    case "DebitReturned":
      return counted === undefined ? undefined : returnedDebit(counted.amountCents, moved);
    case "DebitReopened":
    case "RefundPaidByHand":
      return { cash: -event.amountCents };
    case "RefundReturned":
    case "PayoutReturned":
      // The bank gives it back where it had taken it; else it never left.
      return moved.out === 0 ? { cash: event.amountCents } : { out: event.amountCents };
    case "PaidByHand": {
      const principal = event.principal.map((part) => part.cents);
      const excess = event.excess?.cents ?? ZERO_CENTS;
      return { cash: sumCents([...principal, event.feesCents, excess]) };
    }
    case "DuePaidByHand": {
      const paidCents = sumCents(event.paid.map((part) => part.cents));
      return { cash: paidCents, due: -paidCents };
    }
    case "DebtRecovered":
      return { cash: event.amountCents };
    case "DebtWrittenOff":
      return { due: event.from === "due" ? -event.amountCents : 0 };
    case "DisputeDecided":
      return { cash: event.outcome === "won" ? event.amountCents : 0 };
    case "ExceptionKept":
      return suspended(event.exception.money);
    default:
      return undefined;
  }
}

function amountOf(entries: readonly { readonly amountCents: Cents }[]): Cents {
  return sumCents(entries.map(({ amountCents }) => amountCents));
}

function returnedDebit(amountCents: number, moved: Moved): Figures {
  return { ...cashPair(amountCents, moved), in_flight: -amountCents };
}

/** Only once the bank had settled; which it was, the file says as a whole. */
function cashPair(amountCents: number, { cash }: Moved): Figures {
  const cashCents = cash === 0 ? 0 : amountCents;
  return { provisional: cashCents, cash: -cashCents };
}

/** Taken by the bank: a debit that came back, or a credit that it settled. */
function suspended(money: MovedMoney | null): Figures {
  if (money === null) return {};
  const signed = suspendedCents(money);
  return { suspense: signed, cash: -signed };
}

/** What `ach:suspense` holds of it, debit positive. */
export function suspendedCents({ of, direction, amountCents }: MovedMoney): Cents {
  const isTaken = (of === "return") === (direction === "debit");
  return isTaken ? amountCents : cents(-amountCents);
}
