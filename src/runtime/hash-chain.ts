/**
 * The hash chain of the event log: each event's SHA-256 covers every stored field and the hash of
 * the event before it, so that no byte of the past can change without every later hash being wrong.
 * Without an outside copy of some hash, a rewrite of the whole log cannot be seen.
 */
import { assert } from "../../actors/assert.ts";
import type { StoredEvent } from "./event-log.ts";

export const HASH_BYTES = 32;
/** The hash before the first event. */
export const GENESIS: Uint8Array = new Uint8Array(HASH_BYTES);

const encoder = new TextEncoder();
let scratch = new Uint8Array(16_384);

/** SHA-256(previous hash || canonical text of the event), 32 bytes. */
export function chainHash(previous: Uint8Array, event: StoredEvent): Uint8Array {
  assert(previous.length === HASH_BYTES, "the previous hash has 32 bytes");
  const text = canonicalText(event);
  // Three bytes hold any UTF-16 unit in UTF-8.
  if (scratch.length < HASH_BYTES + text.length * 3) {
    scratch = new Uint8Array(HASH_BYTES + text.length * 6);
  }
  scratch.set(previous, 0);
  const { written } = encoder.encodeInto(text, scratch.subarray(HASH_BYTES));
  const hash = new Uint8Array(HASH_BYTES);
  Bun.SHA256.hash(scratch.subarray(0, HASH_BYTES + written), hash);
  return hash;
}

/** Every field on a line of its own; `data` is JSON and holds no line break. */
function canonicalText(event: StoredEvent): string {
  return (
    `${event.position}\n${event.ref.kind}\n${event.ref.id}\n${event.seq}\n${event.previous}\n` +
    `${event.kind}\n${event.version}\n${event.atMs}\n${event.principal}\n${event.commandId}\n` +
    event.data
  );
}
