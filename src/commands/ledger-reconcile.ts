/** `seqr ledger reconcile`: files, bank and books against one another, by file and by day. */
import type { Message } from "../../actors/actor.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { Reconciliation } from "../books/reconciliation.ts";
import { type ReconciliationReport, reportOf } from "../books/report.ts";
import type { OpenSealed } from "../books/sealed-file.ts";
import { dataFiles, readKeys } from "../data-directory.ts";
import type { SqliteLogReader } from "../storage/sqlite/log-reader.ts";
import { actorsOf } from "../switch.ts";
import { readSealedFile } from "../vault/documents.ts";
import { isSet, textOf } from "./command.ts";
import { dataDirOf, momentOf, timeOrNull, withLog } from "./ledger-log.ts";
import type { LedgerWord } from "./ledger-word.ts";
import { reconcileText } from "./reconcile-text.ts";

export const ledgerReconcile: LedgerWord = {
  usage:
    "seqr ledger reconcile [--data DIR] [--at DATE|POSITION] [--json]\n\n" +
    "Compares, by file and by day: the files as they were built and, where their sealed bytes\n" +
    "are kept, as they are read again; what the bank acknowledged, stated and sent back; and\n" +
    "what was posted because of them. Exit code 0: all agree and nothing is too old; 1: each\n" +
    "difference is named with its file, amount and events (docs/operations.md).",
  options: { at: { type: "string" } },
  wordsMax: 0,
  run: (values) =>
    withLog(dataDirOf(values), (log) => {
      const upto = momentOf(log, values, "at", "last");
      const isOfNow = textOf(values, "at") === undefined;
      const books = new Reconciliation(actorsOf(DEFAULT_POLICY));
      for (const stored of log.events(upto)) books.hear(stored);
      const open = opener(log.dataDir);
      const report = reportOf(books, {
        // A sandbox may be ahead of us; of a moment that was asked for, that moment counts.
        nowMs: isOfNow ? Math.max(Date.now(), books.atMs) : books.atMs,
        open: typeof open === "string" ? undefined : open,
        underWay: isOfNow ? returnsUnderWay(log.reader) : new Set(),
      });
      const locked = typeof open === "string" ? open : undefined;
      process.stdout.write(
        isSet(values, "json") ? toJson(report, locked) : reconcileText(report, locked),
      );
      return Promise.resolve(report.differences.length === 0 ? 0 : 1);
    }),
};

/** Opens sealed files, beside a running switch; a text where the keys are not to be had. */
function opener(dataDir: string): OpenSealed | string {
  const { ach } = dataFiles(dataDir);
  try {
    const keys = readKeys(dataDir);
    return (fileId, token) => readSealedFile(keys, ach, fileId, token);
  } catch (error) {
    return error instanceof Error ? error.message : "the keys cannot be read";
  }
}

/** Files of which a return waits in the outbox: their sides follow one another. */
function returnsUnderWay(reader: SqliteLogReader): ReadonlySet<string> {
  const files = new Set<string>();
  for (const json of reader.outbox()) {
    const sent = JSON.parse(json) as Message & { readonly command?: object };
    // What an entry sends to its file holds what the file sends on to the owner.
    const { kind, fileId } = (sent.command ?? sent) as { kind: string; fileId?: string };
    if (kind === "ReturnEntry" && fileId !== undefined) files.add(fileId);
  }
  return files;
}

function toJson({ atMs, ...report }: ReconciliationReport, locked: string | undefined): string {
  return `${JSON.stringify({ ...report, at: timeOrNull(atMs), locked: locked ?? null })}\n`;
}
