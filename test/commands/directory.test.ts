/** `seqr init` and `seqr operator add`: the data directory, its keys, and who may use the desk. */
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  spyOn,
  test,
} from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../src/commands/command.ts";
import { operator } from "../../src/commands/operator.ts";
import { initialise } from "../../src/data-directory.ts";
import { SwitchProcess } from "../crash/process.ts";
import { type Folder, hasStackTrace, makeDataDir, seqr, seqrOk, temporaryFolder } from "./cli.ts";

setDefaultTimeout(40_000);
let folder: Folder;
let dataDir: string;
let count = 0;
beforeAll(() => {
  folder = temporaryFolder();
});
beforeEach(() => {
  dataDir = join(folder.path, `data-${count++}`);
});
afterAll(() => folder.remove());

const modeOf = (name: string): string => (statSync(join(dataDir, name)).mode & 0o777).toString(8);

describe("init", () => {
  test("makes a directory and keys that only their owner can read", async () => {
    const said = await seqrOk(["init", "--data", dataDir]);
    expect(modeOf(".")).toBe("700");
    expect(readdirSync(dataDir).sort()).toEqual(["keys.json", "operators.json"]);
    expect([modeOf("keys.json"), modeOf("operators.json")]).toEqual(["600", "600"]);
    expect(said).toContain("keys.json");
    expect(said).toContain(`seqr operator add NAME --data ${dataDir}`);
  });

  test("makes folders above it, and closes a directory that stood open", async () => {
    dataDir = join(dataDir, "below");
    mkdirSync(dataDir, { recursive: true });
    chmodSync(dataDir, 0o755);
    await seqrOk(["init", "--data", dataDir]);
    expect(modeOf(".")).toBe("700");
  });

  test("never makes two directories the same keys", async () => {
    const keys = new Set<string>();
    for (let made = 0; made < 3; made++) {
      const other = join(folder.path, `own-${made}`);
      await seqrOk(["init", "--data", other]);
      keys.add(readFileSync(join(other, "keys.json"), "utf8"));
    }
    expect(keys.size).toBe(3);
  });

  test("refuses a directory that has keys, and changes nothing", async () => {
    await makeDataDir(dataDir);
    const before = readdirSync(dataDir).map((name) => readFileSync(join(dataDir, name), "utf8"));
    const { code, stdout, stderr } = await seqr(["init", "--data", dataDir]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("has keys already; nothing was changed");
    const after = readdirSync(dataDir).map((name) => readFileSync(join(dataDir, name), "utf8"));
    expect(after).toEqual(before);
  });

  test("refuses new keys for data that was sealed under lost ones", async () => {
    await makeDataDir(dataDir);
    const running = await SwitchProcess.start({ dataDir, port: 0 });
    running.terminate();
    await running.ended();
    rmSync(join(dataDir, "keys.json"));
    const { code, stderr } = await seqr(["init", "--data", dataDir]);
    expect(code).toBe(1);
    expect(stderr).toContain("restore keys.json");
    expect(existsSync(join(dataDir, "keys.json"))).toBe(false);
  });

  test("at the same moment makes one pair of keys, and tells the other", async () => {
    const inits = await Promise.all([1, 2, 3, 4].map(() => seqr(["init", "--data", dataDir])));
    expect(inits.map(({ code }) => code).sort()).toEqual([0, 1, 1, 1]);
    for (const { stderr } of inits) expect(hasStackTrace(stderr)).toBe(false);
    expect(readdirSync(dataDir).sort()).toEqual(["keys.json", "operators.json"]);
  });

  test("refuses a place that is a file, and no place at all", async () => {
    writeFileSync(dataDir, "a letter");
    const file = await seqr(["init", "--data", dataDir]);
    expect(file.code).toBe(1);
    expect(hasStackTrace(file.stderr)).toBe(false);
    expect((await seqr(["init"])).code).toBe(2);
    expect((await seqr(["init", "--data="])).code).toBe(2);
  });
});

/** What the desk answers to a key. */
async function deskStatus(url: string, key: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  return (await fetch(`${url}/v1/desk/ledger`, { headers })).status;
}

describe("operator add", () => {
  test("prints a key once; a second one of the name voids the first", async () => {
    const first = await makeDataDir(dataDir);
    expect(first).toMatch(/^dk_test_alice_[\w-]{20,}$/);
    const bob = await seqrOk(["operator", "add", "bob", "--data", dataDir]);
    const second = await seqrOk(["operator", "add", "alice", "--data", dataDir]);
    expect(second).not.toBe(first);
    const kept = readFileSync(join(dataDir, "operators.json"), "utf8");
    for (const key of [first, second, bob]) expect(kept).not.toContain(key);
    expect(modeOf("operators.json")).toBe("600");
    const running = await SwitchProcess.start({ dataDir, port: 0 });
    expect(await deskStatus(running.url, first)).toBe(401);
    expect(await deskStatus(running.url, second)).toBe(200);
    expect(await deskStatus(running.url, bob)).toBe(200);
    running.terminate();
    expect(await running.ended()).toBe(0);
  });

  test("gives new keys where the list of operators is lost", async () => {
    await makeDataDir(dataDir);
    rmSync(join(dataDir, "operators.json"));
    const key = await seqrOk(["operator", "add", "carol", "--data", dataDir]);
    const running = await SwitchProcess.start({ dataDir, port: 0 });
    expect(await deskStatus(running.url, key)).toBe(200);
    running.terminate();
    await running.ended();
  });

  test.each([
    ["a", 2],
    ["ab", 0],
    ["a-1", 0],
    [`a${"b".repeat(31)}`, 0],
    [`a${"b".repeat(32)}`, 2],
    ["Alice", 2],
    ["1st", 2],
    ["-dash", 2],
    ["a_b", 2],
    ["ä-name", 2],
    ["a b", 2],
    ["", 2],
  ])("the name %p ends with code %p", async (name, expected) => {
    const names = join(folder.path, "names");
    if (!existsSync(names)) initialise(names);
    const print = spyOn(process.stdout, "write").mockImplementation(() => true);
    const run = async (): Promise<number> => operator.run({ data: names }, ["add", name]);
    const code = await run().catch((error: unknown) => (error instanceof UsageError ? 2 : 1));
    expect(code).toBe(expected);
    expect(print.mock.calls.length).toBe(expected === 0 ? 1 : 0);
    print.mockRestore();
  });

  test("wants an action it knows, a name, and a directory with keys", async () => {
    const data = ["--data", dataDir];
    const wrong = [data, ["add", ...data], ["remove", "alice", ...data], ["add", "alice"]];
    const runs = wrong.map((words) => seqr(["operator", ...words]));
    for (const { code } of await Promise.all(runs)) expect(code).toBe(2);
    const { code, stderr } = await seqr(["operator", "add", "alice", "--data", dataDir]);
    expect(code).toBe(1);
    expect(stderr).toContain("has no keys: run seqr init");
    expect(existsSync(dataDir)).toBe(false);
  });

  test("refuses to add to a list that cannot be read", async () => {
    await makeDataDir(dataDir);
    for (const text of ["not json", "{}", ""]) {
      writeFileSync(join(dataDir, "operators.json"), text);
      const { code, stderr } = await seqr(["operator", "add", "bob", "--data", dataDir]);
      expect(code).toBe(1);
      expect(stderr).toContain("operators.json is not a JSON list");
    }
  });
});
