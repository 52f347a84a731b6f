/**
 * What comes from the bank: acknowledgements, statements, returns and notifications of change. Each
 * piece is taken once it is acted on, or kept where a person finds it; one that cannot be taken now
 * hides none that is newer.
 */
import type { InboundItem } from "./bank-gateway.ts";
import { takeAcknowledgement, takeStatement } from "./file-word.ts";
import type { CollectionParts } from "./parts.ts";
import { takeReturns } from "./return-file.ts";

/** Pieces that are tried in one run. */
const ITEMS_MAX = 10_000;

/**
 * Takes in all that is there; gives whether every file of returns was read. Without that no file
 * ends: what is collected might have come back.
 */
export async function takeInbound(
  parts: CollectionParts,
  report: (error: unknown, where: string) => void,
): Promise<boolean> {
  const { gateway } = parts;
  let areReturnsRead = true;
  let left = 0;
  for (let tried = 0; tried < ITEMS_MAX; ) {
    const items = await gateway.inbound(left);
    if (items.length === 0) return areReturnsRead;
    for (const item of items) {
      tried++;
      try {
        await takeItem(parts, item);
        await gateway.taken(item.id);
      } catch (error) {
        left++;
        if (item.kind === "returns") areReturnsRead = false;
        report(error, `collection, ${item.kind} of the bank`);
      }
    }
  }
  return false;
}

export async function takeItem(parts: CollectionParts, item: InboundItem): Promise<void> {
  switch (item.kind) {
    case "acknowledgement":
      return await takeAcknowledgement(parts, item);
    case "statement":
      return await takeStatement(parts, item);
    case "returns":
      return await takeReturns(parts, item.bytes);
  }
}
