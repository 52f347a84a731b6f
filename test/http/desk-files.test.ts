/** Files over HTTP: a cut-off that is asked for, joined, cut short and gone on with. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Message } from "../../actors/actor.ts";
import { COLLECTION_RUNS } from "../../actors/collection-runs.ts";
import type { Host } from "../../src/runtime/host.ts";
import { failureOf } from "../failure.ts";
import { type Reply, SwitchRig } from "../switch-rig.ts";

const note = "the bank asks for it";

let rig: SwitchRig;
beforeEach(async () => {
  rig = await SwitchRig.start();
  await rig.customer();
});
afterEach(() => rig[Symbol.asyncDispose]());

function cutOff(key?: string): Promise<Reply> {
  const sent = { token: rig.deskKey, json: { note } };
  return rig.send("POST", "/v1/desk/files", key === undefined ? sent : { ...sent, key });
}

/** Before the runner says this to a file, `work` is done; it may throw. */
function beforeFileHears(kind: string, work: () => Promise<void>): void {
  const host = rig.running.services.host as { ask: Host["ask"] };
  const { ask } = host;
  host.ask = async (ref, command: Message, options) => {
    if (ref.kind === "ach-file" && command.kind === kind) {
      host.ask = ask;
      await work();
    }
    return await ask.call(host, ref, command, options);
  };
}

const broken = (): Promise<never> => Promise.reject(new RangeError("secret text"));

test("a file that was not handed over is given up, and the next one has all", async () => {
  beforeFileHears("HandOverFile", broken);
  await cutOff("one");
  const [file] = (await rig.moneyDesk().files()).data;
  const path = `/v1/desk/files/${file?.id}/abandon`;
  const sent = { token: rig.deskKey, key: "give-up", json: { note } };
  const { status, body } = await rig.send("POST", path, sent);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    run: "abandon",
    file: file?.id,
    by: "desk:alice",
    note,
    fault: null,
  });
  const { stage, steps } = await rig.moneyDesk().file(String(file?.id));
  expect([stage, steps.at(-2)?.event, steps.at(-2)?.note]).toEqual([
    "closed",
    "FileAbandoned",
    note,
  ]);
  const again = await rig.send("POST", path, { ...sent, key: "again" });
  expect([again.status, again.body["code"]]).toEqual([409, "file_not_at_this_stage"]);
  const next = await cutOff("two");
  expect(next.body["file"]).not.toBe(file?.id);
  expect(await rig.moneyDesk().file(String(next.body["file"]))).toMatchObject({
    ...{ stage: "acknowledged", totals: { entries: 1 } },
  });
});

describe("a cut-off", () => {
  test("makes a file, and stands in the log with name and reason", async () => {
    const { status, body } = await cutOff("monday");
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ...{ number: 1, run: "cut_off", note, by: "desk:alice", status: "done", fault: null },
    });
    const file = await rig.moneyDesk().file(String(body["file"]));
    expect(file).toMatchObject({
      stage: "acknowledged",
      totals: { entries: 1, debits: { amount: 0 }, credits: { amount: 0 } },
      returned: { entries: 0 },
    });
    expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(file.steps.map(({ event, principal, note: why }) => [event, principal, why])).toEqual([
      ["FileOpened", "switch:collection", null],
      ["FileBuilt", "switch:collection", null],
      ["FileHandedOver", "switch:collection", null],
      ["FileAcknowledged", "switch:collection", "at once"],
    ]);
    const { mode, next_run_at: next, progress, runs } = await rig.moneyDesk().collection();
    expect([mode, next, progress]).toEqual(["by_hand", null, null]);
    expect(runs).toEqual([body as never]);
  });

  test("of one key is one, also while it runs; of another it comes after", async () => {
    const all = await Promise.all([cutOff("one"), cutOff("one"), cutOff("two")]);
    const [first, joined, other] = all;
    expect(joined?.body).toEqual(first?.body as never);
    expect(other?.body["number"]).not.toBe(first?.body["number"]);
    const again = await cutOff("one");
    expect(again.body).toEqual(first?.body as never);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    const { data } = await rig.moneyDesk().files();
    expect(data.map(({ stage }) => stage)).toEqual(["empty", "acknowledged"]);
    const mixed = { token: rig.deskKey, key: "one", json: { note: "another reason" } };
    const refused = await rig.send("POST", "/v1/desk/files", mixed);
    expect(refused.body["code"]).toBe("idempotency_mismatch");
  });

  test("that stops half-way is gone on with under its key", async () => {
    beforeFileHears("HandOverFile", broken);
    const failed = await cutOff("one");
    expect([failed.status, failed.body["code"]]).toEqual([500, "internal_error"]);
    const [run] = (await rig.moneyDesk().collection()).runs;
    expect(run).toMatchObject({ status: "failed", fault: "RangeError", file: null });
    expect(JSON.stringify(run) + rig.lines.join()).not.toContain("secret text");
    const done = await cutOff("one");
    expect(done.body).toMatchObject({ number: 1, status: "done", fault: null });
    const { data } = await rig.moneyDesk().files();
    expect(data.map(({ stage }) => stage)).toEqual(["acknowledged"]);
  });

  test("tells how far it has come while it runs", async () => {
    const gate = Promise.withResolvers<void>();
    const there = Promise.withResolvers<void>();
    beforeFileHears("HandOverFile", () => {
      there.resolve();
      return gate.promise;
    });
    const running = cutOff("one");
    await there.promise;
    const { progress, runs } = await rig.moneyDesk().collection();
    expect(progress).toMatchObject({
      ...{ run: "cut_off", step: "checking", owners_total: 1, owners_asked: 1 },
      ...{ entries_written: 1, bytes: 950 },
    });
    expect(runs).toMatchObject([{ number: 1, status: "running", ended_at: null }]);
    gate.resolve();
    expect((await running).body["status"]).toBe("done");
  });

  test("whose process ended is said to be interrupted", async () => {
    const order = { run: "cut_off" } as const;
    const command = { kind: "AskRun", order, note, persons: "one" };
    await rig.running.services.host.ask(COLLECTION_RUNS, command, { principal: "desk:alice" });
    const { runs } = await rig.moneyDesk().collection();
    expect(runs).toMatchObject([{ status: "interrupted", ended_at: null }]);
  });
});

describe("a file", () => {
  test("that was built and not handed over is handed over when somebody says so", async () => {
    beforeFileHears("HandOverFile", broken);
    await cutOff();
    const desk = rig.moneyDesk();
    const [file] = (await desk.files()).data;
    expect(file).toMatchObject({ stage: "built" });
    const run = await desk.handOver(file?.id ?? "", "the disk is back");
    expect(run).toMatchObject({ run: "hand_over", status: "done", file: file?.id });
    expect(await desk.file(file?.id ?? "")).toMatchObject({ stage: "acknowledged" });
  });

  test("is listed newest first, and from any file on", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) {
      ids.unshift(String((await cutOff()).body["file"]));
      await rig.customer();
    }
    const desk = rig.moneyDesk();
    const shown = async (page: Parameters<typeof desk.files>[0]) => {
      const { data, has_more: hasMore } = await desk.files(page);
      return [...data.map(({ id }) => id), hasMore];
    };
    expect(await shown({})).toEqual([...ids, false]);
    expect(await shown({ limit: 2 })).toEqual([...ids.slice(0, 2), true]);
    expect(await shown({ startingAfter: ids[1] ?? "" })).toEqual([ids[2] ?? "", false]);
    const unknown = desk.files({ startingAfter: "ach_20200101_A" });
    expect(await failureOf(unknown)).toMatchObject({ code: "not_found" });
  });
});
