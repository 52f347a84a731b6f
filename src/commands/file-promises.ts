/**
 * What the switch has promised of files for the bank. Every entry that an owner has put into a file
 * is in a file that was open; a file was built of exactly what its owners put into it, but for
 * those who were left out of it; only what was settled is collected, only what was left out, given
 * up or rejected is taken back; and when no file is under way, nothing is left in the accounts that
 * money only passes through (docs/money.md, I10, I11).
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { AchFileEvent } from "../../actors/ach-file-messages.ts";
import { type FileTotals, type Moved, NO_TOTALS, oneMore } from "../../actors/ach-file-totals.ts";
import type { Message } from "../../actors/actor.ts";
import type { Balances, LedgerAccount } from "../../actors/ledger.ts";
import type { MerchantEvent } from "../../actors/merchant.ts";
import { type Cents, subtractCents, ZERO_CENTS } from "../../actors/money.ts";

type Stage = "open" | "sent" | "settled" | "rejected" | "ended";

interface KnownFile {
  stage: Stage;
  wasSettled: boolean;
  /** Of what its owners have put into it, without those who were left out. */
  filed: FileTotals;
  /** By kind and id. */
  readonly leftOut: Set<string>;
}

const CLEARING: readonly LedgerAccount[] = ["ach:provisional", "ach:out"];

export class FilePromises {
  readonly #files = new Map<string, KnownFile>();
  #underWay = 0;

  /** What is wrong with the event; `balances` are those after it. */
  hear(actorKind: string, actorId: string, body: Message, balances: Balances): string | undefined {
    switch (actorKind) {
      case "ach-file":
        return this.#hearFile(actorId, body as AchFileEvent, balances);
      case "account":
        return this.#hearAccount(actorId, body as AccountEvent);
      case "merchant":
        return this.#hearMerchant(body as MerchantEvent);
      default:
        return undefined;
    }
  }

  #hearFile(id: string, event: AchFileEvent, balances: Balances): string | undefined {
    const file = this.#files.get(id) ?? newFile();
    switch (event.kind) {
      case "FileOpened":
        // The name of one that stayed empty is used again.
        if (this.#files.has(id) && !isUnused(file)) return "opens a file that has been used";
        this.#files.set(id, newFile());
        this.#underWay++;
        return undefined;
      case "OwnerLeftOut":
        file.leftOut.add(`${event.owner.kind}/${event.owner.id}`);
        file.filed = without(file.filed, event);
        return undefined;
      case "FileBuilt":
        file.stage = "sent";
        return isSame(event.totals, file.filed) ? undefined : "is not what its owners put into it";
      case "FileSettled":
        file.stage = "settled";
        file.wasSettled = true;
        return undefined;
      case "FileRejected":
      case "FileAbandoned":
        file.stage = "rejected";
        return undefined;
      case "FileLeftEmpty":
        if (file.filed.entries > 0) return "leaves out what its owners put into it";
        return this.#end(file, balances);
      case "FileClosed":
        return this.#end(file, balances);
      default:
        return undefined;
    }
  }

  #end(file: KnownFile, balances: Balances): string | undefined {
    file.stage = "ended";
    this.#underWay--;
    if (this.#underWay > 0) return undefined;
    const left = CLEARING.find((account) => (balances.get(account) ?? ZERO_CENTS) !== 0);
    if (left === undefined) return undefined;
    return `no file is under way, and ${balances.get(left)} cents are left in ${left}`;
  }

  #hearAccount(id: string, event: AccountEvent): string | undefined {
    switch (event.kind) {
      case "PrenoteFiled":
        return this.#enter(event.fileId, "debit", [{ amountCents: ZERO_CENTS }]);
      case "DebitsFiled":
        return this.#enter(event.fileId, "debit", event.debits);
      case "FeesFiled":
        return this.#enter(event.fileId, "debit", event.fees);
      case "RefundsFiled":
        return this.#enter(event.fileId, "credit", event.refunds);
      case "DebitsCollected":
      case "FeesCollected":
      case "RefundsPaid":
        return this.#isAt(event.fileId, "settled") ? undefined : "ends what was not settled";
      case "DebitReversed":
        if (this.#files.get(event.fileId)?.wasSettled === true) return undefined;
        return "reverses what was not settled";
      case "PrenoteUnfiled":
      case "DebitsUnfiled":
      case "FeesUnfiled":
      case "RefundsUnfiled":
        return this.#mayTakeBack(event.fileId, id) ? undefined : "takes back what was sent";
      default:
        return undefined;
    }
  }

  #hearMerchant(event: MerchantEvent): string | undefined {
    if (event.kind !== "PayoutFiled") return undefined;
    return this.#enter(event.fileId, "credit", [event]);
  }

  #enter(
    fileId: string,
    direction: "debit" | "credit",
    entries: readonly { readonly amountCents: Cents }[],
  ): string | undefined {
    const file = this.#files.get(fileId);
    if (file?.stage !== "open") return "puts an entry into a file that is not open";
    for (const { amountCents } of entries) file.filed = oneMore(file.filed, direction, amountCents);
    return undefined;
  }

  #mayTakeBack(fileId: string, account: string): boolean {
    const isLeftOut = this.#files.get(fileId)?.leftOut.has(`account/${account}`) === true;
    return isLeftOut || this.#isAt(fileId, "rejected");
  }

  #isAt(fileId: string, stage: Stage): boolean {
    return this.#files.get(fileId)?.stage === stage;
  }
}

function newFile(): KnownFile {
  return { stage: "open", wasSettled: false, filed: NO_TOTALS, leftOut: new Set() };
}

function isUnused({ stage, filed, leftOut }: KnownFile): boolean {
  return stage === "ended" && filed.entries === 0 && leftOut.size === 0;
}

function without(
  filed: FileTotals,
  { traces, debitCents, creditCents }: Extract<AchFileEvent, { kind: "OwnerLeftOut" }>,
): FileTotals {
  return {
    entries: filed.entries - traces.length,
    debitCents: subtractCents(filed.debitCents, debitCents),
    creditCents: subtractCents(filed.creditCents, creditCents),
  };
}

function isSame(totals: FileTotals, filed: FileTotals): boolean {
  const isMoved = (part: keyof Moved): boolean => totals[part] === filed[part];
  return totals.entries === filed.entries && isMoved("debitCents") && isMoved("creditCents");
}
