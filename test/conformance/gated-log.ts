/** A log that the test holds in its hand: commits wait, fail, or lose their answer on the way. */
import type { ActorCommit, Awaitable, CommitResult } from "../../src/runtime/event-log.ts";
import { LogFailure } from "../../src/runtime/event-log.ts";
import { ForwardingLog } from "./forwarding-log.ts";
import { Rig, type RigOptions } from "./rig.ts";
import type { Subject } from "./subject.ts";

export type Fate =
  | "pass"
  /** The connection dies before the list arrives. */
  | "cut_before"
  /** The connection dies when all is written and the answer is under way. */
  | "cut_after"
  | "full"
  | "failed";

export class GatedLog extends ForwardingLog {
  /** What happens to the next commits, one each; those after pass. */
  readonly fates: Fate[] = [];
  /** Lists that arrived, whatever became of them. */
  readonly lists: (readonly ActorCommit[])[] = [];
  #gate: PromiseWithResolvers<void> | undefined;

  /** From now on commits wait; none of them is written. */
  hold(): void {
    this.#gate ??= Promise.withResolvers();
  }

  release(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    this.lists.push(list);
    if (this.#gate === undefined) return this.#commit(list);
    return this.#gate.promise.then(() => this.#commit(list));
  }

  #commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    const fate = this.fates.shift() ?? "pass";
    if (fate === "full") throw new LogFailure("full", "planted");
    if (fate === "failed") throw new LogFailure("failed", "planted");
    if (fate === "cut_before") throw new LogFailure("unknown_outcome", "planted");
    const results = super.commit(list);
    if (fate === "pass") return results;
    return (async () => {
      await results;
      throw new LogFailure("unknown_outcome", "planted");
    })();
  }
}

/** A rig whose log is gated, in every life of it. */
export function withGate(
  subject: Subject,
  run: (rig: Rig, gate: () => GatedLog) => Promise<void>,
  options: Omit<RigOptions, "wrap"> = {},
): Promise<void> {
  let gate: GatedLog | undefined;
  const wrap: RigOptions["wrap"] = (log) => {
    gate = new GatedLog(log);
    return gate;
  };
  return Rig.with(subject, (rig) => run(rig, () => gate as GatedLog), { ...options, wrap });
}
