/**
 * What the checker cannot know from the file: the bank's profile, today's date, and what the books
 * say of an entry. Each part is optional; what is left out is not checked, unless a default stands
 * beside it.
 */
import { dayOfIso } from "./banking-day.ts";

/** How a purchase came about: at a lane, as goods or services online, or to a friend. */
export type AchChannel = "lane" | "goods" | "services" | "friend";

export type AchEntryClass = "POS" | "WEB" | "PPD" | "CCD";

export interface AchChannelRule {
  readonly sec: AchEntryClass;
  readonly description: string;
}

/** The entry that a retry or a reversal repeats. */
export interface AchOriginal {
  readonly sec: AchEntryClass;
  readonly companyName: string;
  readonly companyId: string;
  readonly amountCents: number;
}

/** What the books say of the purchase that an individual id (6: 40-54) stands for. */
export interface AchExpectedEntry {
  /** The name by which the payee is known; it is the company name of a debit. */
  readonly statementName?: string;
  readonly channel?: AchChannel;
  readonly original?: AchOriginal;
}

export interface AchExpectations {
  /** The day on which the file is handed over, in New York: YYYY-MM-DD. */
  readonly today?: string;
  /** Default `lf`. */
  readonly lineEnding?: "lf" | "crlf";
  /** Nine digits. */
  readonly destination?: string;
  /** Ten columns, a leading blank included. */
  readonly origin?: string;
  readonly destinationName?: string;
  readonly originName?: string;
  /** Eight digits. */
  readonly odfi?: string;
  readonly companyId?: string;
  /** Default `SEQR`. */
  readonly discretionaryData?: string;
  /** Whether same-day ACH is on. Where this is not said, both are allowed. */
  readonly sameDay?: boolean;
  /** Default 100,000,000: one million dollars an entry. */
  readonly sameDayCentsMax?: number;
  /** Banking days from the file's date to the effective date: at most 366. Default 5. */
  readonly bankingDaysAheadMax?: number;
  /** Columns 77-78 of WEB entries. Default `S ` and `R `; a profile may say `ST`. */
  readonly webPaymentTypes?: readonly string[];
  /** Of WEB debits that are no tangible goods. Default `SEQR PAY`. */
  readonly servicesDescription?: string;
  /** Of batches that hold prenotes only. Default: any in capitals. */
  readonly prenoteDescription?: string;
  /** Overrides single channels. */
  readonly channels?: Readonly<Partial<Record<AchChannel, AchChannelRule>>>;
  /** The books, by individual id without its filling blanks. A Map will do, or a look-up. */
  readonly entries?: { get(individualId: string): AchExpectedEntry | undefined };
}

/** The policy table of section 2. What friends are sent bears a text of the profile. */
const CHANNELS: Readonly<Partial<Record<AchChannel, AchChannelRule>>> = {
  lane: { sec: "POS", description: "SEQR PAY" },
  goods: { sec: "WEB", description: "PURCHASE" },
};

/**
 * A prenote settles on the next banking day and its first debit three banking days later (section
 * 6); one more for a file that was begun on the evening before.
 */
const BANKING_DAYS_AHEAD_MAX = 5;
const YEAR_DAYS = 366;
/** Nacha: same-day entries of up to one million dollars. */
const SAME_DAY_CENTS_MAX = 100_000_000;

export type Profile = ReturnType<typeof profileOf>;

/** The expectations with their defaults. Throws TypeError for a `today` that is no date. */
export function profileOf(given: AchExpectations) {
  const today = given.today === undefined ? undefined : dayOfIso(given.today);
  if (given.today !== undefined && today === undefined) {
    throw new TypeError("today is a date: YYYY-MM-DD");
  }
  const servicesDescription = given.servicesDescription ?? "SEQR PAY";
  const services = { sec: "WEB", description: servicesDescription } as const;
  return {
    ...given,
    /** Days since 1970-01-01. */
    todayDay: today,
    lineEnding: given.lineEnding ?? "lf",
    discretionaryData: given.discretionaryData ?? "SEQR",
    sameDayCentsMax: given.sameDayCentsMax ?? SAME_DAY_CENTS_MAX,
    bankingDaysAheadMax: Math.min(given.bankingDaysAheadMax ?? BANKING_DAYS_AHEAD_MAX, YEAR_DAYS),
    webPaymentTypes: given.webPaymentTypes ?? ["S ", "R "],
    servicesDescription,
    channels: { ...CHANNELS, services, ...given.channels },
  };
}
