/** Event logs with a planted fault: what the host suite is blind to, if it does not find them. */
import type {
  ActorCommit,
  CommitResult,
  DueTimer,
  EventLog,
  OutboxItem,
} from "../../src/runtime/event-log.ts";
import { MemoryEventLog } from "../../src/runtime/memory-event-log.ts";
import type { Storage } from "./host-engine.ts";

export interface PlantedLog {
  readonly fault: string;
  readonly as: RegExp;
  readonly storage: () => Storage;
}

/** Every reply is forgotten: a repeat is decided anew. */
class ForgetfulLog extends MemoryEventLog {
  override commit(list: readonly ActorCommit[]): readonly CommitResult[] {
    return super.commit(list.map((commit) => ({ ...commit, remember: [] })));
  }
}

/** What one actor sends another, once in a while, never arrives. */
class LeakyLog extends MemoryEventLog {
  #sent = 0;

  override commit(list: readonly ActorCommit[]): readonly CommitResult[] {
    const kept = (_: OutboxItem): boolean => ++this.#sent % 20 !== 0;
    return super.commit(list.map((commit) => ({ ...commit, outbox: commit.outbox.filter(kept) })));
  }
}

/** No timer is ever due. */
class TimelessLog extends MemoryEventLog {
  override timersDue(): readonly DueTimer[] {
    return [];
  }
}

/** A list is written in part: units do not stand or fall together. */
class TornLog extends MemoryEventLog {
  #lists = 0;

  override commit(list: readonly ActorCommit[]): readonly CommitResult[] {
    if (++this.#lists % 40 !== 0 || list.length < 2) return super.commit(list);
    const written = super.commit(list.slice(0, -1));
    const position = this.head().position;
    return [...written, { kind: "ok", position: position + 1 }];
  }
}

const inMemory = (make: () => EventLog) => (): Storage => ({
  open: make,
  reopen: (log) => log,
  close: () => {},
});

export const PLANTED_LOGS: readonly PlantedLog[] = [
  {
    fault: "replies are not remembered",
    as: /^(I6|the ladder)/,
    storage: inMemory(() => new ForgetfulLog()),
  },
  {
    fault: "sends get lost",
    as: /^(everyone is answered|captured or released, in the end|the town is set up)/,
    storage: inMemory(() => new LeakyLog()),
  },
  {
    fault: "timers get lost",
    as: /^every request ends/,
    storage: inMemory(() => new TimelessLog()),
  },
  {
    fault: "an acknowledged commit is torn",
    as: /^(I4|both get the truth|nothing acknowledged is lost|no bug|everyone is answered)/,
    storage: inMemory(() => new TornLog()),
  },
];
