/**
 * Every no that the API says, in one table: a stable code, the status, the number of the
 * SEQR-compatible interface where one fits, and a sentence for the payer or cashier.
 */
import type { RefusalKind } from "../../actors/refusals.ts";
import type { FaultKind } from "../runtime/fault.ts";

/** Problems that are found before an actor is asked. */
export type EdgeProblem =
  | "malformed_request"
  | "malformed_json"
  | "unsupported_media_type"
  | "invalid_request"
  | "body_too_large"
  | "length_required"
  | "not_found"
  | "unauthenticated"
  | "forbidden"
  | "idempotency_key_missing"
  | "idempotency_key_malformed"
  | "idempotency_mismatch"
  | "qr_malformed"
  | "qr_not_genuine"
  | "qr_not_payable"
  | "approval_malformed"
  | "approval_subject_unknown"
  | "nonce_invalid"
  | "nonce_expired"
  | "payee_changed"
  | "device_signature_invalid"
  | "device_key_invalid"
  | "challenge_invalid"
  | "mandate_changed"
  | "picture_missing"
  | "file_refused"
  | "files_used_up"
  | "fault_bank_unreachable"
  | "payment_not_found"
  | "too_many_listeners"
  | "method_not_allowed"
  | "internal_error";

export type ProblemCode = RefusalKind | EdgeProblem | `fault_${FaultKind}`;

export interface ProblemRow {
  readonly status: number;
  readonly title: string;
  /** What happened, whether money was taken, what to do next. */
  readonly say: string;
  /** Number in the SEQR-compatible interface. */
  readonly seqrCode?: number;
  /** The same request may succeed when sent again. */
  readonly retryable?: true;
  /** Money may have moved: ask again with the same key. */
  readonly unknown?: true;
  /** What is said of the money instead of NOT_TAKEN. */
  readonly ofMoney?: string;
}

const NOT_TAKEN = "No money was taken.";
/** Said where money was taken or given by other calls, and by this one was not. */
const NOT_BY_THIS = "This call changed nothing and took no money.";
const NOT_REFUNDED = "Nothing was refunded, and no money was taken.";

function row(
  status: number,
  title: string,
  say: string,
  more: Pick<ProblemRow, "seqrCode" | "retryable" | "unknown" | "ofMoney"> = {},
): ProblemRow {
  const end = more.unknown === true ? "" : ` ${more.ofMoney ?? NOT_TAKEN}`;
  return { status, title, say: `${say}${end}`, ...more };
}

/** Exhaustive by type: a new refusal does not compile until it has its row. */
export const PROBLEMS: Readonly<Record<ProblemCode, ProblemRow>> = {
  // Also of an account that was closed, whose payments, debts and refunds stay what they are.
  account_not_open: row(404, "Account not open", "No such account is registered now.", {
    seqrCode: 52,
    ofMoney: NOT_BY_THIS,
  }),
  account_closing: row(403, "Account closing", "You have de-registered: nothing new is paid.", {
    seqrCode: 12,
  }),
  account_blocked: row(403, "Account blocked", "Your account is blocked. Call customer service.", {
    seqrCode: 12,
  }),
  device_not_active: row(403, "Device not active", "This phone is not the account's phone.", {
    seqrCode: 21,
  }),
  verdict_stale: row(409, "Verdict stale", "Please approve again.", { retryable: true }),
  device_cloned: row(
    403,
    "Device cloned",
    "This phone's key was used twice, so the account is blocked. Call customer service.",
    { seqrCode: 12 },
  ),
  counter_out_of_step: row(409, "Counter out of step", "Scan the code again."),
  pin_wrong: row(403, "PIN wrong", "The PIN is wrong.", { seqrCode: 12 }),
  identity_not_verified: row(
    403,
    "Identity not verified",
    "Your identity is not verified yet. Payments start when it is.",
    { seqrCode: 12 },
  ),
  bank_account_needed: row(
    403,
    "Bank account needed",
    "Nothing can be collected from your bank account any more. Register one first.",
    { seqrCode: 12 },
  ),
  too_many_holds: row(429, "Too many holds", "Wait for your other payments.", { retryable: true }),
  too_many_purchases: row(403, "Too many purchases", "Too many purchases wait for collection.", {
    seqrCode: 12,
  }),
  limit_exceeded: row(403, "Limit exceeded", "The amount is above what you can spend now.", {
    seqrCode: 11,
  }),
  request_not_found: row(404, "Payment request not found", "There is no such payment request.", {
    seqrCode: 54,
  }),
  request_cancelled: row(409, "Payment request cancelled", "The shop cancelled this payment.", {
    seqrCode: 95,
  }),
  request_superseded: row(409, "Payment request superseded", "The till asks anew. Scan again.", {
    seqrCode: 95,
  }),
  request_expired: row(409, "Payment request expired", "The time to pay is over. Scan again.", {
    seqrCode: 58,
  }),
  // Said to a second payer, and to a cashier who cancels what was paid.
  request_paid: row(409, "Payment request paid", "It is paid already.", {
    seqrCode: 50,
    ofMoney: NOT_BY_THIS,
  }),
  request_changed: row(409, "Payment request changed", "The amount changed. Scan again."),
  payment_barred: row(409, "Payment barred", "The payment came too late. Scan again."),
  account_already_open: row(409, "Account already open", "This account is registered.", {
    seqrCode: 57,
  }),
  under_age: row(422, "Under age", "You must be 18 or older."),
  birth_date_in_future: row(422, "Birth date in the future", "Check your date of birth."),
  mandate_text_not_found: row(404, "Mandate text not found", "This text was not kept."),
  identity_already_verified: row(409, "Identity already verified", "You are verified."),
  identity_not_pending: row(409, "Identity not pending", "Front and rear pictures are needed."),
  data_kept: row(409, "Data kept", "The law wants this kept until the day that is told."),
  bank_account_not_shared: row(409, "Bank account not shared", "There is nothing to look at."),
  block_already_open: row(409, "Block already open", "The account has this block."),
  block_not_open: row(409, "Block not open", "There is no such block to lift."),
  debit_not_returned: row(409, "Debit not returned", "No such debit has come back, or is stuck."),
  no_retry_left: row(409, "No retry left", "It was presented as often as it may be."),
  bank_account_replaced: row(
    409,
    "Bank account replaced",
    "The customer has named a bank account since it was sent: it is paid by hand.",
  ),
  debit_not_disputed: row(409, "Debit not disputed", "No such debit is disputed."),
  fee_not_owed: row(409, "Fee not owed", "No return fee of this debit is owed.", {
    ofMoney: NOT_BY_THIS,
  }),
  fee_under_way: row(
    409,
    "Fee under way",
    "A debit of the fee is under way: wait until it is collected or comes back.",
    { ofMoney: NOT_BY_THIS },
  ),
  refund_not_stuck: row(409, "Refund not stuck", "No such refund waits for a person.", {
    ofMoney: NOT_BY_THIS,
  }),
  refund_too_high: row(409, "Refund too high", "That is more than is left to refund.", {
    seqrCode: 98,
    ofMoney: NOT_REFUNDED,
  }),
  too_many_refunds: row(409, "Too many refunds", "This payment was refunded too often.", {
    ofMoney: NOT_REFUNDED,
  }),
  file_not_at_this_stage: row(409, "File not at this stage", "The file is at another stage."),
  statement_differs: row(409, "Statement differs", "The bank's totals are not the file's."),
  file_contradicted: row(409, "File contradicted", "The bank has said the opposite of it."),
  file_not_whole: row(409, "File not whole", "Collected and returned are not the whole file."),
  exception_not_open: row(409, "Exception not open", "No such exception waits for anybody."),
  resolution_does_not_fit: row(
    409,
    "Resolution does not fit",
    "That is no way out of it: look at its money, and at the entry.",
  ),
  entry_not_reversible: row(409, "Entry not reversible", "Only a debit of a purchase is reversed."),
  entry_came_back: row(409, "Entry came back", "The bank sent it back: nothing is to be undone."),
  entry_already_reversed: row(409, "Entry already reversed", "An entry is reversed once."),
  reversal_too_late: row(409, "Reversal too late", "Five banking days are over: pay it back."),
  bank_account_out_of_step: row(409, "Bank account out of step", "Look at the account first."),
  second_person_needed: row(409, "Second person needed", "Somebody else must agree."),
  merchant_not_found: row(404, "Merchant not found", "There is no such merchant.", {
    seqrCode: 37,
  }),
  merchant_already_exists: row(409, "Merchant already exists", "This merchant exists."),
  too_many_lanes: row(409, "Too many lanes", "This merchant has no room for another lane."),
  lane_not_found: row(404, "Lane not found", "There is no such lane.", { seqrCode: 37 }),
  lane_already_exists: row(409, "Lane already exists", "This lane exists."),
  too_many_requests: row(429, "Too many payment requests", "Close some that are open first."),
  too_many_updates: row(409, "Too many updates", "Cancel this payment request and open another."),
  nothing_to_pay: row(404, "Nothing to pay", "Nothing is open at this lane.", { retryable: true }),
  version_mismatch: row(412, "Version mismatch", "The payment request changed meanwhile."),
  phone_taken: row(409, "Phone taken", "This phone number is registered.", { seqrCode: 57 }),
  too_many_codes: row(429, "Too many codes", "Too many codes were sent. Call customer service."),
  registration_not_found: row(404, "Registration not found", "Start the registration again."),
  code_wrong: row(422, "Code wrong", "The activation code is wrong."),
  code_expired: row(422, "Code expired", "The activation code is no longer valid."),
  malformed_request: row(400, "Malformed request", "The request is broken, or was cut short."),
  malformed_json: row(400, "Malformed JSON", "The request is not JSON."),
  unsupported_media_type: row(415, "Unsupported media type", "Send the media type of the route."),
  invalid_request: row(422, "Invalid request", "A field is missing or malformed."),
  body_too_large: row(413, "Body too large", "The request is too large."),
  length_required: row(411, "Length required", "Say how long it is: send a Content-Length."),
  method_not_allowed: row(405, "Method not allowed", "This address is asked in another way."),
  too_many_listeners: row(
    429,
    "Too many listeners",
    "Close some of the lane's connections first.",
    {
      retryable: true,
    },
  ),
  not_found: row(404, "Not found", "There is nothing at this address."),
  unauthenticated: row(401, "Unauthenticated", "Sign in first.", { seqrCode: 20 }),
  forbidden: row(403, "Forbidden", "This key may not do that.", { seqrCode: 21 }),
  idempotency_key_missing: row(400, "Idempotency key missing", "Send an Idempotency-Key."),
  idempotency_key_malformed: row(400, "Idempotency key malformed", "1 to 255 ASCII characters."),
  idempotency_mismatch: row(422, "Idempotency mismatch", "The key belongs to another request."),
  qr_malformed: row(422, "QR code malformed", "This is not a SEQR code."),
  qr_not_genuine: row(422, "QR code not genuine", "This code was not made by SEQR."),
  qr_not_payable: row(422, "QR code not payable", "This code is not one to pay with."),
  approval_malformed: row(422, "Approval malformed", "The approval is malformed."),
  approval_subject_unknown: row(404, "Approval subject unknown", "Nothing to pay was found."),
  nonce_invalid: row(409, "Nonce invalid", "Scan the code again."),
  nonce_expired: row(409, "Nonce expired", "The time to approve is over. Scan again."),
  payee_changed: row(409, "Payee changed", "The payee is not the one shown. Scan again."),
  device_signature_invalid: row(401, "Device signature invalid", "The phone's key is not right."),
  device_key_invalid: row(422, "Device key invalid", "The device key is not a valid point."),
  challenge_invalid: row(401, "Challenge invalid", "Ask for a new challenge."),
  mandate_changed: row(409, "Mandate changed", "Read the new mandate and accept it."),
  payment_not_found: row(404, "Payment not found", "There is no such payment.", {
    seqrCode: 23,
    ofMoney: NOT_REFUNDED,
  }),
  picture_missing: row(422, "Picture missing", "Send a JPEG, PNG or WebP picture."),
  fault_bank_unreachable: row(
    503,
    "Bank unreachable",
    "The line to the bank broke. A file that was being handed over may have arrived: ask the bank.",
    { retryable: true, unknown: true },
  ),
  files_used_up: row(
    409,
    "Files used up",
    "A day has 36 files: what is due waits for the next day.",
  ),
  file_refused: row(409, "File refused", "The file is not as the bank demands; nothing was sent."),
  internal_error: row(500, "Internal error", "Something broke on our side. Ask again.", {
    retryable: true,
    unknown: true,
    seqrCode: 90,
  }),
  // Said before the key is looked at: of a repeat, the first call may have been paid.
  fault_busy: row(503, "Busy", "The service is busy. Ask again with the same key.", {
    retryable: true,
    unknown: true,
    seqrCode: 93,
  }),
  fault_draining: row(503, "Draining", "The service restarts. Ask again with the same key.", {
    retryable: true,
    unknown: true,
    seqrCode: 94,
  }),
  fault_storage_full: row(503, "Storage full", "Ask again later with the same key.", {
    retryable: true,
    unknown: true,
    seqrCode: 94,
  }),
  fault_storage_failed: row(503, "Storage failed", "Ask again with the same key.", {
    retryable: true,
    unknown: true,
    seqrCode: 94,
  }),
  fault_conflict: row(503, "Conflict", "Ask again with the same key.", {
    retryable: true,
    unknown: true,
    seqrCode: 93,
  }),
  fault_timeout: row(503, "Timeout", "The answer is late. Ask again with the same key.", {
    retryable: true,
    unknown: true,
    seqrCode: 93,
  }),
  fault_bug: row(500, "Internal error", "Something broke on our side. Call customer service.", {
    seqrCode: 90,
  }),
};

export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[];

export function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(PROBLEMS, text);
}
