/** A reconciliation for people. */
import { formatCents } from "../../actors/money.ts";
import type { Difference } from "../books/difference.ts";
import type { FileRow, ReconciliationReport } from "../books/report.ts";
import { timeText } from "./ledger-log.ts";
import { counted } from "./listing.ts";
import { left, right, table } from "./text-table.ts";

/** `locked`: why sealed files could not be opened. */
export function reconcileText(report: ReconciliationReport, locked: string | undefined): string {
  const { position, atMs, today, entries } = report;
  const parts = [
    filesText(report.files),
    daysText(report),
    clearingText(report),
    figuresText(report),
    locked === undefined ? "" : `sealed files stay closed: ${locked}\n`,
    ...report.differences.map(tell),
    report.unlisted === 0 ? "" : `and ${report.unlisted} more\n`,
    `${counted(entries, "entry", "entries")} up to event ${position}, ${timeText(atMs)}; ` +
      `ages on ${today}\n`,
    `${verdict(report)}\n`,
  ];
  return parts.filter((part) => part !== "").join("\n");
}

/** A line for each direction in which there is anything. */
function filesText(files: readonly FileRow[]): string {
  if (files.length === 0) return "no file has been made\n";
  const columns = [
    ...[left("file"), left("stage"), left("of"), right("built"), right("stated")],
    ...[right("returned"), right("in flight"), right("entries"), left("sealed"), left("")],
  ];
  const full = files.filter(({ stage, differences }) => stage !== "empty" || differences > 0);
  const empty = files.length - full.length;
  const times = counted(empty, "time", "times");
  if (full.length === 0) return `no file has been made: ${times} there was nothing to send\n`;
  const more = empty === 0 ? "" : `and ${times} there was nothing to send\n`;
  return table(columns, full.flatMap(rowsOf)) + more;
}

function rowsOf(row: FileRow): readonly (readonly string[])[] {
  const mark = row.differences === 0 ? "" : "DIFFERS";
  const sides = (["debitCents", "creditCents"] as const).filter((side) => {
    return row.built[side] !== 0 || (row.stated?.[side] ?? 0) !== 0 || row.inFlight[side] !== 0;
  });
  const shown = sides.length === 0 ? (["debitCents"] as const) : sides;
  return shown.map((side, at) => [
    ...(at === 0 ? [row.file, row.stage] : ["", ""]),
    side === "debitCents" ? "debits" : "credits",
    formatCents(row.built[side]),
    row.stated === null ? "-" : formatCents(row.stated[side]),
    formatCents(row.returned[side]),
    formatCents(row.inFlight[side]),
    ...(at === 0 ? [String(row.entries), row.sealed.replace("_", " "), mark] : []),
  ]);
}

function daysText({ days }: ReconciliationReport): string {
  if (days.length === 0) return "";
  const columns = [
    ...[left("day"), right("files"), right("entries"), right("debits sent"), right("stated")],
    ...[right("returned"), right("credits sent"), right("stated"), right("returned")],
    ...[right("cash:bank"), right("in flight"), left("")],
  ];
  const rows = days.map((day) => [
    ...[day.date, String(day.files), String(day.entries)],
    ...[day.sentDebitCents, day.statedDebitCents, day.returnedDebitCents].map(formatCents),
    ...[day.sentCreditCents, day.statedCreditCents, day.returnedCreditCents].map(formatCents),
    ...[formatCents(day.cashCents), formatCents(day.inFlightCents)],
    day.differences === 0 ? "" : "DIFFERS",
  ]);
  return table(columns, rows);
}

function clearingText({ clearing }: ReconciliationReport): string {
  const columns = [left("clearing account"), right("balance"), right("under way")];
  const rows = clearing.map(({ account, balanceCents, explainedCents }) => {
    return [account, formatCents(balanceCents), formatCents(explainedCents)];
  });
  return table(columns, rows);
}

function figuresText({ completeness, timeliness }: ReconciliationReport): string {
  const complete = completeness.map(({ what, have, of }) => [what, `${have} of ${of}`, ""]);
  const timely = timeliness.map(({ what, done, onTime, lateDaysMax }) => {
    const late = lateDaysMax === 0 ? "" : `${lateDaysMax} banking days late at most`;
    return [`files ${what} in time`, `${onTime} of ${done}`, late];
  });
  return table([left("figure"), right(""), left("")], [...complete, ...timely]);
}

function tell({ kind, file, date, amountCents, events, says }: Difference): string {
  const about = [file ?? "no file", ...(date === null ? [] : [date])].map(printable);
  const where = events.length === 0 ? "" : `, events ${events.join(", ")}`;
  const head = `${kind}  ${about.join(", ")}, by ${formatCents(amountCents)}${where}`;
  return `DIFFERS  ${head}\n         ${printable(says)}\n`;
}

/** A bank may call a file by any name. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

function verdict({ differences, unlisted }: ReconciliationReport): string {
  const count = differences.length + unlisted;
  if (count === 0) return "files, bank and books agree";
  return count === 1 ? "1 difference" : `${count} differences`;
}
