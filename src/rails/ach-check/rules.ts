/**
 * The closed list of what the ACH checker demands: its name, the columns, the sentence, and where
 * the rule comes from. "3" is section 3 of the design of the money side, which follows the Nacha
 * Operating Rules, Appendix Three; other sections are named alike. docs/ach.md prints this list.
 */

interface AchRuleText {
  /** Record and columns, 1-based and inclusive. */
  readonly where: string;
  /** What holds in a good file. Messages begin with it. */
  readonly says: string;
  readonly section: string;
  /** A rule of this switch and its bank: somebody else's sound file may differ. */
  readonly isOwn?: true;
}

// biome-ignore format: a table is read by its columns.
export const ACH_RULES = {
  // Form
  character: { where: "any", says: "a line holds 0x20 to 0x7E only", section: "3" },
  line_length: { where: "any", says: "a line has at most 94 columns", section: "3" },
  line_short: { where: "any",
    says: "a line has all of its 94 columns", section: "3", isOwn: true },
  line_ending: { where: "any, 95",
    says: "each line ends as the bank's profile says", section: "3", isOwn: true },
  record_type: { where: "any, 1-3", says: "a record is 1, 5, 6, 702, 705, 8 or 9", section: "3" },
  record_order: { where: "any, 1",
    says: "records come as 1, batches of 5, entries and 8, then 9", section: "3" },
  padding: { where: "after 9",
    says: "lines of nines fill the last block of ten, and no more", section: "3" },
  file_size: { where: "any", says: "a file has at most 999,999 blocks", section: "3" },
  number: { where: "any", says: "a numeric field holds digits only, zero-filled", section: "3" },
  text_left: { where: "any", says: "text begins in the first column of its field", section: "3" },
  reserved: { where: "8: 55-79; 9: 56-94", says: "unused columns are blank", section: "3" },
  // File header
  priority_code: { where: "1: 2-3", says: "the priority code is 01", section: "3" },
  destination: { where: "1: 4-13",
    says: "the destination is a blank and a routing number", section: "3, 1" },
  origin: { where: "1: 14-23",
    says: "the origin is ten digits, or a blank and nine", section: "3" },
  file_date: { where: "1: 24-29",
    says: "the file's date is a day that exists, not in the future", section: "3" },
  file_time: { where: "1: 30-33", says: "the file's time is 0000 to 2359", section: "3" },
  file_id_modifier: { where: "1: 34", says: "the file id modifier is A-Z or 0-9", section: "3" },
  record_form: { where: "1: 35-40",
    says: "record size, blocking and format are 094, 10 and 1", section: "3" },
  file_names: { where: "1: 41-86", says: "destination and origin bear their names", section: "3" },
  // Batch header
  class: { where: "5: 2-4", says: "the service class is 200, 220 or 225", section: "3" },
  class_direction: { where: "5: 2-4; 6: 2-3",
    says: "220 holds credits, 225 debits, 200 both", section: "3" },
  company_name: { where: "5: 5-20",
    says: "the company name has 3 to 16 of A-Z 0-9 blank & . - *", section: "2", isOwn: true },
  statement_name: { where: "5: 5-20",
    says: "a debit's company name is the payee's statement name", section: "2", isOwn: true },
  discretionary_data: { where: "5: 21-40",
    says: "the discretionary data are those of the profile", section: "2", isOwn: true },
  company_id: { where: "5: 41-50",
    says: "the company id is 1 and nine digits", section: "2", isOwn: true },
  sec: { where: "5: 51-53", says: "the entry class is POS, WEB, PPD or CCD", section: "2" },
  channel_sec: { where: "5: 51-53",
    says: "the entry class is the channel's", section: "2", isOwn: true },
  description: { where: "5: 54-63",
    says: "the entry description is one for this class and direction", section: "2", isOwn: true },
  channel_description: { where: "5: 54-63",
    says: "the entry description is the channel's", section: "2", isOwn: true },
  effective_date: { where: "5: 70-75", says: "the effective date exists", section: "3, 6" },
  effective_date_past: { where: "5: 70-75",
    says: "the effective date is not in the past", section: "6" },
  effective_date_late: { where: "5: 70-75",
    says: "the effective date is a few banking days ahead at most", section: "6" },
  banking_day: { where: "5: 70-75",
    says: "the effective date is a banking day", section: "6, 1" },
  same_day: { where: "5: 70-75",
    says: "the effective date is today only where same-day ACH is on", section: "6" },
  same_day_mark: { where: "5: 64-69",
    says: "SD and a time of settlement (1300, 1700, 1800) mark batches of today", section: "6" },
  settlement_day: { where: "5: 76-78",
    says: "the settlement day is blank: the operator fills it", section: "3" },
  originator_status: { where: "5: 79", says: "the originator status is 1", section: "3" },
  odfi: { where: "5: 80-87",
    says: "all batches come from one bank, with the prefix of a routing number", section: "3, 9" },
  batch_number: { where: "5: 88-94", says: "batch numbers ascend from 1", section: "3" },
  // Entry
  transaction_code: { where: "6: 2-3",
    says: "the code is 22, 23, 27, 28, 32, 33, 37 or 38", section: "3" },
  rdfi: { where: "6: 4-12", says: "the receiver's bank is a routing number", section: "3, 1" },
  account_number: { where: "6: 13-29",
    says: "the account number has 1 to 17 of A-Z 0-9 -", section: "3, 1" },
  amount_zero: { where: "6: 30-39", says: "a live entry has an amount", section: "3" },
  prenote_amount: { where: "6: 30-39", says: "a prenote has no amount", section: "3" },
  same_day_amount: { where: "6: 30-39",
    says: "a same-day entry stays within its maximum", section: "6" },
  micro_amount: { where: "6: 30-39; 8: 21-32",
    says: "micro credits are below $1, and debits no more than their sum", section: "6" },
  individual_id: { where: "6: 40-54",
    says: "a purchase's debit bears its receipt number", section: "2", isOwn: true },
  individual_name: { where: "6: 55-76", says: "an entry names its receiver", section: "3" },
  payment_type: { where: "6: 77-78",
    says: "columns 77-78 are 01 in POS, the payment type in WEB, else blank",
    section: "2", isOwn: true },
  addenda_flag: { where: "6: 79",
    says: "the addenda flag is 1 with an addenda record, 0 without", section: "3" },
  trace_odfi: { where: "6: 80-87", says: "the trace begins with the batch's bank", section: "3" },
  trace_order: { where: "6: 80-94", says: "traces ascend inside a batch", section: "3" },
  trace_unique: { where: "6: 80-94", says: "a trace occurs once in a file", section: "3" },
  original_unknown: { where: "6: 40-54",
    says: "the original of a retry or reversal is known", section: "8" },
  original_amount: { where: "6: 30-39",
    says: "a retry or reversal has the original's amount", section: "8" },
  original_company: { where: "5: 5-20, 41-50",
    says: "a retry or reversal has the original's company", section: "8" },
  original_sec: { where: "5: 51-53",
    says: "a retry or reversal has the original's entry class", section: "8, 2" },
  // Addenda
  pos_addenda: { where: "6: 79", says: "a POS entry has its addenda 702", section: "2" },
  addenda_type: { where: "7: 1-3",
    says: "702 belongs to POS, 705 to WEB and CCD, and PPD has neither", section: "2" },
  addenda_count: { where: "7: 1-3", says: "an entry has one addenda record at most", section: "2" },
  addenda_sequence: { where: "705: 84-87", says: "addenda are numbered from 1", section: "3" },
  addenda_trace: { where: "702: 80-94; 705: 88-94",
    says: "an addenda record bears its entry's trace", section: "3" },
  addenda_text: { where: "705: 4-83", says: "an addenda record 705 has a text", section: "3" },
  terminal: { where: "702: 14-25",
    says: "terminal (six characters) and serial are given", section: "3, 2" },
  terminal_date: { where: "702: 26-29", says: "the date is MMDD", section: "3" },
  terminal_place: { where: "702: 36-79",
    says: "location, city and state (two letters) are given", section: "3, 2" },
  // Controls
  control_class: { where: "8: 2-4", says: "the class is the header's", section: "3" },
  control_count: { where: "8: 5-10", says: "entries and addenda are counted", section: "3" },
  control_hash: { where: "8: 11-20", says: "the hash is the sum of the entries", section: "3" },
  control_debits: { where: "8: 21-32",
    says: "the debits are the sum of the entries", section: "3" },
  control_credits: { where: "8: 33-44",
    says: "the credits are the sum of the entries", section: "3" },
  control_company_id: { where: "8: 45-54", says: "the company id is the header's", section: "3" },
  control_odfi: { where: "8: 80-87", says: "the bank is the header's", section: "3" },
  control_batch_number: { where: "8: 88-94", says: "the number is the header's", section: "3" },
  file_batches: { where: "9: 2-7", says: "batches are counted", section: "3" },
  file_blocks: { where: "9: 8-13",
    says: "blocks of ten lines are counted, padding too", section: "3" },
  file_entries: { where: "9: 14-21", says: "entries and addenda are counted", section: "3" },
  file_hash: { where: "9: 22-31", says: "the hash is the sum of the batches", section: "3" },
  file_debits: { where: "9: 32-43", says: "the debits are the sum of the batches", section: "3" },
  file_credits: { where: "9: 44-55", says: "the credits are the sum of the batches", section: "3" },
} as const satisfies Readonly<Record<string, AchRuleText>>;

export type AchRule = keyof typeof ACH_RULES;

/** Somebody else's sound file may differ from it. */
export function isOwnRule(rule: AchRule): boolean {
  const text: AchRuleText = ACH_RULES[rule];
  return text.isOwn === true;
}
