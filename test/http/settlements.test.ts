/** Settlement statements over HTTP, as JSON and as CSV. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ZERO_CENTS } from "../../actors/money.ts";
import { cutOff } from "../../src/collection/cut-off.ts";
import { Codes } from "../../src/http/codes.ts";
import { csvBody, csvOf } from "../../src/http/settlement-lines.ts";
import type { StatementLine } from "../../src/views/statement-lines.ts";
import { goTo, HandBank, partsOf } from "../collection/rig.ts";
import { type Customer, type Reply, SwitchRig } from "../switch-rig.ts";

interface Money {
  readonly amount: number;
}

interface Line {
  readonly id: string;
  readonly kind: string;
  readonly payment: string | null;
  readonly reference: string | null;
  readonly amount: Money;
  readonly fee: Money;
  readonly owed: Money;
  readonly debt: Money;
}

interface Settlement {
  readonly id: string;
  readonly amount: Money;
  readonly opening: { readonly owed: Money; readonly debt: Money };
  readonly closing: { readonly owed: Money; readonly debt: Money };
  readonly totals: Readonly<Record<string, { readonly count: number; readonly owed: Money }>>;
}

let rig: SwitchRig;
let customer: Customer;
let other: string;
const payments: string[] = [];

const get = (path: string, token = rig.merchantKey, accept?: string): Promise<Reply> =>
  rig.send("GET", path, { token, ...(accept === undefined ? {} : { headers: { accept } }) });

async function refund(payment: string, amount: number): Promise<void> {
  await rig.send("POST", `/v1/payments/${payment}/refunds`, {
    ...{ token: rig.merchantKey, key: crypto.randomUUID() },
    json: { amount: { amount, currency: "USD" }, reason: "goods_returned" },
  });
}

/** Three days: sales, then sales less a refund and a debt, then sales. */
beforeAll(async () => {
  rig = await SwitchRig.start({ policy: { capCents: 100_000 as never } });
  customer = await rig.customer({ name: "Zenobia Quackenbush" });
  other = await rig.merchant("Blue Door Coffee", "BLUE DOOR COFFEE");
  await rig.send("PUT", "/v1/merchant/bank-account", {
    ...{ token: rig.merchantKey, key: "bank" },
    json: { routing_number: "021000021", account_number: "9990000000", kind: "checking" },
  });
  const bank = new HandBank();
  const pay = async (amount: number) => payments.push((await rig.pay(customer, amount)).id);
  for (let count = 0; count < 5; count++) await pay(1_000 + count);
  await cutOff(partsOf(rig, bank));
  goTo(rig, "2026-11-24");
  await refund(payments[0] ?? "", 400);
  await pay(2_000);
  await refund(payments[5] ?? "", 100);
  await cutOff(partsOf(rig, bank));
  goTo(rig, "2026-11-25");
  await pay(300);
  await cutOff(partsOf(rig, bank));
});
afterAll(() => rig[Symbol.asyncDispose]());

async function list(): Promise<readonly Settlement[]> {
  const { body } = await get("/v1/settlements");
  return body["data"] as readonly Settlement[];
}

async function linesOf(id: string): Promise<readonly Line[]> {
  const all: Line[] = [];
  for (;;) {
    const after = all.length === 0 ? "" : `&starting_after=${all.at(-1)?.id}`;
    const { body } = await get(`/v1/settlements/${id}/lines?limit=2${after}`);
    all.push(...(body["data"] as readonly Line[]));
    if (body["has_more"] !== true) return all;
  }
}

describe("the settlements of a merchant", () => {
  test("are listed newest first, page by page", async () => {
    const all = await list();
    expect(all.map(({ id }) => id)).toEqual(["set_1-3", "set_1-2", "set_1-1"]);
    expect(all[0]).toMatchObject({
      ...{ status: "sent", effective_on: "2026-11-27", bank_reference: "1-3", return_code: null },
    });
    const first = (await get("/v1/settlements?limit=2")).body;
    expect([first["data"], first["has_more"]]).toEqual([all.slice(0, 2), true]);
    const rest = (await get("/v1/settlements?limit=2&starting_after=set_1-2")).body;
    expect([rest["data"], rest["has_more"]]).toEqual([all.slice(2), false]);
    expect((await get("/v1/settlements/set_1-2")).body).toEqual({ ...all[1] });
  });

  test("are those of no other one, nor of a lane", async () => {
    expect((await get("/v1/settlements", other)).body["data"]).toEqual([]);
    const paths = ["/v1/settlements/set_1-1", "/v1/settlements/set_1-1/lines"];
    for (const path of [...paths, "/v1/settlements?starting_after=set_1-1"]) {
      expect((await get(path, other)).body["code"]).toBe("not_found");
      expect((await get(path, rig.till.key)).body["code"]).toBe("forbidden");
    }
    for (const id of ["set_1-9", "set_2-1", "set_1-", "1-1", "set_01-1"]) {
      expect([id, (await get(`/v1/settlements/${id}`)).status]).toEqual([id, 404]);
    }
  });

  test("hold every payment on one statement, and add up to what was paid out", async () => {
    const seen: (string | null)[] = [];
    for (const { id, amount, opening, closing, totals } of await list()) {
      const lines = await linesOf(id);
      const sum = (name: "amount" | "fee" | "owed" | "debt"): number =>
        lines.reduce((all, line) => all + line[name].amount, 0);
      expect(sum("amount") + sum("fee")).toBe(amount.amount);
      expect(opening.owed.amount + sum("owed") - amount.amount).toBe(closing.owed.amount);
      expect(opening.debt.amount + sum("debt")).toBe(closing.debt.amount);
      const owed = Object.values(totals).reduce((all, total) => all + total.owed.amount, 0);
      expect(owed).toBe(sum("owed"));
      const paid = lines.filter(({ kind }) => kind === "payment");
      expect(totals["payment"]?.count).toBe(paid.length);
      seen.push(...paid.map(({ payment }) => payment));
    }
    expect(seen.toSorted()).toEqual(payments.toSorted());
  });

  test("show what a refund left: a debt, and how it was netted", async () => {
    const lines = await linesOf("set_1-2");
    const shown = lines.map(({ kind, amount, fee, owed, debt }) => {
      return [kind, amount.amount, fee.amount, owed.amount, debt.amount];
    });
    expect(shown).toEqual([
      // Everything had been paid out, so this refund became a debt.
      ["refund", -400, 6, 0, 394],
      ["payment", 2_000, -30, 1_970, 0],
      ["refund", -100, 1, -99, 0],
      ["netted", 0, 0, -394, -394],
    ]);
    const { body } = await get("/v1/settlements/set_1-2");
    expect(body["amount"]).toEqual({ amount: 1_477, currency: "USD" });
  });

  test("give reference and lane of every payment and refund, and nothing of a payer", async () => {
    const { body, text } = await get("/v1/settlements/set_1-2/lines");
    const [first, second] = body["data"] as readonly Line[];
    const paid = await get(`/v1/payments/${payments[0]}`);
    expect(first).toMatchObject({
      ...{ payment: payments[0], reference: paid.body["reference"], lane: "lane_1" },
    });
    expect(second?.reference).toMatch(/^[0-9]{15}$/);
    const { phone, phoneNumber } = customer;
    for (const secret of [phone.keys.account, phoneNumber, "Quackenbush", "per_"]) {
      expect(text).not.toContain(secret);
    }
  });

  test("go on behind a line of theirs, and behind no other", async () => {
    const [foreign] = await linesOf("set_1-1");
    for (const line of [foreign?.id, "line_1", "line_0", "line_999999", "x"]) {
      const { body } = await get(`/v1/settlements/set_1-2/lines?starting_after=${line}`);
      expect([line, body["code"]]).toEqual([line, "not_found"]);
    }
  });
});

/** RFC 4180, as a reader of its own. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  for (const line of text.split("\r\n").slice(0, -1)) {
    const fields = line.match(/("(?:[^"]|"")*"|[^,]*)(,|$)/g)?.slice(0, line.split(",").length);
    rows.push((fields ?? []).map((field) => field.replace(/,$/, "").replaceAll(/^"|"$/g, "")));
  }
  return rows;
}

describe("a statement as CSV", () => {
  test("has all lines at once, as the JSON has them", async () => {
    const path = "/v1/settlements/set_1-1/lines?limit=2";
    const reply = await get(path, rig.merchantKey, "text/csv");
    expect(reply.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
    expect(reply.headers.get("content-disposition")).toContain('filename="set_1-1.csv"');
    expect(reply.headers.get("vary")).toBe("Accept");
    const [head, ...rows] = parseCsv(reply.text);
    const lines = await linesOf("set_1-1");
    expect(rows).toHaveLength(5);
    const dollars = (money: Money): string => (money.amount / 100).toFixed(2);
    for (const [at, row] of rows.entries()) {
      const cells = Object.fromEntries((head ?? []).map((name, column) => [name, row[column]]));
      const { id, payment, reference, amount, fee, owed, debt } = lines[at] ?? expect.unreachable();
      expect(cells).toMatchObject({
        ...{ line: id, kind: "payment", payment, reference, lane: "lane_1", currency: "USD" },
        ...{ amount: dollars(amount), fee: dollars(fee), owed: dollars(owed), debt: dollars(debt) },
      });
    }
  });

  test("goes on behind a line", async () => {
    const [first] = await linesOf("set_1-1");
    const path = `/v1/settlements/set_1-1/lines?starting_after=${first?.id}`;
    const { text } = await get(path, rig.merchantKey, "text/csv");
    expect(parseCsv(text)).toHaveLength(5);
    expect(text).not.toContain(`${first?.id},`);
  });

  test("is for those who ask for it", async () => {
    const path = "/v1/settlements/set_1-1/lines";
    const type = async (accept: string) =>
      (await get(path, rig.merchantKey, accept)).headers.get("content-type")?.split(";")[0];
    expect(await type("text/csv;q=0.9, application/json;q=0.1")).toBe("text/csv");
    for (const accept of ["*/*", "application/json", "text/html", "application/json, text/csv"]) {
      expect([accept, await type(accept)]).toEqual([accept, "application/json"]);
    }
  });

  test("comes piece by piece, however long it is", async () => {
    const { services } = rig.running;
    const codes = new Codes(services.keys, services.publicHost, services.policy.requestMsMax);
    const zero = { amountCents: ZERO_CENTS, feeCents: ZERO_CENTS, debtCents: ZERO_CENTS };
    const line = (position: number): StatementLine => ({
      ...{ kind: "netted", position, atMs: 0, ...zero, payableCents: ZERO_CENTS },
    });
    for (const count of [0, 1, 499, 500, 501, 1_000, 1_203]) {
      let read = 0;
      function* lines(): Generator<StatementLine> {
        while (read < count) yield line(++read);
      }
      const body = csvBody(services, codes, lines());
      const text = await new Response(body).text();
      expect([count, parseCsv(text).length]).toEqual([count, count + 1]);
    }
  });

  test("turns no text into a formula, and leaves negative amounts numbers", () => {
    const blank = { kind: "payment", at: "", payment: "", reference: "", lane: "", refund: "" };
    const rest = { settlement: null, amount: -1_205, fee: 0, owed: -5, debt: 7, currency: "USD" };
    for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"]) {
      const csv = csvOf([{ line: text, ...blank, ...rest }], false);
      expect(csv).toStartWith(`'${text}`);
      expect(csv).toEndWith("-12.05,0.00,-0.05,0.07,USD\r\n");
    }
    const quoted = csvOf([{ line: 'a "b", c', ...blank, ...rest }], false);
    expect(quoted).toStartWith('"a ""b"", c",payment');
  });
});
