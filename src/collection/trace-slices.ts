/**
 * Trace numbers for owners that are asked at the same time: a block of the durable counter is cut
 * into slices, an owner gets one, and what it leaves goes to the next owner, as long as it is worth
 * while. What is left at the end of a run is a gap in the sequence, which is allowed.
 */
import { assert, present } from "../../actors/assert.ts";
import type { TraceBlock } from "../../actors/collection-messages.ts";
import type { TracesReply } from "../../actors/traces.ts";
import { type CollectionParts, PRINCIPAL } from "./parts.ts";

const BLOCK_TRACES = 2_048;
/** What one owner may put into a file; the rest goes into the next. */
const SLICE_TRACES = 64;
/** A slice with fewer is not given any more: whoever gets one has room for what people buy. */
const LEAST_TRACES = 32;

export class TraceSlices {
  readonly #free: TraceBlock[] = [];
  #taking: Promise<void> | undefined;

  constructor(private readonly parts: Pick<CollectionParts, "host" | "profile">) {}

  /** Traces for one owner, which nobody else has. */
  async take(): Promise<TraceBlock> {
    while (this.#free.length === 0) {
      this.#taking ??= this.#cut().finally(() => {
        this.#taking = undefined;
      });
      await this.#taking;
    }
    return present(this.#free.pop(), "a slice that is free");
  }

  /**
   * The owner has so many entries in the file, from the first trace on. After a crash they may be
   * of another slice, and more.
   */
  give({ first, count }: TraceBlock, entries: number): void {
    assert(Number.isInteger(entries) && entries >= 0, "entries are counted");
    const used = Math.min(entries, count);
    const left = { first: first + used, count: count - used };
    if (left.count >= LEAST_TRACES) this.#free.push(left);
  }

  async #cut(): Promise<void> {
    const ref = { kind: "traces", id: this.parts.profile.odfi };
    const command = { kind: "TakeTraces", count: BLOCK_TRACES } as const;
    const reply = await this.parts.host.ask(ref, command, { principal: PRINCIPAL });
    const { block } = reply as TracesReply;
    // The last is given first: the sequence is used from its beginning.
    for (let from = BLOCK_TRACES - SLICE_TRACES; from >= 0; from -= SLICE_TRACES) {
      this.#free.push({ first: block.first + from, count: SLICE_TRACES });
    }
  }
}
