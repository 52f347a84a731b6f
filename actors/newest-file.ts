/** What an account has in its newest file: asked again for that file, it says the same. */
import type { Collection } from "./collection-state.ts";
import type { AchFileId } from "./ids.ts";
import { addCents, amountOf, type Cents, ZERO_CENTS } from "./money.ts";

export const NOTHING_FILED = { entries: 0, debitCents: ZERO_CENTS, creditCents: ZERO_CENTS };

/** Debits, fees and refunds of one file are events of their own. */
export function inNewestFile(
  collection: Collection,
  fileId: AchFileId,
  filed: readonly { readonly amountCents: Cents }[],
  part: "debitCents" | "creditCents",
): Collection {
  const { newestFile } = collection;
  const before = newestFile?.fileId === fileId ? newestFile : NOTHING_FILED;
  const entries = before.entries + filed.length;
  const sum = addCents(before[part], amountOf(filed));
  return { ...collection, newestFile: { ...before, fileId, entries, [part]: sum } };
}
