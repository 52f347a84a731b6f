/**
 * Idempotency where a key is welcome and not wanted: registration, sessions, scans, pictures and
 * the desk. With a key a call happens once; without one each is a call of its own.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { PICTURE } from "../../src/commands/sandbox.ts";
import { type Customer, type Reply, type Sent, SwitchRig } from "../switch-rig.ts";
import { activated, completionOf, enterCode, otherCode, started } from "./registering.ts";
import { answeredChallenge, sessionOf } from "./route-samples.ts";

let rig: SwitchRig;
let customer: Customer;
beforeAll(async () => {
  rig = await SwitchRig.start();
  customer = await rig.customer();
});
afterAll(() => rig[Symbol.asyncDispose]());

interface Call {
  readonly method?: "POST" | "PUT";
  readonly path: string;
  readonly sent: Sent;
  /** Another call, under which the key must not be used again. */
  readonly other: Partial<Pick<Call, "path" | "sent">>;
}

interface KeyedRoute {
  readonly prepare: () => Promise<Call>;
  /** Answered from memory: gone after a restart, and then made anew. */
  readonly isOfMemory?: true;
}

const idsOf = ({ phone }: Customer) => ({
  account: phone.keys.account,
  device: phone.keys.device,
});

async function deskCall(act: string, json: object, otherJson: object, who = rig.customer()) {
  const { account } = (await who).phone.keys;
  const token = rig.deskKey;
  const path = `/v1/desk/accounts/${account}/${act}`;
  return { path, sent: { token, json }, other: { sent: { token, json: otherJson } } };
}

const note = "a phone call";
const cap = (amount: number) => ({ cap: { amount, currency: "USD" }, note });
const pending = () => rig.customer({ identity: "pending" });

const KEYED: Readonly<Record<string, KeyedRoute>> = {
  "asking for a code": {
    prepare: async () => {
      const phone = rig.newPhoneNumber();
      const headers = { "content-type": "application/json" };
      const raw = JSON.stringify({ phone }, null, 1);
      return {
        path: "/v1/registrations",
        sent: { json: { phone } },
        other: { sent: { raw, headers } },
      };
    },
  },
  "entering the code": {
    prepare: async () => {
      const { id, phoneNumber: phone, code } = await started(rig);
      const path = `/v1/registrations/${id}/activation`;
      const json = { phone, code };
      return { path, sent: { json }, other: { sent: { json: { phone, code: otherCode(code) } } } };
    },
  },
  "opening an account": {
    prepare: async () => {
      const activation = await activated(rig);
      const path = `/v1/registrations/${activation.id}/completion`;
      const json = await completionOf(rig, activation);
      const otherJson = await completionOf(rig, activation, { name: "Somebody Else" });
      return { path, sent: { json }, other: { sent: { json: otherJson } } };
    },
  },
  "asking for a challenge": {
    isOfMemory: true,
    prepare: async () => {
      const json = idsOf(customer);
      const other = {
        ...json,
        device: json.device.replace(/.$/, (end) => (end === "0" ? "1" : "0")),
      };
      return { path: "/v1/sessions/challenges", sent: { json }, other: { sent: { json: other } } };
    },
  },
  "opening a session": {
    isOfMemory: true,
    prepare: async () => {
      const json = await answeredChallenge(rig, customer);
      const other = { ...json, signature: json.signature.replace(/^../, "AA") };
      return { path: "/v1/sessions", sent: { json }, other: { sent: { json: other } } };
    },
  },
  scanning: {
    isOfMemory: true,
    prepare: async () => {
      const { qr_text: qr } = await rig.till.ask({ amountCents: 700 });
      const token = sessionOf(rig, customer);
      const other = { token, json: { qr: rig.till.lane.sticker_text } };
      return { path: "/v1/scans", sent: { token, json: { qr } }, other: { sent: other } };
    },
  },
  "sending a picture": {
    prepare: async () => {
      const token = sessionOf(rig, await rig.customer({ identity: "none" }));
      const path = "/v1/account/identity/front";
      const sent = { token, raw: PICTURE };
      const other = { path: `${path}?document=driving_licence` };
      return { method: "PUT", path: `${path}?document=passport`, sent, other };
    },
  },
  verifying: {
    prepare: async () => ({ ...(await deskCall("identity/verify", {}, { canary: 1 }, pending())) }),
  },
  rejecting: {
    prepare: () =>
      deskCall("identity/reject", { reason: "glare" }, { reason: "no_match" }, pending()),
  },
  blocking: {
    prepare: () => deskCall("blocks", { reason: "disputed", note }, { reason: "operator", note }),
  },
  lifting: {
    prepare: async () => {
      const who = await rig.customer();
      await rig.desk.block(who.phone.keys.account, "disputed", note);
      const other = { note: "another reason" };
      return await deskCall("blocks/disputed/lift", { note }, other, Promise.resolve(who));
    },
  },
  "setting a limit": { prepare: () => deskCall("cap", cap(5_000), cap(5_001)) },
};

function send({ method = "POST", path, sent }: Call, key?: string): Promise<Reply> {
  return rig.send(method, path, key === undefined ? sent : { ...sent, key });
}

/** What must be the same on a repeat. */
function essence({ status, text }: Reply): string {
  return `${status} ${text}`;
}

function isReplayed({ headers }: Reply): boolean {
  return headers.get("idempotent-replayed") === "true";
}

for (const [name, { prepare, isOfMemory }] of Object.entries(KEYED)) {
  describe(name, () => {
    test("twice under one key is once, with the same bytes, after a restart too", async () => {
      const call = await prepare();
      const key = crypto.randomUUID();
      const first = await send(call, key);
      expect([first.status < 300, isReplayed(first)]).toEqual([true, false]);
      const before = await rig.position();
      rig.clock.advance(1_000);
      const repeats = [await send(call, key)];
      if (isOfMemory !== true) {
        await rig.restart();
        repeats.push(await send(call, key));
      }
      for (const repeat of repeats) {
        expect(essence(repeat)).toBe(essence(first));
        expect(isReplayed(repeat)).toBe(true);
        expect(repeat.headers.get("content-type")).toBe(first.headers.get("content-type"));
      }
      expect(await rig.position()).toBe(before);
    });

    test("under the key of another call is refused and does nothing", async () => {
      const call = await prepare();
      const key = crypto.randomUUID();
      expect((await send(call, key)).status).toBeLessThan(300);
      const before = await rig.position();
      const reply = await send({ ...call, ...call.other }, key);
      expect(reply.body).toMatchObject({ code: "idempotency_mismatch", status: 422 });
      expect(isReplayed(reply)).toBe(false);
      expect(await rig.position()).toBe(before);
    });

    test("ten times at the same moment under one key is once", async () => {
      const call = await prepare();
      const key = crypto.randomUUID();
      const replies = await Promise.all(Array.from({ length: 10 }, () => send(call, key)));
      expect(new Set(replies.map(essence)).size).toBe(1);
      expect(replies[0]?.status).toBeLessThan(300);
      expect(replies.filter(isReplayed)).toHaveLength(9);
    });

    test("without a key is a call of its own", async () => {
      const call = await prepare();
      const reply = await send(call);
      expect([reply.status < 300, isReplayed(reply)]).toEqual([true, false]);
      expect(isReplayed(await send(call))).toBe(false);
    });
  });
}

describe("under one key", () => {
  test("one message is sent, however often the code is asked for", async () => {
    const phone = rig.newPhoneNumber();
    const ask = () => rig.send("POST", "/v1/registrations", { key: "one", json: { phone } });
    const ids = [await ask(), await ask(), await ask(), await ask()].map(({ body }) => body["id"]);
    expect(new Set(ids).size).toBe(1);
    await rig.codeSentTo(phone);
    const { body } = await rig.send("GET", "/v1/desk/sms", { token: rig.deskKey });
    const sent = (body["data"] as readonly { to: string }[]).filter(({ to }) => to === phone);
    expect(sent).toHaveLength(1);
  });

  test("two people who chose the same one do not meet", async () => {
    const [one, two] = [rig.newPhoneNumber(), rig.newPhoneNumber()];
    const replies = await Promise.all(
      [one, two].map((phone) =>
        rig.send("POST", "/v1/registrations", { key: "1", json: { phone } }),
      ),
    );
    expect(replies.map(({ status }) => status)).toEqual([201, 201]);
    expect(replies[0]?.body["id"]).not.toBe(replies[1]?.body["id"]);
  });

  test("a wrong code costs one try, however often it arrives", async () => {
    const start = await started(rig);
    const path = `/v1/registrations/${start.id}/activation`;
    const json = { phone: start.phoneNumber, code: otherCode(start.code) };
    for (let tries = 0; tries < 7; tries++) {
      const { body } = await rig.send("POST", path, { key: "wrong", json });
      expect(body).toMatchObject({ code: "code_wrong", tries_left: 4 });
    }
    expect((await enterCode(rig, start, start.code)).status).toBe(200);
  });

  test("one picture is stored, and one that is refused is not", async () => {
    const documents = (): number => readdirSync(join(rig.dataDir, "documents")).length;
    const who = await rig.customer({ identity: "none" });
    const path = "/v1/account/identity/front?document=passport";
    const put = (of: Customer) =>
      rig.send("PUT", path, { token: sessionOf(rig, of), key: "front", raw: PICTURE });
    const before = documents();
    await Promise.all([put(who), put(who), put(who)]);
    expect(documents()).toBe(before + 1);
    for (let tries = 0; tries < 2; tries++) {
      expect((await put(customer)).body["code"]).toBe("identity_already_verified");
    }
    expect(documents()).toBe(before + 1);
  });

  test("what is answered from memory is forgotten once it is of no use", async () => {
    const ask = () =>
      rig.send("POST", "/v1/sessions/challenges", { key: "again", json: idsOf(customer) });
    const first = await ask();
    rig.clock.advance(59_999);
    expect(essence(await ask())).toBe(essence(first));
    rig.clock.advance(1);
    const later = await ask();
    expect([later.status, isReplayed(later)]).toEqual([201, false]);
    expect(later.body["challenge"]).not.toBe(first.body["challenge"] as string);
  });

  test("what was refused in memory may be tried again", async () => {
    const token = sessionOf(rig, customer);
    const { sticker_text: qr } = rig.till.lane;
    await rig.till.cancel(await rig.till.ask({ amountCents: 1 }));
    const scan = () => rig.send("POST", "/v1/scans", { token, key: "sticker", json: { qr } });
    expect((await scan()).body["code"]).toBe("nothing_to_pay");
    await rig.till.ask({ amountCents: 1 });
    expect((await scan()).status).toBe(200);
  });
});
