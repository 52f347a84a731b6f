/**
 * A host over a subject's store, with toy actors, a clock that stands still and an outlet that
 * keeps what it is given.
 */
import type { ActorRef, AnyActor, Message } from "../../actors/actor.ts";
import { assert, present } from "../../actors/assert.ts";
import { VirtualClock } from "../../src/runtime/clock.ts";
import type { EventLog } from "../../src/runtime/event-log.ts";
import { Host, type HostLimits, type OnceAnswer } from "../../src/runtime/host.ts";
import { NOON_MS } from "./commits.ts";
import type { Store, Subject } from "./subject.ts";
import { alarm } from "./toy-alarm.ts";
import { counter } from "./toy-counter.ts";
import { purse, till } from "./toy-saga.ts";

export interface RigOptions {
  readonly limits?: Partial<HostLimits>;
  readonly actors?: readonly AnyActor[];
  /** Stands between the log and its host, anew for every life. */
  readonly wrap?: (log: EventLog) => EventLog;
}

export interface Delivery {
  readonly id: string;
  readonly target: string;
  readonly command: Message;
}

/** How long cases wait for what must come; the hunt for planted faults waits less. */
export const patience = { untilMs: 10_000, drainMs: 5_000 };

/** Waits until `fact` holds; throws when it does not come true. */
export async function until(fact: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + patience.untilMs;
  while (!(await fact())) {
    assert(performance.now() < deadlineMs, `in time: ${what}`);
    await Bun.sleep(1);
  }
}

/** One run of the process; when it is over its host reaches nothing any more. */
interface Life {
  isOver: boolean;
}

function silence(): Promise<never> {
  return new Promise(() => {});
}

/** Questions and commits that a log answers later, over all rigs of the process. */
export const callsUnderWay = { count: 0 };

/** The log as long as the life lasts; a dead process gets no answers. */
function during(life: Life, log: EventLog): EventLog {
  return new Proxy(log, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...given: unknown[]) => {
        if (life.isOver) return silence();
        const answer: unknown = member.apply(target, given);
        return answer instanceof Promise ? counted(answer) : answer;
      };
    },
  });
}

async function counted<Answer>(answer: Promise<Answer>): Promise<Answer> {
  callsUnderWay.count++;
  try {
    return await answer;
  } finally {
    callsUnderWay.count--;
  }
}

const TOYS: readonly AnyActor[] = [counter, purse, till, alarm];

export class Rig {
  readonly clock = new VirtualClock(NOON_MS);
  /** What the outlet `post` was given, in order. */
  readonly deliveries: Delivery[] = [];
  readonly reports: unknown[] = [];
  /** What the outlet does before it takes a delivery. */
  beforeDelivery: (delivery: Delivery) => Promise<void> = async () => {};
  #life: Life = { isOver: false };
  #log: EventLog | undefined;
  #host: Host | undefined;

  private constructor(
    private readonly subject: Subject,
    private readonly store: Store,
    private readonly options: RigOptions,
  ) {}

  /** A case with a started host; the store is removed afterwards. */
  static async with(
    subject: Subject,
    run: (rig: Rig) => Promise<void>,
    options: RigOptions = {},
  ): Promise<void> {
    const store = await subject.create();
    const rig = new Rig(subject, store, options);
    try {
      await rig.start();
      await run(rig);
    } finally {
      await rig.#host?.drain();
      await store.dispose();
    }
  }

  get host(): Host {
    return present(this.#host, "a started host");
  }

  /** The log of the present life, as the host sees it. */
  get log(): EventLog {
    return present(this.#log, "an open log");
  }

  async start(): Promise<void> {
    this.#life = { isOver: false };
    const opened = await this.store.open();
    this.#log = this.options.wrap?.(opened) ?? opened;
    this.#host = this.hostOn(this.#log);
    await this.#host.start();
  }

  /** One more host; on the same log it is another writer. */
  hostOn(log: EventLog): Host {
    const life = this.#life;
    const deliver = async (id: string, target: string, command: Message): Promise<void> => {
      await this.beforeDelivery({ id, target, command });
      if (life.isOver) return silence();
      this.deliveries.push({ id, target, command });
    };
    const { hostSees = (same) => same, actors = TOYS } = this.subject;
    return new Host({
      actors: this.options.actors ?? actors,
      log: during(life, hostSees(log)),
      clock: this.clock,
      outlets: { post: { deliver } },
      report: (error) => {
        if (!life.isOver) this.reports.push(error);
      },
      limits: { drainMsMax: patience.drainMs, ...this.options.limits },
    });
  }

  async restart(): Promise<void> {
    await this.host.drain();
    await this.store.stop();
    await this.start();
  }

  /** The process dies; another one starts on what it left. */
  async crash(): Promise<void> {
    this.#life.isOver = true;
    await this.store.crash();
    await this.start();
  }

  ask(ref: ActorRef, command: Message, commandId?: string): Promise<Message> {
    const principal = "desk:test";
    return this.host.ask(
      ref,
      command,
      commandId === undefined ? { principal } : { principal, commandId },
    );
  }

  once(ref: ActorRef, command: Message, commandId: string, fingerprint = ""): Promise<OnceAnswer> {
    const requestId = `request of ${commandId}`;
    const options = { principal: "desk:test", commandId, fingerprint, requestId };
    return this.host.askOnce(ref, command, options);
  }
}
