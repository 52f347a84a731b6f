/**
 * A test for each class of retention, by the clock: a day before its end it is there, and refused
 * to whoever asks; a day after it is destroyed. Without its row in the table, its test fails.
 */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { AccountView } from "../../actors/account-messages.ts";
import { RETENTION, type RetentionClass } from "../../actors/retention.ts";
import type { SweptCounts } from "../../actors/sweep.ts";
import { dataFiles, readKeys } from "../../src/data-directory.ts";
import { Retention } from "../../src/retention/sweep.ts";
import type { Host } from "../../src/runtime/host.ts";
import { openVault } from "../../src/vault-files.ts";
import { openBeside } from "../beside.ts";
import { nextBankingDay } from "../http/by-hand.ts";
import { type Customer, type RigOptions, SwitchRig, sendPictures, until } from "../switch-rig.ts";

setDefaultTimeout(60_000);
const DAY_MS = 86_400_000;
const YEAR_MS = 366 * DAY_MS;
let rig: SwitchRig;

async function start(options: RigOptions = {}): Promise<void> {
  rig = await SwitchRig.start({ ...options, config: { collection: "by_hand" } });
}
beforeEach(() => start());
afterEach(() => rig[Symbol.asyncDispose]());

const accountOf = ({ phone }: Customer) => phone.keys.account;

async function viewOf(customer: Customer): Promise<AccountView> {
  const ref = { kind: "account", id: accountOf(customer) };
  const { host } = rig.running.services;
  return (await host.ask(ref, { kind: "DescribeAccount" }, { principal: "test" })) as AccountView;
}

/** Lets time pass; what falls due on the way is done. */
async function pass(ms: number): Promise<void> {
  rig.clock.advance(ms);
  await rig.running.retention.caughtUp();
}

async function isKept(customer: Customer): Promise<boolean> {
  const { vault } = await viewOf(customer);
  const { services } = rig.running;
  return services.vault.open(vault.person, "person", accountOf(customer)) !== undefined;
}

/** The classes that an erasure is refused for; empty where it is done. */
async function refusedFor(customer: Customer): Promise<readonly string[]> {
  const path = `/v1/desk/accounts/${accountOf(customer)}/erasure`;
  const json = { note: "the customer asked by letter" };
  const { status, body } = await rig.send("POST", path, { token: rig.deskKey, json });
  if (status === 200) return [];
  expect(body["code"]).toBe("data_kept");
  return (body["kept"] as { class: string }[]).map((kept) => kept.class);
}

/** Everything that sweeps have destroyed so far. */
async function swept(): Promise<SweptCounts> {
  const { feed } = rig.running.services.host;
  const events = await feed.history(
    { kind: "sweep", id: "daily" },
    Number.MAX_SAFE_INTEGER,
    10_000,
  );
  const counts: Partial<Record<RetentionClass, number>> = {};
  for (const { data } of events) {
    for (const [name, count] of Object.entries(
      (JSON.parse(data) as { counts: SweptCounts }).counts,
    )) {
      counts[name as RetentionClass] = (counts[name as RetentionClass] ?? 0) + count;
    }
  }
  return counts;
}

async function days(count: number): Promise<void> {
  for (let day = 0; day < count; day++) await nextBankingDay(rig);
}

/** A purchase that was collected, after the prenote of the bank account. */
async function collected(customer: Customer): Promise<void> {
  await rig.pay(customer, 1_000);
  await days(10);
  expect((await viewOf(customer)).collection.purchases).toEqual([]);
}

describe("a person's data are kept", () => {
  test("mandate: two years from its end", async () => {
    const customer = await rig.customer();
    await customer.phone.deregister();
    await pass(729 * DAY_MS);
    expect([await isKept(customer), await refusedFor(customer)]).toEqual([true, ["mandate"]]);
    await pass(2 * DAY_MS);
    await until(async () => !(await isKept(customer)), "the person is forgotten");
    expect(await swept()).toEqual({ mandate: 1 });
    expect(await refusedFor(customer)).toEqual([]);
    const shown = await rig.send("GET", `/v1/desk/accounts/${accountOf(customer)}/retention`, {
      token: rig.deskKey,
    });
    expect(shown.body).toMatchObject({ status: "closed", kept: [] });
    expect(shown.body["forgotten_at"]).not.toBeNull();
  });

  test("approval: two years from the settlement of the newest debit", async () => {
    const customer = await rig.customer();
    // The mandate ends before the debit is settled, and the account is closed by it.
    await rig.pay(customer, 1_000);
    await customer.phone.deregister();
    const leftMs = rig.clock.nowMs();
    await days(10);
    expect((await viewOf(customer)).status).toBe("closed");
    rig.clock.advanceTo(leftMs + 731 * DAY_MS);
    await rig.running.retention.caughtUp();
    expect([await isKept(customer), await refusedFor(customer)]).toEqual([true, ["approval"]]);
    await pass(10 * DAY_MS);
    await until(async () => !(await isKept(customer)), "the person is forgotten");
    expect(await swept()).toMatchObject({ approval: 1 });
  });

  test("reg_e: two years from what happened last", async () => {
    const customer = await rig.customer();
    await collected(customer);
    await customer.phone.deregister();
    await pass(400 * DAY_MS);
    // A refund for somebody who left long ago.
    const { feed } = rig.running.services.host;
    const events = await feed.read(0, 10_000);
    const captured = events.find(({ kind }) => kind === "PaymentCaptured");
    const { paymentId } = (JSON.parse(captured?.data ?? "{}") as { receipt: { paymentId: string } })
      .receipt;
    const json = { amount: { amount: 100, currency: "USD" }, reason: "goodwill" };
    const path = `/v1/payments/${paymentId}/refunds`;
    const given = await rig.send("POST", path, { token: rig.merchantKey, key: "late", json });
    expect(given.status).toBeLessThan(300);
    const refundedMs = rig.clock.nowMs();
    await days(6);
    rig.clock.advanceTo(refundedMs + 729 * DAY_MS);
    await rig.running.retention.caughtUp();
    expect(await isKept(customer)).toBe(true);
    expect(await refusedFor(customer)).toContain("reg_e");
    await pass(30 * DAY_MS);
    await until(async () => !(await isKept(customer)), "the person is forgotten");
  });

  test("paid_failure: three years from the payment of a debit that came back", async () => {
    const customer = await rig.customer({ accountNumber: "9990000001" });
    await rig.pay(customer, 1_000);
    await days(22);
    await customer.phone.deregister();
    expect((await viewOf(customer)).status).toBe("closed");
    await pass(3 * YEAR_MS - 30 * DAY_MS);
    expect([await isKept(customer), await refusedFor(customer)]).toEqual([true, ["paid_failure"]]);
    await pass(30 * DAY_MS);
    await until(async () => !(await isKept(customer)), "the person is forgotten");
    expect(await swept()).toMatchObject({ paid_failure: 1 });
  });
});

test("a customer who has not left is kept, however long ago anything was", async () => {
  const customer = await rig.customer();
  await pass(10 * YEAR_MS);
  expect(await isKept(customer)).toBe(true);
  const path = `/v1/desk/accounts/${accountOf(customer)}/erasure`;
  const refused = await rig.send("POST", path, { token: rig.deskKey, json: { note: "asks" } });
  expect(refused.body).toMatchObject({ code: "data_kept", is_open: true, kept: [] });
});

describe("a person who is forgotten", () => {
  test("cannot be read from an old copy of the vault either", async () => {
    const customer = await rig.customer({ name: "Zenobia Quackenbush" });
    const { vault } = await viewOf(customer);
    await customer.phone.deregister();
    await until(() => rig.running.services.host.outbox.held === 0, "the PIN key is destroyed");
    // As an operator copies it every night; of the data keys there is only the newest copy.
    await rig.halt();
    const copy = `${rig.dataDir}/vault-of-2026.db`;
    const files = dataFiles(rig.dataDir);
    copyFileSync(files.vault, copy);
    const before = openVault({ ...files, vault: copy }, readKeys(rig.dataDir));
    expect(before.vault.open(vault.person, "person", accountOf(customer))).toBeDefined();
    before.close();
    await rig.restart();
    await pass(740 * DAY_MS);
    await until(async () => !(await isKept(customer)), "the person is forgotten");
    await rig.halt();
    const after = openVault({ ...files, vault: copy }, readKeys(rig.dataDir));
    expect(after.vault.open(vault.person, "person", accountOf(customer))).toBeUndefined();
    expect(after.vault.ownersSharing(vault.bankAccount)).toEqual([accountOf(customer)]);
    after.close();
    await rig.restart();
  });

  test("leaves the ledger with the pseudonymous id, and the sweep with counts alone", async () => {
    const customer = await rig.customer();
    await collected(customer);
    await customer.phone.deregister();
    await pass(3 * YEAR_MS);
    await until(async () => !(await isKept(customer)), "the person is forgotten");
    const { personId } = await viewOf(customer);
    const ledger = await rig.send("GET", "/v1/desk/ledger", { token: rig.deskKey });
    expect(ledger.text).toContain(personId);
    const { feed } = rig.running.services.host;
    const [event] = await feed.history({ kind: "sweep", id: "daily" }, Number.MAX_SAFE_INTEGER, 1);
    expect(Object.keys(JSON.parse(event?.data ?? "{}") as object)).toEqual(["kind", "counts"]);
    expect(event?.principal).toBe("switch:retention");
  });
});

describe("what is sealed goes", () => {
  const sealedFiles = (): readonly string[] => readdirSync(dataFiles(rig.dataDir).ach);

  test("ach_file: 75 days after settlement; the hash stays", async () => {
    await rig.customer();
    await days(3);
    const [token, ...others] = sealedFiles();
    expect([typeof token, others]).toEqual(["string", []]);
    const { feed } = rig.running.services.host;
    const settled = (await feed.read(0, 10_000)).find(({ kind }) => kind === "FileSettled");
    rig.clock.advanceTo((settled?.atMs ?? 0) + 74 * DAY_MS);
    await rig.running.retention.caughtUp();
    expect(sealedFiles()).toEqual([token ?? ""]);
    await pass(2 * DAY_MS);
    await until(() => sealedFiles().length === 0, "the file is destroyed");
    expect(await swept()).toEqual({ ach_file: 1 });
    const built = (await feed.read(0, 10_000)).find(({ kind }) => kind === "FileBuilt");
    expect(JSON.parse(built?.data ?? "{}")).toMatchObject({ sealed: token });
    expect((JSON.parse(built?.data ?? "{}") as { sha256: string }).sha256).toHaveLength(64);
  });

  test("identity_picture: ten days after the newest, when nobody decided", async () => {
    const pictures = () => readdirSync(dataFiles(rig.dataDir).documents);
    const customer = await rig.customer({ identity: "none" });
    await sendPictures(customer.phone);
    await pass(9 * DAY_MS);
    expect(pictures()).toHaveLength(2);
    await pass(2 * DAY_MS);
    await until(() => pictures().length === 0, "the pictures are destroyed");
    expect(await swept()).toEqual({ identity_picture: 1 });
    expect((await customer.phone.account()).identity).toBe("none");
    const queue = await rig.send("GET", "/v1/desk/identities", { token: rig.deskKey });
    expect(queue.body["data"]).toEqual([]);
    await sendPictures(customer.phone);
    await rig.desk.verifyIdentity(accountOf(customer));
  });

  test("orphan: a day after a sweep first saw what a crash had left", async () => {
    const { vault, documents } = rig.running.services;
    const customer = await rig.customer();
    const account = accountOf(customer);
    const bytes = new TextEncoder().encode("Zenobia Quackenbush");
    const [row = ""] = vault.put([{ kind: "person", owner: account, bytes }]);
    const [message = ""] = vault.put([{ kind: "message", owner: "reg_1", bytes }]);
    const [theirs = ""] = vault.put([{ kind: "person", owner: "somebody", bytes }]);
    const picture = documents.put(account, bytes);
    const files = readdirSync(dataFiles(rig.dataDir).documents);
    expect(files).toEqual([picture]);
    const left = () => [
      vault.open(row, "person", account) !== undefined,
      vault.openMessage(message) !== undefined,
      existsSync(join(dataFiles(rig.dataDir).documents, picture)),
    ];
    await pass(DAY_MS);
    expect(left()).toEqual([true, true, true]);
    await pass(DAY_MS);
    expect(left()).toEqual([false, false, false]);
    expect(await swept()).toEqual({ orphan: 3 });
    // What events name, and what nobody here knows, stays.
    await pass(30 * DAY_MS);
    expect(statSync(`${dataFiles(rig.dataDir).vault}-wal`).size).toBe(0);
    expect(await isKept(customer)).toBe(true);
    expect((await rig.pay(customer, 100)).status).toBe("captured");
    expect(vault.open(theirs, "person", "somebody")).toBeDefined();
  });
});

describe("a sweep", () => {
  const pictures = () => readdirSync(dataFiles(rig.dataDir).documents);

  test("that cannot see all of the log destroys nothing, and is an alarm", async () => {
    const customer = await rig.customer({ identity: "none" });
    const views = openBeside(dataFiles(rig.dataDir).views);
    views.run("CREATE TRIGGER full BEFORE INSERT ON rows BEGIN SELECT RAISE(ABORT, 'full'); END");
    await sendPictures(customer.phone);
    for (let day = 0; day < 3; day++) await pass(DAY_MS);
    expect(pictures()).toHaveLength(2);
    const alarms = rig.running.services.alarms.list().map(({ kind }) => kind);
    expect(alarms).toContain("retention_failed");
    views.run("DROP TRIGGER full");
    views.close();
    await pass(DAY_MS);
    expect(pictures()).toHaveLength(2);
  });

  test("that cannot look at one customer forgets the others", async () => {
    const customers = [await rig.customer(), await rig.customer()];
    for (const { phone } of customers) await phone.deregister();
    await rig.running.retention.stop();
    rig.clock.advance(740 * DAY_MS);
    const [spoilt] = customers.map(accountOf);
    const { services } = rig.running;
    const ask: Host["ask"] = async (ref, command, options) => {
      if (ref.id === spoilt) throw new Error("a bug");
      return await services.host.ask(ref, command, options);
    };
    const host = { ask, feed: services.host.feed } as Host;
    const opened = openVault(dataFiles(rig.dataDir), readKeys(rig.dataDir));
    const stores = { ...opened, vault: services.vault };
    const faults: string[] = [];
    const retention = new Retention({ ...services, host, stores }, (error) =>
      faults.push((error as Error).message),
    );
    expect(await retention.sweep()).toMatchObject({ mandate: 1 });
    expect(faults).toEqual(["a bug"]);
    const views = await Promise.all(customers.map(viewOf));
    expect(views.map(({ forgottenAtMs }) => forgottenAtMs !== null)).toEqual([false, true]);
    opened.close();
  });

  test("is made after a start, too: the process may be down at its hour every day", async () => {
    const customer = await rig.customer();
    await customer.phone.deregister();
    await rig.halt();
    rig.clock.advance(740 * DAY_MS);
    await rig.restart();
    rig.clock.advance(2 * 3_600_000);
    await rig.running.retention.caughtUp();
    await until(async () => !(await isKept(customer)), "the person is forgotten");
  });

  test("finds a picture that a crash has brought back after the decision on it", async () => {
    const customer = await rig.customer({ identity: "none" });
    await sendPictures(customer.phone);
    const folder = dataFiles(rig.dataDir).documents;
    const copies = pictures().map((name) => [name, readFileSync(join(folder, name))] as const);
    await rig.desk.verifyIdentity(accountOf(customer));
    await until(() => pictures().length === 0, "the pictures are destroyed");
    for (const [name, bytes] of copies) writeFileSync(join(folder, name), bytes);
    await pass(DAY_MS);
    expect(pictures()).toHaveLength(2);
    await pass(DAY_MS);
    expect([pictures(), await swept()]).toEqual([[], { orphan: 2 }]);
  });
});

describe("a bank account that a merchant has replaced goes", () => {
  const named = async (account_number: string): Promise<string> => {
    const json = { routing_number: "021000021", account_number, kind: "checking" };
    const set = await rig.send("PUT", "/v1/merchant/bank-account", {
      ...{ token: rig.merchantKey, key: account_number, json },
    });
    expect(set.status).toBe(200);
    const ref = { kind: "merchant", id: "1" };
    const { host } = rig.running.services;
    const events = await host.feed.history(ref, Number.MAX_SAFE_INTEGER, 1);
    return (JSON.parse(events[0]?.data ?? "{}") as { token: string }).token;
  };

  const isThere = (token: string): boolean => {
    const open = openVault(dataFiles(rig.dataDir), readKeys(rig.dataDir));
    const isThere = open.rows.open(token, "bank-account", "1") !== undefined;
    open.close();
    return isThere;
  };

  test("approval: two years from then, where it was paid little or nothing", async () => {
    const old = await named("9990000100");
    const now = await named("9990000200");
    await pass(729 * DAY_MS);
    expect(isThere(old)).toBe(true);
    await pass(3 * DAY_MS);
    await until(() => !isThere(old), "the old one is destroyed");
    expect(isThere(now)).toBe(true);
    // With what was shown of it.
    expect(await swept()).toEqual({ approval: 2 });
  });

  test("transmission: five years from a payout of $3,000 or more", async () => {
    await rig[Symbol.asyncDispose]();
    await start({ policy: { capCents: 1_000_000 as never, capCentsMax: 1_000_000 as never } });
    const old = await named("9990000100");
    const customer = await rig.customer();
    await rig.pay(customer, 400_000);
    await days(12);
    const ref = { kind: "merchant", id: "1" };
    const { feed } = rig.running.services.host;
    const events = await feed.history(ref, Number.MAX_SAFE_INTEGER, 1_000);
    expect(events.some(({ kind }) => kind === "PayoutFiled")).toBe(true);
    await named("9990000200");
    await pass(5 * YEAR_MS - 40 * DAY_MS);
    expect(isThere(old)).toBe(true);
    await pass(40 * DAY_MS);
    await until(() => !isThere(old), "the old one is destroyed");
    expect(await swept()).toMatchObject({ transmission: 1 });
  });
});

test("every class has its test here", () => {
  const own = readFileSync(import.meta.path, "utf8");
  for (const name of Object.keys(RETENTION)) expect(own).toContain(`test("${name}:`);
});
