/** `seqr files`: files for the bank, and what people say of them. */
import { REVERSAL_REASONS } from "../../actors/reversal-messages.ts";
import type { AchFile, DeskReversal, MovedByBank } from "../client/money-desk.ts";
import { type Act, atWord, type DeskWord } from "./acts.ts";
import { type Command, isSet, textOf, UsageError, type Values } from "./command.ts";
import { DESK_ACT_OPTIONS, DESK_USAGE, deskCall } from "./desk-call.ts";
import {
  centsOf,
  columns,
  counted,
  dollars,
  minute,
  more,
  noteOf,
  pageOf,
  printJson,
} from "./listing.ts";

const OUTCOMES = ["accepted", "rejected"];
const REASONS: readonly string[] = REVERSAL_REASONS;
const ANOTHER = "another person agrees with the same command";

export const files: Command = {
  usage:
    "seqr files                              the newest first\n" +
    "seqr files reversals                    debits that were our mistake, and how far the\n" +
    "                                        money is\n" +
    "seqr files ID                           one of them, with every step of its life\n" +
    'seqr files hand-over ID --note "..."    one that was built and not handed over\n' +
    'seqr files acknowledge ID OUTCOME --note "..."\n' +
    "                                        what the bank said of it: accepted, or rejected;\n" +
    "                                        rejected puts its entries into the next file,\n" +
    "                                        and another person types the same\n" +
    'seqr files contradiction ID OUTCOME --note "..."\n' +
    "                                        what the bank meant when it said both\n" +
    'seqr files settle ID DEBITS CREDITS --note "..."\n' +
    "                                        what the bank moved, in dollars: 12.34 0.00; where\n" +
    "                                        neither the file nor a statement of the bank says\n" +
    "                                        so, another person types the same\n" +
    'seqr files reverse ID REASON --note "..." [--trace N]\n' +
    "                                        our mistake: all its debits, or one, go back to\n" +
    "                                        customers: duplicate, wrong_receiver, wrong_amount\n" +
    "                                        or wrong_date, and another person types the same\n\n" +
    "--trace N   the last seven digits of an entry's trace number\n" +
    "--after ID  goes on with the list behind that file, or refund\n" +
    "--json      one object on standard output, amounts in cents\n" +
    DESK_USAGE,
  options: {
    ...DESK_ACT_OPTIONS,
    trace: { type: "string" },
  },
  wordsMax: 4,
  run: (values, words) => atWord(WORD, values, words),
};

const ACTS: Readonly<Record<string, Act>> = {
  "hand-over": { words: ["ID"], run: handOver },
  acknowledge: { words: ["ID", "OUTCOME"], run: acknowledge },
  contradiction: { words: ["ID", "OUTCOME"], run: contradiction },
  settle: { words: ["ID", "DEBITS", "CREDITS"], run: settle },
  reversals: { words: [], run: listReversals },
  reverse: { words: ["ID", "REASON"], run: reverse },
};

const WORD: DeskWord = { list, show, acts: ACTS, idForm: /^ach_/, what: "a file" };

async function list(values: Values): Promise<number> {
  const found = await deskCall(values).money.files(pageOf(values));
  if (isSet(values, "json")) printJson(found);
  else process.stdout.write(tellList(found.data) + more(found.has_more, found.data.at(-1)?.id));
  return 0;
}

function tellList(data: readonly AchFile[]): string {
  if (data.length === 0) return "no file was made yet\n";
  const head = ["file", "stage", "effective", "entries", "debits", "credits", "returned", ""];
  const rows = data.map(({ id, stage, totals, returned, ...file }) => [
    ...[id, stage, file.effective_on, String(totals?.entries ?? "-")],
    ...(totals === null ? ["-", "-"] : [dollars(totals.debits), dollars(totals.credits)]),
    ...[String(returned.entries), odd(file)],
  ]);
  return columns([head, ...rows], new Set([3, 4, 5, 6]));
}

/** What a person must do something about. */
function odd(
  file: Pick<
    AchFile,
    "contradiction" | "differing" | "rejection_proposed_by" | "settlement_proposed" | "unexplained"
  >,
): string {
  if (file.settlement_proposed !== null) return "SETTLEMENT PROPOSED";
  if (file.rejection_proposed_by !== null) return "REJECTION PROPOSED";
  if (file.contradiction !== null) return "CONTRADICTED";
  if (file.differing !== null) return "STATEMENT DIFFERS";
  return file.unexplained.amount === 0 ? "" : `UNEXPLAINED ${dollars(file.unexplained)}`;
}

async function listReversals(values: Values): Promise<number> {
  const found = await deskCall(values).money.reversals(pageOf(values));
  const last = found.data.at(-1)?.refund;
  if (isSet(values, "json")) printJson(found);
  else process.stdout.write(tellReversals(found.data) + more(found.has_more, last));
  return 0;
}

const REVERSAL_IS: Readonly<Record<DeskReversal["status"], string>> = {
  waiting: "for the next file",
  filed: "in a file",
  paid: "paid",
  returned: "CAME BACK: THE DEBIT STANDS",
  not_sent: "NOT SENT IN TIME: THE DEBIT STANDS",
};

function tellReversals(data: readonly DeskReversal[]): string {
  if (data.length === 0) return "no debit was reversed\n";
  const rows = data.map(({ refund, decided_at: at, account, payment, amount, reason, status }) => {
    return [refund, minute(at), account, payment, dollars(amount), reason, REVERSAL_IS[status]];
  });
  const head = ["refund", "decided (UTC)", "account", "payment", "amount", "reason", ""];
  return columns([head, ...rows], new Set([4]));
}

async function show(values: Values, id: string): Promise<number> {
  const file = await deskCall(values).money.file(id);
  if (isSet(values, "json")) printJson(file);
  else process.stdout.write(tellFile(file));
  return 0;
}

function tellFile(file: AchFile): string {
  const { totals, returned, stated, differing, contradiction, sha256 } = file;
  const { rejection_proposed_by: by, settlement_proposed: proposed } = file;
  const sides = ({ debits, credits }: MovedByBank): string => {
    return `debits ${dollars(debits)}, credits ${dollars(credits)}`;
  };
  const entries = (some: NonNullable<typeof totals>): string => {
    return `${counted(some.entries, "entry", "entries")}, ${sides(some)}`;
  };
  const dates = `${file.effective_on}, ordinary returns until ${file.window_on}`;
  const heads = [
    ["file", `${file.id}, ${file.stage}`],
    ["effective", dates],
    ["sent", totals === null ? "nothing" : entries(totals)],
    ["came back", returned.entries === 0 ? "nothing" : entries(returned)],
    ...(stated === null ? [] : [["the bank says", sides(stated)]]),
    ...(differing === null ? [] : [["DIFFERS", `the statement says ${sides(differing)}`]]),
    ...(contradiction === null ? [] : [["CONTRADICTED", `said to be ${contradiction}, too`]]),
    ...(by === null ? [] : [["REJECTED?", `says ${by}; another person must say the same`]]),
    ...(proposed === null
      ? []
      : [["SETTLED?", `${sides(proposed)}, says ${proposed.proposed_by}; ${ANOTHER}`]]),
    ...(file.unexplained.amount === 0 ? [] : [["UNEXPLAINED", dollars(file.unexplained)]]),
    ...(sha256 === null ? [] : [["sha256", sha256]]),
  ];
  const steps = file.steps.map(({ at, event, principal, note }) => {
    return [minute(at), event, principal, note ?? ""];
  });
  return `${columns(heads)}\n${columns(steps)}`;
}

async function handOver(values: Values, [id = ""]: readonly string[]): Promise<number> {
  const run = await deskCall(values).money.handOver(id, noteOf(values));
  if (isSet(values, "json")) printJson(run);
  else process.stdout.write(`${id} is handed over; what became of it: seqr files ${id}\n`);
  return 0;
}

function outcomeOf(text: string): string {
  if (!OUTCOMES.includes(text)) throw new UsageError(`OUTCOME: ${OUTCOMES.join(", ")}`);
  return text;
}

async function acknowledge(values: Values, [id = "", text = ""]: readonly string[]) {
  const outcome = outcomeOf(text);
  const status = await deskCall(values).money.acknowledge(id, outcome, noteOf(values));
  const told = status === "proposed" ? `is said to be ${outcome}; ${ANOTHER}` : `is ${outcome}`;
  return done(values, { file: id, outcome, status }, `${id} ${told}`);
}

async function contradiction(values: Values, [id = "", text = ""]: readonly string[]) {
  const outcome = outcomeOf(text);
  const status = await deskCall(values).money.resolveContradiction(id, outcome, noteOf(values));
  const told = status === "proposed" ? `is said to be ${outcome}; ${ANOTHER}` : `was ${outcome}`;
  return done(values, { file: id, outcome, status }, `${id} ${told}`);
}

async function settle(values: Values, [id = "", debits = "", credits = ""]: readonly string[]) {
  const moved = { debitCents: centsOf(debits), creditCents: centsOf(credits) };
  const { money } = deskCall(values);
  const status = await money.settle(id, moved, noteOf(values));
  if (status === "proposed") {
    return done(values, { file: id, status }, `${id} is to be settled so; ${ANOTHER}`);
  }
  const { unexplained } = await money.file(id);
  const rest = unexplained.amount === 0 ? "" : `; unexplained: ${dollars(unexplained)}`;
  return done(values, { file: id, status, unexplained }, `${id} is settled${rest}`);
}

async function reverse(values: Values, [id = "", reason = ""]: readonly string[]) {
  if (!REASONS.includes(reason)) throw new UsageError(`REASON: ${REASONS.join(", ")}`);
  const { money } = deskCall(values);
  const note = noteOf(values);
  const trace = textOf(values, "trace");
  if (trace !== undefined) {
    if (!/^\d{1,7}$/.test(trace)) throw new UsageError("--trace: at most seven digits");
    const status = await money.reverseEntry(id, trace, reason, note);
    const told = status === "proposed" ? `is to be reversed; ${ANOTHER}` : "is reversed";
    return done(values, { file: id, trace, reason, status }, `entry ${trace} of ${id} ${told}`);
  }
  const { reversed, proposed, refused } = await money.reverseFile(id, reason, note);
  const left = refused.map(({ code, entries }) => `; ${code}: ${entries}`);
  const more = proposed === 0 ? "" : `; ${proposed} proposed: ${ANOTHER}`;
  const many = counted(reversed, "debit is", "debits are");
  const told = `${id}: ${many} reversed${more}${left.join("")}`;
  return done(values, { file: id, reason, reversed, proposed, refused }, told);
}

function done(values: Values, body: object, text: string): number {
  if (isSet(values, "json")) printJson(body);
  else process.stdout.write(`${text}\n`);
  return 0;
}
