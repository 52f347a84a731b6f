/**
 * What is sealed and no longer needed: an outlet of the outbox. An actor says which token, in the
 * commit that makes it useless, and it is destroyed at least once.
 */
import type { Outlet } from "../runtime/outbox.ts";

export class Destroyer implements Outlet {
  constructor(private readonly store: { destroy(tokens: readonly string[]): void }) {}

  deliver(_id: string, token: string): Promise<void> {
    this.store.destroy([token]);
    return Promise.resolve();
  }
}
