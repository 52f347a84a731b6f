/**
 * The sample files of others (test data of moov-io/ach, Apache License 2.0). They lie beside the
 * repository, not in it; where they are absent their tests are reported as skipped.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AchItem, AchSummary } from "../../../src/rails/ach/items.ts";
import { type ForwardFile, readForward, readInbound } from "../../../src/rails/ach/reader.ts";

const FOLDER = join(import.meta.dir, "../../../../shared/data/ach");
export const absent = !existsSync(FOLDER);
if (absent) console.log("ACH sample files are absent: their tests are skipped.");

export function samplePath(name: string): string {
  return join(FOLDER, name);
}

export function sample(name: string): Uint8Array {
  return new Uint8Array(readFileSync(samplePath(name)));
}

export async function whole(bytes: Uint8Array): Promise<ForwardFile> {
  const result = await readForward([bytes]);
  if (result.kind === "refused") throw new Error(JSON.stringify(result.faults));
  return result.file;
}

/** All faults as `line, columns, field: reason`; empty for a whole file. */
export async function faultsOf(bytes: Uint8Array): Promise<string[]> {
  const result = await readForward([bytes]);
  return result.kind === "whole" ? [] : result.faults.map(tell);
}

export interface Inbound {
  readonly items: readonly AchItem[];
  readonly summary: AchSummary;
  of<Kind extends AchItem["kind"]>(kind: Kind): Extract<AchItem, { kind: Kind }>[];
  readonly faults: readonly string[];
  readonly exceptions: readonly string[];
}

export async function inbound(chunks: Uint8Array | Iterable<Uint8Array>): Promise<Inbound> {
  const stream = readInbound(chunks instanceof Uint8Array ? [chunks] : chunks);
  const items: AchItem[] = [];
  for (;;) {
    const { done, value } = await stream.next();
    if (!done) {
      items.push(value);
      continue;
    }
    const of = <Kind extends AchItem["kind"]>(kind: Kind) =>
      items.filter((item): item is Extract<AchItem, { kind: Kind }> => item.kind === kind);
    const faults = of("fault").map(({ fault }) => tell(fault));
    return { items, summary: value, of, faults, exceptions: of("exception").map(tell) };
  }
}

interface Placed {
  readonly line: number;
  readonly columns: readonly [number, number];
  readonly field: string;
  readonly reason: string;
  readonly expected?: string;
}

function tell({ line, columns, field, reason, expected }: Placed): string {
  const right = expected === undefined ? "" : `, expected ${expected}`;
  return `${line}, ${columns.join("-")}, ${field}: ${reason}${right}`;
}
