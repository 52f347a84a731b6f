/**
 * What the sealed bytes of an exception show to a person: which records they are, codes, amounts,
 * and of numbers the last four. Bank accounts, names and whatever cannot be read stay sealed.
 */
import { type Cents, cents } from "../../actors/money.ts";
import type { EntryItem } from "../rails/ach/items.ts";
import { scanAch } from "../rails/ach/reader.ts";
import type { CollectionParts } from "./parts.ts";

export interface ShownRecord {
  readonly kind: "entry" | "return" | "correction" | "unreadable";
  /** Of an entry: kind of bank account and direction, in two digits. */
  readonly transactionCode: string | null;
  /** Return or change code. */
  readonly code: string | null;
  readonly amountCents: Cents | null;
  /** The last four of each, and of short ones nothing. */
  readonly accountLastFour: string | null;
  readonly traceLastFour: string | null;
  /** How many bytes it has. */
  readonly bytes: number;
}

/** Records that are shown; of more, a person wants the whole file. */
const SHOWN_MAX = 20;
const SHOWN_DIGITS = 4;
const DIGITS = /^[0-9]+$/;
const [ENTRY, ADDENDA] = ["6", "7"];
/** Columns 4 to 6 of an addenda record, in what a text is cut by. */
const CODE_PLACE = [3, 6] as const;
const CODE_FORM = /^[RC][0-9]{2}$/;
const TRANSACTION_FORM = /^[0-9]{2}$/;

/** Empty where nothing was sealed, or it is destroyed. */
export async function showException(
  { files }: Pick<CollectionParts, "files">,
  inbound: string,
  sealed: string,
): Promise<readonly ShownRecord[]> {
  const [hash = ""] = inbound.split("/");
  const bytes = files.open(hash, sealed);
  if (bytes === undefined) return [];
  const text = Buffer.from(bytes).toString("latin1");
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  return await Promise.all(lines.slice(0, SHOWN_MAX).map(recordOf));
}

const NOTHING = {
  ...{ transactionCode: null, code: null, amountCents: null },
  ...{ accountLastFour: null, traceLastFour: null },
};

/** Each line for itself: what is wrong with it is mostly what stands around it. */
async function recordOf(line: string): Promise<ShownRecord> {
  const bytes = line.length;
  if (line.startsWith(ADDENDA)) {
    const code = line.slice(...CODE_PLACE);
    if (CODE_FORM.test(code)) {
      const kind = code.startsWith("R") ? "return" : "correction";
      return { ...NOTHING, kind, code, bytes };
    }
  }
  if (line.startsWith(ENTRY)) {
    for await (const item of scanAch([Buffer.from(line, "latin1")])) {
      if (item.kind === "entry") return { ...NOTHING, kind: "entry", ...shown(item), bytes };
    }
  }
  return { ...NOTHING, kind: "unreadable", bytes };
}

function shown({ entry }: EntryItem): Partial<ShownRecord> {
  const { transactionCode = "", amountCents, accountNumber, traceNumber } = entry;
  return {
    transactionCode: TRANSACTION_FORM.test(transactionCode) ? transactionCode : null,
    amountCents: amountCents === undefined ? null : cents(amountCents),
    accountLastFour: lastFour(accountNumber?.expose()),
    traceLastFour: lastFour(traceNumber),
  };
}

/** Nothing of four digits or fewer, nor of what has letters: it may be a part of a name. */
function lastFour(number = ""): string | null {
  const end = number.slice(-SHOWN_DIGITS);
  return number.length > SHOWN_DIGITS && DIGITS.test(end) ? end : null;
}
