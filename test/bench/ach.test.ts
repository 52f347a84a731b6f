/** The benchmark itself, on a scale that proves its parts; and that it finds what is planted. */
import { expect, test } from "bun:test";
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { Message } from "../../actors/actor.ts";
import { measureAch } from "../../bench/ach.ts";
import { holds, render } from "../../bench/ach-report.ts";
import { collectOnce } from "../../bench/ach-run.ts";
import { actorsOf } from "../../src/switch.ts";
import { settled } from "../failure.ts";

test("a short file and a small run end with every entry and return in the books", async () => {
  const scale = { fileEntries: 300, run: { entries: 150, returns: 100 } };
  const told: string[] = [];
  const report = await measureAch(scale, (text) => told.push(text));
  const { written, checked, read, run } = report;
  for (const { entries, faults, bytes, peakMegabytes } of [written, checked, read]) {
    expect([entries, faults, bytes]).toEqual([300, 0, written.bytes]);
    expect(peakMegabytes).toBeGreaterThan(20);
  }
  const { cutOff, back, facts } = run;
  // A few purchases are cancelled, left alone or superseded; every shop is paid out.
  expect(cutOff.entries).toBeGreaterThan(130);
  expect(cutOff.owners).toBeGreaterThan(30);
  expect(back.returns).toBeGreaterThan(85);
  expect(back.returns).toBeLessThanOrEqual(100);
  expect(back.events).toBeGreaterThan(3 * back.returns);
  expect(back.postings).toBe(4 * back.returns);
  expect(facts).toBeGreaterThan(1_000);
  expect(holds(report)).toBe(true);
  expect(holds({ ...report, checked: { ...checked, faults: 1 } })).toBe(false);
  expect(holds({ ...report, read: { ...read, entries: 299 } })).toBe(false);
  const text = render(report);
  expect(text).toContain("a file of 300 purchases");
  expect(text).toMatch(/[0-9]+ returns imported and applied in [0-9.]+ s, [0-9]+ us each/);
  expect(told).toContain("writing 300 entries");
}, 60_000);

test("a return that is booked twice ends the run with the name of what broke", async () => {
  const actors: Parameters<typeof collectOnce>[2] = {
    actors: (policy) =>
      actorsOf(policy).map((actor) => {
        if (actor.kind !== "account") return actor;
        return {
          ...actor,
          decide(state: unknown, command: Message, meta) {
            const decision = actor.decide(state, command, meta);
            return { ...decision, events: decision.events.map(twice) };
          },
        };
      }),
  };
  const run = collectOnce({ entries: 40, returns: 40 }, () => {}, actors);
  expect(await settled(run)).toThrow(/^I10: ach:provisional: |^I3: acc_\w+: the ledger's/);
}, 60_000);

/** The postings of a debit that comes back, once more in the same entry. */
function twice(event: Message): Message {
  if (event.kind !== "DebitReturned") return event;
  const { entry, ...rest } = event as Extract<AccountEvent, { kind: "DebitReturned" }>;
  const postings = [...entry.postings, ...entry.postings];
  return { ...rest, entry: { ...entry, postings } } as Message;
}
