/**
 * `seqr demo`: a sandbox that seeds itself, makes one payment over HTTP and tells it step by step,
 * then goes on serving. With `--once` it does so in a folder of its own and ends.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AccountEvent } from "../../actors/account-messages.ts";
import { present } from "../../actors/assert.ts";
import type { Posting } from "../../actors/ledger.ts";
import { cents, formatCents } from "../../actors/money.ts";
import { Caller } from "../client/call.ts";
import { Desk } from "../client/desk.ts";
import type { Payment } from "../client/shapes.ts";
import type { Till } from "../client/till.ts";
import { loadConfig } from "../config.ts";
import { addOperator, initialise, isInitialised, readKeys } from "../data-directory.ts";
import { type RunningSwitch, startSwitch } from "../switch.ts";
import { bodyOf } from "../views/event-body.ts";
import { type Command, isSet, SANDBOX_DIR, textOf } from "./command.ts";
import { CollectionDemo, UNPAID_ACCOUNT } from "./demo-collection.ts";
import {
  type Customer,
  payOnce,
  pinKeyInWorker,
  registerNext,
  type Shop,
  seed,
} from "./sandbox.ts";
import { overridesOf } from "./serve.ts";
import { untilSignal } from "./signals.ts";

const AMOUNT_CENTS = 1_299;
/** Of the purchase that comes back unpaid at first. */
const DEBT_CENTS = 1_000;
const WAIT_MS = 10_000;

export const demo: Command = {
  usage:
    "seqr demo [--once] [--json] [--data DIR] [--port N] [--host ADDRESS]\n\n" +
    "--once  end with the story; without --data in a temporary folder that is then removed\n" +
    "--json  one JSON object as the last line, amounts in cents; the story is left out",
  options: {
    once: { type: "boolean" },
    json: { type: "boolean" },
    data: { type: "string" },
    port: { type: "string" },
    host: { type: "string" },
  },
  async run(values) {
    const startedMs = performance.now();
    const once = isSet(values, "once");
    const json = isSet(values, "json");
    const tell = json ? (): void => {} : (text: string): void => void process.stdout.write(text);
    const given = textOf(values, "data");
    const isTemporary = once && given === undefined;
    const temporary = isTemporary ? mkdtempSync(join(tmpdir(), "seqr-demo-")) : undefined;
    const dataDir = temporary ?? given ?? SANDBOX_DIR;
    const asked = untilSignal();
    let running: RunningSwitch | undefined;
    try {
      const port = once ? { port: 0 } : {};
      running = await open(dataDir, { ...port, ...overridesOf(values) });
      // Only now: the directory is ours, and nobody else's demo loses its key.
      const key = addOperator(dataDir, readKeys(dataDir), "demo", "sandbox");
      // A signal in the middle of the story ends it; the folder is removed all the same.
      const story = await Promise.race([tellAll(running, dataDir, key, tell), asked]);
      if (story === undefined) {
        process.stderr.write("\nseqr demo: stopped before its story was told\n");
        return 1;
      }
      if (json) {
        const elapsedMs = Math.round(performance.now() - startedMs);
        process.stdout.write(`${JSON.stringify({ ...story, elapsedMs })}\n`);
      }
      if (!once) {
        tell(whatToOpen(running.url, key));
        await asked;
      }
      return 0;
    } finally {
      await running?.stop();
      if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
    }
  },
};

async function open(
  dataDir: string,
  overrides: Readonly<Record<string, unknown>>,
): Promise<RunningSwitch> {
  const config = loadConfig(dataDir, process.env, { ...overrides, collection: "by_clock" });
  // Invented people, and a desk key that is printed, have no place among real ones.
  if (config.mode === "live") throw new Error(`${dataDir} is configured as live: no demo in it`);
  if (!isInitialised(dataDir)) initialise(dataDir);
  const log = (fields: Readonly<Record<string, unknown>>): void => {
    if (fields["event"] !== "request") process.stderr.write(`${JSON.stringify(fields)}\n`);
  };
  return await startSwitch({ config, log });
}

/** From the till's question to the collected debit; gives the figures of it. */
async function tellAll(
  running: RunningSwitch,
  dataDir: string,
  deskKey: string,
  tell: (text: string) => void,
) {
  const caller = new Caller(running.url);
  const desk = new Desk(caller, deskKey);
  const from = running.services.viewRunner.position;
  tell(`seqr sandbox at ${running.url}\n\nSeeding: shops, lanes, people, payments ...\n`);
  const shops = await seed(caller, desk, from);
  const eve = { name: "Eve Example", pinKeyOf: pinKeyInWorker };
  const payer = await registerNext(caller, desk, eve, from + 50);
  const rob = { name: "Rob Example", accountNumber: UNPAID_ACCOUNT };
  const debtor = await registerNext(caller, desk, rob, from + 60);
  await payOnce(tillOf(shops), debtor, DEBT_CENTS, "Purchase");
  const before = await payer.phone.account();
  tell("Done. Now one payment, over HTTP:\n\n");
  const payment = await pay(shops, payer, tell);
  const after = await payer.phone.account();
  const postings = await postingsOf(running, payer, payment);
  for (const { account, side, amountCents } of postings) {
    tell(`       ${side.padEnd(6)} ${formatCents(amountCents).padStart(8)}  ${account}\n`);
  }
  tell("  7. Days pass: the sandbox's clock runs ahead, its bank answers\n");
  const collection = new CollectionDemo(running, desk, dataDir, payer, debtor, tell);
  const { ach, collected, returned } = await collection.play();
  const afterCollection = await payer.phone.account();
  const ledger = await desk.ledger();
  tell(
    `\nThe books: ${ledger.entries} entries, all accounts together ${ledger.sum.amount} cents.\n`,
  );
  return {
    payment: { id: payment.id, amount: payment.receipt.amount.amount, status: payment.status },
    limit: {
      before: before.limit?.available.amount,
      after: after.limit?.available.amount,
      afterCollection: afterCollection.limit?.available.amount,
    },
    ach,
    collected,
    returned: { amount: DEBT_CENTS, ...returned },
    ledger: { entries: ledger.entries, sum: ledger.sum.amount },
    events: ledger.position,
  };
}

function tillOf(shops: readonly Shop[]): Till {
  return present(shops[0]?.tills[0], "the sandbox has a till");
}

async function pay(
  shops: readonly Shop[],
  { phone, pin }: Customer,
  tell: (text: string) => void,
): Promise<Payment> {
  const till = tillOf(shops);
  const { payee } = till.lane;
  const request = await till.ask({ amountCents: AMOUNT_CENTS, title: "Bread, milk, apples" });
  tell(`  1. The till at ${payee.merchant_name}, ${payee.lane_name}, asks for ${money(request)}\n`);
  tell(`     and shows ${request.qr_text.slice(0, 60)}...\n`);
  const scan = await phone.scan(request.qr_text);
  tell(`  2. The phone scans it and shows: ${scan.payee.line}\n`);
  const after = scan.limit_after === null ? "too much" : dollars(scan.limit_after.amount);
  tell(`     ${money(scan)}; limit ${dollars(scan.limit_before.amount)} -> ${after}\n`);
  const told = till.untilClosed(request, WAIT_MS);
  const sentAtMs = performance.now();
  const payment = await phone.approve(scan, pin());
  const paidMs = Math.round(performance.now() - sentAtMs);
  tell(`  3. The payer enters the PIN; the answer is there after ${paidMs} ms\n`);
  tell("     (nearly all of it is the phone deriving its PIN key, slow on purpose)\n");
  const seen = await told;
  tell(`  4. The till hears: ${seen.status}, reference ${seen.reference}\n`);
  tell(`  5. Receipt ${payment.id}\n`);
  tell(`     limit ${dollars(payment.limit_before.amount)} -> `);
  tell(`${dollars(payment.limit_after.amount)}; the bank account is debited later by ACH\n`);
  tell("  6. Postings:\n");
  return payment;
}

async function postingsOf(
  { services }: RunningSwitch,
  { phone }: Customer,
  payment: Payment,
): Promise<readonly Posting[]> {
  const EVENTS_MAX = 100;
  const ref = { kind: "account", id: phone.keys.account };
  const events = await services.host.feed.history(ref, Number.MAX_SAFE_INTEGER, EVENTS_MAX);
  type Captured = Extract<AccountEvent, { kind: "PaymentCaptured" }>;
  for (const event of events) {
    if (event.kind !== "PaymentCaptured") continue;
    const { receipt, entry } = bodyOf<Captured>(event);
    if (receipt.paymentId === payment.id) return entry.postings;
  }
  return [];
}

function money({ amount }: { readonly amount: { readonly amount: number } }): string {
  return dollars(amount.amount);
}

function dollars(amountCents: number): string {
  return formatCents(cents(amountCents));
}

function whatToOpen(url: string, key: string): string {
  return `
The sandbox goes on serving (Ctrl-C ends it):
  API and how to call it   ${url}/docs
  OpenAPI document         ${url}/openapi.json
  health, metrics          ${url}/readyz  ${url}/metrics
  desk key                 ${key}
`;
}
