/** Idempotency: one effect per key, the same bytes on a repeat, and no key for two things. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { unless } from "../../src/http/once.ts";
import { Problem } from "../../src/http/problem.ts";
import { failureOf } from "../failure.ts";
import { type Customer, type Reply, type Sent, SwitchRig } from "../switch-rig.ts";
import { type Approval, approvalOf, scanned, sendApproval, wireOf } from "./approvals.ts";
import { textIn } from "./registering.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

const usd = (amount: number) => ({ amount: { amount, currency: "USD" } });
const LANE = "/v1/lanes/lane_1/payment-requests";

/** A route that wants a key: a call that succeeds, and the same with another body. */
interface KeyedRoute {
  readonly prepare: () => Promise<{
    readonly method: string;
    readonly path: string;
    readonly token?: string;
    readonly json?: unknown;
    readonly otherJson: unknown;
  }>;
}

const merchant = {
  name: "Blue Door Coffee",
  statement_name: "BLUE DOOR COFFEE",
  street: "3 Harbor Walk",
  city: "Boston",
  state: "MA",
  fee_basis_points: 175,
};

async function approved(): Promise<{ customer: Customer; approval: Approval }> {
  const customer = await rig.customer();
  const { scan } = await scanned(rig, customer);
  return { customer, approval: await approvalOf(customer, scan) };
}

const KEYED: Readonly<Record<string, KeyedRoute>> = {
  "taking on a merchant": {
    prepare: async () => ({
      method: "POST",
      path: "/v1/desk/merchants",
      token: rig.deskKey,
      json: merchant,
      otherJson: { ...merchant, fee_basis_points: 100 },
    }),
  },
  "registering a lane": {
    prepare: async () => ({
      method: "POST",
      path: "/v1/lanes",
      token: rig.merchantKey,
      json: { name: "Lane 9" },
      otherJson: { name: "Lane 10" },
    }),
  },
  "asking for money": {
    prepare: async () => ({
      method: "POST",
      path: LANE,
      token: rig.till.key,
      json: usd(500),
      otherJson: usd(501),
    }),
  },
  "changing what is asked": {
    prepare: async () => ({
      method: "PATCH",
      path: `${LANE}/${(await rig.till.ask({ amountCents: 100 })).id}`,
      token: rig.till.key,
      json: usd(500),
      otherJson: usd(501),
    }),
  },
  cancelling: {
    prepare: async () => ({
      method: "POST",
      path: `${LANE}/${(await rig.till.ask({ amountCents: 100 })).id}/cancel`,
      token: rig.till.key,
      otherJson: { canary: 1 },
    }),
  },
  paying: {
    prepare: async () => {
      const { approval } = await approved();
      const json = wireOf(approval);
      const otherJson = { ...json, signature: json.signature.replace(/^../, "AA") };
      return { method: "POST", path: "/v1/payments", json, otherJson };
    },
  },
};

function sentOf({ token, json }: { token?: string; json?: unknown }, key?: string): Sent {
  return {
    ...(token === undefined ? {} : { token }),
    ...(json === undefined ? {} : { json }),
    ...(key === undefined ? {} : { key }),
  };
}

/** What must be the same on a repeat. */
function essence({ status, text }: Reply): string {
  return `${status} ${text}`;
}

for (const [name, { prepare }] of Object.entries(KEYED)) {
  describe(name, () => {
    test("wants a key, of a form that a log can hold", async () => {
      const call = await prepare();
      const before = await rig.position();
      const missing = await rig.send(call.method, call.path, sentOf(call));
      expect(missing.body["code"]).toBe("idempotency_key_missing");
      for (const key of ["two words", "k".repeat(256), "ümlaut", ""]) {
        const reply = await rig.send(call.method, call.path, sentOf(call, key));
        expect(reply.body["code"]).toBe("idempotency_key_malformed");
      }
      expect(await rig.position()).toBe(before);
    });

    test("twice under one key is once, with the same bytes, after a restart too", async () => {
      const call = await prepare();
      const key = `~!"${crypto.randomUUID()}`.padEnd(255, "k");
      const first = await rig.send(call.method, call.path, sentOf(call, key));
      expect(first.status).toBeLessThan(300);
      expect(first.headers.get("idempotent-replayed")).toBeNull();
      const after = await rig.position();
      const again = await rig.send(call.method, call.path, sentOf(call, key));
      await rig.restart();
      const later = await rig.send(call.method, call.path, sentOf(call, key));
      for (const repeat of [again, later]) {
        expect(essence(repeat)).toBe(essence(first));
        expect(repeat.headers.get("idempotent-replayed")).toBe("true");
        expect(repeat.headers.get("etag")).toBe(first.headers.get("etag"));
      }
      expect(await rig.position()).toBe(after);
    });

    test("under the key of another body is refused and does nothing", async () => {
      const call = await prepare();
      const key = crypto.randomUUID();
      await rig.send(call.method, call.path, sentOf(call, key));
      const before = await rig.position();
      const other = { ...call, json: call.otherJson };
      const reply = await rig.send(call.method, call.path, sentOf(other, key));
      expect(reply.body).toMatchObject({ code: "idempotency_mismatch", status: 422 });
      expect(reply.headers.get("idempotent-replayed")).toBeNull();
      expect(await rig.position()).toBe(before);
    });

    test("ten times at the same moment under one key is once", async () => {
      const call = await prepare();
      const key = crypto.randomUUID();
      const calls = Array.from({ length: 10 }, () =>
        rig.send(call.method, call.path, sentOf(call, key)),
      );
      const replies = await Promise.all(calls);
      expect(new Set(replies.map(essence)).size).toBe(1);
      expect(replies[0]?.status).toBeLessThan(300);
      const replayed = replies.filter(({ headers }) => headers.has("idempotent-replayed"));
      expect(replayed).toHaveLength(9);
      const before = await rig.position();
      expect(essence(await rig.send(call.method, call.path, sentOf(call, key)))).toBe(
        replies[0] === undefined ? "" : essence(replies[0]),
      );
      expect(await rig.position()).toBe(before);
    });
  });
}

describe("a key", () => {
  test("is scoped by its caller: two lanes may use the same one", async () => {
    const { body } = await rig.send("POST", "/v1/lanes", {
      token: rig.merchantKey,
      key: "scope",
      json: { name: "Lane 2" },
    });
    const path = `/v1/lanes/${textIn(body, "id")}/payment-requests`;
    const [one, two] = [
      await rig.send("POST", LANE, { token: rig.till.key, key: "scope", json: usd(1) }),
      await rig.send("POST", path, { token: textIn(body, "lane_key"), key: "scope", json: usd(2) }),
    ];
    expect([one.status, two.status]).toEqual([201, 201]);
    // The merchant's own key is another caller on the same route.
    const three = await rig.send("POST", LANE, {
      token: rig.merchantKey,
      key: "scope",
      json: usd(3),
    });
    expect(three.body).toMatchObject(usd(3));
  });

  test("shows the lane's own secret on a repeat, and only under that key", async () => {
    const json = { name: "Lane 3" };
    const register = (key: string): Promise<Reply> =>
      rig.send("POST", "/v1/lanes", { token: rig.merchantKey, key, json });
    const [first, again, other] = [await register("a"), await register("a"), await register("b")];
    expect(again.body["lane_key"]).toBe(first.body["lane_key"]);
    expect(other.body["lane_key"]).not.toBe(first.body["lane_key"]);
    expect(other.body["id"]).not.toBe(first.body["id"]);
  });

  test("covers the precondition: with another If-Match it is another call", async () => {
    const { id } = await rig.till.ask({ amountCents: 100 });
    const update = (match: string): Promise<Reply> =>
      rig.send("PATCH", `${LANE}/${id}`, {
        token: rig.till.key,
        key: "precondition",
        json: usd(5),
        headers: { "if-match": match },
      });
    expect((await update('"7"')).body["code"]).toBe("version_mismatch");
    // Not the old refusal again: it would speak of a revision that was not asked for.
    expect((await update('"1"')).body["code"]).toBe("idempotency_mismatch");
    expect((await update('"7"')).headers.get("idempotent-replayed")).toBe("true");
  });
});

describe("a refusal", () => {
  test("of an actor is remembered, byte for byte, after a restart too", async () => {
    const customer = await rig.customer();
    const { scan } = await scanned(rig, customer);
    const wrong = await approvalOf(customer, scan, {}, customer.wrongPin());
    const first = await sendApproval(rig, wrong, "wrong-pin");
    expect(first.body).toMatchObject({ code: "pin_wrong", attempts_left: 2 });
    const before = await rig.position();
    const again = await sendApproval(rig, wrong, "wrong-pin");
    await rig.restart();
    const later = await sendApproval(rig, wrong, "wrong-pin");
    for (const repeat of [again, later]) {
      expect(essence(repeat)).toBe(essence(first));
      expect(repeat.headers.get("idempotent-replayed")).toBe("true");
    }
    expect(await rig.position()).toBe(before);
  });

  test("of the limit stays one under its key, though the limit is higher by now", async () => {
    const customer = await rig.customer();
    const { scan } = await scanned(rig, customer, 10_001);
    const approval = await approvalOf(customer, scan);
    const first = await sendApproval(rig, approval, "limit");
    expect(first.body).toMatchObject({ code: "limit_exceeded" });
    await rig.desk.setCap(customer.phone.keys.account, 20_000, "a good customer");
    expect(essence(await sendApproval(rig, approval, "limit"))).toBe(essence(first));
    // Under another key it is decided anew.
    expect((await sendApproval(rig, approval, "limit-2")).status).toBe(200);
  });

  test("of the edge is not remembered: the same key succeeds once it is right", async () => {
    const customer = await rig.customer();
    const { scan } = await scanned(rig, customer);
    const good = await approvalOf(customer, scan);
    const bad = { ...good, signature: good.signature.slice().reverse() };
    expect((await sendApproval(rig, bad, "edge")).body["code"]).toBe("device_signature_invalid");
    expect((await sendApproval(rig, good, "edge")).status).toBe(200);
    const asked = (json: unknown): Promise<Reply> =>
      rig.send("POST", LANE, { token: rig.till.key, key: "edge", json });
    expect((await asked({ amount: 1 })).status).toBe(422);
    expect((await asked(usd(1))).status).toBe(201);
  });
});

describe("one signed approval", () => {
  test("is one payment under every key, one after the other and after a restart", async () => {
    const { customer, approval } = await approved();
    const first = await sendApproval(rig, approval);
    const before = await rig.position();
    const second = await sendApproval(rig, approval);
    await rig.restart();
    const third = await sendApproval(rig, approval);
    for (const repeat of [second, third]) {
      expect(repeat.status).toBe(200);
      expect(repeat.body["id"]).toBe(first.body["id"]);
      expect(repeat.body["receipt"]).toEqual(first.body["receipt"]);
      expect(repeat.headers.get("idempotent-replayed")).toBeNull();
    }
    expect(await rig.position()).toBe(before);
    const { limit } = await customer.phone.account();
    expect(limit?.available.amount).toBe(10_000 - 1_299);
  });

  test("is one payment under ten keys at the same moment", async () => {
    const { customer, approval } = await approved();
    const calls = Array.from({ length: 10 }, () => sendApproval(rig, approval));
    const replies = await Promise.all(calls);
    expect(replies.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(new Set(replies.map(({ body }) => body["id"])).size).toBe(1);
    expect(await customer.phone.receipts()).toHaveLength(1);
    expect((await customer.phone.account()).limit?.exposure.amount).toBe(1_299);
  });

  test("is the same payment long after its lane has forgotten the request", async () => {
    const { customer, approval } = await approved();
    const first = await sendApproval(rig, approval);
    expect(first.status).toBe(200);
    for (let count = 0; count < 10; count++) await rig.till.ask({ amountCents: 1 + count });
    rig.clock.advance(3_600_000);
    const late = await sendApproval(rig, approval);
    // The money was taken: nothing else may be said.
    expect(late.body).toMatchObject({ id: textIn(first.body, "id"), status: "captured" });
    expect(late.body["receipt"]).toEqual(first.body["receipt"]);
    expect(await customer.phone.receipts()).toHaveLength(1);
    expect((await customer.phone.account()).limit?.exposure.amount).toBe(1_299);
  });

  test("is shown again to its own phone only: the receipt needs the signature", async () => {
    const { approval } = await approved();
    expect((await sendApproval(rig, approval)).status).toBe(200);
    const forged = { ...approval, signature: approval.signature.slice().reverse() };
    expect((await sendApproval(rig, forged)).body["code"]).toBe("device_signature_invalid");
    for (let count = 0; count < 10; count++) await rig.till.ask({ amountCents: 1 + count });
    const late = await sendApproval(rig, forged);
    expect(late.status).toBeGreaterThanOrEqual(400);
    expect(late.body["receipt"]).toBeUndefined();
  });
});

test("only the one refusal that is expected counts as nothing found", async () => {
  const failing = (error: Error) => unless("lane_not_found", () => Promise.reject(error));
  expect(await unless("lane_not_found", () => Promise.resolve(7))).toBe(7);
  expect(await failing(new Problem("lane_not_found"))).toBeUndefined();
  // A busy switch must never look like a key that is unknown.
  for (const error of [new Problem("fault_busy"), new Error("lane_not_found")]) {
    expect(await failureOf(failing(error))).toBe(error);
  }
});
