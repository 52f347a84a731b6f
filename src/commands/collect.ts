/** `seqr collect`: a file of everything that is due, now, and how far it has come meanwhile. */
import { progress } from "../../bench/output.ts";
import type { MoneyDesk, RunProgress } from "../client/money-desk.ts";
import { type Command, isSet } from "./command.ts";
import { atTheDesk, DESK_OPTIONS, DESK_USAGE, deskCall } from "./desk-call.ts";
import { counted, dollars, noteOf, printJson } from "./listing.ts";

const LOOK_MS = 250;
const BAR_COLUMNS = 30;

export const collect: Command = {
  usage:
    'seqr collect --note "..." [--json]\n\n' +
    "A cut-off out of turn: everybody who owes or is owed something is asked, the file is\n" +
    "written, checked and handed over. Meanwhile it tells how far it has come: as a bar in a\n" +
    "terminal, line by line elsewhere, on standard error. Exit code 1: the bank did not take\n" +
    "it, or nobody knows; seqr files tells more.\n\n" +
    "--json      one object on standard output, amounts in cents\n" +
    DESK_USAGE,
  options: { ...DESK_OPTIONS, json: { type: "boolean" }, note: { type: "string" } },
  run(values) {
    const note = noteOf(values);
    const { money } = deskCall(values);
    return atTheDesk(async () => {
      const watch = new Watch(money, isSet(values, "json"));
      const run = await watch.during(money.cutOff(note));
      const file = run.file === null ? undefined : await money.file(run.file);
      if (isSet(values, "json")) printJson({ run, file: file ?? null });
      else if (file === undefined) process.stdout.write(`the run is ${run.status}\n`);
      else {
        const { id, stage, totals } = file;
        const told =
          totals === null
            ? "nothing was due"
            : `${counted(totals.entries, "entry", "entries")}, debits ${dollars(totals.debits)}, ` +
              `credits ${dollars(totals.credits)}`;
        process.stdout.write(`${id}  ${stage}: ${told}\n`);
      }
      return file !== undefined && TAKEN.has(file.stage) ? 0 : 1;
    });
  },
};

/** By the bank, or where nothing was to be taken. */
const TAKEN: ReadonlySet<string> = new Set(["acknowledged", "settled", "closed", "empty"]);

/** Looks at the run that is under way, until the call is answered. */
class Watch {
  readonly #isTerminal = process.stderr.isTTY === true;
  #told = "";

  constructor(
    private readonly money: MoneyDesk,
    private readonly isQuiet: boolean,
  ) {}

  async during<Answer>(call: Promise<Answer>): Promise<Answer> {
    let isOver = false;
    const answered = call.finally(() => {
      isOver = true;
    });
    const looking = this.#look(() => isOver);
    try {
      return await answered;
    } finally {
      await looking;
      if (this.#isTerminal) progress("");
    }
  }

  async #look(isOver: () => boolean): Promise<void> {
    while (!this.isQuiet && !isOver()) {
      // What cannot be looked at is no reason to end: the call itself tells.
      const now = await this.money.collection().then(
        (found) => found.progress,
        () => null,
      );
      if (now !== null && !isOver()) this.#tell(now);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  #tell(now: RunProgress): void {
    const line = lineOf(now);
    if (this.#isTerminal) progress(barOf(now));
    else if (line !== this.#told) process.stderr.write(`${line}\n`);
    this.#told = line;
  }
}

function lineOf({ step, owners_asked: asked, owners_total: total, ...now }: RunProgress): string {
  switch (step) {
    case "asking_owners":
      return total === 0 ? "asking who owes something" : `asked ${asked} of ${total}`;
    case "writing":
      return `writing, ${now.entries_written} entries`;
    case "checking":
      return `checking ${now.bytes} bytes`;
    case "handing_over":
      return `handing over ${now.bytes} bytes`;
    default:
      return step.replaceAll("_", " ");
  }
}

function barOf(now: RunProgress): string {
  const { owners_asked: asked, owners_total: total } = now;
  const share = total === 0 ? 0 : asked / total;
  const bar = "#".repeat(Math.floor(share * BAR_COLUMNS)).padEnd(BAR_COLUMNS);
  return `[${bar}] ${lineOf(now)}`;
}
