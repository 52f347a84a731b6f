/** Two customers with one bank account: noticed, at the desk, and refused to nobody. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { AccountView } from "../../actors/account-messages.ts";
import { type Customer, SwitchRig } from "../switch-rig.ts";

let rig: SwitchRig;
beforeEach(async () => {
  rig = await SwitchRig.start();
});
afterEach(() => rig[Symbol.asyncDispose]());

const idOf = ({ phone }: Customer) => phone.keys.account;

async function queue(query = ""): Promise<readonly unknown[]> {
  const path = `/v1/desk/shared-bank-accounts${query}`;
  return (await rig.send("GET", path, { token: rig.deskKey })).body["data"] as unknown[];
}

async function sharedWith(customer: Customer): Promise<readonly string[]> {
  const ref = { kind: "account", id: idOf(customer) };
  const { host } = rig.running.services;
  const view = await host.ask(ref, { kind: "DescribeAccount" }, { principal: "switch" });
  return (view as AccountView).sharedWith;
}

describe("a second customer with the bank account of another", () => {
  test("pays as anybody does, and waits at the desk until somebody has looked", async () => {
    const [one, two] = [
      await rig.customer({ accountNumber: "5550001" }),
      await rig.customer({ accountNumber: "5550001" }),
    ];
    await rig.customer({ accountNumber: "5550002" });
    expect([await sharedWith(one), await sharedWith(two)]).toEqual([[], [idOf(one)]]);
    expect((await rig.pay(two, 100)).status).toBe("captured");
    expect(await queue()).toMatchObject([{ account: idOf(two), others: [idOf(one)] }]);
    const path = `/v1/desk/accounts/${idOf(two)}/shared-bank-account/review`;
    const json = { note: "married, both came in person" };
    expect((await rig.send("POST", path, { token: rig.deskKey, json })).status).toBe(200);
    expect(await queue()).toEqual([]);
    const audit = await rig.send("GET", `/v1/desk/accounts/${idOf(two)}/audit?limit=1`, {
      token: rig.deskKey,
    });
    expect(audit.body["data"]).toMatchObject([
      { event: "SharedBankAccountReviewed", principal: "desk:alice", note: json.note },
    ]);
  });

  test("who had left and owed nothing is nobody's double; who left a debt is", async () => {
    const gone = await rig.customer({ accountNumber: "5550001" });
    await gone.phone.deregister();
    const back = await rig.customer({ accountNumber: "5550001" });
    expect(await sharedWith(back)).toEqual([]);
    await rig.pay(back, 100);
    await back.phone.deregister();
    const next = await rig.customer({ accountNumber: "5550001" });
    expect(await sharedWith(next)).toEqual([idOf(back)]);
  });

  test("leaves the queue when it is closed, and comes in its turn before", async () => {
    const all: Customer[] = [];
    for (let number = 0; number < 4; number++) {
      all.push(await rig.customer({ accountNumber: "5550001" }));
    }
    const ids = all.slice(1).map(idOf);
    expect(await queue("?limit=2")).toMatchObject(ids.slice(0, 2).map((account) => ({ account })));
    expect(await queue(`?starting_after=${ids[1]}`)).toMatchObject([{ account: ids[2] }]);
    await all[1]?.phone.deregister();
    expect(await queue()).toMatchObject(ids.slice(1).map((account) => ({ account })));
  });
});
