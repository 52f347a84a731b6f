/**
 * What somebody must look at. An alarm stands until the process is started anew, or for as long as
 * what it tells of; it names no person, no account and no bytes.
 */
import type { Clock } from "../runtime/clock.ts";
import type { Host } from "../runtime/host.ts";

/** What each alarm means, and what to do. */
export const ALARMS = {
  core_disagreement:
    "The cryptographic core and the reference disagreed about a verdict. The reference answers " +
    "since then, slower. Keep the log, report it, and start with SEQR_CORE=reference until it " +
    "is understood.",
  bank_contradicted:
    "The bank rejected a file that it had accepted, or the other way round. Ask it which is true " +
    "before anything is sent again.",
  bank_exceptions:
    "Something that the bank sent could not be acted on: a return that matches nothing, a file " +
    "name that is not ours, lines that cannot be read. Money that it moved waits in suspense.",
  bank_money_unexplained:
    "The bank holds more or less of a file than its entries and returns explain. The difference " +
    "waits in suspense until the bank corrects it.",
  bank_pieces_refused:
    "A file that the bank put down for us could not be read as documented. It lies in `refused` " +
    "with the reason beside it: mend it and put it down again, or take it away. The same where " +
    "that folder itself cannot be looked into.",
  bank_statement_differs:
    "The bank's statement says another amount for a file than we sent. Nothing is booked until a " +
    "return explains it, a right statement comes, or a person settles the file by hand.",
  collection_failed:
    "A run of the collection stopped half-way. Nothing is sent twice: the next run goes on where " +
    "it was. The log names the fault.",
  entries_left_out:
    "An account or a merchant has an entry that cannot be written as the bank demands. All that " +
    "it has waits, everybody else's file goes, and each cut-off tries again. The queue of " +
    "exceptions says whose it is and what is wrong: mend it.",
  entries_returned_for_our_mistake:
    "The bank sent an entry back because of a mistake of ours (R17 to R19, R24 to R28). Nobody " +
    "is blocked for it. Look at its file, and mend what is wrong before the next cut-off.",
  event_log_failed:
    "The event log could not be written: nothing is acknowledged. Look at the disk, then start " +
    "the process anew.",
  event_log_full: "There is no room for the event log. It goes on when there is.",
  unauthorised_returns:
    "More debits come back as not authorised than half of what Nacha allows (0.5 % over sixty " +
    "days). Look at the merchants in the report of return rates, and tell the bank before it asks.",
  administrative_returns:
    "More debits come back for closed or unknown bank accounts than half of what Nacha allows " +
    "(3 % over sixty days). Look at how bank accounts are taken down and proven.",
  overall_returns:
    "More debits come back, for whatever reason, than half of what Nacha allows (15 % over sixty " +
    "days). Look at the codes and the merchants in the report of return rates.",
  retention_failed:
    "The daily sweep could not look at something, or stopped half-way: it is kept longer than it " +
    "may be. It is tried again the next day. The log names the fault.",
  payout_account_changed:
    "A merchant's bank account was changed, and nothing is sent to the new one for some " +
    "banking days. Call the merchant, under a number that you had before; if it knows nothing " +
    "of it, name the right one. `/v1/desk/bank-account-changes` lists them.",
  reversal_failed:
    "A debit of ours that was wrong was not given back: no file took its reversal in time, or " +
    "the bank sent it back. The wrong debit stands. `/v1/desk/reversals` says whose it is; of a " +
    "wrong amount the merchant refunds what is too much.",
  views_behind:
    "Lists, queues and reports cannot be read, or show what was true a while ago; until they " +
    "have caught up nothing is sent to the bank, and nothing that is old is destroyed. The log " +
    "names the fault: look at the disk. If it goes on, stop the process, remove `views.db` and " +
    "start it anew.",
  outbox_troubled: "Messages to the outside (SMS) have failed and are tried again.",
} as const;

export type AlarmKind = keyof typeof ALARMS;

export class Alarms {
  readonly #raised = new Map<AlarmKind, number>();
  readonly #watched: (() => readonly AlarmKind[])[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly host: Pick<Host, "failure" | "isFull" | "outbox">,
  ) {}

  /** A second time changes nothing. */
  raise(kind: AlarmKind): void {
    if (!this.#raised.has(kind)) this.#raised.set(kind, this.clock.nowMs());
  }

  /** Asks `look` each time: its alarms stand for as long as it names them. */
  watch(look: () => readonly AlarmKind[]): void {
    this.#watched.push(look);
  }

  /** Raised ones with their time; what is seen at this moment has none. */
  list(): readonly { readonly kind: AlarmKind; readonly sinceMs: number | undefined }[] {
    const raised = [...this.#raised].map(([kind, sinceMs]) => ({ kind, sinceMs }));
    const seen = this.#seen().map((kind) => ({ kind, sinceMs: undefined }));
    return [...raised, ...seen];
  }

  #seen(): readonly AlarmKind[] {
    const { failure, isFull, outbox } = this.host;
    const seen: AlarmKind[] = [];
    if (failure !== undefined) seen.push("event_log_failed");
    else if (isFull) seen.push("event_log_full");
    if (outbox.troubled > 0) seen.push("outbox_troubled");
    return [...seen, ...this.#watched.flatMap((look) => look())];
  }
}
