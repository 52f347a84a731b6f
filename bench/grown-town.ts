/**
 * A data directory of a given size that is kept: how many customers are registered in it, which
 * lanes it has, and how many payments were made, in a file of its own beside the data.
 */
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { assert } from "../actors/assert.ts";
import type { LaneId } from "../actors/ids.ts";
import { Town } from "./town.ts";

const FILE = "bench.json";
const MERCHANTS = 10;

export interface GrownTown {
  readonly customers: number;
  readonly lanes: readonly LaneId[];
  /** Payments that were made here. */
  readonly payments: number;
  /** The next ones, which are being made: after a kill nobody knows which of them were. */
  readonly paying?: number | undefined;
}

/** Stands in the file while customers are registered: after a kill nobody knows which were. */
const GROWING = { isGrowing: true };

/** Undefined where there is no town yet, or one that was killed while it grew. */
export function readTown(dataDir: string): GrownTown | undefined {
  const noted = noteOf(dataDir);
  return noted === undefined || "isGrowing" in noted ? undefined : noted;
}

function noteOf(dataDir: string): GrownTown | typeof GROWING | undefined {
  const file = join(dataDir, FILE);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/** All of it or nothing, whenever the process is killed. */
export function writeTown(dataDir: string, town: GrownTown): void {
  note(dataDir, town);
}

function note(dataDir: string, what: GrownTown | typeof GROWING): void {
  const file = join(dataDir, FILE);
  writeFileSync(`${file}.new`, JSON.stringify(what));
  renameSync(`${file}.new`, file);
}

/** Makes the directory, anew where it was killed while it grew, or registers who is missing. */
export async function growTown(
  dataDir: string,
  customers: number,
  lanesCount: number,
  tell: (text: string) => void,
): Promise<GrownTown> {
  const noted = noteOf(dataDir);
  if (noted !== undefined && "isGrowing" in noted) rmSync(dataDir, { recursive: true });
  const known = readTown(dataDir);
  if (known !== undefined && known.customers >= customers) return known;
  // Another number of customers would be another order of payments.
  assert((known?.payments ?? 0) === 0, "a town grows before its first payment");
  const town = await Town.open(dataDir);
  note(dataDir, GROWING);
  try {
    const lanes = [...(known?.lanes ?? [])];
    while (lanes.length < lanesCount) {
      lanes.push(...(await town.openMerchant(Math.ceil(lanesCount / MERCHANTS))).map(idOf));
    }
    const first = known?.customers ?? 0;
    await town.register(first, customers, undefined, (done) => {
      tell(`customers: ${first + done} of ${customers}`);
    });
    const grown = { customers, lanes, payments: 0 };
    writeTown(dataDir, grown);
    return grown;
  } finally {
    await town.close();
  }
}

function idOf({ id }: { readonly id: LaneId }): LaneId {
  return id;
}

/** Bytes of the databases and their write-ahead logs. */
export function fileBytes(dataDir: string): number {
  return databasesOf(dataDir).reduce((sum, file) => sum + statSync(file).size, 0);
}

/** Of the machine's memory: what one town may fill of it, so that there is room for another. */
const MEMORY_SHARE = 1 / 3;

/**
 * Reads all of its databases once, so that they are in memory as on a machine that has been up for
 * long. A town that is too large for that is left as it is.
 */
export async function readThrough(dataDir: string): Promise<void> {
  if (fileBytes(dataDir) > totalmem() * MEMORY_SHARE) return;
  for (const file of databasesOf(dataDir)) {
    for await (const _ of Bun.file(file).stream());
  }
}

function databasesOf(dataDir: string): readonly string[] {
  return readdirSync(dataDir)
    .filter((name) => /\.db(-wal)?$/.test(name))
    .map((name) => join(dataDir, name));
}
