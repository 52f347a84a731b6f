/** The file header, record 1. */
import { dayOfDigits } from "./banking-day.ts";
import type { Profile } from "./expectations.ts";
import type { Findings } from "./findings.ts";
import type { Line } from "./line.ts";
import { isRoutingAt } from "./routing.ts";
import { textLeft } from "./text.ts";

/** Checks the record; gives the file's date in days since 1970-01-01, undefined for none. */
export function checkFileHeader(
  line: Line,
  profile: Profile,
  findings: Findings,
): number | undefined {
  const { number } = line;
  if (line.text(2, 3) !== "01") findings.add("priority_code", number, [2, 3]);
  if (!isDestination(line, profile)) findings.add("destination", number, [4, 13]);
  if (!isOrigin(line, profile)) findings.add("origin", number, [14, 23]);
  const date = dayOfDigits(line.digits(24, 29));
  const isAhead = date !== undefined && date > (profile.todayDay ?? date);
  if (date === undefined || isAhead) findings.add("file_date", number, [24, 29]);
  const [hour, minute] = [line.digits(30, 31), line.digits(32, 33)];
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) {
    findings.add("file_time", number, [30, 33]);
  }
  if (!/^[A-Z0-9]$/.test(line.text(34, 34))) findings.add("file_id_modifier", number, [34, 34]);
  if (line.text(35, 40) !== "094101") findings.add("record_form", number, [35, 40]);
  const { destinationName, originName } = profile;
  if (!isNamed(line.field(41, 63), destinationName)) findings.add("file_names", number, [41, 63]);
  if (!isNamed(line.field(64, 86), originName)) findings.add("file_names", number, [64, 86]);
  for (const field of [
    [41, 63],
    [64, 86],
    [87, 94],
  ] as const)
    textLeft(line, field, findings);
  return date;
}

function isDestination(line: Line, { destination }: Profile): boolean {
  const isRight = line.at(4) === 0x20 && isRoutingAt(line, 5);
  return isRight && (destination === undefined || line.text(5, 13) === destination);
}

function isOrigin(line: Line, { origin }: Profile): boolean {
  if (origin !== undefined) return line.text(14, 23) === origin;
  return line.digits(15, 23) >= 0 && (line.at(14) === 0x20 || line.digits(14, 14) >= 0);
}

/** Both names are given; what they are, the profile knows. */
function isNamed(name: string, expected: string | undefined): boolean {
  return name !== "" && (expected === undefined || name === expected);
}
