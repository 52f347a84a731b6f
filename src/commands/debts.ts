/** `seqr debts`: what is not collected, and what people do about it. */
import { REFUND_RESOLUTIONS } from "../../actors/stopped-refund-messages.ts";
import type {
  AccountDebts,
  Debit,
  Debt,
  Fee,
  FrozenAccount,
  OwedRefund,
} from "../client/money-desk.ts";
import { type Act, atWord, type DeskWord } from "./acts.ts";
import { type Command, isSet, UsageError, type Values } from "./command.ts";
import { DESK_ACT_OPTIONS, DESK_USAGE, deskCall } from "./desk-call.ts";
import { centsOf, columns, dollars, minute, more, noteOf, pageOf, printJson } from "./listing.ts";

const RESOLUTIONS: readonly string[] = REFUND_RESOLUTIONS;
const OUTCOMES = ["merchant_pays", "lost", "won"];

export const debts: Command = {
  usage:
    "seqr debts                             accounts, the oldest matter first\n" +
    "seqr debts frozen                      accounts that law or a list has frozen\n" +
    "seqr debts ACCOUNT                     its debits, with what they came back with\n" +
    'seqr debts pay ACCOUNT AMOUNT --evidence "..."\n' +
    "                                       paid outside ACH, in dollars: 12.34; above the\n" +
    "                                       debt another person types the same\n" +
    'seqr debts retry ACCOUNT PAYMENT --note "..."\n' +
    "                                       present it again, after a new consent\n" +
    'seqr debts write-off ACCOUNT PAYMENT --note "..."\n' +
    "                                       propose to give it up; another person agrees\n" +
    'seqr debts waive-fee ACCOUNT PAYMENT --note "..."\n' +
    "                                       propose to give up its return fee; another person\n" +
    "                                       agrees\n" +
    'seqr debts pay-back ACCOUNT REFUND --evidence "..."\n' +
    "                                       a refund that no file can take was paid by hand;\n" +
    "                                       another person says so, too\n" +
    'seqr debts refund ACCOUNT REFUND RESOLUTION --note "..."\n' +
    "                                       one that came back goes out again: send_again;\n" +
    "                                       or nobody finds its owner: unclaimed; another\n" +
    "                                       person agrees\n" +
    'seqr debts dispute ACCOUNT PAYMENT OUTCOME --note "..."\n' +
    "                                       merchant_pays, lost, or won\n\n" +
    "The same amount with the same evidence is one payment, however often it is typed.\n\n" +
    "--after ID  goes on with a list behind that account\n" +
    "--json      one object on standard output, amounts in cents\n" +
    DESK_USAGE,
  options: {
    ...DESK_ACT_OPTIONS,
    evidence: { type: "string" },
  },
  wordsMax: 4,
  run: (values, words) => atWord(WORD, values, words),
};

const ACTS: Readonly<Record<string, Act>> = {
  frozen: { words: [], run: frozen },
  pay: { words: ["ACCOUNT", "AMOUNT"], run: pay },
  retry: { words: ["ACCOUNT", "PAYMENT"], run: retry },
  "write-off": { words: ["ACCOUNT", "PAYMENT"], run: writeOff },
  "pay-back": { words: ["ACCOUNT", "REFUND"], run: payBack },
  "waive-fee": { words: ["ACCOUNT", "PAYMENT"], run: waiveFee },
  refund: { words: ["ACCOUNT", "REFUND", "RESOLUTION"], run: refund },
  dispute: { words: ["ACCOUNT", "PAYMENT", "OUTCOME"], run: dispute },
};

const WORD: DeskWord = {
  ...{ list, show, acts: ACTS },
  ...{ idForm: /^acc_/, what: "an account" },
};

async function list(values: Values): Promise<number> {
  const found = await deskCall(values).money.debts(pageOf(values));
  if (isSet(values, "json")) printJson(found);
  else process.stdout.write(tellList(found.data, found.has_more));
  return 0;
}

function tellList(data: readonly Debt[], hasMore: boolean): string {
  if (data.length === 0) return "everything is collected, or on its way\n";
  const head = [
    "account",
    "since (UTC)",
    "returned",
    "disputed",
    "again",
    "fees",
    "stuck",
    "refunds",
    "",
  ];
  const rows = data.map(({ account, since, ...debt }) => [
    ...[account, minute(since), dollars(debt.returned), dollars(debt.disputed)],
    ...[dollars(debt.presented_again), dollars(debt.fees), dollars(debt.due)],
    ...[dollars(debt.stuck_refunds), whyStuck(debt)],
  ]);
  const text = columns([head, ...rows], new Set([2, 3, 4, 5, 6, 7]));
  return text + more(hasMore, data.at(-1)?.account);
}

function whyStuck(debt: Pick<Debt, "bank_account_rejected" | "mandate_ended">): string {
  const { bank_account_rejected: bank, mandate_ended: mandate } = debt;
  const why = [
    ...(bank === null ? [] : [`bank account: ${bank.code} ${bank.meaning}`]),
    ...(mandate === null ? [] : [`mandate: ${mandate.code} ${mandate.meaning}`]),
  ];
  return why.join(", ");
}

async function frozen(values: Values): Promise<number> {
  const found = await deskCall(values).money.frozen(pageOf(values));
  if (isSet(values, "json")) printJson(found);
  else process.stdout.write(tellFrozen(found.data, found.has_more));
  return 0;
}

function tellFrozen(data: readonly FrozenAccount[], hasMore: boolean): string {
  if (data.length === 0) return "no account is frozen\n";
  const rows = data.map(({ account, since, note }) => [account, minute(since), note]);
  return (
    columns([["account", "since (UTC)", "why"], ...rows]) + more(hasMore, data.at(-1)?.account)
  );
}

async function show(values: Values, account: string): Promise<number> {
  const found = await deskCall(values).money.debtsOf(account);
  if (isSet(values, "json")) printJson(found);
  else process.stdout.write(tellAccount(found));
  return 0;
}

function tellAccount(found: AccountDebts): string {
  const { block_reasons: blocks, bank_account: bank, mandate_ended: hasEnded } = found;
  const fees = found.fees.amount === 0 ? "" : `, of that fees ${dollars(found.fees)}`;
  const heads = [
    ["account", found.account],
    ["blocked for", blocks.length === 0 ? "nothing" : blocks.join(", ")],
    ["owed", dollars(found.owed) + fees],
    ["bank account", BANK_ACCOUNT[bank]],
    ...(hasEnded ? [["mandate", "ended: nothing is debited any more"]] : []),
  ];
  for (const { account, status, owed, disputed } of found.same_phone) {
    const debt = `owed ${dollars(owed)}, disputed ${dollars(disputed)}`;
    heads.push(["same phone", `${account}, ${status}, ${debt}`]);
  }
  const { payment_proposed: proposed } = found;
  if (proposed !== null) {
    const { amount, evidence, proposed_by: by } = proposed;
    heads.push(["payment proposed", `${dollars(amount)} by ${by}: ${evidence}`]);
  }
  const lost = found.given_up.map(({ payment, merchant, amount, borne_by: by }) => {
    return `${payment}  ${merchant}  ${dollars(amount)}  given up, borne by ${WHO_BEARS[by]}\n`;
  });
  const debts = [
    ...[...found.debits.map(tellDebit), ...found.return_fees.map(tellFee)],
    ...[...found.refunds.map(tellRefund), ...lost],
  ];
  return `${columns(heads)}\n${debts.join("")}`;
}

const BANK_ACCOUNT = {
  not_asked_about: "the bank has not been asked about it",
  prenote_sent: "a prenote was sent",
  rejected: "rejected: the customer must register another",
} as const;

const WHO_BEARS = {
  bad_debt: "us",
  unauthorised: "us (not authorised)",
  merchant: "the merchant",
} as const;

function tellDebit(debit: Debit): string {
  const { payment, merchant, amount, stage, attempt, file, write_off_proposed_by: by } = debit;
  const where = file === null ? stage : `${stage}, attempt ${attempt} in ${file}`;
  const again = debit.retry_from === null ? "" : `, again from ${debit.retry_from}`;
  const lines = [
    `${payment}  ${merchant}  ${dollars(amount)}  ${where}${again}`,
    ...debit.returns.map(({ code, meaning, file: of, trace, returned_at: at }) => {
      const place = of === null ? "" : ` in ${of}`;
      return `    ${minute(at)}  ${code} ${meaning}, trace ${trace}${place}`;
    }),
    ...(by === null ? [] : [`    write-off proposed by ${by}`]),
  ];
  return `${lines.join("\n")}\n`;
}

function tellFee({ payment, amount, stage, file, debit_by: by, ...fee }: Fee): string {
  const owed = by === null ? "owed, by hand only" : `owed, by hand or by a debit until ${by}`;
  const where = file === null ? owed : `${stage} in ${file}`;
  const { waiver_proposed_by: proposed } = fee;
  const waiver = proposed === null ? "" : `    waiver proposed by ${proposed}\n`;
  return `${payment}  return fee ${dollars(amount)}  ${where}\n${waiver}`;
}

function tellRefund({ refund: id, amount, stage, is_stuck, ...found }: OwedRefund): string {
  const { by_hand_proposed_by: by, wrong_receiver, proposal } = found;
  const whose = wrong_receiver ? "to a wrong receiver" : "to the customer";
  const where = is_stuck ? `${stage}: no file takes it, seqr debts pay-back` : stage;
  const proposed = [
    ...(by === null ? [] : [`    payment by hand proposed by ${by}\n`]),
    ...(proposal === null
      ? []
      : [`    ${proposal.resolution} proposed by ${proposal.proposed_by}\n`]),
  ];
  return `${id}  ${whose} ${dollars(amount)}  ${where}\n${proposed.join("")}`;
}

async function pay(values: Values, [account = "", amount = ""]: readonly string[]) {
  const evidence = noteOf(values, "evidence");
  const amountCents = centsOf(amount);
  const { money } = deskCall(values);
  const { owed, status, isRepeat } = await money.recordPayment(account, amountCents, evidence);
  if (isSet(values, "json")) printJson({ account, status, owed, repeated: isRepeat });
  else process.stdout.write(`the payment ${tellPaid(status, isRepeat)}: ${dollars(owed)}\n`);
  return 0;
}

function tellPaid(status: "recorded" | "proposed", isRepeat: boolean): string {
  if (status === "proposed") {
    return "is more than is owed; another person records it with the same command. Owed until then";
  }
  if (isRepeat) return "was recorded before, and is not recorded again; still owed";
  return "is recorded; still owed";
}

async function retry(values: Values, [account = "", payment = ""]: readonly string[]) {
  await deskCall(values).money.allowRetry(account, payment, noteOf(values));
  done(values, { payment, status: "to_be_presented" }, "it is presented again in the next file");
  return 0;
}

async function writeOff(values: Values, [account = "", payment = ""]: readonly string[]) {
  const status = await deskCall(values).money.writeOff(account, payment, noteOf(values));
  const told =
    status === "proposed"
      ? "the write-off is proposed; another person agrees with the same command"
      : "it is written off";
  done(values, { payment, status }, told);
  return 0;
}

async function waiveFee(values: Values, [account = "", payment = ""]: readonly string[]) {
  const status = await deskCall(values).money.waiveFee(account, payment, noteOf(values));
  const told =
    status === "proposed"
      ? "the waiver is proposed; another person agrees with the same command"
      : "the fee is waived";
  done(values, { payment, status }, told);
  return 0;
}

async function payBack(values: Values, [account = "", refund = ""]: readonly string[]) {
  const evidence = noteOf(values, "evidence");
  const status = await deskCall(values).money.payRefund(account, refund, evidence);
  const told =
    status === "proposed"
      ? "the payment is proposed; another person agrees with the same command"
      : "it is paid by hand";
  done(values, { refund, status }, told);
  return 0;
}

async function refund(values: Values, words: readonly string[]) {
  const [account = "", id = "", resolution = ""] = words;
  if (!RESOLUTIONS.includes(resolution)) {
    throw new UsageError(`RESOLUTION: ${RESOLUTIONS.join(", ")}`);
  }
  const { money } = deskCall(values);
  const status = await money.resolveRefund(account, id, resolution, noteOf(values));
  const told =
    status === "proposed"
      ? "it is proposed; another person agrees with the same command"
      : `it is resolved: ${resolution}`;
  done(values, { refund: id, resolution, status }, told);
  return 0;
}

async function dispute(values: Values, words: readonly string[]) {
  const [account = "", payment = "", outcome = ""] = words;
  if (!OUTCOMES.includes(outcome)) throw new UsageError(`OUTCOME: ${OUTCOMES.join(", ")}`);
  await deskCall(values).money.decideDispute(account, payment, outcome, noteOf(values));
  done(values, { payment, outcome }, `the dispute is decided: ${outcome}`);
  return 0;
}

function done(values: Values, body: object, text: string): void {
  if (isSet(values, "json")) printJson(body);
  else process.stdout.write(`${text}\n`);
}
