/** Phones without key hardware: Ed25519 device keys, from registration to receipt. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Phone } from "../../src/client/phone.ts";
import { registerLane, type Till } from "../../src/client/till.ts";
import { deviceAlgorithm } from "../../wasm/device-key.ts";
import { type Customer, cheapPinKey, refusalOf, SwitchRig } from "../switch-rig.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

/** Signatures that were verified, one by one or together: how many come together is chance. */
async function verified(): Promise<number> {
  const { text } = await rig.send("GET", "/metrics");
  const lines = text.split("\n").filter((one) => one.startsWith("seqr_ed25519_signatures_total{"));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

describe("a phone with a software key", () => {
  test("registers, signs in, pays, and sees its receipt", async () => {
    const customer = await rig.customer({ algorithm: "ed25519" });
    expect(deviceAlgorithm(customer.phone.keys.keyPair)).toBe("ed25519");
    const payment = await rig.pay(customer, 1_299);
    expect(payment.status).toBe("captured");
    const [receipt] = await customer.phone.receipts();
    expect(receipt?.amount.amount).toBe(1_299);
  });

  test("is refused with the key of another, and its PIN is not counted", async () => {
    const [mine, other] = await Promise.all([
      rig.customer({ algorithm: "ed25519" }),
      rig.customer({ algorithm: "ed25519" }),
    ]);
    const request = await rig.till.ask({ amountCents: 100 });
    const scan = await mine.phone.scan(request.qr_text);
    const { keyPair } = other.phone.keys;
    const stolen = new Phone(rig.caller, { ...mine.phone.keys, keyPair }, cheapPinKey);
    const error = await refusalOf(stolen.approve(scan, mine.pin()));
    expect(error).toMatchObject({ code: "device_signature_invalid" });
    expect((await mine.phone.approve(scan, mine.pin())).status).toBe("captured");
  });

  test("many that approve at one moment are each verified and paid once", async () => {
    const customers: Customer[] = [];
    const lanes: Till[] = [];
    for (let at = 0; at < 8; at++) {
      customers.push(await rig.customer({ algorithm: "ed25519" }));
      lanes.push(await registerLane(rig.caller, rig.merchantKey, `Lane ${at + 2}`));
    }
    const scans = await Promise.all(
      customers.map(async ({ phone }, at) => {
        const request = await lanes[at]?.ask({ amountCents: 200 + at });
        return await phone.scan(request?.qr_text ?? "");
      }),
    );
    const before = await verified();
    const payments = await Promise.all(
      customers.map(({ phone, pin }, at) => {
        const scan = scans[at];
        if (scan === undefined) throw new Error("each has a scan");
        return phone.approve(scan, pin());
      }),
    );
    expect(payments.map(({ receipt }) => receipt.amount.amount)).toEqual(
      customers.map((_, at) => 200 + at),
    );
    expect((await verified()) - before).toBe(8);
  });
});
