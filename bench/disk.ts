/** How long this disk takes to make a page durable: no durable reply can come faster. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Histogram } from "./histogram.ts";

const PAGE = new Uint8Array(4_096).fill(7);

/** Appends `count` pages of 4 KiB in `folder`, each followed by fdatasync; tells their times. */
export function probeDisk(folder: string, count: number): Histogram {
  const file = join(folder, "disk-probe");
  const histogram = new Histogram();
  const descriptor = openSync(file, "w");
  try {
    for (let at = 0; at < count; at++) {
      const startedMs = performance.now();
      writeSync(descriptor, PAGE);
      fdatasyncSync(descriptor);
      histogram.record(performance.now() - startedMs);
    }
  } finally {
    closeSync(descriptor);
    rmSync(file, { force: true });
  }
  return histogram;
}
