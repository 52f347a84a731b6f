/** What a case of a problem is, and the plainest ways to make one. */
import type { Policy } from "../../actors/policy.ts";
import type { Customer, Reply, SwitchRig } from "../switch-rig.ts";

export type Call = () => Promise<Reply>;

export interface ProblemCase {
  readonly status: number;
  /** Needs a switch of its own, under this policy. */
  readonly policy?: Partial<Policy>;
  /** The refusal itself is an event: counted, blocked, or held and given back. */
  readonly isRecorded?: true;
  readonly prepare: (rig: SwitchRig) => Promise<Call>;
}

/** Of a verified customer. */
export function desk(status: number, act: (rig: SwitchRig, customer: Customer) => Promise<Call>) {
  const prepare = async (rig: SwitchRig): Promise<Call> => act(rig, await rig.customer());
  return { status, prepare };
}

export function plain(status: number, call: (rig: SwitchRig) => Promise<Reply>): ProblemCase {
  return { status, prepare: async (rig) => () => call(rig) };
}
