/** `seqr keys`: a rotation, at whatever point it is broken off, loses nothing that is sealed. */
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { dataFiles, readKeyFile, readKeys, writeKeyFile } from "../../src/data-directory.ts";
import { takeOwnerLock } from "../../src/storage/sqlite/owner-lock.ts";
import { SealedFiles } from "../../src/vault/documents.ts";
import { withNewKek } from "../../src/vault/key-ring.ts";
import { type OpenVault, openVault } from "../../src/vault-files.ts";
import { type Folder, seqr, seqrOk, spawnSeqr, temporaryFolder } from "./cli.ts";

setDefaultTimeout(40_000);
const SECRET = new TextEncoder().encode("Zenobia Quackenbush");
let folder: Folder;
let dataDir: string;
let count = 0;

beforeAll(() => {
  folder = temporaryFolder();
});
beforeEach(async () => {
  dataDir = join(folder.path, `data-${count++}`);
  await seqrOk(["init", "--data", dataDir]);
});
afterAll(() => folder.remove());

function withVault<Result>(use: (open: OpenVault) => Result): Result {
  const open = openVault(dataFiles(dataDir), readKeys(dataDir));
  try {
    return use(open);
  } finally {
    open.close();
  }
}

/** Seals a row for each of so many persons; gives their tokens. */
function seal(persons: number): readonly string[] {
  return withVault(({ vault }) =>
    vault.put(
      Array.from({ length: persons }, (_, at) => {
        return { kind: "person" as const, owner: "acc_1", person: `per_${at}`, bytes: SECRET };
      }),
    ),
  );
}

function expectAllOpen(tokens: readonly string[]): void {
  withVault(({ vault }) => {
    const opened = tokens.map((token) => vault.open(token, "person", "acc_1"));
    expect(opened.filter((bytes) => !bytes || Buffer.compare(bytes, SECRET) !== 0)).toEqual([]);
  });
}

const keys = (...words: string[]) => seqr(["keys", ...words, "--data", dataDir]);

describe("seqr keys rotate", () => {
  test("wraps every data key anew; then nothing misses the old key", async () => {
    const tokens = seal(20);
    const { code, stdout } = await keys("rotate");
    expect([code, stdout.split("\n")[0]]).toEqual([
      0,
      "rotated: kek-2 wraps; 20 data keys rewrapped, 0 rows moved",
    ]);
    expectAllOpen(tokens);
    expect((await keys()).stdout).toBe(
      "kek-1  old  0 data keys, 0 old rows, 0 files\n" +
        "kek-2  wraps what is new  20 data keys, 0 old rows, 0 files\n",
    );
    expect((await keys("retire", "kek-1")).code).toBe(0);
    expect(readKeyFile(dataDir).keks.map(({ id }) => id)).toEqual(["kek-2"]);
    expectAllOpen(tokens);
    expect(statSync(dataFiles(dataDir).keys).mode & 0o777).toBe(0o600);
    // A number is not given twice.
    expect((await keys("rotate")).stdout).toContain("kek-3 wraps");
  });

  test("that died after the new key was written is finished, without another key", async () => {
    const tokens = seal(3);
    writeKeyFile(dataDir, withNewKek(readKeyFile(dataDir)));
    expectAllOpen(tokens);
    expect((await keys("rotate")).stdout).toStartWith(
      "the rotation that was broken off is finished: kek-2 wraps; 3 data keys rewrapped",
    );
    expect(readKeyFile(dataDir).keks).toHaveLength(2);
    expectAllOpen(tokens);
  });

  test("killed at any moment leaves everything readable, and goes on", async () => {
    const tokens = seal(3_000);
    for (const waitMs of [150, 250, 350, 450]) {
      const child = spawnSeqr(["keys", "rotate", "--data", dataDir]);
      await Bun.sleep(waitMs);
      child.kill("SIGKILL");
      await child.exited;
      expectAllOpen(tokens);
    }
    expect((await keys("rotate")).code).toBe(0);
    expectAllOpen(tokens);
    const counts = withVault(({ dataKeys }) => [...dataKeys.counts()]);
    expect(counts).toEqual([[readKeys(dataDir).currentKekId, 3_000]]);
  });
});

describe("seqr keys retire", () => {
  test("keeps a key that something needs, and the one that wraps", async () => {
    seal(2);
    const files = new SealedFiles(readKeys(dataDir), dataFiles(dataDir).ach);
    const token = files.put("ach_20261123_A", SECRET);
    writeKeyFile(dataDir, withNewKek(readKeyFile(dataDir)));
    const needed = await keys("retire", "kek-1");
    expect([needed.code, needed.stderr]).toEqual([
      1,
      "seqr keys: kek-1 is needed: 2 data keys, 0 old rows, 1 files\n",
    ]);
    await keys("rotate");
    expect((await keys("retire", "kek-1")).stderr).toContain("0 data keys, 0 old rows, 1 files");
    files.destroy([token]);
    expect((await keys("retire", "kek-2")).stderr).toContain("rotate first");
    expect((await keys("retire", "kek-9")).stderr).toContain("there is no key kek-9");
    expect((await keys("retire", "kek-1")).code).toBe(0);
  });
});

test("nothing is changed beside a running switch, or when the words are off", async () => {
  const before = readKeyFile(dataDir);
  const lock = takeOwnerLock(dataFiles(dataDir).lock);
  for (const words of [["rotate"], ["retire", "kek-1"]]) {
    const { code, stderr } = await keys(...words);
    expect([code, stderr]).toEqual([1, "seqr keys: another process owns this data directory\n"]);
  }
  lock.release();
  for (const words of [["turn"], ["retire"], ["rotate", "kek-1"]]) {
    expect((await keys(...words)).code).toBe(2);
  }
  expect(readKeyFile(dataDir)).toEqual(before);
});
