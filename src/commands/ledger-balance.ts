/** `seqr ledger`: the trial balance, at the end of the log or at any earlier moment. */
import { formatCents } from "../../actors/money.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { BalanceFold, type TrialBalance } from "../books/trial-balance.ts";
import { actorsOf } from "../switch.ts";
import { isSet } from "./command.ts";
import { dataDirOf, momentOf, timeOrNull, timeText, withLog } from "./ledger-log.ts";
import type { LedgerWord } from "./ledger-word.ts";
import { counted } from "./listing.ts";
import { left, right, table } from "./text-table.ts";

export const ledgerBalance: LedgerWord = {
  usage:
    "seqr ledger [--data DIR] [--at DATE|POSITION] [--all] [--json]\n\n" +
    "The trial balance: every ledger account, on its normal side, and the sum that must be\n" +
    "zero. Customers, merchants and friends are summed by kind. Exit code 1: it is not zero.\n\n" +
    "--at   as it was after that event, or at the end of that day in New York\n" +
    "--all  each account on a line of its own",
  options: { at: { type: "string" }, all: { type: "boolean" } },
  wordsMax: 0,
  run: (values) =>
    withLog(dataDirOf(values), (log) => {
      const fold = new BalanceFold(actorsOf(DEFAULT_POLICY));
      for (const stored of log.events(momentOf(log, values, "at", "last"))) fold.hear(stored);
      const balance = fold.trialBalance(isSet(values, "all"));
      process.stdout.write(isSet(values, "json") ? toJson(balance) : tell(balance));
      return Promise.resolve(balance.sumCents === 0 ? 0 : 1);
    }),
};

function toJson({ rows, atMs, ...figures }: TrialBalance): string {
  const balance = { ...figures, at: timeOrNull(atMs), accounts: rows };
  return `${JSON.stringify(balance)}\n`;
}

function tell({ rows, entries, position, atMs, ...sums }: TrialBalance): string {
  const columns = [left("account"), right("accounts"), right("debit"), right("credit")];
  const lines = rows.map(({ account, accounts, side, balanceCents }) => {
    const balance = formatCents(balanceCents);
    return [account, String(accounts), ...(side === "debit" ? [balance, ""] : ["", balance])];
  });
  const count = rows.reduce((sum, { accounts }) => sum + accounts, 0);
  const total = [formatCents(sums.debitCents), formatCents(sums.creditCents)];
  const verdict = sums.sumCents === 0 ? "" : ", NOT ZERO";
  return (
    table(columns, [...lines, ["total", String(count), ...total]]) +
    `\n${counted(entries, "entry", "entries")} up to event ${position}, ${timeText(atMs)}\n` +
    `sum ${formatCents(sums.sumCents)}${verdict}\n`
  );
}
