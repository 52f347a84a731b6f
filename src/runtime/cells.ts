/**
 * Actors in memory. A cell holds one actor's newest state, which may be provisional: decided, but
 * not yet durable. Cells without provisional state leave memory least recently used first, so
 * memory is bounded by the working set and not by the number of accounts.
 */
import type { ActorRef, AnyActor, Message } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import { type LoadedActor, refKey } from "./event-log.ts";

export interface Cell {
  readonly ref: ActorRef;
  readonly key: string;
  readonly actor: AnyActor;
  state: unknown;
  /** Sequence of the newest event, provisional ones included. */
  seq: number;
  /** Position of the newest durable event. */
  lastPosition: number;
  /** Sequence of the state that the log keeps; what came after it is folded when it is read. */
  storedSeq: number;
  /** Units that are decided on this cell and not yet durable. */
  uncommitted: number;
  /** Timers that those units set or cancel: the log's row for such an id is out of date. */
  readonly timersChanged: Set<string>;
  /** Used since the eviction hand last passed. */
  warm: boolean;
}

/** Rebuilds an actor from its stored state and the events after it. */
export function cellFrom(actor: AnyActor, ref: ActorRef, loaded: LoadedActor): Cell {
  const { state: stored, events } = loaded;
  if (stored !== undefined) {
    assert(stored.version === actor.schemaVersion, "the stored state is of this version");
  }
  let state: unknown = stored === undefined ? actor.init(ref.id) : JSON.parse(stored.json);
  let seq = stored?.seq ?? 0;
  for (const event of events) {
    assert(event.seq === seq + 1, "the events of an actor have no gap");
    state = actor.apply(state, upcast(actor, event));
    seq = event.seq;
  }
  assert(seq === loaded.seq, "state and events end at the actor's sequence");
  return {
    ref,
    key: refKey(ref),
    actor,
    state,
    seq,
    lastPosition: loaded.lastPosition,
    storedSeq: stored?.seq ?? 0,
    uncommitted: 0,
    timersChanged: new Set(),
    warm: true,
  };
}

/** True when the log's row for this timer is about to be replaced or removed. */
export function isOverridden(cell: Cell, timerId: string): boolean {
  return cell.timersChanged.has(timerId);
}

/** One more unit is decided on the cell and not yet durable. */
export function hold(cell: Cell): void {
  cell.uncommitted++;
}

/** The unit is durable, or thrown away. */
export function release(cell: Cell): void {
  assert(cell.uncommitted > 0, "a cell is released as often as it was held");
  cell.uncommitted--;
  if (cell.uncommitted === 0 && cell.timersChanged.size > 0) cell.timersChanged.clear();
}

/**
 * A stored event as today's code knows it. Throws AssertionFailed on an unknown kind or version.
 */
export function upcast(
  actor: AnyActor,
  stored: { readonly kind: string; readonly version: number; readonly data: string },
): Message {
  assert(stored.version <= actor.schemaVersion, "the event is not of a newer version");
  const body: unknown = JSON.parse(stored.data);
  const event: Message = actor.upcast({ kind: stored.kind, version: stored.version, body });
  assert(actor.eventKinds.includes(event.kind), "the event is of a known kind");
  return event;
}

export class Cells {
  readonly #cells = new Map<string, Cell>();
  /** Undefined until something must go. */
  #hand: Iterator<Cell, undefined> | undefined;

  constructor(private readonly cellsMax: number) {
    assert(cellsMax >= 1, "at least one cell");
  }

  get size(): number {
    return this.#cells.size;
  }

  get(key: string): Cell | undefined {
    const cell = this.#cells.get(key);
    if (cell !== undefined) cell.warm = true;
    return cell;
  }

  put(cell: Cell): void {
    this.#cells.set(cell.key, cell);
  }

  /**
   * Forgets a cell whose provisional state is not to be believed; it is loaded again when asked.
   */
  drop(cell: Cell): void {
    if (this.#cells.get(cell.key) === cell) this.#cells.delete(cell.key);
  }

  /**
   * Second chance: the hand goes round in order of arrival and spares what was used since, and what
   * has provisional state. It looks at no more than `looksMax` cells, and stays where it stopped:
   * begun anew each time it would have to step over all that is gone.
   */
  evict(looksMax: number): void {
    assert(looksMax >= 1, "the hand looks at some cell");
    let over = this.#cells.size - this.cellsMax;
    for (let looks = 0; over > 0 && looks < looksMax; looks++) {
      this.#hand ??= this.#cells.values();
      const { value: cell } = this.#hand.next();
      if (cell === undefined) this.#hand = undefined;
      else if (cell.warm || cell.uncommitted > 0) cell.warm = false;
      else {
        this.#cells.delete(cell.key);
        over--;
      }
    }
  }
}
