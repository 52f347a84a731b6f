/** `seqr returns`: return rates over sixty days, as Nacha counts them. */
import type { ReturnCounts, ReturnRates } from "../client/money-desk.ts";
import { type Command, isSet, textOf } from "./command.ts";
import { atTheDesk, DESK_OPTIONS, DESK_USAGE, deskCall } from "./desk-call.ts";
import { columns, counted, printJson } from "./listing.ts";

const BASIS_POINTS_PER_PERCENT = 100;

export const returns: Command = {
  usage:
    "seqr returns [--merchant mer_1] [--json]\n\n" +
    "What came back of the debits that were originated: not authorised (0.5 % is allowed),\n" +
    "for closed or unknown bank accounts (3 %), and overall (15 %). From half of that on it\n" +
    "says WATCH and is an alarm; ABOVE: the bank will ask. Exit code 1: something is above.\n\n" +
    "--json      one object on standard output\n" +
    DESK_USAGE,
  options: { ...DESK_OPTIONS, merchant: { type: "string" }, json: { type: "boolean" } },
  run(values) {
    return atTheDesk(async () => {
      const found = await deskCall(values).money.returnRates(textOf(values, "merchant"));
      if (isSet(values, "json")) printJson(found);
      else process.stdout.write(tell(found));
      return found.rates.some(({ level }) => level === "above") ? 1 : 0;
    });
  },
};

function tell({ merchant, from, to, originated, rates, days, merchants }: ReturnRates): string {
  const whose = merchant === null ? "" : ` of ${merchant}`;
  const head = ["", "returned", "rate", "allowed", ""];
  const rows = rates.map(({ kind, returned, level, ...rate }) => [
    ...[kind, String(returned), percent(rate.basis_points), percent(rate.threshold_basis_points)],
    level === "good" ? "" : level.toUpperCase(),
  ]);
  const parts = [
    `${counted(originated, "debit", "debits")}${whose} originated, ${from} to ${to}\n`,
    columns([head, ...rows], new Set([1, 2, 3])),
  ];
  if (merchants.length > 0) {
    parts.push(
      countsTable(
        "merchant",
        merchants.map((one) => [one.merchant, one] as const),
      ),
    );
  }
  const bad = days.filter(({ overall }) => overall > 0);
  if (bad.length > 0)
    parts.push(
      countsTable(
        "day",
        bad.map((one) => [one.day, one] as const),
      ),
    );
  return parts.join("\n");
}

function countsTable(name: string, all: readonly (readonly [string, ReturnCounts])[]): string {
  const head = [name, "originated", "unauthorised", "administrative", "overall"];
  const rows = all.map(([key, { originated, unauthorised, administrative, overall }]) => {
    return [key, ...[originated, unauthorised, administrative, overall].map(String)];
  });
  return columns([head, ...rows], new Set([1, 2, 3, 4]));
}

function percent(basisPoints: number | null): string {
  if (basisPoints === null) return "-";
  const fraction = String(basisPoints % BASIS_POINTS_PER_PERCENT).padStart(2, "0");
  return `${Math.floor(basisPoints / BASIS_POINTS_PER_PERCENT)}.${fraction} %`;
}
