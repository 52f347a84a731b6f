/** A history to view: what a switch really wrote while people registered, paid and were blocked. */
import { registerLane } from "../../src/client/till.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import type { View, ViewRows, ViewTable } from "../../src/runtime/view.ts";
import { type SwitchRig, until } from "../switch-rig.ts";

/** Makes something of everything happen. */
export async function live(rig: SwitchRig): Promise<void> {
  const second = await registerLane(rig.caller, rig.merchantKey, "Lane 2");
  const otherKey = await rig.merchant("Blue Door Coffee", "BLUE DOOR COFFEE");
  const coffee = await registerLane(rig.caller, otherKey, "Counter");
  const customers = [await rig.customer(), await rig.customer(), await rig.customer()];
  await rig.customer({ identity: "pending" });
  await rig.customer({ identity: "none" });
  for (const [at, customer] of customers.entries()) {
    await rig.pay(customer, 100 + at, second);
    await rig.pay(customer, 1_999, coffee);
  }
  const [customer] = customers;
  if (customer === undefined) throw new Error("there are customers");
  const request = await second.ask({ amountCents: 10_001 });
  const scan = await customer.phone.scan(request.qr_text);
  await customer.phone.approve(scan, customer.pin()).catch(() => {});
  await second.cancel(await second.current());
  const updated = await coffee.ask({ amountCents: 400 });
  await coffee.update(updated, { amountCents: 450 });
  await coffee.ask({ amountCents: 460 });
  rig.clock.advance(5 * 60_000);
  await until(async () => (await coffee.current()).status === "expired", "the request expires");
  for (const account_number of ["1234567", "7654321"]) {
    await rig.send("PUT", "/v1/merchant/bank-account", {
      ...{ token: rig.merchantKey, key: account_number },
      json: { routing_number: "021000021", account_number, kind: "checking" },
    });
  }
  const { account } = customer.phone.keys;
  await rig.desk.block(account, "operator", "a phone call");
  await rig.desk.lift(account, "operator", "another");
}

/** Every event of the log, in order. */
export async function eventsOf(rig: SwitchRig): Promise<readonly StoredEvent[]> {
  const end = await rig.position();
  const events = await rig.running.services.host.feed.read(0, end + 1_000);
  return events.filter(({ position }) => position <= end);
}

/** A table in memory: the plainest thing that keeps the contract. */
export class MemoryTable implements ViewTable {
  readonly rows = new Map<string, string>();

  get(key: string): string | undefined {
    return this.rows.get(key);
  }

  put(key: string, value: string): void {
    this.rows.set(key, value);
  }

  remove(key: string): void {
    this.rows.delete(key);
  }

  range({ prefix, after, max, newestFirst = false }: Parameters<ViewTable["range"]>[0]) {
    const keys = [...this.rows.keys()].filter((key) => key.startsWith(prefix)).sort();
    if (newestFirst) keys.reverse();
    const isBehind = (key: string): boolean =>
      after === undefined || (newestFirst ? key < after : key > after);
    return keys
      .filter(isBehind)
      .slice(0, max)
      .map((key) => ({ key, value: this.rows.get(key) ?? "" }));
  }
}

/** What the rows of a table say, by key; the order of fields within a row says nothing. */
export function rowsOf(table: ViewRows): Readonly<Record<string, unknown>> {
  const rows = table.range({ prefix: "", max: 1_000_000 });
  return Object.fromEntries(rows.map(({ key, value }) => [key, read(value)]));
}

function read(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** The view over these events, taken in batches of one size. */
export function viewOf(view: View, events: readonly StoredEvent[], batch = 512): MemoryTable {
  const table = new MemoryTable();
  for (let at = 0; at < events.length; at += batch) view.apply(events.slice(at, at + batch), table);
  return table;
}
