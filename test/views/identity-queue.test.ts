/** The queue of identities: who waits for a look, oldest first, each once. */
import { describe, expect, test } from "bun:test";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { identityQueue, waitingForIdentity } from "../../src/views/identity-queue.ts";
import { MemoryTable } from "./history.ts";

/** `a front`, `b rear licence`, `a verified`, `a rejected`: told one after the other. */
function queueAfter(...told: readonly string[]) {
  const table = new MemoryTable();
  told.forEach((line, at) => {
    const [id = "", what = "", documentKind = "passport"] = line.split(" ");
    const body =
      what === "verified"
        ? { kind: "IdentityVerified" }
        : what === "rejected"
          ? { kind: "IdentityRejected", reason: "glare" }
          : { kind: "IdentityDocumentSubmitted", side: what, documentKind, token: "doc" };
    const event = {
      kind: body.kind,
      position: at + 1,
      ref: { kind: "account", id },
      data: JSON.stringify(body),
    };
    identityQueue.apply([event as StoredEvent], table);
  });
  return { table, waiting: waitingForIdentity(table, 100) };
}

const waiting = (...told: readonly string[]): readonly string[] => queueAfter(...told).waiting;

describe("the queue", () => {
  test("takes in whoever has sent front and rear of one document", () => {
    expect(waiting("a front")).toEqual([]);
    expect(waiting("a front", "a rear")).toEqual(["a"]);
    expect(waiting("a rear", "a front")).toEqual(["a"]);
    expect(waiting("a front", "a front")).toEqual([]);
    expect(waiting("a front", "a rear licence")).toEqual([]);
    expect(waiting("a front", "a rear licence", "a front licence")).toEqual(["a"]);
  });

  test("is in the order in which the cases were complete", () => {
    expect(waiting("a front", "b front", "b rear", "a rear")).toEqual(["b", "a"]);
    // A better picture makes a new case of it.
    expect(waiting("a front", "a rear", "b front", "b rear", "a front")).toEqual(["b", "a"]);
  });

  test("lets go of whoever was decided, and takes them in again after a rejection", () => {
    expect(waiting("a front", "a rear", "a verified")).toEqual([]);
    expect(waiting("a front", "a rear", "a rejected")).toEqual([]);
    expect(waiting("a front", "a rear", "a rejected", "a front")).toEqual([]);
    expect(waiting("a front", "a rear", "a rejected", "a front", "a rear")).toEqual(["a"]);
  });

  test("leaves no rows of who was verified", () => {
    const { table } = queueAfter("a front", "a rear", "a verified");
    expect([...table.rows.keys()]).toEqual([]);
  });

  test("forgets who was decided though very many wait before them", () => {
    const crowd = Array.from({ length: 10_050 }, (_, at) => [`c${at} front`, `c${at} rear`]).flat();
    const { table } = queueAfter(...crowd, "last front", "last rear", "last verified");
    const all = waitingForIdentity(table, 20_000);
    expect(all).not.toContain("last");
    expect(all[0]).toBe("c0");
  });
});
