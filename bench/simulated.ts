/**
 * A switch whose days pass as fast as it can live them: its own actors, event log, views, vault and
 * files in a directory, collection by a clock that the benchmark moves, and the sandbox's bank on
 * the other side. Every event is heard by books that are not the switch's.
 */

import { present } from "../actors/assert.ts";
import { loadConfig } from "../src/config.ts";
import { dataFiles, initialise, writeWhole } from "../src/data-directory.ts";
import type { Sandbox } from "../src/http/services.ts";
import { SANDBOX_ODFI } from "../src/odfi-config.ts";
import { BankTwin } from "../src/rails/bank-twin/bank-twin.ts";
import { VirtualClock } from "../src/runtime/clock.ts";
import { type RunningSwitch, type SwitchOptions, startSwitch } from "../src/switch.ts";
import { WatchedBank } from "./quarter-bank.ts";
import { QuarterBooks } from "./quarter-books.ts";
import { InvariantBroken } from "./quarter-demand.ts";

/** Faults planted by tests, which must be found. */
export type Planted = Pick<SwitchOptions, "actors">;

export interface Simulated {
  readonly running: RunningSwitch;
  readonly sandbox: Sandbox;
  readonly books: QuarterBooks;
  readonly bank: BankTwin;
  readonly watched: WatchedBank;
  /** The file of the event log. */
  readonly events: string;
}

/** In an empty directory, at a moment in Unix milliseconds. */
export async function startSimulated(
  folder: string,
  startMs: number,
  planted: Planted = {},
): Promise<Simulated> {
  const clock = new VirtualClock(startMs);
  const books = new QuarterBooks();
  initialise(folder);
  const files = dataFiles(folder);
  const bank = new BankTwin(clock, {
    bankNumber: SANDBOX_ODFI.immediateDestination,
    keep: (state) => writeWhole(files.sandboxBank, state),
  });
  const watched = new WatchedBank(bank, books);
  const config = loadConfig(folder, {}, { mode: "sandbox", port: 0, shadowRate: 0 });
  const log = (fields: Readonly<Record<string, unknown>>): void => {
    // What is planted is looked for in the books.
    if (fields["event"] === "fault" && planted.actors === undefined) {
      books.broken ??= new InvariantBroken("fault", JSON.stringify(fields));
    }
  };
  const running = await startSwitch({ config, clock, bank: watched, log, ...planted });
  running.services.host.feed.subscribe((events) => books.hear(events));
  const sandbox = present(running.services.sandbox, "a sandbox");
  return { running, sandbox, books, bank, watched, events: files.events };
}
