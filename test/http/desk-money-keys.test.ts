/**
 * Every act of the desk on money, sent twice under one key: it happens once, and the second call is
 * answered as the first was; under the same key nothing else is done.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Reply, SwitchRig } from "../switch-rig.ts";
import {
  type Change,
  type Credentials,
  makeSamples,
  type RouteSample,
  type Samples,
  sendSample,
} from "./route-samples.ts";

const ACTS = /^POST \/v1\/desk\/(files|inbound|exceptions|accounts\/\{account\}\/(debits|manual))/;

let rig: SwitchRig;
let samples: Samples;
let credentials: Credentials;
beforeAll(async () => {
  rig = await SwitchRig.start();
  samples = await makeSamples(rig);
  const { deskKey: operator, merchantKey: merchant } = rig;
  credentials = { operator, merchant, lane: rig.till.key, session: "" };
}, 60_000);
afterAll(() => rig[Symbol.asyncDispose]());

/** The same act for another reason. */
function otherCall({ json }: RouteSample): Change {
  if (json === undefined) return { query: { note: "another reason" } };
  const field = "evidence" in json ? "evidence" : "note";
  return { json: { ...json, [field]: "another reason" } };
}

test("an act happens once, and a repeat hears the first answer, also after a restart", async () => {
  const acts = Object.entries(samples).filter(([name]) => ACTS.test(name));
  // A file that is built is handed over before another one is made.
  const later = ([name]: (typeof acts)[number]): number => Number(name === "POST /v1/desk/files");
  acts.sort((one, other) => later(one) - later(other));
  expect(acts.length).toBeGreaterThan(11);
  const told: { readonly name: string; readonly reply: Reply }[] = [];
  const send = (name: string, change: object = {}): Promise<Reply> => {
    const sample = samples[name] ?? {};
    return sendSample(rig, name, sample, credentials, { key: name.replace(" ", ":"), ...change });
  };
  for (const [name] of acts) {
    const reply = await send(name);
    expect([name, reply.status < 300]).toEqual([name, true]);
    await rig.running.services.collections.caughtUp();
    told.push({ name, reply });
  }
  const before = await rig.position();
  for (const isAfterRestart of [false, true]) {
    if (isAfterRestart) await rig.restart();
    for (const { name, reply } of told) {
      const again = await send(name);
      expect([name, again.status, again.body]).toEqual([name, reply.status, reply.body]);
      expect([name, again.headers.get("idempotent-replayed")]).toEqual([name, "true"]);
      const other = otherCall(samples[name] ?? {});
      expect([name, (await send(name, other)).body["code"]]).toEqual([
        name,
        "idempotency_mismatch",
      ]);
    }
    expect(await rig.position()).toBe(before);
  }
}, 60_000);
