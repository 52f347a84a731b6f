/** Reading views beside the thread that writes them: whatever becomes of the file. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OpenFailed } from "../../../src/storage/sqlite/open.ts";
import { SqliteViewReader } from "../../../src/storage/sqlite/view-reader.ts";
import { SqliteViewStore } from "../../../src/storage/sqlite/view-store.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seqr-views-"));
  file = join(folder, "views.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Many rows that are all of this value, in the file itself. */
function written(value: string): void {
  const store = new SqliteViewStore(file);
  store.write(store.position() + 1, () => {
    for (let at = 0; at < 2_000; at++) store.table("v").put(`${at}`, value);
  });
  store.close();
}

test("a file that is spoilt is told to whoever reads it, and to nobody else", async () => {
  written("one");
  const reader = new SqliteViewReader(file);
  const { size } = statSync(file);
  writeFileSync(file, Buffer.alloc(size, 0xab), { flag: "r+" });
  expect(() => reader.table("v").get("1")).toThrow("malformed");
  // The end of the step has nobody to tell: what it threw would fail this test.
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(() => reader.table("v").get("1")).toThrow(OpenFailed);
  for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
  written("another");
  expect(reader.table("v").get("1")).toBe("another");
  reader.close();
});

test("what lies in the file's place is read once it is opened anew", async () => {
  written("one");
  const reader = new SqliteViewReader(file);
  const table = reader.table("v");
  expect(table.get("1")).toBe("one");
  for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
  written("another");
  expect(table.get("1")).toBe("one");
  reader.reopen();
  expect(table.get("1")).toBe("another");
  expect(table.range({ prefix: "1", max: 1 })).toEqual([{ key: "1", value: "another" }]);
  reader.close();
  expect(() => table.get("1")).toThrow("views are read while they are open");
});
