/** Random ACH content of every kind that the writer takes: headers, entries, addenda, files. */
import fc from "fast-check";
import { cents } from "../../../actors/money.ts";
import { checkDigit } from "../../../actors/routing-number.ts";
import { type TraceNumber, traceNumber } from "../../../actors/trace-number.ts";
import type { Addenda } from "../../../src/rails/ach/addenda.ts";
import type { AchFileHeader } from "../../../src/rails/ach/file-header.ts";
import { codeFor, directionOf } from "../../../src/rails/ach/transaction-codes.ts";
import type { AchEntry } from "../../../src/rails/ach/write-rules.ts";
import type { AchBatch, LineEnd } from "../../../src/rails/ach/writer.ts";
import { Secret } from "../../../src/vault/secret.ts";

export interface PlainBatch extends AchBatch {
  readonly entries: readonly AchEntry[];
}
export interface PlainFile {
  readonly header: AchFileHeader;
  readonly batches: readonly PlainBatch[];
  readonly lineEnd: LineEnd;
}

/** A string over the letters of a pattern's class, of a length between two bounds. */
function over(letters: string, min: number, max: number): fc.Arbitrary<string> {
  const unit = fc.constantFrom(...letters);
  return fc.string({ unit, minLength: min, maxLength: max, size: "max" });
}

const DIGITS = "0123456789";
const CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const PRINTABLE = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join("");
const digits = (length: number) => over(DIGITS, length, length);
/** Printable text of at most so many columns, without a blank at either end. */
const text = (max: number) => over(PRINTABLE, 0, max).map((value) => value.trim());
const filled = (max: number) => text(max).map((value) => (value === "" ? "X" : value));

const bank = fc
  .tuple(fc.constantFrom("00", "01", "09", "12", "23", "61", "72", "80"), digits(6))
  .map(([pair, rest]) => pair + rest)
  .filter((eight) => eight !== "00000000");
const routing = bank.map((eight) => eight + checkDigit(eight));
const account = over(`${CAPITALS}${DIGITS}-`, 1, 17).map((value) => new Secret(value));
const name = filled(22).map((value) => new Secret(value));
const statementName = over(`${CAPITALS}${DIGITS}&.*-`, 3, 16);
const day = fc.integer({ min: 1, max: 28 }).map((value) => String(value).padStart(2, "0"));
const month = fc.integer({ min: 1, max: 12 }).map((value) => String(value).padStart(2, "0"));
const yymmdd = fc.tuple(digits(2), month, day).map((parts) => parts.join(""));
const aTrace = fc.tuple(bank, fc.integer({ min: 0, max: 9_999_999 })).map(([odfi, sequence]) => {
  return traceNumber(odfi, sequence);
});

/** Files are made on these days and dated on those: no weekend, no holiday. */
const CREATED = "261123";
const EFFECTIVE = ["261123", "261124", "261125", "261127", "261130", "261201"];

const fileHeader: fc.Arbitrary<AchFileHeader> = fc.record({
  immediateDestination: routing,
  immediateOrigin: fc.oneof(
    routing,
    digits(9).map((nine) => `1${nine}`),
  ),
  creationDate: fc.constant(CREATED),
  creationTime: fc.constantFrom("0000", "1030", "2359"),
  fileIdModifier: over(CAPITALS + DIGITS, 1, 1),
  destinationName: filled(23),
  originName: filled(23),
  referenceCode: text(8),
});

const pos: fc.Arbitrary<Addenda> = fc.record({
  kind: fc.constant("pos" as const),
  reference1: text(7),
  reference2: text(3),
  terminalId: over(PRINTABLE.slice(1), 6, 6),
  serialNumber: filled(6),
  purchaseDate: fc.tuple(month, day).map((parts) => parts.join("")),
  authorisationCode: text(6),
  location: filled(27),
  city: filled(15),
  state: over(CAPITALS, 2, 2),
});
const note: fc.Arbitrary<Addenda> = filled(80).map((value) => ({ kind: "text", text: value }));
const anyReturn = { originalTrace: aTrace, originalRdfi: bank, traceNumber: aTrace };
const about = {
  returnTrace: digits(15),
  returnSettlementDay: digits(3),
  returnReason: digits(2),
};
const returned: fc.Arbitrary<Addenda> = fc.oneof(
  fc.record({
    kind: fc.constant("return" as const),
    code: fc.constantFrom("R01", "R02", "R07", "R10", "R29", "R97"),
    dateOfDeath: fc.constant(""),
    information: text(44),
    ...anyReturn,
  }),
  fc.record({
    kind: fc.constant("return" as const),
    code: fc.constantFrom("R14", "R15"),
    dateOfDeath: yymmdd,
    information: text(44),
    ...anyReturn,
  }),
  fc.record({
    kind: fc.constant("dishonoured_return" as const),
    code: fc.constantFrom("R61", "R67", "R68", "R69", "R70"),
    information: text(21),
    ...anyReturn,
    ...about,
  }),
  fc.record({
    kind: fc.constant("contested_return" as const),
    code: fc.constantFrom("R71", "R74", "R77"),
    originalReturnedOn: yymmdd,
    originalSettlementDay: digits(3),
    dishonouredTrace: digits(15),
    dishonouredSettlementDay: digits(3),
    dishonouredReason: digits(2),
    ...anyReturn,
    ...about,
  }),
);
const correctedData = text(29).map((value) => new Secret(value));
const change: fc.Arbitrary<Addenda> = fc.oneof(
  fc.record({
    kind: fc.constant("correction" as const),
    changeCode: fc.constantFrom("C01", "C02", "C05", "C13", "C50"),
    correctedData,
    ...anyReturn,
  }),
  fc.record({
    kind: fc.constant("refused_correction" as const),
    changeCode: fc.constantFrom("C61", "C66", "C69"),
    refusedCode: fc.constantFrom("C01", "C05", "C14"),
    nocSequence: digits(7),
    correctedData,
    ...anyReturn,
  }),
);

type Direction = "credit" | "debit";
const CLASSES: Readonly<Record<string, readonly Direction[]>> = {
  "200": ["credit", "debit"],
  "220": ["credit"],
  "225": ["debit"],
};
const bankAccountKind = fc.constantFrom("checking" as const, "savings" as const);
const positive = fc.oneof(
  fc.integer({ min: 1, max: 10_000 }),
  fc.integer({ min: 1, max: 100_000_000 }),
);

/** What an entry has before it gets its trace number. */
type Bare = Omit<AchEntry, "traceNumber">;

function entryOf(sec: string, serviceClass: string): fc.Arbitrary<Bare> {
  const directions = CLASSES[serviceClass] ?? [];
  const common = {
    routingNumber: routing,
    accountNumber: account,
    individualId: filled(15),
    individualName: name,
  };
  const sent = fc.constantFrom("live" as const, "live" as const, "prenote" as const);
  const codes = fc.record({
    kind: bankAccountKind,
    direction: fc.constantFrom(...directions),
    use: sent,
    amount: positive,
    discretionary: DISCRETIONARY[sec] ?? text(2),
    addenda: ADDENDA[sec] ?? fc.array(returned, { minLength: 1, maxLength: 1 }),
  });
  return fc.record({ ...common, codes }).map(({ codes: parts, ...rest }) => {
    const use = sec === "COR" || sec in DISCRETIONARY === false ? "return" : parts.use;
    const isZero = use === "prenote" || sec === "COR";
    return {
      ...rest,
      transactionCode: codeFor(parts.kind, parts.direction, use),
      amountCents: cents(isZero ? 0 : parts.amount),
      discretionary: parts.discretionary,
      addenda: parts.addenda,
    };
  });
}

const DISCRETIONARY: Readonly<Record<string, fc.Arbitrary<string>>> = {
  POS: fc.constantFrom("01", "11"),
  WEB: fc.constantFrom("S", "R", "ST"),
  PPD: fc.constant(""),
  CCD: fc.constant(""),
};
const noteOrNone = fc.array(note, { maxLength: 1 });
const ADDENDA: Readonly<Record<string, fc.Arbitrary<readonly Addenda[]>>> = {
  POS: pos.map((one) => [one]),
  WEB: noteOrNone,
  PPD: fc.constant([]),
  CCD: noteOrNone,
  COR: change.map((one) => [one]),
};

/** `RTN` stands for a batch of returns; its entry class is drawn. */
function batchOf(sec: string, maxLength: number, odfi: string): fc.Arbitrary<PlainBatch> {
  const isReturned = RETURNED.includes(sec);
  const kind = isReturned ? ("returned" as const) : ("originated" as const);
  return fc.constantFrom("200", "220", "225").chain((serviceClass) =>
    fc
      .record({
        head: fc.record({
          companyName: statementName,
          companyDiscretionaryData: text(20),
          companyId: digits(9).map((nine) => `1${nine}`),
          entryDescription: fc.constantFrom("SEQR PAY", "PURCHASE", "REFUND", "RETRY PYMT"),
          descriptiveDate: text(6),
          effectiveEntryDate: fc.constantFrom(...EFFECTIVE),
          odfi: fc.constant(odfi),
          sec: sec === "RTN" ? fc.constantFrom("PPD", "WEB", "POS", "CCD") : fc.constant(sec),
          settlementDay: isReturned ? fc.constantFrom("", "327") : fc.constant(""),
        }),
        bare: fc.array(entryOf(sec, serviceClass), { minLength: 1, maxLength, size: "max" }),
        first: fc.integer({ min: 0, max: 9_000_000 }),
        step: fc.integer({ min: 1, max: 50 }),
      })
      .map(({ head, bare, first, step }) => {
        const entries = bare.map((entry, at) => {
          return withTrace(entry, traceNumber(odfi, first + at * step));
        });
        const exact = isReturned ? serviceClass : classOf(entries);
        return { kind, header: { ...head, serviceClass: exact }, entries };
      }),
  );
}

/** What we send as mixed is mixed. */
export function classOf(entries: readonly AchEntry[]): string {
  const found = new Set(entries.map((entry) => directionOf(entry.transactionCode)));
  if (found.size > 1) return "200";
  return found.has("credit") ? "220" : "225";
}

/** The own trace of a return is its entry's; that of a correction may be any. */
function withTrace(entry: Bare, trace: TraceNumber): AchEntry {
  const addenda = entry.addenda.map((one) =>
    one.kind.endsWith("return") ? { ...one, traceNumber: trace } : one,
  );
  return { ...entry, addenda, traceNumber: trace };
}

export const ORIGINATED = ["POS", "WEB", "PPD", "CCD"];
export const RETURNED = ["RTN", "COR"];

/** A file of these entry classes. */
export function fileOf(
  classes: readonly string[],
  { batchesMax = 6, entriesMax = 40 } = {},
): fc.Arbitrary<PlainFile> {
  return bank.chain((odfi) => {
    const batch = fc.oneof(...classes.map((sec) => batchOf(sec, entriesMax, odfi)));
    return fc.record({
      header: fileHeader,
      batches: fc.array(batch, { minLength: 1, maxLength: batchesMax, size: "max" }),
      lineEnd: fc.constantFrom("LF" as const, "CRLF" as const),
    });
  });
}

/** Secrets in the clear, so that a comparison sees them. */
export function plain(value: unknown): unknown {
  if (value instanceof Secret) return plain(value.expose());
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

/** Cuts bytes at the given shares of their length. */
export function cut(bytes: Uint8Array, shares: readonly number[]): Uint8Array[] {
  const ends = shares.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b);
  return [0, ...ends].map((start, at) => bytes.slice(start, ends[at] ?? bytes.length));
}
