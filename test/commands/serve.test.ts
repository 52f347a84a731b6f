/** `seqr serve`: what it refuses, how it says so, and that nothing of a refused start is left. */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, cpSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../src/config.ts";
import { startSwitch } from "../../src/switch.ts";
import { eventually, freePort, SwitchProcess } from "../crash/process.ts";
import { settled } from "../failure.ts";
import {
  type Folder,
  hasStackTrace,
  makeDataDir,
  seqr,
  spawnSeqr,
  temporaryFolder,
} from "./cli.ts";

setDefaultTimeout(40_000);
let folder: Folder;
let deskKey: string;
let count = 0;
beforeAll(async () => {
  folder = temporaryFolder();
  deskKey = await makeDataDir(join(folder.path, "template"));
});
afterAll(() => folder.remove());

/** A copy of one directory: the commands that make it have tests of their own. */
function freshDir(config?: string): string {
  const dataDir = join(folder.path, `data-${count++}`);
  cpSync(join(folder.path, "template"), dataDir, { recursive: true });
  if (config !== undefined) writeFileSync(join(dataDir, "config.json"), config);
  return dataDir;
}

async function refused(words: readonly string[], environment: Record<string, string> = {}) {
  const { code, stdout, stderr } = await seqr(["serve", ...words], { environment });
  expect(stdout).toBe("");
  expect(hasStackTrace(stderr)).toBe(false);
  return { code, stderr };
}

describe("serve refuses", () => {
  test("to guess where: without a directory it shows its usage", async () => {
    for (const words of [[], ["--data", ""], ["--data="]]) {
      const { code, stderr } = await refused(words);
      expect(code).toBe(2);
      expect(stderr).toContain("--data");
      expect(stderr).toContain("seqr serve --data DIR");
    }
  });

  test("a directory without keys, and says what to do", async () => {
    const { code, stderr } = await refused(["--data", join(folder.path, "absent")]);
    expect(code).toBe(1);
    expect(stderr).toContain("has no keys: run seqr init");
    expect(readdirSync(folder.path)).not.toContain("absent");
  });

  test("keys that others can read", async () => {
    const dataDir = freshDir();
    chmodSync(join(dataDir, "keys.json"), 0o640);
    const { code, stderr } = await refused(["--data", dataDir]);
    expect(code).toBe(1);
    expect(stderr).toContain("can be read by others: chmod 600");
  });

  test.each([
    ["cut short", '{"keks":[{"id":"kek-1","key":"U0VDUkVUU0VDUkVUU0VDUkVU'],
    ["no object", '"U0VDUkVUU0VDUkVUU0VDUkVU"'],
    ["empty", ""],
    ["of another form", '{"keks":[{"id":"kek-1","key":"U0VDUkVUU0VDUkVUU0VDUkVU"}]}'],
  ])("a key file that is %s, without telling what is in it", async (_, text) => {
    const dataDir = freshDir();
    writeFileSync(join(dataDir, "keys.json"), text);
    const { code, stderr } = await refused(["--data", dataDir]);
    expect(code).toBe(1);
    expect(stderr).toContain("keys.json");
    expect(stderr).toContain("restore");
    expect(stderr).not.toContain("U0VDUkVU");
  });
});

describe("serve refuses", () => {
  test.each([
    ["is not JSON", "{", "config.json is not a JSON object"],
    ["is unsafe for live mode", '{"mode":"live"}', "  tls: say `proxy`, and put one in front\n"],
  ])("a configuration that %s", async (_, config, says) => {
    const { code, stderr } = await refused(["--data", freshDir(config)]);
    expect(code).toBe(1);
    expect(stderr).toContain(says);
  });

  test("a list of operators that is broken, before it takes a call", async () => {
    const dataDir = freshDir();
    writeFileSync(join(dataDir, "operators.json"), "{");
    const { code, stderr } = await refused(["--data", dataDir, "--port", "0"]);
    expect(code).toBe(1);
    expect(stderr).toContain("operators.json is not a JSON list: remove it");
  });

  test("an event log of a newer program", async () => {
    const dataDir = freshDir();
    const process = await SwitchProcess.start({ dataDir, port: 0 });
    process.terminate();
    await process.ended();
    const database = new Database(join(dataDir, "events.db"));
    database.run("INSERT INTO schema_steps (version, checksum) VALUES (99, 'of the future')");
    database.close();
    const { code, stderr } = await refused(["--data", dataDir]);
    expect(code).toBe(1);
    expect(stderr).toContain("schema 99");
    expect(stderr).toContain("events.db");
  });

  test("an event log that is no database, and names the file", async () => {
    const dataDir = freshDir();
    writeFileSync(join(dataDir, "events.db"), "this is not a database, it is a letter".repeat(200));
    const { code, stderr } = await refused(["--data", dataDir]);
    expect(code).toBe(1);
    expect(stderr).toContain("events.db");
    expect(stderr).toContain("not a database");
  });

  test("a directory that another process owns", async () => {
    const dataDir = freshDir();
    const process = await SwitchProcess.start({ dataDir, port: 0 });
    const { code, stderr } = await refused(["--data", dataDir, "--port", "0"]);
    expect(code).toBe(1);
    expect(stderr).toContain("another process owns this data directory");
    // The owner has not noticed.
    expect((await fetch(`${process.url}/readyz`)).status).toBe(200);
    process.terminate();
    expect(await process.ended()).toBe(0);
  });
});

describe("serve refuses to listen on", () => {
  test("a port that others listen on, clearly and with code 1", async () => {
    const dataDir = freshDir();
    const other = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
    const port = String(other.port);
    const { code, stderr } = await refused(["--data", dataDir, "--port", port]);
    expect(code).toBe(1);
    expect(stderr).toContain(`cannot listen on 127.0.0.1 port ${port}: it is in use; choose`);
    await other.stop(true);
  });

  test("a port of another switch: each call would go to one or the other by chance", async () => {
    const first = await SwitchProcess.start({ dataDir: freshDir(), port: 0 });
    const { port } = new URL(first.url);
    const second = new SwitchProcess({ dataDir: freshDir(), port: Number(port) });
    const refusal = await settled(second.untilServing());
    for (const one of [first, second]) {
      one.terminate();
      await one.ended();
    }
    expect(refusal).toThrow(`cannot listen on 127.0.0.1 port ${port}: it is in use; choose`);
  });

  test.each([
    ["of another machine", "192.0.2.1", "this machine has no such address"],
    ["that is none", "nohost.invalid", "there is no such address"],
  ])("an address %s", async (_, host, why) => {
    const words = ["--data", freshDir(), "--port", "0", "--host", host];
    const { code, stderr } = await refused(words);
    expect(code).toBe(1);
    expect(stderr).toBe(`seqr serve: cannot listen on ${host} port 0: ${why}\n`);
  });
});

describe("a start that fails half-way closes what it opened", () => {
  const start = (dataDir: string, port: number) =>
    startSwitch({ config: loadConfig(dataDir, {}, { port }), log: () => {} });

  test("a taken port lets go of the directory within the process", async () => {
    const dataDir = freshDir();
    const other = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
    const handles = openFilesBelow(dataDir).length;
    expect(await settled(start(dataDir, other.port ?? 0))).toThrow("in use");
    expect(openFilesBelow(dataDir).length).toBe(handles);
    await other.stop(true);
    const running = await start(dataDir, 0);
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200);
    await running.stop();
    expect(openFilesBelow(dataDir)).toEqual([]);
  });

  test("a vault or views that cannot be opened let go of the event log", async () => {
    for (const file of ["vault.db", "views.db"]) {
      const dataDir = freshDir();
      mkdirSync(join(dataDir, file));
      expect(await settled(start(dataDir, 0))).toThrow(file);
      expect(openFilesBelow(dataDir)).toEqual([]);
    }
  });
});

/** Linux tells which files a process holds open; elsewhere nothing is claimed. */
function openFilesBelow(path: string): readonly string[] {
  try {
    return readdirSync("/proc/self/fd").flatMap((fd) => {
      try {
        const target = readlinkSync(`/proc/self/fd/${fd}`);
        return target.startsWith(path) ? [target] : [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

describe("a running switch", () => {
  test("listens on IPv6 and says so in a form that can be called", async () => {
    const dataDir = freshDir('{"hostname":"::1"}');
    const process = await SwitchProcess.start({ dataDir, port: 0 });
    expect(process.url).toStartWith("http://[::1]:");
    expect((await fetch(`${process.url}/readyz`)).status).toBe(200);
    process.terminate();
    expect(await process.ended()).toBe(0);
  });

  test("goes on when nobody reads what it prints any more", async () => {
    const dataDir = freshDir();
    const port = freePort();
    const child = spawnSeqr(["serve", "--data", dataDir, "--port", String(port)]);
    const url = `http://127.0.0.1:${port}`;
    const status = (path: string): Promise<number> => {
      const headers = { authorization: `Bearer ${deskKey}` };
      return fetch(url + path, { headers }).then(
        (answer) => answer.status,
        () => 0,
      );
    };
    expect(await eventually(async () => (await status("/readyz")) === 200)).toBe(true);
    await child.stdout.cancel();
    await child.stderr.cancel();
    // Something to print: operators that cannot be read are a fault that is logged.
    writeFileSync(join(dataDir, "operators.json"), "not json");
    for (let asked = 0; asked < 5; asked++) expect(await status("/v1/desk/ledger")).toBe(500);
    expect(await status("/readyz")).toBe(200);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  });
});
