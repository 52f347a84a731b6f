/**
 * What kind of entry each purpose is sent as: standard entry class (SEC), service class,
 * transaction codes, description, columns 77-78, addenda. The bank may have parts of it otherwise:
 * odfi-profile.ts.
 */
import type { ServiceClass } from "./batch-header.ts";
import type { OdfiProfile } from "./odfi-profile.ts";
import {
  type BankAccountKind,
  codeFor,
  type Direction,
  type EntryUse,
} from "./transaction-codes.ts";

export type Sec = "POS" | "WEB" | "PPD" | "CCD";

export type Channel =
  /** The QR code at a lane. */
  | "in_store"
  /** Tangible goods bought online; Shop on the Spot always. */
  | "online_goods"
  | "online_services"
  /** Of a POS debit. */
  | "refund_in_store"
  | "refund_other"
  | "cashback"
  /** To the friend who receives. */
  | "friend"
  | "settlement"
  | "return_fee";

/** Whose bank account it is. Consumers never get CCD (R05), businesses never the others' debits. */
export type Holder = "consumer" | "business";

export interface SecRule {
  readonly sec: Sec;
  readonly direction: Direction;
  readonly serviceClass: ServiceClass;
  /** Undefined where it is the merchant's own payout text. */
  readonly description: string | undefined;
  /** Columns 77-78. */
  readonly discretionary: string;
  /** `pos` is mandatory: place and terminal. */
  readonly addenda: "pos" | "optional_text" | "none";
  readonly use: Extract<EntryUse, "live" | "prenote">;
}

/**
 * Prescribed descriptions (Nacha Operating Rules): exact, in capitals, each in batches of its own.
 * PURCHASE is required for tangible goods bought online since 20 March 2026.
 */
const PURCHASE = "PURCHASE";
const RETRY = "RETRY PYMT";
const RETURN_FEE = "RETURN FEE";
const REVERSAL = "REVERSAL";

export function secRule(channel: Channel, profile: OdfiProfile): SecRule {
  switch (channel) {
    case "in_store":
      return lane(profile, "debit", profile.laneDescription);
    case "online_goods":
      return web("debit", PURCHASE, profile.webPaymentType);
    case "online_services":
      return web("debit", profile.serviceDescription, profile.webPaymentType);
    case "refund_in_store":
      // A credit to the account of a POS debit is POS as well. WEB credits are between people.
      return profile.laneSec === "POS" ? lane(profile, "credit", "REFUND") : consumer("REFUND");
    case "refund_other":
      return consumer("REFUND");
    case "cashback":
      return consumer("CASHBACK");
    case "friend":
      return web("credit", profile.friendDescription, "S");
    case "settlement":
      return { ...rule("CCD", "credit", undefined, ""), addenda: "optional_text" };
    case "return_fee":
      return rule("PPD", "debit", RETURN_FEE, "");
  }
}

/** What is bought where there is no till: of the merchants of this bank's profile. */
export function webChannel({ webSells }: OdfiProfile): Channel {
  return webSells === "goods" ? "online_goods" : "online_services";
}

/** The second attempt at a returned debit. */
export function represented(original: SecRule): SecRule {
  return { ...original, description: RETRY };
}

/** What undoes it: the same class and addenda, the other way (27 and 22, 37 and 32). */
export function reversed(original: SecRule): SecRule {
  const direction = original.direction === "debit" ? "credit" : "debit";
  return { ...original, direction, serviceClass: classOf(direction), description: REVERSAL };
}

/** A zero entry before the first debit, of the same class as the debits after it. */
export function prenoted(later: SecRule, profile: OdfiProfile): SecRule {
  const description = profile.prenoteDescription ?? later.description;
  return { ...later, use: "prenote", description };
}

/** Columns 2-3. */
export function codeOf(rule: SecRule, account: BankAccountKind): string {
  return codeFor(account, rule.direction, rule.use);
}

/** Whether an entry may go to a bank account of that holder. */
export function mayReceive({ sec, direction }: SecRule, holder: Holder): boolean {
  if (sec === "CCD") return holder === "business";
  return holder === "consumer" || direction === "credit";
}

function lane(profile: OdfiProfile, direction: Direction, description: string): SecRule {
  if (profile.laneSec === "WEB") return web(direction, description, profile.webPaymentType);
  return { ...rule("POS", direction, description, profile.cardTransactionType), addenda: "pos" };
}

function web(direction: Direction, description: string, paymentType: string): SecRule {
  return { ...rule("WEB", direction, description, paymentType), addenda: "optional_text" };
}

function consumer(description: string): SecRule {
  return rule("PPD", "credit", description, "");
}

function rule(
  sec: Sec,
  direction: Direction,
  description: string | undefined,
  discretionary: string,
): SecRule {
  const serviceClass = classOf(direction);
  return { sec, direction, serviceClass, description, discretionary, addenda: "none", use: "live" };
}

function classOf(direction: Direction): ServiceClass {
  return direction === "debit" ? "225" : "220";
}
