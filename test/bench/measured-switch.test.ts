/**
 * A lost reply and a doubled event are planted in a run of a real switch: the benchmark fails, and
 * a phone that asks again learns the truth.
 */

import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Socket } from "bun";
import type { Answer } from "../../bench/connection.ts";
import type { Ready } from "../../bench/crowd.ts";
import { drive } from "../../bench/load.ts";
import { MeasuredSwitch, toldOf } from "../../bench/measured-switch.ts";
import { dataFiles } from "../../src/data-directory.ts";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

interface Rig {
  readonly one: MeasuredSwitch;
  readonly events: string;
}

async function openRig(): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), "seqr-test-"));
  stops.push(() => rmSync(folder, { recursive: true, force: true }));
  const dataDir = join(folder, "data");
  const entry = { name: "approvals", algorithm: "p256" as const };
  const one = await MeasuredSwitch.open(entry, dataDir, 6, () => {});
  stops.push(() => one.kill());
  return { one, events: dataFiles(dataDir).events };
}

/** Stands between phones and switch: what arrives is passed on, and no reply comes back. */
function losingReplies(url: string): string {
  const listener = Bun.listen<{ upstream?: Socket }>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(client) {
        client.data = {};
      },
      async data(client, bytes) {
        const { hostname, port } = new URL(url);
        await Bun.connect({
          hostname,
          port: Number(port),
          socket: {
            open: (upstream) => void upstream.write(bytes),
            data(upstream) {
              upstream.terminate();
              client.terminate();
            },
          },
        });
      },
    },
  });
  stops.push(() => listener.stop(true));
  return `http://127.0.0.1:${listener.port}`;
}

async function sendLosing(one: MeasuredSwitch, list: readonly Ready[]): Promise<readonly Answer[]> {
  // A connection each: one that broke sends nothing more.
  return (await drive(losingReplies(one.url), one.requestsOf(list), list.length)).answers;
}

describe("a run of a real switch", () => {
  test("whose replies were lost fails, though the payments were made", async () => {
    const { one } = await openRig();
    const list = await one.crowd.prepare(2);
    const answers = await sendLosing(one, list);
    expect(answers.map(({ status }) => status)).toEqual([0, 0]);
    one.note(list, answers);
    const { captured, faults } = await one.verdict();
    expect(captured).toBe(2);
    expect(faults.filter((fault) => fault.endsWith("no answer came"))).toHaveLength(2);
    expect(faults.filter((fault) => fault.endsWith("nobody was told"))).toHaveLength(2);
  }, 60_000);

  test("whose phones ask again under the same keys learns what became of them", async () => {
    const { one } = await openRig();
    const list = await one.crowd.prepare(3);
    const answers = await one.learn(list, await sendLosing(one, list));
    one.note(list, answers);
    expect(await one.verdict()).toEqual({
      acknowledged: 3,
      refused: 0,
      captured: 3,
      ledgerSum: 0,
      faults: [],
    });
  }, 60_000);

  test("learns of who was turned away only where the request was sent more than once", async () => {
    const { one } = await openRig();
    const list = await one.crowd.prepare(2);
    // The first was paid and nobody heard of it; then both were told to come again.
    await sendLosing(one, list.slice(0, 1));
    const body = JSON.stringify({ code: "fault_busy", money_taken: "unknown" });
    const answers = list.map(() => ({ status: 503, body }));
    const learnt = await one.learn(list, answers, Uint32Array.of(1, 0));
    expect(learnt.map(({ status }) => status)).toEqual([200, 503]);
    one.note(list, learnt);
    expect(await one.verdict()).toMatchObject({ acknowledged: 1, refused: 1, faults: [] });
  }, 60_000);

  test("whose log holds a payment twice fails", async () => {
    const { one, events } = await openRig();
    await one.closedTurn(4, 2);
    await one.kill();
    const database = new Database(events);
    database.run(
      `INSERT INTO events SELECT (SELECT max(position) FROM events) + 1, actor, seq, previous, kind,
       version, at_ms, principal, command_id, data, hash FROM events
       WHERE kind = 'PaymentRequestPaid' LIMIT 1`,
    );
    database.close();
    const { faults } = await one.verdict();
    expect(faults[0]).toEndWith("captured 1, paid 2");
  }, 60_000);

  test("goes on after a kill, on the same port and with the same people", async () => {
    const { one } = await openRig();
    const { url } = one;
    await one.closedTurn(4, 3);
    await one.kill();
    await one.restart();
    expect(one.url).toBe(url);
    expect(one.crowd.left).toBe(6 * 20 - 4);
    // All customers at once, the last of them first: no till is asked twice.
    expect((await one.closedTurn(6, 3)).operations).toBe(6);
    expect(await one.verdict()).toMatchObject({ acknowledged: 10, captured: 10, faults: [] });
  }, 60_000);
});

test("an answer is told as what it is", () => {
  const approval = { body: "", idempotencyKey: "", requestId: "preq_1", amountCents: 5 };
  expect(toldOf(approval, { status: 0, body: "" }).outcome).toEqual({ kind: "unanswered" });
  const body = JSON.stringify({ code: "fault_busy", money_taken: "unknown" });
  const refused = { kind: "refused", code: "fault_busy" } as const;
  expect(toldOf(approval, { status: 503, body }).outcome).toEqual(refused);
});
