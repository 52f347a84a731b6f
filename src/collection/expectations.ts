/** What the second opinion is told of a file of ours: the day, and what the bank decides. */
import type { BankDate } from "../../actors/banking-calendar.ts";
import type { OdfiProfile } from "../rails/ach/odfi-profile.ts";
import type { AchExpectations } from "../rails/ach-check/expectations.ts";

/** Columns of the file header's origin, and of the payment type of WEB entries. */
const ORIGIN_COLUMNS = 10;
const TYPE_COLUMNS = 2;
/** Recurring, whatever the profile says of single ones. */
const RECURRING = "R ";

export function expectationsOf(
  profile: OdfiProfile,
  today: BankDate,
  entries: NonNullable<AchExpectations["entries"]>,
): AchExpectations {
  const { prenoteDescription } = profile;
  return {
    today,
    lineEnding: profile.lineEnd === "CRLF" ? "crlf" : "lf",
    destination: profile.immediateDestination,
    origin: profile.immediateOrigin.padStart(ORIGIN_COLUMNS),
    destinationName: profile.destinationName,
    originName: profile.originName,
    odfi: profile.odfi,
    companyId: profile.companyId,
    discretionaryData: profile.companyDiscretionaryData,
    sameDay: profile.sameDay,
    sameDayCentsMax: profile.sameDayCentsMax,
    webPaymentTypes: [profile.webPaymentType.padEnd(TYPE_COLUMNS), RECURRING],
    servicesDescription: profile.serviceDescription,
    ...(prenoteDescription === null ? {} : { prenoteDescription }),
    entries,
    channels: { lane: { sec: profile.laneSec, description: profile.laneDescription } },
  };
}
