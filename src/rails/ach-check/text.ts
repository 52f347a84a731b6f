/** Text fields: left in their columns, filled with blanks. */
import type { Columns, Findings } from "./findings.ts";
import type { Line } from "./line.ts";

const BLANK = 0x20;

/** Finds a text that does not begin in its first column. A blank field is no text. */
export function textLeft(line: Line, [from, to]: Columns, findings: Findings): void {
  if (line.at(from) === BLANK && !line.isBlank(from, to)) {
    findings.add("text_left", line.number, [from, to]);
  }
}
