/** Mutations beyond the thirty-six: what the design names for later, and all other rules. */
import { put } from "./file-maker.ts";
import { change, find, type Mutated, type Mutation, set } from "./mutation.ts";

const BLOCKS = ["padding", "file_blocks"] as const;
const COUNTS = ["control_count", "file_entries", ...BLOCKS] as const;

const TRACES: readonly Mutation[] = [
  {
    what: "traces that descend",
    rule: "trace_order",
    beside: ["addenda_trace"],
    make: (lines) => {
      const first = find(lines, "6") ?? 0;
      const second = find(lines, "6", first + 1);
      if (second === undefined) return undefined;
      const [one = "", two = ""] = [lines[first]?.slice(79), lines[second]?.slice(79)];
      const swapped = change(change(lines, first, 80, two), second, 80, one);
      return { lines: swapped, at: { line: second + 1, from: 80, to: 94 } };
    },
  },
  {
    what: "the trace of an entry of another batch",
    rule: "trace_unique",
    beside: ["addenda_trace", "trace_order"],
    make: (lines) => {
      const header = find(lines, "5", 2);
      if (header === undefined) return undefined;
      const trace = lines[find(lines, "6") ?? 0]?.slice(79) ?? "";
      const at = { line: header + 2, from: 80, to: 94 };
      return { lines: change(lines, header + 1, 80, trace), at };
    },
  },
  {
    what: "a letter in a trace",
    rule: "number",
    beside: ["addenda_trace"],
    make: set("6", [88, 94], "000000A"),
  },
];

const ADDENDA: readonly Mutation[] = [
  {
    what: "the flag says addenda, none follows",
    rule: "addenda_flag",
    make: set("6", [79, 79], (old) => (old === "0" ? "1" : undefined)),
  },
  {
    what: "the flag says none, addenda follow",
    rule: "addenda_flag",
    make: set("6", [79, 79], (old) => (old === "1" ? "0" : undefined)),
  },
  { what: "705 numbered 2", rule: "addenda_sequence", make: set("705", [84, 87], "0002") },
  { what: "705 of another entry", rule: "addenda_trace", make: set("705", [88, 94], "0099999") },
  { what: "705 without text", rule: "addenda_text", make: set("705", [4, 83], "") },
  {
    what: "702 of another entry",
    rule: "addenda_trace",
    make: set("702", [80, 94], "1".repeat(15)),
  },
  { what: "702 without terminal", rule: "terminal", make: set("702", [14, 19], "") },
  { what: "702 with a short terminal", rule: "terminal", make: set("702", [14, 19], "LANE1") },
  { what: "702 without a serial", rule: "terminal", make: set("702", [20, 25], "") },
  { what: "702 of 31 November", rule: "terminal_date", make: set("702", [26, 29], "1131") },
  { what: "702 without place", rule: "terminal_place", make: set("702", [36, 62], "") },
  { what: "702 without city", rule: "terminal_place", make: set("702", [63, 77], "") },
  { what: "702 without state", rule: "terminal_place", make: set("702", [78, 79], "C") },
  {
    what: "705 becomes 799",
    rule: "record_type",
    make: set("705", [1, 3], "799"),
  },
  {
    what: "a second addenda record",
    rule: "addenda_count",
    beside: ["addenda_sequence", ...COUNTS],
    make: (lines) => {
      const index = find(lines, "7");
      if (index === undefined) return undefined;
      const twice = lines.toSpliced(index, 0, lines[index] ?? "");
      return { lines: twice, at: { line: index + 2, from: 1, to: 3 } };
    },
  },
];

/** The file's other class, in header and control: the entries keep theirs. */
function reclass(
  from: string,
  to: string,
  at: (header: number) => Mutated["at"],
): Mutation["make"] {
  return (lines) => {
    const header = find(lines, `5${from}`);
    if (header === undefined) return undefined;
    const control = find(lines, "8", header) ?? 0;
    return { lines: change(change(lines, header, 2, to), control, 2, to), at: at(header) };
  };
}

const inHeader = (header: number) => ({ line: header + 1, from: 2, to: 4 });
const inEntry = (header: number) => ({ line: header + 2, from: 2, to: 3 });

/** Moves the first batch into the second class of a file: an entry in the clothes of another. */
const CLASSES: readonly Mutation[] = [
  { what: "200 with debits only", rule: "class_direction", make: reclass("225", "200", inHeader) },
  { what: "200 with credits only", rule: "class_direction", make: reclass("220", "200", inHeader) },
  { what: "220 with debits", rule: "class_direction", make: reclass("225", "220", inEntry) },
  { what: "225 with credits", rule: "class_direction", make: reclass("220", "225", inEntry) },
  {
    what: "220 with both",
    rule: "class_direction",
    make: (lines) => {
      const header = find(lines, "5200");
      if (header === undefined) return undefined;
      const debit = lines.findIndex((line, at) => at > header && /^6.7/.test(line));
      const at = { line: debit + 1, from: 2, to: 3 };
      const control = find(lines, "8", header) ?? 0;
      return { lines: change(change(lines, header, 2, "220"), control, 2, "220"), at };
    },
  },
  { what: "class 280", rule: "class", make: reclass("225", "280", inHeader) },
  {
    what: "another class in the control",
    rule: "control_class",
    make: set("8", [2, 4], (old) => (old === "225" ? "220" : "225")),
  },
  {
    what: "two entry classes in one batch: an entry of WEB among those of POS",
    rule: "addenda_type",
    beside: ["payment_type", "addenda_sequence", "pos_addenda"],
    make: (lines) => {
      const index = find(lines, "702");
      if (index === undefined) return undefined;
      const [entry = "", addenda = ""] = [lines[index - 1], lines[index]];
      const text = `705ORDER 4711`.padEnd(83).concat("0001", addenda.slice(87));
      const next = lines.with(index - 1, put(entry, 77, "S ")).with(index, text);
      return { lines: next, at: { line: index + 1, from: 1, to: 3 } };
    },
  },
  {
    what: "two entry classes in one batch: a second header",
    rule: "record_order",
    beside: [
      "control_count",
      "control_hash",
      "control_debits",
      "control_credits",
      "sec",
      "batch_number",
      "file_batches",
      "control_batch_number",
      "file_blocks",
      "padding",
      "payment_type",
      "addenda_type",
      "description",
      "class_direction",
      "micro_amount",
    ],
    make: (lines) => {
      const first = find(lines, "5") ?? 0;
      const second = find(lines, "6", first + 2);
      if (second === undefined) return undefined;
      const header = put(lines[first] ?? "", 51, "PPD");
      const at = { line: second + 1, from: 1, to: 1 };
      return { lines: lines.toSpliced(second, 0, header), at };
    },
  },
];

/** Every other field, with a text that it may not hold. */
const FIELDS: readonly Mutation[] = [
  { what: "priority 02", rule: "priority_code", make: set("1", [2, 3], "02") },
  {
    what: "a destination without its blank",
    rule: "destination",
    make: set("1", [4, 13], "0121042882"),
  },
  {
    what: "a destination of a pair that is not given out",
    rule: "destination",
    make: set("1", [4, 13], " 400000008"),
  },
  { what: "a letter in the origin", rule: "origin", make: set("1", [14, 23], "A123456789") },
  { what: "a file of 31 April", rule: "file_date", make: set("1", [24, 29], "260431") },
  { what: "a file of the twenty-fifth hour", rule: "file_time", make: set("1", [30, 33], "2400") },
  { what: "a file at minute 60", rule: "file_time", make: set("1", [30, 33], "1060") },
  {
    what: "a file id modifier in lower case",
    rule: "file_id_modifier",
    make: set("1", [34, 34], "a"),
  },
  { what: "a record size of 80", rule: "record_form", make: set("1", [35, 40], "080101") },
  { what: "no name of the destination", rule: "file_names", make: set("1", [41, 63], "") },
  { what: "no name of the origin", rule: "file_names", make: set("1", [64, 86], "") },
  { what: "a name that begins with a blank", rule: "text_left", make: set("1", [64, 86], " SEQR") },
  {
    what: "an account holder that begins with a blank",
    rule: "text_left",
    make: set("6", [55, 76], " JANE"),
  },
  {
    what: "a reference that begins with a blank",
    rule: "text_left",
    make: set("702", [36, 62], "  HERE"),
  },
  {
    what: "a company name of two characters",
    rule: "company_name",
    make: set("5", [5, 20], (_, line) => (/FRIEND/.test(line) ? undefined : "AB")),
  },
  {
    what: "a company name in lower case",
    rule: "company_name",
    make: set("5", [5, 20], (_, line) => (/FRIEND/.test(line) ? undefined : "Corner")),
  },
  {
    what: "other discretionary data",
    rule: "discretionary_data",
    make: set("5", [21, 40], "OTHER"),
  },
  {
    what: "a company id that is none",
    rule: "company_id",
    beside: ["control_company_id"],
    make: set("5", [41, 50], (_, line) => (/FRIEND/.test(line) ? undefined : "2123456789")),
  },
  {
    what: "a friend's credit without the friend's id",
    rule: "company_id",
    beside: ["control_company_id"],
    make: set("5", [41, 50], (_, line) => (/FRIEND/.test(line) ? "" : undefined)),
  },
  { what: "originator status 2", rule: "originator_status", make: set("5", [79, 79], "2") },
  {
    what: "a bank whose pair is not given out",
    rule: "odfi",
    beside: ["control_odfi", "trace_odfi"],
    make: set("5", [80, 87], "40000000"),
  },
  {
    what: "batch number 0",
    rule: "batch_number",
    beside: ["control_batch_number"],
    make: set("5", [88, 94], "0000000"),
  },
  {
    what: "a return's code",
    rule: "transaction_code",
    beside: [
      "control_debits",
      "control_credits",
      "file_debits",
      "file_credits",
      "individual_id",
      "class_direction",
      "company_name",
      "company_id",
      "micro_amount",
    ],
    make: set("6", [2, 3], "26"),
  },
  {
    what: "a letter in the amount",
    rule: "number",
    beside: ["control_debits", "control_credits", "file_debits", "file_credits", "micro_amount"],
    make: set("6", [30, 39], "00000001O0"),
  },
  {
    what: "a blank inside an account number",
    rule: "account_number",
    make: set("6", [13, 29], "12 34"),
  },
  {
    what: "an account number in lower case",
    rule: "account_number",
    make: set("6", [13, 29], "12x34"),
  },
  { what: "a receiver without name", rule: "individual_name", make: set("6", [55, 76], "") },
  { what: "a letter for a flag", rule: "addenda_flag", make: set("6", [79, 79], "Y") },
  {
    what: "a payment type outside WEB",
    rule: "payment_type",
    make: set("6", [77, 78], (old) => (old === "  " || old === "01" ? "S " : undefined)),
  },
  { what: "an authentication code", rule: "reserved", make: set("8", [55, 73], "MAC") },
  {
    what: "something before the control's bank",
    rule: "reserved",
    make: set("8", [74, 79], "     1"),
  },
  { what: "something after the file control", rule: "reserved", make: set("90", [56, 94], "END") },
  {
    what: "another bank in the control",
    rule: "control_odfi",
    make: set("8", [80, 87], "09100001"),
  },
  { what: "no number in a control", rule: "number", make: set("8", [5, 10], "     1") },
  {
    what: "a record 4",
    rule: "record_type",
    beside: [
      "control_count",
      "control_hash",
      "file_entries",
      "file_hash",
      "control_debits",
      "control_credits",
      "file_debits",
      "file_credits",
      "class_direction",
      "record_order",
      "addenda_count",
      "addenda_trace",
      "micro_amount",
      "company_name",
      "company_id",
    ],
    make: (lines) => {
      const index = find(lines, "6") ?? 0;
      return { lines: change(lines, index, 1, "4"), at: { line: index + 1, from: 1, to: 1 } };
    },
  },
];

/** A purchase's debit, in a batch that takes money for purchases, without its receipt number. */
const RECEIPTS: readonly Mutation[] = ["POS", "WEB"].map((sec) => ({
  what: `a debit of ${sec} without receipt number`,
  rule: "individual_id",
  make: (lines) => {
    const header = lines.findIndex(
      (line) => line.startsWith("5225") && line.slice(50).startsWith(sec),
    );
    const entry = lines[header + 1] ?? "";
    if (header === -1 || !/^6.7/.test(entry)) return undefined;
    const at = { line: header + 2, from: 40, to: 54 };
    return { lines: change(lines, header + 1, 40, " ".repeat(15)), at };
  },
}));

/** Lines that are missing or in the wrong place. */
const ORDER: readonly Mutation[] = [
  {
    what: "no file header",
    beside: [...BLOCKS],
    rule: "record_order",
    make: (lines) => ({ lines: lines.slice(1), at: { line: 1, from: 1, to: 1 } }),
  },
  {
    what: "a second file header",
    beside: [...BLOCKS],
    rule: "record_order",
    make: (lines) => ({ lines: [lines[0] ?? "", ...lines], at: { line: 2, from: 1, to: 1 } }),
  },
  {
    what: "nothing",
    rule: "record_order",
    make: () => ({ lines: [], at: { line: 1, from: 1, to: 1 } }),
  },
  {
    what: "no file control",
    rule: "record_order",
    make: (lines) => {
      const index = find(lines, "90") ?? 0;
      return { lines: lines.slice(0, index), at: { line: index + 1, from: 1, to: 1 } };
    },
  },
  {
    what: "an entry after the file control",
    rule: "record_order",
    make: (lines) => {
      const entry = lines[find(lines, "6") ?? 0] ?? "";
      return { lines: [...lines, entry], at: { line: lines.length + 1, from: 1, to: 1 } };
    },
  },
  {
    what: "padding before the file control",
    rule: "record_order",
    beside: [...BLOCKS],
    make: (lines) => {
      const index = find(lines, "90") ?? 0;
      const early = lines.toSpliced(index, 0, "9".repeat(94));
      return { lines: early, at: { line: index + 1, from: 1, to: 1 } };
    },
  },
  {
    what: "a batch without entries",
    rule: "record_order",
    beside: [...BLOCKS, "file_batches", "batch_number", "company_name"],
    make: (lines) => {
      const index = find(lines, "90") ?? 0;
      const [header, control] = [lines[find(lines, "5") ?? 0], lines[find(lines, "8") ?? 0]];
      const empty = [
        put(header ?? "", 88, "0000099"),
        put(put(control ?? "", 5, "0".repeat(40)), 88, "0000099"),
      ];
      const next = lines.toSpliced(index, 0, ...empty);
      return { lines: next, at: { line: index + 2, from: 1, to: 1 } };
    },
  },
];

const LINES: readonly Mutation[] = [
  {
    what: "a line of 95 characters",
    rule: "line_length",
    make: (lines) => {
      const index = find(lines, "8") ?? 0;
      const at = { line: index + 1, from: 95, to: 95 };
      return { lines: lines.with(index, `${lines[index]} `), at };
    },
  },
];

export const GROWN: readonly Mutation[] = [
  ...LINES,
  ...TRACES,
  ...ADDENDA,
  ...CLASSES,
  ...FIELDS,
  ...RECEIPTS,
  ...ORDER,
];
