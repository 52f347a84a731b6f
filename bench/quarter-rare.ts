/**
 * What a quarter must have met before its silence means anything: every return code and quirk of
 * the sandbox's bank (docs/sandbox.md), and every way in which people deal with them.
 */

const EXPECTED: readonly string[] = [
  ...["R01", "R02", "R03", "R07", "R08", "R09", "R11", "R16", "R20"].map(
    (code) => `return ${code}`,
  ),
  ...["return R10 after collection", "return before settlement", "prenote return R03"],
  ...["refund return R03", "payout return R02"],
  ...["C01", "C02", "C03", "C05", "C06", "C07"].map((code) => `change ${code}`),
  "exception: correction_not_for_a_bank_account",
  ...["too_late", "possible_duplicate", "amount_differs", "unmatched", "unknown_code"].map(
    (doubt) => `doubt: ${doubt}`,
  ),
  ...["presented again", "second attempt collected", "RetryAllowed", "ReturnFeeCharged"],
  ...["PaidByHand", "DebtWrittenOff", "DebtRecovered", "RefundSetOff", "ExceptionResolved"],
  ...["merchant_pays", "lost", "won"].map((outcome) => `dispute: ${outcome}`),
  ...["collection_failed", "disputed", "compliance"].map((reason) => `block: ${reason}`),
  ...["BlockLifted", "MandateEnded", "BankAccountReplaced", "BankAccountRejected"],
  ...["PurchaseRefunded", "refund paid", "ReceivableNetted", "PayoutArrived"],
  ...["FileRejected", "FileLeftEmpty", "PaymentRequestCancelled", "PaymentRequestSuperseded"],
  ...["PaymentRequestExpired", "WrongPinEntered"],
  ...["limit_exceeded", "account_blocked", "pin_wrong"].map((refusal) => `refused: ${refusal}`),
];

/** What of it did not happen. */
export function missingIn(seen: readonly (readonly [name: string, times: number])[]): string[] {
  const names = new Set(seen.map(([name]) => name));
  return EXPECTED.filter((name) => !names.has(name));
}
