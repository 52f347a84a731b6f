/**
 * A file as it was sealed, read by the independent reader: what was handed over is what was built,
 * down to the byte.
 */
import { isCents, ZERO_CENTS } from "../../actors/money.ts";
import { AchCheck } from "../rails/ach-check/check.ts";
import type { Difference } from "./difference.ts";
import type { FileRecord } from "./file-record.ts";
import { less, net, type Sides, sidesText } from "./sides.ts";

/**
 * Opens what was sealed, piece by piece; undefined where it is not kept any more. Throws where it
 * is damaged, at the latest when the piece is asked for.
 */
export type OpenSealed = (fileId: string, token: string) => Iterable<Uint8Array> | undefined;

export type SealedFile =
  /** Never built; or its bytes are gone; or the keys are not at hand. */
  | { readonly kind: "not_built" | "gone" | "locked" | "unreadable" }
  | ({
      readonly kind: "read";
      /** Hex. */
      readonly sha256: string;
      readonly entries: number;
    } & Sides);

/** `open` is undefined where nobody has the keys. */
export function readSealed(
  { fileId, sealed, totals }: FileRecord,
  open: OpenSealed | undefined,
): SealedFile {
  if (totals === undefined || sealed === undefined) return { kind: "not_built" };
  if (open === undefined) return { kind: "locked" };
  const hash = new Bun.CryptoHasher("sha256");
  const check = new AchCheck();
  try {
    const pieces = open(fileId, sealed);
    if (pieces === undefined) return { kind: "gone" };
    for (const piece of pieces) {
      hash.update(piece);
      check.push(piece);
    }
  } catch {
    return { kind: "unreadable" };
  }
  const sha256 = hash.digest("hex");
  const { entries, debitCents, creditCents } = check.end();
  // What is no file of ours may add up to what is no amount.
  if (!isCents(debitCents) || !isCents(creditCents)) return { kind: "unreadable" };
  return { kind: "read", sha256, entries, debitCents, creditCents };
}

export function checkSealed(record: FileRecord, sealed: SealedFile): readonly Difference[] {
  const { fileId, totals, steps, terms } = record;
  const events = steps.built === undefined ? [] : [steps.built.position];
  const place = { file: fileId, date: terms?.createdOn ?? null, events };
  if (sealed.kind === "unreadable") {
    const says = "the sealed file cannot be opened or read";
    return [{ ...place, kind: "sealed_unreadable", amountCents: ZERO_CENTS, says }];
  }
  if (sealed.kind !== "read" || totals === undefined) return [];
  const found: Difference[] = [];
  const netCents = net(less(sealed, totals));
  if (told(sealed) !== told(totals)) {
    const says = `as built ${told(totals)}, as sealed ${told(sealed)}`;
    found.push({ ...place, kind: "sealed_totals_differ", amountCents: netCents, says });
  }
  if (sealed.sha256 !== record.sha256) {
    const says = `built with hash ${record.sha256}, sealed with ${sealed.sha256}`;
    found.push({ ...place, kind: "sealed_hash_differs", amountCents: ZERO_CENTS, says });
  }
  return found;
}

function told(file: Sides & { readonly entries: number }): string {
  return `${file.entries} entries, ${sidesText(file)}`;
}
