/** `seqr exceptions`: what of the bank's words waits for a person, and how people clear it up. */
import type { Exception, HowResolved, ShownRecord } from "../client/money-desk.ts";
import { type Act, atWord, type DeskWord } from "./acts.ts";
import { type Command, isSet, textOf, UsageError, type Values } from "./command.ts";
import { DESK_ACT_OPTIONS, DESK_USAGE, deskCall } from "./desk-call.ts";
import { columns, dollars, minute, more, noteOf, pageOf, printJson } from "./listing.ts";

export const exceptions: Command = {
  usage:
    "seqr exceptions                          the oldest first\n" +
    "seqr exceptions ID                       one of them, and what its bytes show\n" +
    'seqr exceptions noted ID --note "..."    no money moved, and you have looked\n' +
    'seqr exceptions back ID --note "..."     the bank takes its money back, or gives it back\n' +
    'seqr exceptions apply ID FILE TRACE [--code R01] --note "..."\n' +
    "                                         it is a return of that entry after all\n" +
    'seqr exceptions give-up ID --note "..."  propose to give the money up; another agrees\n\n' +
    "What is of a file of ours is cleared up with seqr files.\n\n" +
    "--code R01  the code to treat it by, where it has none that is known\n" +
    "--after ID  goes on with the list behind that one\n" +
    "--json      one object on standard output, amounts in cents\n" +
    DESK_USAGE,
  options: {
    ...DESK_ACT_OPTIONS,
    code: { type: "string" },
  },
  wordsMax: 4,
  run: (values, words) => atWord(WORD, values, words),
};

const ACTS: Readonly<Record<string, Act>> = {
  noted: { words: ["ID"], run: resolveBy("noted") },
  back: { words: ["ID"], run: resolveBy("back_to_bank") },
  apply: { words: ["ID", "FILE", "TRACE"], run: apply },
  "give-up": { words: ["ID"], run: resolveBy("written_off") },
};

const WORD: DeskWord = { list, show, acts: ACTS, idForm: /^exc_/, what: "an exception" };

async function list(values: Values): Promise<number> {
  const found = await deskCall(values).money.exceptions(pageOf(values));
  if (isSet(values, "json")) printJson(found);
  else process.stdout.write(tellList(found.data) + more(found.has_more, found.data.at(-1)?.id));
  return 0;
}

function tellList(data: readonly Exception[]): string {
  if (data.length === 0) return "nothing waits for anybody\n";
  const head = ["id", "since (UTC)", "reason", "money", "about"];
  const rows = data.map((one) => {
    return [one.id, minute(one.since), one.reason, moneyOf(one), aboutOf(one)];
  });
  return columns([head, ...rows]);
}

function moneyOf({ taken_by_bank: taken, given_by_bank: given }: Exception): string {
  if (taken.amount > 0) return `${dollars(taken)} taken`;
  return given.amount > 0 ? `${dollars(given)} given` : "none";
}

function aboutOf({ file, received, line, give_up_proposed_by: by }: Exception): string {
  const proposed = by === null ? "" : `; to be given up, says ${by}`;
  if (file !== null) return file;
  if (received === null) return `line ${line}${proposed}`;
  const { code, original_trace: trace } = received;
  return `${code ?? "a code that cannot be read"} of trace ${trace}${proposed}`;
}

async function show(values: Values, id: string): Promise<number> {
  const found = await deskCall(values).money.exception(id);
  if (isSet(values, "json")) printJson(found);
  else process.stdout.write(tellOne(found, found.shows));
  return 0;
}

function tellOne(one: Exception, shows: readonly ShownRecord[]): string {
  const { received, inbound, give_up_proposed_by: by } = one;
  const heads = [
    ["exception", `${one.id}, since ${minute(one.since)} UTC`],
    ["reason", one.reason],
    ["money", moneyOf(one)],
    ...(one.file === null ? [] : [["file", one.file]]),
    ...(inbound === null ? [] : [["inbound", `line ${one.line} of ${inbound}`]]),
    ...(received === null ? [] : [["return", returnText(received)]]),
    ...(by === null ? [] : [["to be given up", `says ${by}; another person agrees`]]),
    ["cleared up at", one.resolve_at],
  ];
  const records = shows.map(({ kind, code, amount, bytes, ...record }) => [
    kind,
    code ?? record.transaction_code ?? "",
    amount === null ? "" : dollars(amount),
    record.account_last_four === null ? "" : `account ****${record.account_last_four}`,
    `${bytes} bytes`,
  ]);
  return columns(heads) + (records.length === 0 ? "" : `\n${columns(records)}`);
}

function returnText(received: NonNullable<Exception["received"]>): string {
  const { code, meaning, original_trace: trace, booked_on: day } = received;
  const what = `${code ?? "a code that cannot be read"}${meaning === null ? "" : ` ${meaning}`}`;
  return `${what}, of trace ${trace}, booked on ${day}`;
}

function resolveBy(resolution: string): Act["run"] {
  return (values, [id = ""]) => resolve(values, id, { resolution, note: noteOf(values) });
}

async function apply(values: Values, [id = "", file = "", text = ""]: readonly string[]) {
  if (!/^[0-9]{1,7}$/.test(text)) throw new UsageError("TRACE is the last seven digits of a trace");
  const code = textOf(values, "code");
  return await resolve(values, id, {
    ...{ resolution: "applied", note: noteOf(values), entry: { file, trace: Number(text) } },
    ...(code === undefined ? {} : { code }),
  });
}

async function resolve(values: Values, id: string, how: HowResolved): Promise<number> {
  const resolved = await deskCall(values).money.resolveException(id, how);
  const { status, left } = resolved;
  const told = {
    resolved: "it is cleared up",
    proposed: "it is proposed; another person agrees with the same command",
    open: `${dollars(left)} of it are still open`,
  }[status];
  if (isSet(values, "json")) printJson(resolved);
  else process.stdout.write(`${told}\n`);
  return 0;
}
