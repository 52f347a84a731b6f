import { expect, test } from "bun:test";
import { payeeLine } from "../../actors/receipt.ts";
import {
  activeLane,
  approve,
  openRequest,
  receipt,
  settle,
  TERMS,
  verifiedAccount,
} from "./samples.ts";

test("the payee line is merchant, lane and place, as the payer reads it", () => {
  expect(payeeLine(TERMS.payee)).toBe("Blue Bottle · Till 7 · 1 Main Street · Denver · CO");
});

test("two spellings of one letter make one payee line", () => {
  const composed = payeeLine({ ...TERMS.payee, merchantName: "Caf\u00e9" });
  expect(payeeLine({ ...TERMS.payee, merchantName: "Cafe\u0301" })).toBe(composed);
});

test("a receipt holds nothing about the payer", () => {
  const lane = activeLane().table([
    [openRequest(1, 100), "payment_request"],
    [settle(1, 1, 100), "noted"],
  ]);
  const payer = verifiedAccount().table([[approve(1, 100), "later"]]);
  const written = JSON.stringify([lane.events, lane.state, receipt(1, 100)]);
  const { personId, phoneTag } = payer.tell({ kind: "DescribeAccount" }) as {
    personId: string;
    phoneTag: string;
  } & { kind: "account" };
  for (const secret of [personId, phoneTag, payer.id, "vault-"]) {
    expect(written).not.toContain(secret);
  }
});
