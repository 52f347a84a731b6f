/**
 * What a crash left between sealing something and the event that names it: nothing will ever open
 * or destroy it. One sweep notes it, and one at least a day later destroys it, if still no event of
 * its owner names it; so nothing is destroyed that is only late.
 */
import type { ActorRef } from "../../actors/actor.ts";
import { endOfKeeping } from "../../actors/retention.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Host } from "../runtime/host.ts";
import type { ViewReader } from "../runtime/view.ts";
import type { Unnamed, UnnamedRow } from "../vault/sealed-rows.ts";
import { isNamedDocument, retention } from "../views/retention.ts";
import { historyOf } from "./history.ts";

interface Store {
  destroy(tokens: readonly string[]): void;
}

/** A folder of sealed files. */
interface Folder extends Store {
  tokens(): readonly string[];
}

export interface OrphanStores {
  readonly vault: Store;
  readonly documents: Folder;
  readonly bankFiles: Folder;
  /** Where rows and files are noted that nothing names. */
  readonly unnamed: Unnamed;
}

interface Parts {
  readonly host: Host;
  readonly clock: Clock;
  readonly views: ViewReader;
  readonly stores: OrphanStores;
}

const PAGE_MAX = 500;
/** In the place of an owner: what a folder holds says itself not whose it is. */
const FOLDERS = ["documents", "bankFiles"] as const;

export class Orphans {
  /** Files that lie in the folders. */
  readonly #files = new Set<string>();

  constructor(private readonly parts: Parts) {}

  /** Gives how many were destroyed. The views are caught up before. */
  async sweep(): Promise<number> {
    this.#noteFiles();
    const { unnamed } = this.parts.stores;
    let destroyed = 0;
    for (let after = ""; ; ) {
      const page = unnamed.unnamed(after, PAGE_MAX);
      const settled: string[] = [];
      for (const row of page) {
        const verdict = await this.#look(row);
        if (verdict !== "waits") settled.push(row.token);
        if (verdict === "destroyed") destroyed++;
      }
      // Together: each change waits for the disk. What a crash leaves is looked at again.
      if (settled.length > 0) unnamed.named(settled);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_MAX) return destroyed;
      after = last.token;
    }
  }

  /** Files that no event names stand among the rows that none does. */
  #noteFiles(): void {
    const { stores, views, clock } = this.parts;
    const table = views.table(retention.name);
    this.#files.clear();
    for (const folder of FOLDERS) {
      const tokens = stores[folder].tokens();
      for (const token of tokens) this.#files.add(token);
      const unnamed = tokens.filter((token) => !isNamedDocument(table, token));
      stores.unnamed.noteUnnamed(
        unnamed.map((token) => ({ token, owner: folder })),
        clock.nowMs(),
      );
    }
  }

  /** What was found of it, or done with it. */
  async #look({ token, owner, notedAtMs }: UnnamedRow): Promise<"named" | "waits" | "destroyed"> {
    const { stores, clock } = this.parts;
    const folder = FOLDERS.find((name) => name === owner);
    // Its owner has said meanwhile that it is destroyed, and it is.
    const isGone = folder !== undefined && !this.#files.has(token);
    const isNamed = isGone || (await this.#isNamed(token, owner));
    if (isNamed === undefined) return "waits";
    if (isNamed) return "named";
    const nowMs = clock.nowMs();
    if (notedAtMs === undefined) {
      stores.unnamed.noteUnnamed([{ token, owner }], nowMs);
      return "waits";
    }
    if (nowMs < endOfKeeping("orphan", notedAtMs)) return "waits";
    stores[folder ?? "vault"].destroy([token]);
    return "destroyed";
  }

  /** Whether an event names it; undefined for an owner that nobody here knows. */
  async #isNamed(token: string, owner: string): Promise<boolean | undefined> {
    if (FOLDERS.some((name) => name === owner)) {
      return isNamedDocument(this.parts.views.table(retention.name), token);
    }
    // A message is destroyed when it is delivered, or of no use any more.
    if (owner.startsWith("reg_")) return false;
    const ref = refOf(owner);
    if (ref === undefined) return undefined;
    for await (const { data } of historyOf(this.parts.host.feed, ref)) {
      if (data.includes(`"${token}"`)) return true;
    }
    return false;
  }
}

/** Whose rows the vault has: customers by the id of their account, merchants by number. */
function refOf(owner: string): ActorRef | undefined {
  if (owner.startsWith("acc_")) return { kind: "account", id: owner };
  if (/^[0-9]+$/.test(owner)) return { kind: "merchant", id: owner };
  return undefined;
}
