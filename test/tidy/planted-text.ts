/** Planted for words, sizes, names, marks, tests, and the files of the package manager. */
import { type Sample, table } from "./sample.ts";

/** Taken apart so that this file holds no open mark. */
const MARK = "TO" + "DO";
const CROSSES = "X".repeat(3);

const WORD_SAMPLES = table({
  rule: "vocabulary",
  offences: {
    "the American yes": ["actors/a.ts", "interface PaymentAuthorized {}\n// It is authorized.", 2],
    "the payer authorises": ["src/web/a.tsx", "const text = 'payer authorisation';"],
    "a payment is no transaction": ["src/http/a.ts", "const a = body.transactionId;"],
    "payments are no transactions": ["src/views/a.ts", "// Lists the customer's transactions."],
    "actors have no transactions": ["actors/a.ts", "// Ends the transaction."],
    "a wallet has no balance": ["src/client/a.ts", "const walletBalance = 1;"],
    "we grant no credit": ["actors/a.ts", "const creditLimit = 1;"],
    "whose account number": ["src/rails/a.ts", "const customerAccountNumber = 1;"],
    "two words": ["actors/a.ts", "interface Bankaccount {}"],
    "a till has no id": ["src/http/a.ts", "const tillId = 1; // the till id"],
    "an invoice": ["src/http/lanes.ts", "const invoice = 1;"],
    "a chargeback": ["actors/a.ts", "// A chargeback, or a charge back."],
    "a merchant payout": ["src/rails/a.ts", "// Makes the merchant payout."],
    "a buyer": ["src/web/a.tsx", "const theBuyer = 1;"],
    "a beneficiary": ["actors/a.ts", "// the beneficiary's phone"],
    "one l": ["src/web/a.tsx", "<p>Canceled</p>"],
    "a route that must not exist": ["src/http/a.ts", "function resetPin() {}"],
  },
  innocents: {
    "the header": [
      "src/http/a.ts",
      'c.req.header("Authorization");\nc.req.header("authorization");',
    ],
    "the header in text": [
      "src/http/a.ts",
      "// Send `Authorization: Bearer`; 401 Unauthorized otherwise.",
    ],
    "titles of return codes": ["actors/a.ts", "// R10 Originator is not authorized by receiver."],
    "titles in the ACH rail": ["src/rails/ach/codes.ts", 'const title = "Authorization Revoked";'],
    "transactions of the database": [
      "src/storage/a.ts",
      "db.transaction(() => {}); // one transaction",
    ],
    "transaction codes": ["actors/a.ts", "const transactionCode = 27; // ACH transaction code"],
    "the SOAP face": ["src/http/seqr/a.ts", "const invoice = 1; // transactionId"],
    "SOAP names": ["actors/a.ts", "const a = { clientInvoiceId, resultOf: 'sendInvoice' };"],
    "the FAQ, quoted": ["actors/a.ts", "// FAQ: 1-11 transactions give 1 %."],
    "a status in capitals": ["src/http/a.ts", 'const status = "CANCELED";'],
    "an event of the page": ["src/web/a.ts", "new Event('x', { cancelable: true });"],
    "a stem inside a word": ["src/http/a.ts", "const payOrder = 1; // until identified"],
    tests: ["test/a.test.ts", "const invoice = 1;"],
  },
});

const lines = (count: number) => "a();\n".repeat(count);
const wide = (count: number) => `// ${"a".repeat(count - 3)}\n`;

const SHAPE_SAMPLES = [
  ...table({
    rule: "ceilings",
    offences: {
      "an actor of 401 lines": ["actors/a.ts", lines(401)],
      "a style of 401 lines": ["src/web/a.css", lines(401)],
      "a primitive of 701 lines": ["wasm/assembly/a.ts", lines(701)],
      "a test of 601 lines": ["test/a.test.ts", lines(601)],
    },
    innocents: {
      "400 lines": ["src/http/a.ts", lines(400)],
      "a primitive of 700 lines": ["wasm/assembly/a.ts", lines(700)],
      "a test of 600 lines": ["test/a.test.ts", lines(600)],
    },
  }),
  ...table({
    rule: "columns",
    offences: { "101 columns": ["test/a.ts", `${wide(100)}${wide(101)}${wide(102)}`, 2] },
    innocents: {
      "100 columns": ["src/a.ts", wide(100)],
      "100 letters of two units": ["src/a.ts", "\u{1f600}".repeat(100)],
    },
  }),
  ...table({
    rule: "names",
    offences: {
      "a file in capitals": ["src/http/paymentRequest.ts", ""],
      "a folder with an underscore": ["test/actors_old/a.ts", ""],
    },
    innocents: {
      "kebab-case with an ending": ["test/actors/payment-request.test.ts", ""],
      "files of the root": ["README.md", ""],
    },
  }),
  ...table({
    rule: "marks",
    offences: {
      "a promise": ["src/a.ts", `// ${MARK}: later\n/*\n * ${MARK} and more\n */`, 2],
      "three crosses": ["wasm/assembly/a.ts", `// ${CROSSES} why?\n// Why? ${CROSSES}: why?`, 2],
      "in a style": ["src/web/a.css", `/* ${MARK} */`],
    },
    innocents: {
      "an ACH entry class": ["src/rails/ach/a.ts", `// SEC ${CROSSES} is refused.`],
      "text and longer words": ["test/a.ts", `const a = "${MARK}"; // ${MARK}S, mastodon`],
    },
  }),
  ...table({
    rule: "focus",
    offences: {
      "a test alone": ["test/a.test.ts", 'test.only("a", () => {});\ndescribe.only("b", f);', 2],
      "a test alone among others": ["test/a.test.ts", 'test.concurrent.only("a", () => {});'],
      "a test for later": ["test/a.test.ts", 'test.todo("a");'],
      "a test left out": ["test/a.test.ts", 'it.skip("a", () => {});\nxtest("b", f);', 2],
      "a condition that is none": ["test/a.test.ts", 'test.skipIf(true)("a", () => {});'],
    },
    innocents: {
      "a condition": [
        "test/a.test.ts",
        'test.skipIf(!chromium)("a", f);\n(b ? test : test.skip)("c", f);',
      ],
      "other skips": ["test/a.test.ts", 'reader.skip(4);\nconst a = "test.only(";'],
    },
  }),
  ...table({
    rule: "waits",
    offences: {
      "a loop inside a step": ["test/a.test.ts", "await expect(pay()).rejects.toThrow();"],
      "for a promise that is kept": ["test/a.test.ts", "await expect(pay()).resolves.toBe(1);"],
    },
    innocents: {
      "how it came out": ["test/a.test.ts", "expect(await settled(pay())).toThrow();"],
      "a field of the name": ["test/a.test.ts", "const { rejects } = bank.rejects;"],
    },
  }),
  ...table({
    rule: "documents",
    offences: {
      "a document that is nowhere": [
        "actors/a.ts",
        "// Chart: money.md section 10, docs/old.md.",
        2,
      ],
      "a link that is broken": ["docs/a.md", "[the old](old.md), `http/gone.ts`", 2],
    },
    innocents: {
      "its own name": ["docs/a.md", "[this](a.md) and docs/a.md; `file.txt`, .md and `a.json`"],
    },
  }),
  ...table({
    rule: "paths",
    offences: {
      "a folder": ["bench/a.ts", 'const a = new URL("../", import.meta.url).pathname;'],
    },
    innocents: {
      "a request": ["src/http/a.ts", "const { pathname } = new URL(request.url);"],
      "a request's path": ["test/a.ts", "const path = new URL(request.url).pathname;"],
      "the folder of the file": ["bench/a.ts", 'const a = join(import.meta.dir, "../");'],
    },
  }),
];

const LOCK = "package-lock.json";
const PACKAGE_SAMPLES = [
  ...table({
    rule: "addresses",
    offences: {
      "a resolved package": [LOCK, '{\n"resolved": "https://registry.example/a.tgz"\n}'],
      "a registry": [".npmrc", "registry=HTTP://registry.example/"],
    },
    innocents: { "a lock by hashes": [LOCK, '{ "integrity": "sha512-AAAA" }'] },
  }),
  ...table({
    rule: "versions",
    offences: {
      "a range": ["package.json", '{"dependencies":{"bun":"1.4.5","zod":"^4.6.7"}}'],
      "an address": ["package.json", '{"dependencies":{"bun":"1.4.5","zod":"github:a/b"}}'],
      "no bun": ["package.json", '{"dependencies":{}}'],
      "bun for development": [
        "package.json",
        '{"dependencies":{"bun":"1.4.5"},"devDependencies":{"bun":"1.4.5"}}',
      ],
    },
    innocents: {
      "exact versions": ["package.json", '{"dependencies":{"bun":"1.4.5","a":"2.0.0-rc.1"}}'],
    },
  }),
];

export const TEXT_SAMPLES: readonly Sample[] = [
  ...WORD_SAMPLES,
  ...SHAPE_SAMPLES,
  ...PACKAGE_SAMPLES,
];
