/**
 * The actor contract. An actor is two pure, synchronous functions: `decide` turns a command into
 * events, a reply and effects; `apply` is the only thing that changes state. Time, ids and the
 * verdicts of cryptography arrive in `meta` and in the command, so the same definition runs in the
 * embedded host, in a property test and in an auditor's replay, with the same result.
 */

/** The address of one actor. Actors are virtual: never created, never destroyed. */
export interface ActorRef {
  readonly kind: string;
  readonly id: string;
}

/** Anything with a name: commands are imperative, events are in the past, replies state a fact. */
export interface Message {
  readonly kind: string;
}

/** What a decision may know besides state and command. */
export interface Meta {
  readonly actor: ActorRef;
  /** The idempotency key of this command; one effect per command id. */
  readonly commandId: string;
  /** Unix milliseconds of the injected clock. */
  readonly nowMs: number;
  /**
   * Who asks: `wallet:<account>`, `merchant:<number>`, `lane:<number>`, `desk:<name>`, `switch`.
   */
  readonly principal: string;
}

/** What the host does for an actor, in the same commit as its events. */
export type Effect =
  /** Deliver `command` to another actor, or to an outlet (SMS, e-mail) registered by that kind. */
  | { readonly kind: "send"; readonly to: ActorRef; readonly command: Message }
  /** Wake this actor with `command` at `atMs` or later, never earlier. The same id replaces. */
  | {
      readonly kind: "timer";
      readonly id: string;
      readonly atMs: number;
      readonly command: Message;
    }
  | { readonly kind: "cancel"; readonly id: string }
  /** Gives the final reply to every caller of this actor who was told to wait for `key`. */
  | { readonly kind: "answer"; readonly key: string; readonly reply: Message };

/** A reply that says: the truth comes later, under this key, by an `answer` of the same actor. */
export interface Later {
  readonly kind: "later";
  readonly key: string;
}

export interface Decision<Event extends Message, Reply extends Message> {
  readonly events: readonly Event[];
  readonly reply: Reply | Later;
  readonly effects: readonly Effect[];
}

/** An event as it was stored, perhaps by an older version of its actor. */
export interface StoredBody {
  readonly kind: string;
  readonly version: number;
  readonly body: unknown;
}

export interface ActorDefinition<
  State,
  Command extends Message,
  Event extends Message,
  Reply extends Message,
> {
  readonly kind: string;
  /** Version of the event shapes; stored with every event from the first release. */
  readonly schemaVersion: number;
  /** Every event kind that this version writes; others are refused before append. */
  readonly eventKinds: readonly Event["kind"][];
  init(id: string): State;
  decide(state: State, command: Command, meta: Meta): Decision<Event, Reply>;
  apply(state: State, event: Event): State;
  /** Turns a stored event of any known version into today's; throws AssertionFailed on others. */
  upcast(stored: StoredBody): Event;
}

/** A definition whose types the host does not need to know. */
// biome-ignore lint/suspicious/noExplicitAny: the host carries state and messages opaquely.
export type AnyActor = ActorDefinition<any, any, any, any>;

export const NO_EFFECTS: readonly Effect[] = Object.freeze([]);
const NO_EVENTS: readonly never[] = Object.freeze([]);

/** A decision that changes nothing: a refusal, a repeat, or an answer to a question. */
export function answerOnly<Reply extends Message>(reply: Reply | Later): Decision<never, Reply> {
  return { events: NO_EVENTS, reply, effects: NO_EFFECTS };
}

/** A decision with events and, where given, effects. */
export function decided<Event extends Message, Reply extends Message>(
  events: readonly Event[],
  reply: Reply | Later,
  effects: readonly Effect[] = NO_EFFECTS,
): Decision<Event, Reply> {
  return { events, reply, effects };
}

export function send<Command extends Message>(to: ActorRef, command: Command): Effect {
  return { kind: "send", to, command };
}

/** Wakes the actor with `command` at `atMs` or later; the same id replaces. */
export function wake<Command extends Message>(id: string, atMs: number, command: Command): Effect {
  return { kind: "timer", id, atMs, command };
}

export function cancelWake(id: string): Effect {
  return { kind: "cancel", id };
}

export function later(key: string): Later {
  return { kind: "later", key };
}
