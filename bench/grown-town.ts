/**
 * A data directory of a given size that is kept: how many customers are registered in it, which
 * lanes it has, and how many payments were made, in a file of its own beside the data.
 */
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
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

/** Undefined where there is no town yet. */
export function readTown(dataDir: string): GrownTown | undefined {
  const file = join(dataDir, FILE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as GrownTown) : undefined;
}

/** All of it or nothing, whenever the process is killed. */
export function writeTown(dataDir: string, town: GrownTown): void {
  const file = join(dataDir, FILE);
  writeFileSync(`${file}.new`, JSON.stringify(town));
  renameSync(`${file}.new`, file);
}

/** Makes the directory, or registers in it who is missing. */
export async function growTown(
  dataDir: string,
  customers: number,
  lanesCount: number,
  tell: (text: string) => void,
): Promise<GrownTown> {
  const known = readTown(dataDir);
  if (known !== undefined && known.customers >= customers) return known;
  // Another number of customers would be another order of payments.
  assert((known?.payments ?? 0) === 0, "a town grows before its first payment");
  const town = await Town.open(dataDir);
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
  return readdirSync(dataDir)
    .filter((name) => /\.db(-wal)?$/.test(name))
    .reduce((sum, name) => sum + statSync(join(dataDir, name)).size, 0);
}
