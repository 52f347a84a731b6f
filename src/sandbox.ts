/**
 * What a sandbox has instead of the world outside: a clock that can be moved ahead, and a bank.
 * Both are kept in the data directory, so that days which have passed stay passed.
 */
import { existsSync, readFileSync } from "node:fs";
import { assert } from "../actors/assert.ts";
import type { Collections } from "./collection/collections.ts";
import { DirectoryRefused, writeWhole } from "./data-directory.ts";
import type { OdfiProfile } from "./rails/ach/odfi-profile.ts";
import { BankTwin } from "./rails/bank-twin/bank-twin.ts";
import type { BankTwinState } from "./rails/bank-twin/state.ts";
import { SandboxSms } from "./rails/sms.ts";
import { type Clock, VirtualClock } from "./runtime/clock.ts";

interface ClockFile {
  /** Milliseconds that the sandbox is ahead of real time. */
  readonly aheadMs: number;
}

export interface SandboxFiles {
  readonly sandboxClock: string;
  readonly sandboxBank: string;
}

export class SandboxWorld {
  readonly clock: VirtualClock;
  readonly sms: SandboxSms;
  readonly bank: BankTwin;
  #moving: Promise<unknown> = Promise.resolve();

  /** Goes on where an earlier process was; throws DirectoryRefused for files that are broken. */
  constructor(
    private readonly files: SandboxFiles,
    profile: OdfiProfile,
    clock?: VirtualClock,
  ) {
    this.clock = clock ?? clockFrom(files.sandboxClock);
    this.sms = new SandboxSms(this.clock);
    this.bank = bankFrom(files.sandboxBank, this.clock, profile);
  }

  /**
   * Moves time to `toMs`, Unix milliseconds; what falls due on the way happens in its order, each
   * at its own time. Gives the time there is then. A time that is past moves nothing.
   */
  async advanceTo(toMs: number, collections: Collections): Promise<number> {
    assert(Number.isSafeInteger(toMs), "a time is whole milliseconds");
    const move = this.#moving.then(() => this.#move(toMs, collections));
    this.#moving = move.catch(() => {});
    return await move;
  }

  async #move(toMs: number, collections: Collections): Promise<number> {
    const { clock } = this;
    await collections.caughtUp();
    while (clock.nowMs() < toMs) {
      const stopMs = Math.min(toMs, Math.max(collections.nextAtMs, clock.nowMs()));
      // First kept, then moved: no process finds itself before what has happened.
      const aheadMs = Math.max(0, stopMs - Date.now());
      writeWhole(this.files.sandboxClock, { aheadMs } satisfies ClockFile);
      clock.advanceTo(Math.max(stopMs, clock.nowMs()));
      await collections.caughtUp();
    }
    return clock.nowMs();
  }
}

function clockFrom(file: string): VirtualClock {
  const { aheadMs } = readJson<ClockFile>(file) ?? { aheadMs: 0 };
  if (!Number.isSafeInteger(aheadMs) || aheadMs < 0) throw unreadable(file);
  return new VirtualClock(Date.now() + aheadMs, "flowing");
}

function bankFrom(file: string, clock: Clock, profile: OdfiProfile): BankTwin {
  const state = readJson<BankTwinState>(file);
  if (state !== undefined && state.version !== 1) throw unreadable(file);
  return new BankTwin(clock, {
    bankNumber: profile.immediateDestination,
    keep: (changed) => writeWhole(file, changed),
    ...(state === undefined ? {} : { state }),
  });
}

function readJson<Content>(file: string): Content | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const content: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof content === "object" && content !== null) return content as Content;
  } catch {
    // Told below, without what the parser quotes.
  }
  throw unreadable(file);
}

function unreadable(file: string): DirectoryRefused {
  return new DirectoryRefused(`${file} cannot be read: remove it, or begin another sandbox`);
}
