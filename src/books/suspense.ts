/**
 * What came from the bank and nobody could act on: exceptions that hold money in suspense until a
 * person has looked, inbound files that were not read to their end, and doubts about returns, each
 * of which must be among the exceptions of its file.
 */
import type { AchEntryEvent } from "../../actors/ach-entry.ts";
import type { AchInboundEvent } from "../../actors/ach-inbound.ts";
import type { InboundException, MovedMoney } from "../../actors/inbound-exception.ts";
import { addCents, type Cents, cents, formatCents, ZERO_CENTS } from "../../actors/money.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { Moved } from "./clearing.ts";
import type { Difference } from "./difference.ts";
import type { Step } from "./file-record.ts";
import { suspendedCents } from "./own-figures.ts";

/** An exception that a person has not resolved. */
export interface OpenException extends Step {
  /** Hash of the inbound file. */
  readonly inbound: string;
  readonly number: number;
  readonly line: number;
  readonly reason: string;
  readonly money: MovedMoney;
  /** Debit positive, as in `ach:suspense`. */
  readonly amountCents: Cents;
}

interface Doubts {
  count: number;
  amountCents: Cents;
  position: number;
}

export class Suspense {
  readonly #open = new Map<string, OpenException>();
  /** Inbound files under way, by hash. */
  readonly #unread = new Map<string, Step>();
  /** Doubts less the exceptions that were kept of them, by the hash of their inbound file. */
  readonly #doubts = new Map<string, Doubts>();
  /** Money for files that we do not know, by lines of statements, resolved or not. */
  readonly #settlements: OpenException[] = [];
  readonly differences: Difference[] = [];
  /** Everything that was doubted and kept so far. */
  doubted = 0;

  hearEntry({ position }: StoredEvent, event: AchEntryEvent): void {
    if (event.kind !== "ReturnDoubted") return;
    this.doubted++;
    this.#doubt(event.inbound, 1, event.amountCents, position);
  }

  hearInbound({ ref, position, atMs }: StoredEvent, event: AchInboundEvent, moved: Moved): void {
    switch (event.kind) {
      case "InboundReceived":
        this.#unread.set(ref.id, { position, atMs });
        return;
      case "ExceptionKept":
        this.#keep(ref.id, { position, atMs }, event.exception);
        return;
      case "ExceptionResolved":
        this.#resolve(`${ref.id}/${event.number}`, position, moved);
        return;
      case "ExceptionApplied":
        this.#applied(`${ref.id}/${event.number}`, position, event.amountCents, moved);
        return;
      case "InboundFinished":
        this.#unread.delete(ref.id);
        // The first page ends last.
        if (ref.id === fileOf(ref.id)) this.#compareDoubts(ref.id);
        return;
      default:
    }
  }

  /** Oldest first. */
  get open(): readonly OpenException[] {
    return [...this.#open.values()];
  }

  /** What was kept of lines of statements that speak of no file of ours. */
  get settlements(): readonly { readonly kept: OpenException; readonly isOpen: boolean }[] {
    return this.#settlements.map((kept) => {
      return { kept, isOpen: this.#open.has(`${kept.inbound}/${kept.number}`) };
    });
  }

  get unread(): ReadonlyMap<string, Step> {
    return this.#unread;
  }

  #keep(inbound: string, step: Step, { number, line, reason, money }: InboundException): void {
    if (money === null) return;
    if (money.of === "return") {
      this.#doubt(fileOf(inbound), -1, cents(-money.amountCents), step.position);
    }
    const open = {
      ...step,
      inbound,
      number,
      line,
      reason,
      money,
      amountCents: suspendedCents(money),
    };
    if (money.of === "settlement") this.#settlements.push(open);
    this.#open.set(`${inbound}/${number}`, open);
  }

  #resolve(key: string, position: number, moved: Moved): void {
    const kept = this.#open.get(key);
    this.#open.delete(key);
    const keptCents = kept?.amountCents ?? ZERO_CENTS;
    const left = addCents(keptCents, moved.suspense);
    if (left === 0) return;
    this.differences.push({
      ...{ kind: "suspense_differs", file: null, date: null, amountCents: left },
      events: kept === undefined ? [position] : [kept.position, position],
      says: `${formatCents(keptCents)} were kept, ${formatCents(moved.suspense)} resolved`,
    });
  }

  /** It belongs to an entry after all; what the bank moved beyond that stays open. */
  #applied(key: string, position: number, amountCents: Cents, moved: Moved): void {
    const kept = this.#open.get(key);
    // Of what could not be read nothing had been kept.
    if (kept === undefined && moved.suspense === 0) return;
    const takenCents =
      kept === undefined || kept.amountCents < 0 ? amountCents : cents(-amountCents);
    const left = addCents(kept?.amountCents ?? ZERO_CENTS, takenCents);
    if (left === 0) this.#open.delete(key);
    else if (kept !== undefined) this.#open.set(key, { ...kept, amountCents: left });
    const differs = cents(moved.suspense - takenCents);
    if (differs === 0) return;
    this.differences.push({
      ...{ kind: "suspense_differs", file: null, date: null, amountCents: differs },
      events: kept === undefined ? [position] : [kept.position, position],
      says: `${formatCents(takenCents)} belong to an entry, ${formatCents(moved.suspense)} moved`,
    });
  }

  #doubt(inbound: string, count: number, amountCents: Cents, position: number): void {
    const doubts = this.#doubts.get(inbound) ?? { count: 0, amountCents: ZERO_CENTS, position };
    doubts.count += count;
    doubts.amountCents = addCents(doubts.amountCents, amountCents);
    if (count > 0) doubts.position = position;
    this.#doubts.set(inbound, doubts);
  }

  /** A file that is read to its end has an exception for each doubt, with its money. */
  #compareDoubts(inbound: string): void {
    const doubts = this.#doubts.get(inbound);
    this.#doubts.delete(inbound);
    if (doubts === undefined || (doubts.count === 0 && doubts.amountCents === 0)) return;
    const { amountCents, position } = doubts;
    const file = `inbound file ${inbound.slice(0, 12)}`;
    this.differences.push({
      ...{ kind: "doubts_differ", file: null, date: null, events: [position], amountCents },
      says: `${file}: returns of ${formatCents(amountCents)} are doubted and not in suspense`,
    });
  }
}

/** What is beyond one actor goes to another: the same file, another page. */
function fileOf(inbound: string): string {
  return inbound.split("/")[0] ?? inbound;
}
