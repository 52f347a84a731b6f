/**
 * What the sponsoring bank (ODFI) decides: it has the last word on format, calendar and policy, so
 * each such point is a field here, with the usual value as its default. The identity of bank and
 * company has no default.
 */
import { assert } from "../../../actors/assert.ts";
import type { FiledKind } from "../../../actors/file-scope.ts";
import { type Cents, cents } from "../../../actors/money.ts";
import { isRoutingNumber } from "../../../actors/routing-number.ts";
import { isPrintable } from "./columns.ts";
import { isTime } from "./dates.ts";
import { SAME_DAY_CENTS_MAX } from "./write-rules.ts";
import type { LineEnd } from "./writer.ts";

export interface OdfiIdentity {
  /** Routing number of the bank that gets the file. */
  readonly immediateDestination: string;
  readonly destinationName: string;
  /** Who sends it: a routing number, or 1 and the tax number. */
  readonly immediateOrigin: string;
  readonly originName: string;
  /** First eight digits of the originating bank: every trace number begins with them. */
  readonly odfi: string;
  /** 1 and the tax number (EIN). Constant: banks key stop payments on it. */
  readonly companyId: string;
}

/** A window of the Federal Reserve, as the bank keeps it: HHMM in New York. */
export interface SameDayWindow {
  /** When the file is made. */
  readonly cutOff: string;
  /** When the bank must have it: before the Federal Reserve's 10:30, 14:45 or 16:45. */
  readonly deadline: string;
  /** When the banks settle it. */
  readonly settlesAt: "1300" | "1700" | "1800";
}

export interface OdfiPolicy {
  readonly lineEnd: LineEnd;
  readonly companyDiscretionaryData: string;
  /** POS carries place and terminal; WEB where the bank sees the phone as the web. */
  readonly laneSec: "POS" | "WEB";
  /** Columns 77-78 of a lane's debit: card transaction type. */
  readonly cardTransactionType: string;
  /** Columns 77-78 of WEB debits: single, or standing authorisation. Recurring ones are R. */
  readonly webPaymentType: "S" | "ST";
  /** Ten columns each, in capitals. */
  readonly laneDescription: string;
  readonly serviceDescription: string;
  readonly friendDescription: string;
  /** Null: that of the debits after it. */
  readonly prenoteDescription: string | null;
  /** What web lanes sell: for tangible goods the description is prescribed. */
  readonly webSells: "goods" | "services";
  /** Where the name of a friend who sends money stands. */
  readonly friendNameIn: "company_name" | "company_id";
  readonly sameDay: boolean;
  /** By rising time. */
  readonly sameDayWindows: readonly SameDayWindow[];
  /** What goes on the same day; all else is settled on a later one. */
  readonly sameDayKinds: readonly FiledKind[];
  /** An entry above it waits for the next day. */
  readonly sameDayCentsMax: Cents;
  /** Banking days from processing to the effective entry date. */
  readonly debitLeadDays: number;
  readonly creditLeadDays: 1 | 2;
  /** HHMM in New York: a file later than this is the next banking day's. */
  readonly cutOff: string;
  /** Banking days after settlement by whose opening a return must be here. */
  readonly returnWindowDays: number;
  /** Banking days added to it before a debit counts as collected. */
  readonly collectedExtraDays: number;
  /** Calendar days for returns of a consumer who says that nothing was authorised. */
  readonly unauthorisedReturnDays: number;
  /** How a bank account is proven before its first debit. */
  readonly accountCheck: "prenote" | "micro_entries" | "instant_validation";
  /** Banking days from the prenote's settlement to the first live debit. */
  readonly prenoteWaitDays: number;
  /** Second attempts at a debit. FAQ: "a second time". Nacha allows two. */
  readonly retriesMax: 0 | 1 | 2;
  /** Calendar days from the original settlement in which a second attempt may settle. */
  readonly retryWithinDays: number;
  /** Banking days in which a notification of change is to be applied. */
  readonly changeWithinDays: number;
}

export interface OdfiProfile extends OdfiIdentity, OdfiPolicy {}

export const DEFAULT_ODFI_POLICY: OdfiPolicy = {
  lineEnd: "LF",
  companyDiscretionaryData: "SEQR",
  laneSec: "POS",
  cardTransactionType: "01",
  webPaymentType: "S",
  laneDescription: "SEQR PAY",
  serviceDescription: "SEQR PAY",
  friendDescription: "SEQR PAY",
  prenoteDescription: null,
  webSells: "goods",
  friendNameIn: "company_name",
  sameDay: false,
  // Half an hour for the file to be made, and half an hour for the bank to pass it on.
  sameDayWindows: [
    { cutOff: "0930", deadline: "1000", settlesAt: "1300" },
    { cutOff: "1345", deadline: "1415", settlesAt: "1700" },
    { cutOff: "1545", deadline: "1615", settlesAt: "1800" },
  ],
  sameDayKinds: ["debit", "retry", "refund", "reversal", "payout"],
  sameDayCentsMax: cents(SAME_DAY_CENTS_MAX),
  debitLeadDays: 1,
  creditLeadDays: 1,
  // The last same-day window of the Federal Reserve closes at 16:45; a bank's own is earlier.
  cutOff: "1500",
  returnWindowDays: 2,
  collectedExtraDays: 0,
  unauthorisedReturnDays: 60,
  accountCheck: "prenote",
  prenoteWaitDays: 3,
  retriesMax: 1,
  retryWithinDays: 180,
  changeWithinDays: 6,
};

/** Throws AssertionFailed for a profile that no file could be written with. */
export function odfiProfile(
  identity: OdfiIdentity,
  overrides: Partial<OdfiPolicy> = {},
): OdfiProfile {
  const profile = { ...DEFAULT_ODFI_POLICY, ...overrides, ...identity };
  assert(isRoutingNumber(profile.immediateDestination), "the destination is a routing number");
  assert(/^[A-Z0-9]{9,10}$/.test(profile.immediateOrigin), "the origin has nine or ten characters");
  assert(/^[0-9]{8}$/.test(profile.odfi), "an ODFI is named by eight digits");
  assert(/^1[0-9]{9}$/.test(profile.companyId), "the company id is 1 and the tax number");
  for (const [name, width] of [
    [profile.destinationName, NAME_COLUMNS],
    [profile.originName, NAME_COLUMNS],
    [profile.companyDiscretionaryData, DISCRETIONARY_COLUMNS],
  ] as const) {
    assert(isPrintable(name) && name.trim() === name, "a name is printable ASCII");
    assert(name !== "" && name.length <= width, "a name fits its columns");
  }
  for (const name of DESCRIPTIONS) {
    const description = profile[name];
    const isGood = description === null || DESCRIPTION.test(description);
    assert(isGood, "a description has ten capitals at most");
  }
  assert(/^[0-9]{2}$/.test(profile.cardTransactionType), "a card transaction type is two digits");
  assert(isTime(profile.cutOff), "the cut-off is a time of day");
  demandWindows(profile.sameDayWindows);
  for (const [name, min, max] of DAYS) {
    const days = profile[name];
    assert(Number.isInteger(days) && days >= min && days <= max, "days are within their bounds");
  }
  const { sameDayCentsMax: max } = profile;
  assert(
    max >= 0 && max <= SAME_DAY_CENTS_MAX,
    "same-day entries stay below the network's maximum",
  );
  return profile;
}

/** Deadlines of the Federal Reserve for what settles on the same day. */
const FED_DEADLINES = { "1300": "1030", "1700": "1445", "1800": "1645" } as const;

function demandWindows(windows: readonly SameDayWindow[]): void {
  for (const [at, { cutOff, deadline, settlesAt }] of windows.entries()) {
    assert(isTime(cutOff) && isTime(deadline), "a same-day window has times of day");
    assert(cutOff < deadline, "a same-day file is made before its deadline");
    assert(deadline <= FED_DEADLINES[settlesAt], "a same-day window closes in time");
    assert(at === 0 || (windows[at - 1]?.cutOff ?? "") < cutOff, "same-day windows ascend");
  }
}

const NAME_COLUMNS = 23;
const DISCRETIONARY_COLUMNS = 20;
const DESCRIPTION = /^[A-Z0-9][A-Z0-9 &.*-]{0,8}[A-Z0-9]$/;
const DESCRIPTIONS = [
  "laneDescription",
  "serviceDescription",
  "friendDescription",
  "prenoteDescription",
] as const;
/** A bank may ask for more time, never for less than the network gives it. */
const DAYS = [
  ["debitLeadDays", 0, 5],
  ["creditLeadDays", 1, 2],
  ["returnWindowDays", 2, 10],
  ["collectedExtraDays", 0, 60],
  ["unauthorisedReturnDays", 60, 120],
  ["prenoteWaitDays", 3, 10],
  ["retriesMax", 0, 2],
  ["retryWithinDays", 1, 180],
  ["changeWithinDays", 1, 6],
] as const;
