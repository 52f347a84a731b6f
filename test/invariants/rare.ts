/**
 * Rare states: what a suite must have seen before its silence means anything. Each is counted, and
 * a zero fails the suite.
 */
export type RareState =
  | "limit reached to the cent"
  | "limit exceeded"
  | "limit exceeded by one cent"
  | "cap lowered below exposure"
  | "too many holds"
  | "superseded request approved"
  | "version changed under an approval"
  | "amount other than the request's"
  | "expired between scan and approval"
  | "request paid by another"
  | "request forgotten by its lane"
  | "cancel lost to a payment"
  | "payment lost to a cancel"
  | "scan extended a request"
  | "scan at the longest time"
  | "hold overdue, then captured"
  | "hold overdue, then barred"
  | "barred payment arrived late"
  | "repeated approval while pending"
  | "repeated approval after capture"
  | "repeated approval after release"
  | "repeated command under its id"
  | "other command under a used id"
  | "wrong device"
  | "stale verdict"
  | "counter ahead"
  | "device cloned"
  | "third wrong PIN"
  | "wrong PINs forgiven"
  | "blocked account approves"
  | "captured while blocked"
  | "identity not verified"
  | "two phones of one account at once"
  | "one request raced for by many"
  | "fifty payers, one request"
  | "restart with a hold pending"
  | "crash before a commit"
  | "crash after a commit, nobody told"
  | "command repeated after a crash"
  | "message delivered twice"
  | "messages out of order"
  | "timer fired late";

export class Rare<State extends string = RareState> {
  readonly #counts = new Map<State, number>();

  reach(state: State): void {
    this.#counts.set(state, (this.#counts.get(state) ?? 0) + 1);
  }

  count(state: State): number {
    return this.#counts.get(state) ?? 0;
  }

  /** Those of `states` that were never seen. */
  missing(states: readonly State[]): readonly State[] {
    return states.filter((state) => this.count(state) === 0);
  }

  toString(): string {
    return [...this.#counts].map(([state, count]) => `${state} ${count}`).join(", ");
  }
}
