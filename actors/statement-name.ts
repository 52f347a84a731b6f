/**
 * The name that a bank statement shows. FAQ: the statement shows the merchant. It stands in 16
 * columns of the ACH batch header (Nacha Operating Rules, Appendix Three, positions 5-20) and is
 * chosen when the merchant is taken in: never cut, never translated on the way out.
 */

/** 3 to 16 of `A-Z 0-9 space & . - *`, no blank at either end. */
export const STATEMENT_NAME = /^[A-Z0-9&.*-][A-Z0-9 &.*-]{1,14}[A-Z0-9&.*-]$/;

export function isStatementName(text: string): boolean {
  return STATEMENT_NAME.test(text);
}
