/** `seqr merchants`: where merchants are paid out to, and who named another bank account. */
import type { BankAccountChange, MerchantBankAccount } from "../client/money-desk.ts";
import { type Act, atWord, type DeskWord } from "./acts.ts";
import { type Command, isSet, UsageError, type Values } from "./command.ts";
import { DESK_ACT_OPTIONS, DESK_USAGE, deskCall } from "./desk-call.ts";
import { columns, minute, more, noteOf, pageOf, printJson } from "./listing.ts";

const KINDS = ["checking", "savings"];
/** More than an account number and the end of its line. */
const LINE_BYTES_MAX = 64;

export const merchants: Command = {
  usage:
    "seqr merchants                         bank accounts that were changed and wait; call\n" +
    "                                       the merchant before the day that is told\n" +
    "seqr merchants MERCHANT                where it is paid out to, by the last letters\n" +
    'seqr merchants bank-account MERCHANT ROUTING KIND --note "..."\n' +
    "                                       name it: checking or savings; it counts when\n" +
    "                                       another person names the same\n\n" +
    "The account number is read from standard input, one line, so that no list of processes\n" +
    "and no history of a shell has it. It is never shown again.\n\n" +
    "--after ID  goes on with the list behind that merchant\n" +
    "--json      one object on standard output\n" +
    DESK_USAGE,
  options: {
    ...DESK_ACT_OPTIONS,
  },
  wordsMax: 4,
  run: (values, words) => atWord(WORD, values, words),
};

const ACTS: Readonly<Record<string, Act>> = {
  "bank-account": { words: ["MERCHANT", "ROUTING", "KIND"], run: nameBankAccount },
};

const WORD: DeskWord = { list, show, acts: ACTS, idForm: /^mer_/, what: "a merchant" };

async function list(values: Values): Promise<number> {
  const found = await deskCall(values).money.bankAccountChanges(pageOf(values));
  if (isSet(values, "json")) printJson(found);
  else {
    const last = found.data.at(-1)?.merchant;
    process.stdout.write(tellChanges(found.data) + more(found.has_more, last));
  }
  return 0;
}

function tellChanges(data: readonly BankAccountChange[]): string {
  if (data.length === 0) return "no changed bank account waits\n";
  const rows = data.map(({ merchant, changed_at: at, payouts_from: from, by, note }) => {
    return [merchant, minute(at), from, by, note ?? ""];
  });
  return columns([["merchant", "changed (UTC)", "payouts from", "by", "why"], ...rows]);
}

async function show(values: Values, merchant: string): Promise<number> {
  const found = await deskCall(values).money.bankAccountOf(merchant);
  if (isSet(values, "json")) printJson(found);
  else process.stdout.write(tell(found));
  return 0;
}

function tell(found: MerchantBankAccount): string {
  const { merchant, status, kind, last_four: ending, proposal } = found;
  const { return_code: code, payouts_from: from } = found;
  const shown = { none: "none was named", returned: `payouts came back: ${code}`, active: "" };
  const heads = [
    ["merchant", merchant],
    ["bank account", status === "active" ? `${kind}, ends in ${ending}` : shown[status]],
    ...(from === null ? [] : [["payouts from", `${from}: call the merchant before`]]),
  ];
  if (proposal !== null) {
    const { kind: other, last_four: end, proposed_by: by, note } = proposal;
    heads.push(["proposed", `${other}, ends in ${end}, by ${by}: ${note ?? ""}`]);
  }
  return columns(heads);
}

async function nameBankAccount(values: Values, words: readonly string[]): Promise<number> {
  const [merchant = "", routingNumber = "", kind = ""] = words;
  if (!KINDS.includes(kind)) throw new UsageError(`KIND: ${KINDS.join(" or ")}`);
  const note = noteOf(values);
  const { money } = deskCall(values);
  const given = { routingNumber, accountNumber: await accountNumber(), kind };
  const { status, bankAccount } = await money.nameBankAccount(merchant, given, note);
  if (isSet(values, "json")) printJson({ status, bank_account: bankAccount });
  else if (status === "proposed") {
    process.stdout.write("it is proposed; it counts when another person names the same\n");
  } else process.stdout.write(`it is named\n${tell(bankAccount)}`);
  return 0;
}

/** The first line of standard input. Throws UsageError where there is none. */
async function accountNumber(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write("account number: ");
  let read = "";
  for await (const piece of process.stdin) {
    read += String(piece);
    if (read.includes("\n") || read.length > LINE_BYTES_MAX) break;
  }
  const [line = ""] = read.split("\n");
  const typed = line.trim();
  if (typed === "" || line.length > LINE_BYTES_MAX) {
    throw new UsageError("type the account number on standard input");
  }
  return typed;
}
