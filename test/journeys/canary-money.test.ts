/**
 * What must not be found where money moves: purchases are collected, come back, are corrected,
 * disputed, paid by hand, written off and reversed; the desk says every word of the command line;
 * a person leaves and is forgotten. What was printed, logged, counted and written is searched for
 * accounts, names, phone numbers and PINs in every spelling.
 */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BankTwin } from "../../src/rails/bank-twin/bank-twin.ts";
import { Carrier } from "../collection/carrier.ts";
import { PROFILE } from "../collection/rig.ts";
import { type Folder, hasStackTrace, type Ran, seqr, temporaryFolder } from "../commands/cli.ts";
import { nextBankingDay } from "../http/by-hand.ts";
import { filesBelow, leaks, standsAlone } from "../http/canary.ts";
import { settledDebit } from "../http/reversing.ts";
import { type Customer, SwitchRig } from "../switch-rig.ts";

setDefaultTimeout(120_000);
const NOTE = ["--note", "the canary's note"];
/** From a purchase to its return, with Thanksgiving between; and until windows are over. */
const DAYS = { return: 6, window: 6 };

const YEAR_MS = 366 * 86_400_000;

interface Secret {
  readonly name: string;
  readonly phoneNumber: string;
  readonly accountNumber: string;
  readonly pin: string;
}

/** Accounts of docs/sandbox.md, and one that the bank knows nothing special of. */
const PEOPLE = {
  good: secret("Zenobia Quackenbush", "48151623420815", 1),
  closed: secret("Ottoline Fitzwhistle", "9990000002", 2),
  disputing: secret("Cornelius Wigglesworth", "9990000007", 3),
  corrected: secret("Peregrine Abernathy", "9990000051", 4),
  leaving: secret("Thaddeus Bumblethorn", "77120945003381", 5),
} as const;

function secret(name: string, accountNumber: string, at: number): Secret {
  return { name, accountNumber, phoneNumber: `+1202555873${at}`, pin: `90381${at}` };
}

/** What of all that stands in it, by whose and what it is; nothing is what must come out. */
function found(content: Uint8Array | string): readonly string[] {
  const text = Buffer.from(content as Uint8Array).toString("latin1");
  return Object.entries(PEOPLE).flatMap(([who, { name, pin, ...plain }]) => {
    const words = { ...plain, name, nameInFiles: name.toUpperCase(), lastName: name.split(" ")[1] };
    const spelled = Object.entries(words).filter(
      ([, word]) => leaks(content, word ?? "").length > 0,
    );
    const all = spelled.map(([what]) => what);
    return (standsAlone(text, pin) ? [...all, "pin"] : all).map((what) => `${who}: ${what}`);
  });
}

function foundBelow(dataDir: string): readonly string[] {
  return filesBelow(dataDir).flatMap((file) =>
    found(readFileSync(file)).map((what) => `${file.slice(dataDir.length + 1)}: ${what}`),
  );
}

type People = Readonly<Record<keyof typeof PEOPLE, Customer>>;

async function moveIn(rig: SwitchRig): Promise<People> {
  const people: Partial<Record<keyof typeof PEOPLE, Customer>> = {};
  for (const [who, given] of Object.entries(PEOPLE)) {
    people[who as keyof typeof PEOPLE] = await rig.customer(given);
  }
  return people as People;
}

let folder: Folder;
/** With the sandbox's bank. */
let rig: SwitchRig;
let people: People;
const said: Ran[] = [];
const payments: string[] = [];
beforeAll(async () => {
  folder = temporaryFolder();
  rig = await SwitchRig.start();
  people = await moveIn(rig);
});
afterAll(async () => {
  folder.remove();
  await rig[Symbol.asyncDispose]();
});

/** One record of a return, as a bank would send it with its first half missing. */
function brokenReturn(): string {
  const { accountNumber, name } = PEOPLE.good;
  const entry = `626021000021${accountNumber.padEnd(17)}0000001299`;
  const path = join(folder.path, "broken.ach");
  writeFileSync(path, `${entry}${"".padEnd(15)}${name.toUpperCase().padEnd(22)}\n799R03`);
  return path;
}

/** As an operator types it; gives what was printed. */
async function type(words: readonly string[], key = rig.deskKey, code = 0): Promise<string> {
  const environment = { SEQR_DESK_KEY: key };
  const ran = await seqr([...words, "--url", rig.running.url], { environment });
  said.push(ran);
  expect([words, ran.code, hasStackTrace(ran.stderr)]).toEqual([words, code, false]);
  return ran.stdout;
}

async function typeHere(words: readonly string[], code = 0): Promise<void> {
  const ran = await seqr(words);
  said.push(ran);
  expect([words, ran.code]).toEqual([words, code]);
}

async function days(count: number): Promise<void> {
  for (let day = 0; day < count; day++) await nextBankingDay(rig);
}

test("purchases are collected, and come back in every way", async () => {
  await type(["collect", ...NOTE]);
  for (const who of Object.values(people)) payments.push((await rig.pay(who, 1_299)).id);
  await days(DAYS.return);
  await type(["clock"]);
  await type(["inbound", "take", ...NOTE]);
  const debts = await type(["debts"]);
  expect(debts).toContain(people.closed.phone.keys.account);
  expect(debts).toContain(people.disputing.phone.keys.account);
});

test("the desk looks at all of it, and acts on it", async () => {
  const closed = people.closed.phone.keys.account;
  const disputing = people.disputing.phone.keys.account;
  const [, ofClosed = "", ofDisputing = ""] = payments;
  for (const list of ["files", "inbound", "exceptions", "debts", "returns", "merchants"]) {
    // Of five debits some came back: above what Nacha allows.
    const code = list === "returns" ? 1 : 0;
    await type([list], rig.deskKey, code);
    await type([list, "--json"], rig.deskKey, code);
  }
  await type(["debts", closed]);
  await type(["debts", disputing, "--json"]);
  await type(["debts", "frozen"]);
  await type(["debts", "pay", closed, "5.00", "--evidence", "a cheque of the canary"]);
  for (const key of [rig.deskKey, rig.otherDeskKey]) {
    await type(["debts", "write-off", closed, ofClosed, ...NOTE], key);
  }
  await type(["debts", "dispute", disputing, ofDisputing, "won", ...NOTE]);
  for (const { id } of (await rig.moneyDesk().files({ limit: 100 })).data)
    await type(["files", id]);
  await type(["merchants", "mer_1"]);
});

test("a debit is reversed, and a broken file imported", async () => {
  const { file } = await settledDebit(rig, people.good);
  const reverse = ["files", "reverse", file, "wrong_date", ...NOTE];
  for (const key of [rig.deskKey, rig.otherDeskKey]) await type(reverse, key);
  await type([...reverse.slice(0, 3), "no_reason", ...NOTE], rig.deskKey, 2);
  const broken = brokenReturn();
  for (const key of [rig.deskKey, rig.otherDeskKey]) {
    await type(["inbound", "import", broken, ...NOTE], key);
  }
  const [exception] = (await rig.moneyDesk().exceptions()).data;
  await type(["exceptions"]);
  await type(["exceptions", exception?.id ?? ""]);
  await type(["exceptions", "noted", exception?.id ?? "", ...NOTE]);
  await typeHere(["ach", "read", broken, "--inbound"], 1);
  await typeHere(["ach", "read", broken, "--json"], 1);
  await typeHere(["ach", "check", broken], 1);
});

test("the books and the evidence are told", async () => {
  const data = ["--data", rig.dataDir];
  for (const words of [["ledger"], ["ledger", "--all"], ["ledger", "--json"], ["doctor"]]) {
    await typeHere([...words, ...data]);
  }
  await typeHere(["ledger", "lines", "cash:bank", ...data]);
  await typeHere(["ledger", "reconcile", ...data]);
  for (const payment of payments) await typeHere(["evidence", payment, ...data]);
});

test("somebody leaves and is forgotten", async () => {
  await days(DAYS.window);
  const { phone } = people.leaving;
  await phone.deregister();
  rig.clock.advance(3 * YEAR_MS);
  await rig.running.retention.caughtUp();
  const path = `/v1/desk/accounts/${phone.keys.account}/retention`;
  const { body, text } = await rig.send("GET", path, { token: rig.deskKey });
  expect(body).toMatchObject({ status: "closed", forgotten_at: expect.any(String) });
  expect(found(text)).toEqual([]);
});

test("none of what was printed, logged, counted or answered holds any of it", async () => {
  for (const { stdout, stderr } of said) expect(found(stdout + stderr)).toEqual([]);
  expect(found(rig.lines.join("\n"))).toEqual([]);
  expect(found((await rig.send("GET", "/metrics")).text)).toEqual([]);
  for (const path of ["alarms", "ledger", "exceptions", "debts", "return-rates", "inbound"]) {
    const { status, text } = await rig.send("GET", `/v1/desk/${path}`, { token: rig.deskKey });
    expect([path, status, found(text)]).toEqual([path, 200, []]);
  }
});

test("no file does, while it runs or after; the views of the thread are among them", async () => {
  expect(readdirSync(rig.dataDir)).toContain("views.db");
  expect(foundBelow(rig.dataDir)).toEqual([]);
  await rig.halt();
  const data = ["--data", rig.dataDir];
  for (const words of [["keys"], ["keys", "rotate"], ["doctor"]]) {
    await typeHere([...words, ...data]);
  }
  for (const { stdout, stderr } of said.slice(-3)) expect(found(stdout + stderr)).toEqual([]);
  expect(foundBelow(rig.dataDir)).toEqual([]);
});

test("a row of a view, a line and a file that did hold it would be found", () => {
  const copy = join(folder.path, "copy");
  mkdirSync(copy);
  copyFileSync(join(rig.dataDir, "views.db"), join(copy, "views.db"));
  expect(foundBelow(copy)).toEqual([]);
  const { name, accountNumber, pin } = PEOPLE.corrected;
  const views = new Database(join(copy, "views.db"));
  views.run("CREATE TABLE leak (body TEXT)");
  views.run("INSERT INTO leak VALUES (?)", [JSON.stringify({ to: accountNumber })]);
  views.close();
  expect(foundBelow(copy)).toEqual(["views.db: corrected: accountNumber"]);
  expect(found(JSON.stringify({ event: "fault", pin }))).toEqual(["corrected: pin"]);
  expect(found(Buffer.from(name.toUpperCase()).toString("base64"))).toContain(
    "corrected: nameInFiles",
  );
  expect(found(readFileSync(join(folder.path, "broken.ach")))).toContain("good: accountNumber");
});

test("with a bank behind a folder, only what lies there for the bank holds any of it", async () => {
  const root = join(folder.path, "bank");
  mkdirSync(root);
  const live = await SwitchRig.start({ config: { bankFolder: root } });
  const twin = new BankTwin(live.clock, { bankNumber: PROFILE.immediateDestination });
  const carrier = new Carrier(root, twin);
  const crowd = await moveIn(live);
  await live.running.services.collections.cutOffNow();
  const outbound = filesBelow(join(root, "outbound"));
  expect(outbound.flatMap((file) => found(readFileSync(file)))).toContain("good: accountNumber");
  const [file = ""] = outbound;
  for (const words of [["read"], ["read", "--json"], ["check"]]) {
    const { code, stdout, stderr } = await seqr(["ach", ...words, file]);
    expect([words, code, found(stdout + stderr)]).toEqual([words, 0, []]);
  }
  for (const who of Object.values(crowd)) await live.pay(who, 1_299);
  writeFileSync(join(root, "inbound", "odd.json"), JSON.stringify(PEOPLE));
  writeFileSync(join(root, "inbound", "odd.ach"), readFileSync(brokenReturn()));
  for (let day = 0; day < 2 * DAYS.return; day++) {
    await carrier.go(1);
    await nextBankingDay(live);
  }
  const { alarms } = live.running.services;
  expect(alarms.list().map(({ kind }) => kind as string)).toContain("bank_pieces_refused");
  expect((await live.moneyDesk().debts()).data.length).toBeGreaterThan(1);
  expect(found(JSON.stringify(alarms.list()))).toEqual([]);
  expect(found(live.lines.join("\n"))).toEqual([]);
  expect(found((await live.send("GET", "/metrics")).text)).toEqual([]);
  expect(foundBelow(live.dataDir)).toEqual([]);
  await live[Symbol.asyncDispose]();
});
