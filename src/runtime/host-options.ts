/** What a host is made of, its named maxima, and how it is asked. */
import type { ActorRef, AnyActor, Message } from "../../actors/actor.ts";
import type { Clock } from "./clock.ts";
import type { GroupLimits } from "./commit-group.ts";
import type { EventLog } from "./event-log.ts";
import type { OnceKey } from "./once.ts";
import type { Outlet } from "./outbox.ts";
import type { WaiterLimits } from "./waiters.ts";

export interface HostOptions {
  readonly actors: readonly AnyActor[];
  readonly log: EventLog;
  readonly clock: Clock;
  /** Where sends to kinds that are not actors go: SMS, e-mail. */
  readonly outlets?: Readonly<Record<string, Outlet>>;
  /** Told of bugs and faults; must not throw. Default: nothing is told. */
  readonly report?: (error: unknown, where: string) => void;
  readonly limits?: Partial<HostLimits>;
}

export interface HostLimits extends GroupLimits, WaiterLimits {
  /** Actors kept in memory. */
  readonly cellsMax: number;
  /** Commands that wait for the next group or for their actor, over all actors. */
  readonly waitingMax: number;
  /** Commands that wait for one actor to be loaded. */
  readonly mailboxMax: number;
  /** Times a command is decided again after a conflict. */
  readonly attemptsMax: number;
  /** How long `drain` waits for promised answers and for outlets, in real milliseconds. */
  readonly drainMsMax: number;
}

export const HOST_LIMITS: HostLimits = {
  cellsMax: 50_000,
  groupUnitsMax: 2_048,
  waitingMax: 16_384,
  mailboxMax: 1_024,
  attemptsMax: 8,
  laterMsMax: 30_000,
  waitersMax: 65_536,
  // A failover takes half a minute: so long a commit is tried again.
  commitRetriesMax: 60,
  commitRetryMsMax: 1_000,
  drainMsMax: 5_000,
};

export interface AskOptions {
  readonly principal: string;
  /** Left out: the command is not repeated by anyone, and no repeat is recognised. */
  readonly commandId?: string;
  readonly requestId?: string;
}

/** Decides the command under the id of the call, and remembers its reply. */
export type AskFirst = (ref: ActorRef, command: Message) => Promise<Message>;

export type OnceOptions = AskOptions & OnceKey;
