/** `seqr inbound`: what comes from the bank, taken in out of turn or imported as a file. */
import { readFileSync } from "node:fs";
import type { InboundFile } from "../client/money-desk.ts";
import { type Act, atWord, type DeskWord } from "./acts.ts";
import { type Command, isSet, type Values } from "./command.ts";
import { DESK_ACT_OPTIONS, DESK_USAGE, deskCall } from "./desk-call.ts";
import { columns, counted, minute, more, noteOf, pageOf, printJson } from "./listing.ts";
import { statNamed } from "./named-file.ts";

/** As the switch has it: INBOUND_BYTES_MAX. */
const BYTES_MAX = 16 * 1024 * 1024;

export const inbound: Command = {
  usage:
    "seqr inbound                            the newest first\n" +
    "seqr inbound ID                         what became of one piece\n" +
    'seqr inbound take --note "..."          takes in what the bank has, now\n' +
    'seqr inbound import FILE --note "..."   a file of returns that came another way: typed by\n' +
    "                                        two people; the same file again changes nothing\n\n" +
    "What nobody could act on waits for you: seqr exceptions.\n\n" +
    "--after ID  goes on with the list behind that piece\n" +
    "--json      one object on standard output\n" +
    DESK_USAGE,
  options: {
    ...DESK_ACT_OPTIONS,
  },
  wordsMax: 2,
  run: (values, words) => atWord(WORD, values, words),
};

const ACTS: Readonly<Record<string, Act>> = {
  take: { words: [], run: take },
  import: { words: ["FILE"], run: importFile },
};

const WORD: DeskWord = { list, show, acts: ACTS, idForm: /^[0-9a-f]{64}$/, what: "a piece" };

async function list(values: Values): Promise<number> {
  const found = await deskCall(values).money.inbound(pageOf(values));
  if (isSet(values, "json")) printJson(found);
  else process.stdout.write(tellList(found.data) + more(found.has_more, found.data.at(-1)?.id));
  return 0;
}

function tellList(data: readonly InboundFile[]): string {
  if (data.length === 0) return "nothing came yet\n";
  const head = ["came (UTC)", "bytes", "applied", "known", "exceptions", "status", "id"];
  const rows = data.map(({ received_at: at, bytes, applied, known, exceptions, status, id }) => [
    ...[minute(at), String(bytes), String(applied), String(known), String(exceptions), status],
    id,
  ]);
  return columns([head, ...rows], new Set([1, 2, 3, 4]));
}

async function show(values: Values, id: string): Promise<number> {
  return tell(values, await deskCall(values).money.inboundFile(id));
}

function tell(values: Values, file: InboundFile): number {
  if (isSet(values, "json")) printJson(file);
  else {
    const { applied, known, exceptions, status, bytes } = file;
    const left = exceptions === 0 ? "" : "; what waits for a person: seqr exceptions";
    process.stdout.write(
      `${bytes} bytes, ${status}: ${applied} applied, ${known} known before, ` +
        `${counted(exceptions, "exception", "exceptions")}${left}\n${file.id}\n`,
    );
  }
  return 0;
}

async function take(values: Values): Promise<number> {
  const run = await deskCall(values).money.takeIn(noteOf(values));
  if (isSet(values, "json")) printJson(run);
  else process.stdout.write("what the bank had is taken in: seqr inbound\n");
  return 0;
}

async function importFile(values: Values, [path = ""]: readonly string[]): Promise<number> {
  const note = noteOf(values);
  const told = await deskCall(values).money.importFile(bytesOf(path), note);
  if (told.status !== "proposed") return tell(values, told);
  if (isSet(values, "json")) printJson(told);
  else process.stdout.write(`proposed: another person imports the same file\n${told.id}\n`);
  return 0;
}

function bytesOf(path: string): Uint8Array {
  const found = statNamed(path);
  if (!found.isFile()) throw new Error(`${path} cannot be read: it is no file`);
  if (found.size > BYTES_MAX) throw new Error(`${path} has more than 16 MiB: split it`);
  return new Uint8Array(readFileSync(path));
}
