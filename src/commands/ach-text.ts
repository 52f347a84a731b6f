/**
 * What a reader found, for people or for programs. A bank account is shown by its last four,
 * digits in free text likewise, and names not at all: a listing is passed on sooner than a file.
 */
import { type Cents, formatCents } from "../../actors/money.ts";
import type { AchFault } from "../rails/ach/fault.ts";
import type {
  AchItem,
  AchSummary,
  BatchHeaderItem,
  CorrectionItem,
  EntryItem,
  ReturnItem,
} from "../rails/ach/items.ts";
import type { Totals } from "../rails/ach/totals.ts";
import { Secret } from "../vault/secret.ts";
import { counted } from "./listing.ts";

export class AchText {
  #items = 0;

  constructor(private readonly json: boolean) {}

  head(file: string): string {
    return this.json ? `{"file":${JSON.stringify(file)},"items":[` : "";
  }

  item(item: AchItem): string {
    if (!this.json) return `${tell(item)}\n`;
    return `${this.#items++ === 0 ? "" : ","}\n${JSON.stringify(shown(item))}`;
  }

  tail(summary: AchSummary): string {
    const whole = summary.faults + summary.exceptions === 0;
    if (this.json) return `\n],"summary":${JSON.stringify(summary)},"whole":${whole}}\n`;
    const { lines, batches, entries, returns, corrections, exceptions, faults } = summary;
    const told = [
      counted(lines, "line", "lines"),
      counted(batches, "batch", "batches"),
      counted(entries, "entry", "entries"),
      counted(returns, "return", "returns"),
      counted(corrections, "correction", "corrections"),
      counted(exceptions, "exception", "exceptions"),
      counted(faults, "fault", "faults"),
    ];
    const verdict = whole ? "the file is whole" : "NOT WHOLE: see FAULT and EXCEPTION above";
    return `\n${told.join(", ")}\n${sums(summary.totals)}\n${verdict}\n`;
  }
}

/** An item as a program gets it: without the header of its batch, which went before. */
function shown(item: AchItem): object {
  if (!("entry" in item)) {
    const { bytes: _, ...rest } = { bytes: undefined, ...item };
    return rest;
  }
  const { batch: _, entry, ...rest } = item;
  const account = entry?.accountNumber;
  const masked =
    account === undefined ? entry : { ...entry, accountNumber: lastFour(account.expose()) };
  return { entry: masked, ...(maskTexts(rest) as object), bytes: undefined };
}

/** Free text of addenda with its digits masked, corrected bank accounts by their last four. */
function maskTexts(value: unknown, name = ""): unknown {
  if (value instanceof Secret) return name === "account" ? lastFour(String(value.expose())) : value;
  if (typeof value === "string") return FREE_TEXTS.has(name) ? maskDigits(value) : value;
  if (Array.isArray(value)) return value.map((one) => maskTexts(one));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, maskTexts(one, key)]));
}

const FREE_TEXTS: ReadonlySet<string> = new Set(["text", "information"]);
const UNREADABLE = "?";

function tell(item: AchItem): string {
  switch (item.kind) {
    case "file_header": {
      const { immediateDestination: to, immediateOrigin: from, fileIdModifier: id } = item.header;
      const { destinationName, originName, creationDate = UNREADABLE, creationTime } = item.header;
      const when = `${creationDate} ${creationTime ?? UNREADABLE}`.trim();
      return `file       ${to} ${destinationName}, from ${from} ${originName}, ${when}, ${id}`;
    }
    case "batch_header":
      return tellBatch(item);
    case "entry":
      return tellEntry(item);
    case "return":
      return tellReturn(item);
    case "correction":
      return tellCorrection(item);
    case "batch_end":
      return `  end      ${item.entries} entries, ${sums(item.totals)}`;
    case "file_end":
      return `end        ${sums(item.totals)}`;
    case "exception":
      return `EXCEPTION  ${place(item)}`;
    case "fault":
      return `FAULT      ${place(item.fault)}`;
  }
}

function tellBatch({ header }: BatchHeaderItem): string {
  const { batchNumber, sec, serviceClass, companyName, companyId, entryDescription } = header;
  const words = [batchNumber, sec, serviceClass, companyName, companyId, entryDescription];
  return `batch      ${words.map(known).join(" ")}, effective ${known(header.effectiveEntryDate)}`;
}

function tellEntry({ entry, addenda }: EntryItem): string {
  const lines = addenda.map((one) => {
    if (one.kind === "text") return `    text   ${maskDigits(one.text ?? UNREADABLE)}`;
    const { terminalId, serialNumber, purchaseDate, location, city, state } = one;
    const words = [terminalId, serialNumber, purchaseDate, location, city, state];
    return `    POS    ${words.map(known).join(" ")}`;
  });
  return [`  entry    ${entryWords(entry)}`, ...lines].join("\n");
}

function tellReturn({ entry, records }: ReturnItem): string {
  const lines = records.map((record) => {
    const { code, originalTrace, traceNumber, kind } = record;
    const about = kind === "contested_return" ? "" : (record.information ?? UNREADABLE);
    const own = `original ${originalTrace}, own ${known(traceNumber)} ${maskDigits(about)}`;
    return `    ${known(code)}    ${own}`.trimEnd();
  });
  return [`  return   ${entryWords(entry)}`, ...lines].join("\n");
}

function tellCorrection({ entry, record, corrected }: CorrectionItem): string {
  const refused = record.kind === "refused_correction" ? `, refused ${record.refusedCode}` : "";
  const parts = corrected.kind === "known" ? Object.entries(corrected.parts) : [];
  const told = parts.map(([name, value]) => {
    if (name === "account" && value instanceof Secret) return `account ${lastFour(value.expose())}`;
    return `${name} ${String(value)}`;
  });
  const right = corrected.kind === "known" ? told.join(", ") : `corrected data ${corrected.kind}`;
  const { changeCode, originalTrace } = record;
  const line = `    ${known(changeCode)}    original ${originalTrace}${refused} ${right}`;
  return [`  change   ${entryWords(entry)}`, line.trimEnd()].join("\n");
}

function entryWords(entry: EntryItem["entry"] | undefined): string {
  if (entry === undefined) return "without its entry";
  const { transactionCode, amountCents, accountNumber, routingNumber, traceNumber } = entry;
  const account = accountNumber === undefined ? UNREADABLE : lastFour(accountNumber.expose());
  const words = [known(transactionCode), dollars(amountCents), account, known(routingNumber)];
  return `${words.join(" ")}, trace ${known(traceNumber)}, id ${known(entry.individualId)}`;
}

function place({ line, columns, field, reason, expected }: Omit<AchFault, "kind">): string {
  const right = expected === undefined ? "" : `, expected ${expected}`;
  return `line ${line}, columns ${columns.join("-")}, ${field}: ${reason}${right}`;
}

function sums({ entriesAndAddenda, hash, debitCents, creditCents }: Totals): string {
  const amounts = `debits ${formatCents(debitCents)}, credits ${formatCents(creditCents)}`;
  return `${entriesAndAddenda} entries and addenda, hash ${hash}, ${amounts}`;
}

function known(value: string | number | undefined): string {
  return value === undefined ? UNREADABLE : String(value);
}

function dollars(value: Cents | undefined): string {
  return value === undefined ? UNREADABLE : formatCents(value);
}

/** A bank account of four characters or fewer shows none of them. */
function lastFour(account: string): string {
  return `****${account.length > 4 ? account.slice(-4) : ""}`;
}

/** Five digits in a row may be a bank account. */
function maskDigits(text: string): string {
  return text.replace(/[0-9-]{5,}/g, (run) => lastFour(run));
}
