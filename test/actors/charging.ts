/** Customers whose debit came back for the last time, and who owe its fee (docs/money.md). */
import type { AccountCommand } from "../../actors/account-messages.ts";
import { feesCents, openFeesCents } from "../../actors/collection-state.ts";
import { cents } from "../../actors/money.ts";
import type { Policy } from "../../actors/policy.ts";
import type { ReturnCode } from "../../actors/return-codes.ts";
import { bought, date, file, fileId, returnDebit } from "./collecting.ts";
import { front, openAccount, paymentId, rear, VERIFY, vacantAccount } from "./samples.ts";
import { type Account, APPLIED, at, collection } from "./told-account.ts";

export const NOTICED = "2026-11+fee2500";

/** Whose mandate has this version, and whose bank account may be debited from 2026-06-08 on. */
export function noticed(textVersion = NOTICED, policy: Partial<Policy> = {}) {
  const byAch = { returnFeesByAch: true, retriesMax: 0, ...policy } as const;
  return vacantAccount(byAch).table([
    [{ ...openAccount, mandateTextVersion: textVersion }, "account_opened"],
    [front, "identity_changed"],
    [rear, "identity_changed"],
    [VERIFY, "identity_changed"],
    [file(0, "2026-06-02"), { entries: 1, debitCents: 0 }],
  ]);
}

/** Payment `number` of $25 was sent in the file of that number, and came back for the last time. */
export function charged(account = noticed(), number = 1, code: ReturnCode = "R01"): Account {
  for (const command of bought(number, 2_500)) account.tell(command);
  account.tell(file(number, "2026-06-09"));
  const back = { ...returnDebit(number, 2_500, code, at(number)), bookedOn: date("2026-06-10") };
  return account.table([[back as AccountCommand, APPLIED]]);
}

export const returnFee = (
  number: number,
  code: ReturnCode,
  of: number,
  amount = 2_500,
  isSettled = true,
) =>
  ({
    ...{ kind: "ReturnEntry", subject: { kind: "fee", paymentId: paymentId(number) } },
    ...{ fileId: fileId(of), trace: of * 100, code, merchantNumber: 3 },
    ...{ amountCents: cents(amount), isSettled },
  }) satisfies AccountCommand;

export const owed = (account: Account) => Number(feesCents(collection(account)));
export const open = (account: Account) => Number(openFeesCents(collection(account)));
