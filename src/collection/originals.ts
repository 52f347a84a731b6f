/**
 * What the second opinion is told of entries that repeat or undo another one: what that one was
 * (Nacha Operating Rules, Subsections 2.9 and 2.12.4: the same amount, company and class).
 */
import { present } from "../../actors/assert.ts";
import type { AchExpectedEntry } from "../rails/ach-check/expectations.ts";
import { entriesOfTrace, type FiledEntry } from "../views/ach-entries.ts";
import { type CollectionParts, entriesTable } from "./parts.ts";
import { ruleOf } from "./sec-rules.ts";

/** By individual id, noted before the line of the entry is written. */
export class Originals {
  readonly #known = new Map<string, AchExpectedEntry>();

  constructor(private readonly parts: CollectionParts) {}

  get(individualId: string): AchExpectedEntry | undefined {
    return this.#known.get(individualId);
  }

  note(individualId: string, entry: FiledEntry, companyName: string): void {
    const repeated = originalOf(this.parts, entry);
    if (repeated === undefined) return;
    const { profile } = this.parts;
    const { sec } = ruleOf(profile, repeated);
    const { amountCents } = repeated;
    const original = { sec, companyName, companyId: profile.companyId, amountCents };
    this.#known.set(individualId, { original });
  }
}

/** Of a reversal the entry that was wrong; a retry is of what its owner says it was. */
function originalOf(parts: CollectionParts, entry: FiledEntry): FiledEntry | undefined {
  const { subject, attempt } = entry;
  if (subject.kind !== "reversal") return attempt > 1 ? entry : undefined;
  const { trace, fileId } = subject.reverses;
  const found = entriesOfTrace(entriesTable(parts), trace).find((one) => one.fileId === fileId);
  return present(found, "what is reversed was sent");
}
