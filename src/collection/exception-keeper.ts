/**
 * Keeps what nobody could act on of one inbound piece, for a person: numbered in its order, so that
 * the same piece again keeps nothing twice. Where money has moved, nothing is ever left out.
 */
import {
  type AchInboundCommand,
  type AchInboundReply,
  EXCEPTIONS_MAX,
} from "../../actors/ach-inbound.ts";
import type { InboundException } from "../../actors/inbound-exception.ts";
import { type CollectionParts, PRINCIPAL } from "./parts.ts";

export class ExceptionKeeper {
  #count = 0;

  constructor(
    private readonly parts: CollectionParts,
    /** Hex, of what came. */
    private readonly hash: string,
    private readonly bytes: number,
  ) {}

  /** `finished`: it came before, and was read to its end. */
  async begin(): Promise<"reading" | "finished"> {
    const reply = await this.#ask(0, { kind: "ReceiveInbound", bytes: this.bytes });
    const isFinished = reply.kind === "inbound" && reply.state.kind === "finished";
    return isFinished ? "finished" : "reading";
  }

  /**
   * It is numbered when this is called, and durable when this resolves: whoever keeps many need not
   * wait for each. If one fails, those behind it do too.
   */
  async keep(
    exception: Omit<InboundException, "number" | "sealed">,
    bytes: Uint8Array | null,
  ): Promise<void> {
    // A file of junk is not kept line by line; money is never left out.
    if (this.#count >= EXCEPTIONS_MAX && exception.money === null) return;
    const page = Math.floor(this.#count / EXCEPTIONS_MAX);
    const number = (this.#count % EXCEPTIONS_MAX) + 1;
    this.#count++;
    const sealed = bytes === null ? null : this.parts.files.put(this.hash, bytes);
    const kept = { number, sealed, ...exception };
    const isFirst = page > 0 && number === 1;
    // An actor hears what it is told in the order in which it is told it.
    await Promise.all([
      isFirst ? this.#ask(page, { kind: "ReceiveInbound", bytes: 0 }) : undefined,
      this.#ask(page, { kind: "KeepException", exception: kept }),
    ]);
  }

  async end(applied: number, known: number): Promise<void> {
    const pages = Math.ceil(this.#count / EXCEPTIONS_MAX);
    for (let page = 1; page < pages; page++) {
      await this.#ask(page, { kind: "FinishInbound", applied: 0, known: 0 });
    }
    await this.#ask(0, { kind: "FinishInbound", applied, known });
  }

  /** An actor keeps so many; what is beyond them goes to another. */
  async #ask(page: number, command: AchInboundCommand): Promise<AchInboundReply> {
    const id = page === 0 ? this.hash : `${this.hash}/${page + 1}`;
    const options = { principal: PRINCIPAL };
    const { host } = this.parts;
    return (await host.ask({ kind: "ach-inbound", id }, command, options)) as AchInboundReply;
  }
}
