/**
 * Faults of the world and of the host, as told to a caller who may try again. They are not refusals
 * (an actor's named no) and not bugs of the caller: nothing that was acknowledged is affected.
 */
export type FaultKind =
  /** A queue with a named maximum is full. */
  | "busy"
  /** The process is shutting down. */
  | "draining"
  /** The event log could not store this group (disk full); nothing was written. */
  | "storage_full"
  /** The event log failed; the host acknowledges nothing until it is started anew. */
  | "storage_failed"
  /** Another writer was faster, more often than the host tries again. */
  | "conflict"
  /** The final answer did not come in time; the same command id asks again. */
  | "timeout"
  /** An assertion failed: a bug. The actor did not write. */
  | "bug";

export class Fault extends Error {
  override readonly name = "Fault";
  constructor(
    readonly kind: FaultKind,
    message: string = kind,
  ) {
    super(message);
  }

  /** It passes for all at once, and nothing is gained by asking ever more slowly. */
  get isShared(): boolean {
    return this.kind !== "bug";
  }
}
