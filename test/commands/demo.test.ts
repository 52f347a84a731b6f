/** `seqr demo`: a whole payment through the real process, and nothing left behind. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Caller } from "../../src/client/call.ts";
import { Desk } from "../../src/client/desk.ts";
import { DEMO_PIN, registerNext } from "../../src/commands/sandbox.ts";
import { loadConfig } from "../../src/config.ts";
import { addOperator, initialise, readKeys } from "../../src/data-directory.ts";
import { startSwitch } from "../../src/switch.ts";
import { eventually, freePort } from "../crash/process.ts";
import { cheapPinKey } from "../crash/town.ts";
import { type Folder, hasStackTrace, seqr, spawnSeqr, temporaryFolder } from "./cli.ts";

setDefaultTimeout(60_000);
let folder: Folder;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

/** A folder for temporary files, to see what is left in it. */
function emptyTmp(name: string): { path: string; environment: Record<string, string> } {
  const path = join(folder.path, name);
  mkdirSync(path);
  return { path, environment: { TMPDIR: path } };
}

interface Story {
  readonly payment: { readonly id: string; readonly amount: number; readonly status: string };
  readonly limit: {
    readonly before: number;
    readonly after: number;
    readonly afterCollection: number;
  };
  readonly ach: {
    readonly file: string;
    readonly entries: number;
    readonly debitTotal: number;
    readonly checkerVerdict: string;
  };
  readonly collected: string;
  readonly returned: {
    readonly code: string;
    readonly blocked: string;
    readonly retried: string;
    readonly lifted: string;
  };
  readonly ledger: { readonly entries: number; readonly sum: number };
  readonly events: number;
}

function lastLine(text: string): Story {
  return JSON.parse(text.trimEnd().split("\n").at(-1) ?? "") as Story;
}

describe("demo --once", () => {
  test("--json prints one object, balanced to the cent, and removes its folder", async () => {
    const { path, environment } = emptyTmp("json");
    const { code, stdout, stderr } = await seqr(["demo", "--once", "--json"], { environment });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.trimEnd().split("\n").length).toBe(1);
    const { payment, limit, ledger, events } = lastLine(stdout);
    expect(payment.status).toBe("captured");
    expect(payment.id).toStartWith("pay_");
    expect(ledger.sum).toBe(0);
    expect(ledger.entries).toBeGreaterThan(0);
    expect(events).toBeGreaterThan(ledger.entries);
    expect(limit.before - limit.after).toBe(payment.amount);
    expect(limit.afterCollection).toBe(limit.before);
    expect(readdirSync(path)).toEqual([]);
  });

  test("tells the story step by step, and removes its folder", async () => {
    const { path, environment } = emptyTmp("story");
    const { code, stdout } = await seqr(["demo", "--once"], { environment });
    expect(code).toBe(0);
    for (let step = 1; step <= 7; step++) expect(stdout).toContain(`  ${step}. `);
    expect(stdout).toContain("all accounts together 0 cents");
    expect(stdout).not.toContain(DEMO_PIN);
    expect(readdirSync(path)).toEqual([]);
  });

  test("twice on one directory goes on where it was", async () => {
    const dataDir = join(folder.path, "twice");
    const stories: Story[] = [];
    for (let turn = 0; turn < 2; turn++) {
      const { code, stdout } = await seqr(["demo", "--once", "--json", "--data", dataDir]);
      expect(code).toBe(0);
      stories.push(lastLine(stdout));
    }
    const [first, second] = stories;
    expect(second?.events).toBeGreaterThan(first?.events ?? 0);
    expect(second?.ledger.sum).toBe(0);
    expect(second?.payment.id).not.toBe(first?.payment.id ?? "");
    const { code, stdout } = await seqr(["doctor", "--data", dataDir]);
    expect({ code, end: stdout.endsWith("all is well\n") }).toEqual({ code: 0, end: true });
  });

  test("that cannot listen ends with 1, and removes its folder", async () => {
    const { path, environment } = emptyTmp("taken");
    const other = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
    const words = ["demo", "--once", "--port", String(other.port)];
    const { code, stderr } = await seqr(words, { environment });
    await other.stop(true);
    expect(code).toBe(1);
    expect(stderr).toContain("in use");
    expect(hasStackTrace(stderr)).toBe(false);
    expect(readdirSync(path)).toEqual([]);
  });

  test("that is interrupted removes its folder", async () => {
    const { path, environment } = emptyTmp("interrupted");
    const child = spawnSeqr(["demo", "--once"], { environment });
    // The event log is there: the story has begun.
    const begun = (): boolean =>
      readdirSync(path).some((name) => readdirSync(join(path, name)).includes("events.db"));
    expect(await eventually(begun)).toBe(true);
    child.kill("SIGINT");
    expect(await child.exited).toBe(1);
    expect(await new Response(child.stderr).text()).toBe(
      "\nseqr demo: stopped before its story was told\n",
    );
    expect(readdirSync(path)).toEqual([]);
  });
});

describe("demo --once --json", () => {
  test("tells how the money was fetched, and of a debit that came back", async () => {
    const { stdout } = await seqr(["demo", "--once", "--json"]);
    const { ach, collected, returned } = lastLine(stdout);
    expect(ach.file).toMatch(/^ach_[0-9]{8}_A$/);
    expect(ach.checkerVerdict).toBe("good");
    // The purchases of the four customers that are good for it, and of the one that is not yet.
    expect(ach.entries).toBe(11);
    expect(ach.debitTotal).toBe(3 * (499 + 1_250 + 2_075) + 1_000 + 1_299);
    const { code, blocked, retried, lifted } = returned;
    expect(code).toBe("R01");
    expect([blocked, retried, lifted].toSorted()).toEqual([blocked, retried, lifted]);
    expect(collected < lifted && blocked < retried && retried < lifted).toBe(true);
  });
});

describe("demo", () => {
  test("serves in the sandbox of its folder until it is told to stop", async () => {
    const cwd = join(folder.path, "cwd");
    mkdirSync(cwd);
    const port = String(freePort());
    const child = spawnSeqr(["demo", "--port", port], { cwd });
    let said = "";
    const reading = (async () => {
      for await (const chunk of child.stdout) said += Buffer.from(chunk).toString("utf8");
    })();
    expect(await eventually(() => said.includes("desk key"), 40_000)).toBe(true);
    const url = `http://127.0.0.1:${port}`;
    const key = /dk_test_demo_\S+/.exec(said)?.[0] ?? "";
    expect(said).toContain(`${url}/docs`);
    expect(readdirSync(join(cwd, ".seqr/sandbox"))).toContain("events.db");
    const ledger = () => new Desk(new Caller(url), key).ledger();
    expect((await ledger()).sum.amount).toBe(0);
    // Another demo on the same data is refused, and this one keeps its key.
    const other = await seqr(["demo", "--port", "0"], { cwd });
    expect(other.code).toBe(1);
    expect(other.stderr).toContain("another process owns this data directory");
    await Bun.sleep(2_100);
    expect((await ledger()).sum.amount).toBe(0);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    await reading;
  });

  test("never runs in a live directory", async () => {
    const dataDir = join(folder.path, "live");
    initialise(dataDir);
    const live = {
      mode: "live",
      tls: "proxy",
      publicHost: "pay.example",
      originatorName: "Example Payments Inc.",
      smsGatewayUrl: "https://sms.example/send",
      termsUrl: "https://pay.example/terms",
      privacyUrl: "https://pay.example/privacy",
    };
    writeFileSync(join(dataDir, "config.json"), JSON.stringify(live));
    const before = readdirSync(dataDir);
    const { code, stderr } = await seqr(["demo", "--once", "--data", dataDir]);
    expect(code).toBe(1);
    expect(stderr).toContain("configured as live");
    expect(readdirSync(dataDir)).toEqual(before);
    expect(await Bun.file(join(dataDir, "operators.json")).json()).toEqual([]);
  });

  test("finds another phone number where one is taken", async () => {
    const dataDir = join(folder.path, "numbers");
    initialise(dataDir);
    const key = addOperator(dataDir, readKeys(dataDir), "alice", "sandbox");
    const running = await startSwitch({ config: loadConfig(dataDir, {}, { port: 0 }) });
    const caller = new Caller(running.url);
    const desk = new Desk(caller, key);
    const who = { name: "Casey Example", pinKeyOf: cheapPinKey };
    const accounts = new Set<string>();
    for (const from of [7, 7, 9_907, 8]) {
      accounts.add((await registerNext(caller, desk, who, from)).phone.keys.account);
    }
    await running.stop();
    expect(accounts.size).toBe(4);
  });
});
