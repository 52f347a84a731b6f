/** The thirty-six mutations of the design (section 5), for every file they can be done to. */
import { put } from "./file-maker.ts";
import { change, find, type Mutation, plusOne, set } from "./mutation.ts";

/** The file control begins with zeros, padding with nines. */
const CONTROL = "90";
const SUMS = ["control_debits", "control_credits", "file_debits", "file_credits"] as const;

const CONTROLS: readonly Mutation[] = [
  { what: "batch count + 1", rule: "control_count", make: set("8", [5, 10], plusOne) },
  { what: "batch hash + 1", rule: "control_hash", make: set("8", [11, 20], plusOne) },
  {
    what: "batch debits + 1",
    rule: "control_debits",
    // Of micro-entries the debits are then more than the credits, too.
    beside: ["micro_amount"],
    make: set("8", [21, 32], plusOne),
  },
  { what: "batch credits + 1", rule: "control_credits", make: set("8", [33, 44], plusOne) },
  {
    what: "the control's company id differs",
    rule: "control_company_id",
    make: set("8", [45, 54], "1987654321"),
  },
  {
    what: "the control's batch number differs",
    rule: "control_batch_number",
    make: set("8", [88, 94], plusOne),
  },
  { what: "batches + 1", rule: "file_batches", make: set(CONTROL, [2, 7], plusOne) },
  { what: "blocks + 1", rule: "file_blocks", make: set(CONTROL, [8, 13], plusOne) },
  { what: "entries + 1", rule: "file_entries", make: set(CONTROL, [14, 21], plusOne) },
  { what: "file hash + 1", rule: "file_hash", make: set(CONTROL, [22, 31], plusOne) },
  { what: "file debits + 1", rule: "file_debits", make: set(CONTROL, [32, 43], plusOne) },
  { what: "file credits + 1", rule: "file_credits", make: set(CONTROL, [44, 55], plusOne) },
];

const PADDING: readonly Mutation[] = [
  {
    what: "no lines of nines",
    rule: "padding",
    make: (lines) => {
      const control = find(lines, CONTROL) ?? 0;
      if (control + 1 === lines.length) return undefined;
      const at = { line: control + 2, from: 1, to: 94 };
      return { lines: lines.slice(0, control + 1), at };
    },
  },
  {
    what: "one line of nines too many",
    rule: "padding",
    make: (lines) => {
      const at = { line: lines.length + 1, from: 1, to: 94 };
      return { lines: [...lines, "9".repeat(94)], at };
    },
  },
];

const HEADERS: readonly Mutation[] = [
  {
    what: "the destination's check digit is wrong",
    rule: "destination",
    make: (lines) => {
      const old = lines[0]?.charAt(12) ?? "";
      return {
        lines: change(lines, 0, 13, String((Number(old) + 1) % 10)),
        at: { line: 1, from: 4, to: 13 },
      };
    },
  },
  {
    what: "the description is blank",
    rule: "description",
    // A description that says micro-entries spares them the receipt number.
    beside: ["individual_id"],
    make: set("5", [54, 63], ""),
  },
  { what: "the company name is blank", rule: "company_name", make: set("5", [5, 20], "") },
  { what: "a month of 13", rule: "effective_date", make: set("5", [70, 75], "261332") },
  {
    what: "a Sunday",
    rule: "banking_day",
    make: set("5", [70, 75], "261122"),
  },
  { what: "no effective date", rule: "effective_date", make: set("5", [70, 75], "") },
  { what: "a settlement day", rule: "settlement_day", make: set("5", [76, 78], "327") },
  {
    what: "an unknown class",
    rule: "sec",
    // Only WEB credits may bear a friend's name and id.
    beside: ["company_name", "company_id"],
    make: set("5", [51, 53], "XXX"),
  },
  {
    what: "the description is in lower case",
    rule: "description",
    beside: ["individual_id"],
    make: set("5", [54, 63], (old) => old.toLowerCase()),
  },
];

const ENTRIES: readonly Mutation[] = [
  {
    what: "the receiver's check digit is wrong",
    rule: "rdfi",
    make: (lines) => {
      const index = find(lines, "6") ?? 0;
      const old = lines[index]?.charAt(11);
      const next = String((Number(old) + 1) % 10);
      return {
        lines: change(lines, index, 12, next),
        at: { line: index + 1, from: 4, to: 12 },
      };
    },
  },
  {
    what: "the trace of another bank",
    rule: "trace_odfi",
    beside: ["addenda_trace"],
    make: set("6", [80, 87], "23138010"),
  },
  {
    what: "a duplicate trace",
    rule: "trace_unique",
    beside: ["trace_order", "addenda_trace"],
    make: (lines) => {
      const first = find(lines, "6") ?? 0;
      const second = find(lines, "6", first + 1);
      if (second === undefined) return undefined;
      const trace = lines[first]?.slice(79) ?? "";
      const at = { line: second + 1, from: 80, to: 94 };
      return { lines: change(lines, second, 80, trace), at };
    },
  },
  {
    what: "POS without 702",
    rule: "pos_addenda",
    beside: ["addenda_flag", "control_count", "file_entries", "padding", "file_blocks"],
    make: (lines) => {
      const index = find(lines, "702");
      if (index === undefined) return undefined;
      return { lines: lines.toSpliced(index, 1), at: { line: index, from: 79, to: 79 } };
    },
  },
  ...["  ", "Q "].map(
    (type): Mutation => ({
      what: `the payment type of WEB is "${type}"`,
      rule: "payment_type",
      make: (lines) => {
        const header = lines.findIndex((line) => /^5.{49}WEB/.test(line));
        if (header === -1) return undefined;
        const at = { line: header + 2, from: 77, to: 78 };
        return { lines: change(lines, header + 1, 77, type), at };
      },
    }),
  ),
  {
    what: "a credit code in a batch of debits",
    rule: "class_direction",
    beside: [...SUMS, "description", "individual_id", "micro_amount"],
    make: (lines) => {
      const header = find(lines, "5225");
      if (header === undefined) return undefined;
      const old = lines[header + 1] ?? "";
      const next = put(old, 3, old.charAt(2) === "7" ? "2" : "3");
      return { lines: lines.with(header + 1, next), at: { line: header + 2, from: 2, to: 3 } };
    },
  },
  { what: "no account number", rule: "account_number", make: set("6", [13, 29], "") },
  {
    what: "a live entry without an amount",
    rule: "amount_zero",
    beside: [...SUMS, "micro_amount"],
    make: set("6", [30, 39], (old) => (Number(old) === 0 ? undefined : "0000000000")),
  },
  {
    what: "a prenote with an amount",
    rule: "prenote_amount",
    beside: [...SUMS],
    make: set("6", [30, 39], (old) => (Number(old) === 0 ? "0000000001" : undefined)),
  },
  {
    what: "a tab in the name",
    rule: "character",
    make: (lines) => {
      const index = find(lines, "6") ?? 0;
      const at = { line: index + 1, from: 58, to: 58 };
      return { lines: change(lines, index, 58, "\t"), at };
    },
  },
];

const FORM: readonly Mutation[] = [
  {
    what: "a line of 93 characters",
    rule: "line_short",
    make: (lines) => {
      const index = find(lines, "8") ?? 0;
      // The last blank before the bank goes, so that the fields behind it move as well.
      const line = lines[index] ?? "";
      const at = { line: index + 1, from: 94, to: 94 };
      return { lines: lines.with(index, line.slice(0, 78) + line.slice(79)), at };
    },
    beside: ["reserved", "control_odfi", "control_batch_number"],
  },
  {
    what: "CRLF where the profile says LF",
    rule: "line_ending",
    make: (lines) => ({ lines, ending: "\r\n", at: { line: 1, from: 95, to: 95 } }),
  },
];

export const LISTED: readonly Mutation[] = [
  ...CONTROLS,
  ...PADDING,
  ...HEADERS,
  ...ENTRIES,
  ...FORM,
];
