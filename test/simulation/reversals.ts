/** The desk undoes debits, one or a whole file; and what the bank's bytes must say of that. */
import { addBankingDays, bankDateAt } from "../../actors/banking-calendar.ts";
import { REVERSAL_REASONS } from "../../actors/reversal-messages.ts";
import { ApiProblem } from "../../src/client/call.ts";
import type { Random } from "../crash/random.ts";
import type { SentEntry } from "./bank-side.ts";
import type { Sale } from "./books.ts";
import { expectFact } from "./finding.ts";
import type { World } from "./world.ts";

const NOTE = "simulated";
const REVERSAL_DAYS = 5;
const TRACE_DIGITS = 7;
export const REVERSAL = "REVERSAL";

/** Debits that the bank has settled, some of them too long ago. */
function settled({ bank, nowMs }: World): readonly SentEntry[] {
  const all = bank.entries.filter(({ isDebit, amountCents, file }) => {
    return isDebit && amountCents > 0 && bank.settledOn(file) !== undefined;
  });
  const today = bankDateAt(nowMs);
  const fresh = all.filter((entry) => addBankingDays(entry.effectiveOn, REVERSAL_DAYS) > today);
  return fresh.length > 0 ? fresh : all;
}

export async function reverse(world: World, random: Random): Promise<void> {
  const all = settled(world);
  if (all.length === 0) return;
  const { file, trace } = random.pick(all);
  const isWhole = random.chance(30);
  const entry = `/entries/${Number(trace.slice(-TRACE_DIGITS))}`;
  const path = `/v1/desk/files/${file}${isWhole ? "" : entry}/reversal`;
  const shown = await world.persist(() => world.money().file(file));
  // Where the bank's statement is still on its way, nothing can be said for sure.
  if (shown.stage !== "settled" && shown.stage !== "closed") return;
  const reason = random.pick(REVERSAL_REASONS);
  const body = { reason, note: NOTE };
  // From here on they may be closed without their debit, or owed again.
  for (const one of world.bank.entries) {
    const isMeant = one.isDebit && one.file === file && (isWhole || one.trace === trace);
    if (!isMeant) continue;
    world.books.reversed.add(one.trace);
    world.books.reversedReferences.add(one.individualId);
  }
  let no: string | undefined;
  for (const operator of ["alice", "bob"] as const) no ??= await say(world, operator, path, body);
  if (no === undefined) world.rare.reach(isWhole ? "file reversed" : "debit reversed");
  else world.rare.reach("reversal refused");
  world.tell(`${path}: ${reason}, ${no}`);
}

/** The code of the no; undefined for a yes. */
async function say(
  world: World,
  operator: "alice" | "bob",
  path: string,
  body: object,
): Promise<string | undefined> {
  const options = { token: world.keyOf(operator), idempotencyKey: crypto.randomUUID(), body };
  try {
    await world.persist(() => world.caller.call("POST", path, options));
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    return error.code;
  }
}

/** Each undoes one debit of its sale: the same amount, the same bank account, in time, and once. */
export function checkReversals({ bank, books, rare }: World, sale: Sale): void {
  const own = bank.entries.filter(({ individualId }) => individualId === sale.paid?.reference);
  const undone = own.filter(({ trace }) => books.reversed.has(trace));
  for (const reversal of own.filter(({ description }) => description === REVERSAL)) {
    expectFact(!reversal.isDebit, "a reversal goes the other way", () => reversal);
    const at = undone.findIndex((debit) => {
      const isSame =
        debit.amountCents === reversal.amountCents && debit.bankAccount === reversal.bankAccount;
      return isSame && addBankingDays(debit.effectiveOn, REVERSAL_DAYS) >= reversal.effectiveOn;
    });
    expectFact(at >= 0, "a reversal undoes one debit", () => [reversal, undone]);
    undone.splice(at, 1);
    rare.reach("reversal at the bank");
  }
}

/** What may have gone back beside refunds, of debits that were said to be wrong. */
export function reversedCents({ bank, books }: World, sale: Sale): number {
  return bank.entries.reduce((sum, { individualId, trace, amountCents }) => {
    const isOwn = individualId === sale.paid?.reference && books.reversed.has(trace);
    return isOwn ? sum + amountCents : sum;
  }, 0);
}
