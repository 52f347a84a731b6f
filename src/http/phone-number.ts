/** What the tables of the world's numbering plans say of a phone number. */
import type { CountryCode } from "libphonenumber-js/min";

/** Whether a number can be so in its country; it may be nobody's. */
export function isPossibleNumber(text: string): boolean {
  // Loaded with the first number: a start would wait for tables that no payment needs.
  const tables = require("libphonenumber-js/min") as typeof import("libphonenumber-js/min");
  const number = tables.parsePhoneNumberFromString(text, "US" satisfies CountryCode);
  return number?.isPossible() ?? false;
}
