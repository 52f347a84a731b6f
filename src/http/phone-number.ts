/** What the tables of the world's numbering plans say of a phone number. */
import type { CountryCode } from "libphonenumber-js/min";

/** Whether a number can be so in its country; it may be nobody's. */
export function isPossibleNumber(text: string): boolean {
  const plans = loadNumberingPlans();
  const number = plans.parsePhoneNumberFromString(text, "US" satisfies CountryCode);
  return number?.isPossible() ?? false;
}

/** Not with this file: a start would wait for tables that no payment needs. */
export function loadNumberingPlans() {
  return require("libphonenumber-js/min") as typeof import("libphonenumber-js/min");
}
