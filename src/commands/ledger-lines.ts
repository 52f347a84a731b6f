/** `seqr ledger lines`: one ledger account, line after line, however many they are. */
import { formatCents, ZERO_CENTS } from "../../actors/money.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { type AccountLine, AccountLines } from "../books/account-lines.ts";
import { actorsOf } from "../switch.ts";
import { isSet, UsageError } from "./command.ts";
import {
  dataDirOf,
  type LedgerLog,
  momentOf,
  timeOrNull,
  timeText,
  withLog,
} from "./ledger-log.ts";
import type { LedgerWord } from "./ledger-word.ts";
import { Output } from "./output.ts";
import { heading, left, line, right } from "./text-table.ts";

const NEAR_MAX = 5;
const NAME_LETTERS_MAX = 200;

export const ledgerLines: LedgerWord = {
  usage:
    "seqr ledger lines ACCOUNT [--data DIR] [--from MOMENT] [--to MOMENT] [--json]\n\n" +
    "Every line of a ledger account: event, time, amount, the balance after it, and its cause:\n" +
    "command, ACH file and trace where there are ones. Names are those of the trial balance\n" +
    "with --all. A moment is a date in New York or a position. Exit code 1: there is no such\n" +
    "account, and near ones are named.",
  options: { from: { type: "string" }, to: { type: "string" } },
  wordsMax: 1,
  run(values, [account]) {
    if (account === undefined || account === "") throw new UsageError("name a ledger account");
    if (account.length > NAME_LETTERS_MAX) throw new UsageError("no account has so long a name");
    return withLog(dataDirOf(values), (log) => {
      const range = {
        from: momentOf(log, values, "from", "first"),
        upto: momentOf(log, values, "to", "last"),
      };
      return list(log, account, range, isSet(values, "json"));
    });
  },
};

async function list(
  log: LedgerLog,
  account: string,
  { from, upto }: { readonly from: number; readonly upto: number },
  json: boolean,
): Promise<number> {
  const lines = new AccountLines(account, actorsOf(DEFAULT_POLICY));
  const out = new Output();
  const text = json ? new JsonText() : new PlainText();
  let brought = ZERO_CENTS;
  let isBegun = false;
  for (const stored of log.events(upto, true)) {
    const isBefore = stored.position < from;
    const heard = lines.hear(stored);
    if (isBefore) {
      brought = lines.balanceCents;
      continue;
    }
    if (heard.length === 0) continue;
    if (!isBegun) out.add(text.head(account, lines.side, brought));
    isBegun = true;
    for (const one of heard) out.add(text.line(one));
    if (out.isFull && !(await out.flush())) return 1;
  }
  if (!lines.isKnown) {
    const near = lines.near(NEAR_MAX).join(", ");
    throw new Error(`no ledger account is called ${account}; near it: ${near}`);
  }
  if (!isBegun) out.add(text.head(account, lines.side, brought));
  out.add(text.tail(lines.balanceCents));
  await out.flush();
  return 0;
}

type Cents = AccountLine["balanceCents"];

class JsonText {
  #lines = 0;

  head(account: string, side: string, broughtCents: Cents): string {
    const head = JSON.stringify({ account, side, broughtCents });
    return `${head.slice(0, -1)},"lines":[`;
  }

  line({ atMs, ...rest }: AccountLine): string {
    const { position, ...more } = rest;
    const shown = { position, at: timeOrNull(atMs), ...more };
    return `${this.#lines++ === 0 ? "" : ","}\n${JSON.stringify(shown)}`;
  }

  tail(balanceCents: Cents): string {
    return `\n],"balanceCents":${balanceCents}}\n`;
  }
}

const COLUMNS = [
  left("time", 20),
  right("event", 9),
  left("kind", 17),
  right("debit", 13),
  right("credit", 13),
  right("balance", 13),
  left("file/trace", 22),
  left("command"),
];

class PlainText {
  #lines = 0;

  head(account: string, side: string, broughtCents: Cents): string {
    const brought = ["", "", "brought forward", "", "", formatCents(broughtCents)];
    const title = `${account}, balance on the ${side} side\n\n`;
    return title + heading(COLUMNS) + line(COLUMNS, brought);
  }

  line(one: AccountLine): string {
    this.#lines++;
    const amount = formatCents(one.amountCents);
    const cause = one.trace === null ? (one.file ?? "") : `${one.file ?? "?"}/${one.trace}`;
    return line(COLUMNS, [
      ...[timeText(one.atMs), String(one.position), one.event],
      ...(one.side === "debit" ? [amount, ""] : ["", amount]),
      ...[formatCents(one.balanceCents), cause, one.commandId],
    ]);
  }

  tail(balanceCents: Cents): string {
    const lines = this.#lines === 1 ? "1 line" : `${this.#lines} lines`;
    return `\n${lines}, balance ${formatCents(balanceCents)}\n`;
  }
}
