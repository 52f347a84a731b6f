/**
 * A file of purchases at tills, written, checked and read as streams: what the three readings of
 * the format cost where nothing else is in the way. Each step runs in a process of its own.
 */
import { assert } from "../actors/assert.ts";
import { cents } from "../actors/money.ts";
import { traceNumber } from "../actors/trace-number.ts";
import { SANDBOX_ODFI } from "../src/odfi-config.ts";
import { scanAch } from "../src/rails/ach/reader.ts";
import { secRule } from "../src/rails/ach/sec-policy.ts";
import type { AchEntry } from "../src/rails/ach/write-rules.ts";
import { type AchBatch, writeAch } from "../src/rails/ach/writer.ts";
import { AchCheck } from "../src/rails/ach-check/check.ts";
import { Secret } from "../src/vault/secret.ts";

/** Entries and addenda of a batch are counted in six columns. */
const ENTRIES_PER_BATCH = 50_000;
const AMOUNTS = 10_000;

export interface AchStep {
  readonly entries: number;
  readonly bytes: number;
  /** Faults or findings; a good file has none. */
  readonly faults: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

/** POS entries with their addenda, batch after batch. */
export async function writeStep(path: string, entries: number): Promise<AchStep> {
  return await measured(async () => {
    const { profile } = { profile: SANDBOX_ODFI };
    const out = Bun.file(path).writer();
    const stream = writeAch(
      {
        ...{ immediateDestination: profile.immediateDestination, creationDate: "261123" },
        ...{ immediateOrigin: profile.immediateOrigin, creationTime: "1500", fileIdModifier: "A" },
        ...{ destinationName: profile.destinationName, originName: profile.originName },
        referenceCode: "",
      },
      batches(entries),
    );
    for (;;) {
      const { done, value } = await stream.next();
      if (done) {
        await out.end();
        return { entries: value.entries, bytes: value.bytes, faults: 0 };
      }
      out.write(value);
      await out.flush();
    }
  });
}

/** The second opinion, in pieces. */
export async function checkStep(path: string): Promise<AchStep> {
  return await measured(async () => {
    const check = new AchCheck({ today: "2026-11-23", odfi: SANDBOX_ODFI.odfi });
    for await (const chunk of Bun.file(path).stream()) check.push(chunk);
    const { entries, findings, unlisted } = check.end();
    return { entries, bytes: Bun.file(path).size, faults: findings.length + unlisted };
  });
}

/** Our reader, in pieces. */
export async function readStep(path: string): Promise<AchStep> {
  return await measured(async () => {
    const items = scanAch(Bun.file(path).stream());
    for (;;) {
      const { done, value } = await items.next();
      if (!done) continue;
      return { entries: value.entries, bytes: Bun.file(path).size, faults: value.faults };
    }
  });
}

async function measured(
  work: () => Promise<Pick<AchStep, "entries" | "bytes" | "faults">>,
): Promise<AchStep> {
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  const done = await work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    ...done,
    seconds: (performance.now() - startedMs) / 1_000,
    cpuSeconds: (user + system) / 1e6,
    peakMegabytes: process.resourceUsage().maxRSS / 1_024,
  };
}

function* batches(entries: number): Generator<AchBatch> {
  const { profile } = { profile: SANDBOX_ODFI };
  const rule = secRule("in_store", profile);
  for (let from = 0; from < entries; from += ENTRIES_PER_BATCH) {
    const count = Math.min(ENTRIES_PER_BATCH, entries - from);
    yield {
      kind: "originated",
      header: {
        ...{ serviceClass: rule.serviceClass, companyName: "CORNER GROCERY" },
        ...{ companyDiscretionaryData: profile.companyDiscretionaryData },
        ...{ companyId: profile.companyId, sec: rule.sec, odfi: profile.odfi },
        ...{ entryDescription: rule.description ?? "", descriptiveDate: "" },
        effectiveEntryDate: "261124",
      },
      entries: entriesFrom(from, count),
    };
  }
}

function* entriesFrom(from: number, count: number): Generator<AchEntry> {
  assert(count > 0, "a batch has entries");
  for (let at = from; at < from + count; at++) {
    const number = String(at).padStart(15, "0");
    yield {
      ...{ transactionCode: "27", routingNumber: "021000021", discretionary: "01" },
      accountNumber: new Secret(`99900${number.slice(-8)}`),
      amountCents: cents((at % AMOUNTS) + 1),
      individualId: number,
      individualName: new Secret(`CUSTOMER ${at % AMOUNTS}`),
      traceNumber: traceNumber(SANDBOX_ODFI.odfi, at + 1),
      addenda: [
        {
          ...{ kind: "pos", reference1: "", reference2: "", terminalId: "000001" },
          ...{ serialNumber: number.slice(-6), purchaseDate: "1123" },
          ...{ authorisationCode: number.slice(-6), location: "12 MAIN STREET" },
          ...{ city: "DENVER", state: "CO" },
        },
      ],
    };
  }
}
