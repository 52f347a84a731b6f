/**
 * What the bank does as time goes on, moment after moment, whenever it is asked: a week that is
 * looked at once leaves what a week leaves that is looked at every minute.
 */
import { assert } from "../../../actors/assert.ts";
import { bankDateAt } from "../../../actors/banking-calendar.ts";
import { addCents, cents, subtractCents } from "../../../actors/money.ts";
import type { StatementLine } from "../../collection/bank-gateway.ts";
import { nextOpening, timeOf } from "./bank-day.ts";
import { digits } from "./columns.ts";
import { type Answer, returnFile } from "./return-file.ts";
import type { BankTwinState, Due, Mishap, Movement, NewItem } from "./state.ts";

const MODIFIERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
type Of<Kind extends Due["kind"]> = Extract<Due, { kind: Kind }>;

/** Everything up to and with `nowMs`. */
export function catchUp(state: BankTwinState, nowMs: number, bankNumber: string): void {
  for (;;) {
    let atMs = Number.POSITIVE_INFINITY;
    for (const due of state.due) atMs = Math.min(atMs, due.atMs);
    if (atMs > nowMs) return;
    const due = state.due.filter((one) => one.atMs === atMs);
    state.due = state.due.filter((one) => one.atMs !== atMs);
    const of = <Kind extends Due["kind"]>(kind: Kind): readonly Of<Kind>[] =>
      due.filter((one): one is Of<Kind> => one.kind === kind);
    const told = of("tell").map(({ item }) => item);
    for (const item of told) if (item.kind === "acknowledgement") tell(state, item);
    settle(state, atMs, of("settle"));
    const answers = of("answer");
    const [changes, returns] = [answers.filter(isChange), answers.filter((one) => !isChange(one))];
    for (const { movement } of answers) if (movement !== null) move(state, movement);
    sendBack(state, atMs, returns, bankNumber);
    sendBack(state, atMs, changes, bankNumber);
    // What was held back comes behind what is in time.
    for (const item of told) if (item.kind !== "acknowledgement") tell(state, item);
    assert(
      state.due.every((one) => one.atMs > atMs),
      "a moment leaves nothing behind",
    );
  }
}

/** The next mishap of one of these kinds, which then is used up. */
export function mishapOf<Kind extends Mishap["kind"]>(
  state: BankTwinState,
  ...kinds: readonly Kind[]
): Extract<Mishap, { kind: Kind }> | undefined {
  const isSuch = (one: Mishap): one is Extract<Mishap, { kind: Kind }> =>
    (kinds as readonly string[]).includes(one.kind);
  const mishap = state.mishaps.find(isSuch);
  // By its place: the same mishap may have been planned twice.
  if (mishap !== undefined) state.mishaps.splice(state.mishaps.indexOf(mishap), 1);
  return mishap;
}

function isChange({ answer }: Of<"answer">): boolean {
  return answer.code.startsWith("C");
}

function tell(state: BankTwinState, item: NewItem): void {
  state.items++;
  state.waiting.push({ ...item, id: `bank_${digits(state.items, 6)}` });
}

function tellLater(state: BankTwinState, atMs: number, item: NewItem): void {
  state.due.push({ kind: "tell", atMs, item });
}

function move(state: BankTwinState, movement: Movement): void {
  const netCents = subtractCents(movement.debitCents, movement.creditCents);
  const { balanceCents: before } = state;
  state.balanceCents =
    movement.kind === "settled" ? addCents(before, netCents) : subtractCents(before, netCents);
  add(state, movement);
}

/** A day that sends a thousand entries of a file back is one movement of that file. */
function add({ movements }: BankTwinState, movement: Movement): void {
  const { kind, on, fileName } = movement;
  // What is of the same day stands at the end.
  const at = movements.findLastIndex((one) => {
    return one.on !== on || (one.kind === kind && one.fileName === fileName);
  });
  const before = movements[at];
  if (before === undefined || before.on !== on) {
    movements.push(movement);
    return;
  }
  const debitCents = addCents(before.debitCents, movement.debitCents);
  const creditCents = addCents(before.creditCents, movement.creditCents);
  movements[at] = { ...before, debitCents, creditCents };
}

/** One statement for all that settles at a moment, a line for each file. */
function settle(state: BankTwinState, atMs: number, settled: readonly Of<"settle">[]): void {
  const lines = new Map<string, StatementLine>();
  for (const { line } of settled) {
    const { fileName } = line;
    const sum = lines.get(fileName);
    const debitCents = addCents(line.debitCents, sum?.debitCents ?? cents(0));
    const creditCents = addCents(line.creditCents, sum?.creditCents ?? cents(0));
    lines.set(fileName, { fileName, debitCents, creditCents });
  }
  const [first, ...rest] = lines.values();
  if (first === undefined) return;
  const date = bankDateAt(atMs);
  for (const line of lines.values()) move(state, { kind: "settled", on: date, ...line });
  const statement = { kind: "statement", date, lines: [first, ...rest] } as const;
  const mishap = mishapOf(state, "statement_late", "statement_differs", "statement_split");
  if (mishap === undefined) tell(state, statement);
  else if (mishap.kind === "statement_late") {
    tellLater(state, nextOpening(atMs, mishap.bankingDays), statement);
  } else if (mishap.kind === "statement_split") {
    const half = cents(Math.floor(first.debitCents / 2));
    const left = { ...first, debitCents: subtractCents(first.debitCents, half) };
    const nextMs = nextOpening(atMs);
    const now = { ...first, debitCents: half, creditCents: cents(0) };
    tell(state, { ...statement, lines: [now, ...rest] });
    tellLater(state, nextMs, { ...statement, date: bankDateAt(nextMs), lines: [left] });
  } else {
    const debitCents = addCents(first.debitCents, mishap.byCents);
    tell(state, { ...statement, lines: [{ ...first, debitCents }, ...rest] });
    tellLater(state, nextOpening(atMs), statement);
  }
}

function sendBack(
  state: BankTwinState,
  atMs: number,
  due: readonly Of<"answer">[],
  bankNumber: string,
): void {
  const [first, ...rest] = due.map(({ answer }): Answer => answer);
  if (first === undefined) return;
  const modifier = MODIFIERS.charAt(state.items % MODIFIERS.length);
  const cover = { bankNumber, createdOn: bankDateAt(atMs), time: timeOf(atMs), modifier };
  const bytes = returnFile([first, ...rest], cover);
  const item = { kind: "returns", base64: bytes.toBase64() } as const;
  const mishap = mishapOf(state, "returns_truncated", "returns_twice", "returns_out_of_order");
  if (mishap !== undefined) tellLater(state, nextOpening(atMs), item);
  if (mishap?.kind === "returns_out_of_order") return;
  if (mishap?.kind !== "returns_truncated") tell(state, item);
  else tell(state, { ...item, base64: bytes.subarray(0, mishap.bytesKept).toBase64() });
}
