/** Approvals over HTTP. */
export function benchPayments(_quick: boolean): Promise<boolean> {
  return Promise.resolve(false);
}
