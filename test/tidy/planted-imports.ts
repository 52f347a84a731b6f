/** Planted for the import table, the manifest and the cycles. */
import { type Sample, table } from "./sample.ts";

const MANIFEST = JSON.stringify({
  dependencies: { bun: "1.4.5", hono: "4.13.19" },
  devDependencies: { "fast-check": "4.10.2" },
});

export const IMPORT_SAMPLES: readonly Sample[] = [
  ...table({
    rule: "imports",
    offences: {
      "an actor imports a package": ["actors/a.ts", 'import { z } from "zod";'],
      "an actor imports node": ["actors/a.ts", 'import { join } from "node:path";'],
      "an actor imports the source": [
        "actors/a.ts",
        'import type { Host } from "../src/runtime/host.ts";',
      ],
      "the runtime imports an actor": ["src/runtime/a.ts", 'import "../../actors/lane.ts";'],
      "the runtime re-exports an actor": [
        "src/runtime/a.ts",
        'export * from "../../actors/lane.ts";',
      ],
      "storage imports a value of the vault": [
        "src/storage/a.ts",
        'import { seal } from "../vault/seal.ts";',
      ],
      "an inline type still loads its file": [
        "src/storage/a.ts",
        'import { type Seal } from "../vault/seal.ts";',
      ],
      "http imports storage dynamically": [
        "src/http/a.ts",
        'await import("../storage/sqlite/log.ts");',
      ],
      "http names a type of the rails": [
        "src/http/a.ts",
        'let a: import("../rails/ach/file.ts").AchFile;',
      ],
      "http imports what opens bank accounts": [
        "src/http/a.ts",
        'import { BankAccountOpener } from "../vault/bank-accounts.ts";',
      ],
      "http names a type of what opens everything": [
        "src/http/a.ts",
        'import type { SealedRows } from "../vault/sealed-rows.ts";',
      ],
      "the rails import what opens bank accounts": [
        "src/rails/a.ts",
        'import type { BankAccountOpener } from "../vault/bank-accounts.ts";',
      ],
      "http imports bun:sqlite": ["src/http/a.ts", 'import { Database } from "bun:sqlite";'],
      "http starts a worker of storage": [
        "src/http/a.ts",
        'new Worker(new URL("../storage/w.ts", import.meta.url));',
      ],
      "the ACH checker imports the writer": [
        "src/rails/ach-check/a.ts",
        'import { write } from "../ach/writer.ts";',
      ],
      "the ACH checker shares a helper": [
        "src/rails/ach-check/a.ts",
        'import type { PlainDate } from "../../../actors/calendar.ts";',
      ],
      "the sandbox's bank imports our reader": [
        "src/rails/bank-twin/a.ts",
        'import { readForward } from "../ach/reader.ts";',
      ],
      "the sandbox's bank imports the checker": [
        "src/rails/bank-twin/a.ts",
        'import { isBankingDay } from "../ach-check/banking-day.ts";',
      ],
      "views import the vault": ["src/views/a.ts", 'import { seal } from "../vault/seal.ts";'],
      "the core imports node": ["wasm/core.ts", 'import { readFileSync } from "node:fs";'],
      "a page imports node, even late": ["src/web/a.tsx", 'await import("node:fs");'],
      "a page loads the source of http": [
        "src/web/index.html",
        '<script type="module" src="../http/a.ts">',
      ],
      "the client imports a value of http": [
        "src/client/a.ts",
        'import { app } from "../http/app.ts";',
      ],
      "the client imports the ledger": [
        "src/client/a.ts",
        'import type { Entry } from "../../actors/ledger.ts";',
      ],
      "the product imports a test": ["src/main.ts", 'import "../test/report.ts";'],
      "an import hides its name": ["src/http/a.ts", "await import(name);"],
      "an import escapes its name": ["src/http/a.ts", 'import "../\\x73torage/a.ts";'],
      "a folder has no row": ["src/novel/a.ts", 'import "./b.ts";'],
      "a path leads out": ["src/http/a.ts", 'import "../../../elsewhere/b.ts";'],
    },
    innocents: {
      "an actor imports actors": ["actors/a.ts", 'import { assert } from "./assert.ts";'],
      "storage imports a type of the vault": [
        "src/storage/sqlite/a.ts",
        'import type { Seal } from "../../vault/seal.ts";',
      ],
      "storage imports bun:sqlite and node": [
        "src/storage/a.ts",
        'import { Database } from "bun:sqlite";\nimport "node:fs";',
      ],
      "http imports parts of a package": [
        "src/http/a.ts",
        'import { cors } from "hono/cors";\nimport "@hono/zod-openapi";',
      ],
      "the client imports types of http": [
        "src/client/a.ts",
        'import type { App } from "../http/app.ts";',
      ],
      "the core asks for node where it runs": [
        "wasm/core.ts",
        'const fs = await import("node:fs");',
      ],
      "the core imports noble": [
        "wasm/reference.ts",
        'import { ed25519 } from "@noble/curves/ed25519.js";',
      ],
      "a page loads its own script": [
        "src/web/lane/index.html",
        '<script src="./main.tsx"></script>',
      ],
      "the switch imports everything": [
        "src/switch.ts",
        'import "./storage/sqlite/log.ts";\nimport "../bench/crypto.ts";',
      ],
      "tests import the product": [
        "test/actors/a.test.ts",
        'import "../../actors/lane.ts";\nimport "bun:test";',
      ],
      "text and comments are no imports": [
        "actors/a.ts",
        '// import "zod";\nconst a = `import "zod"`;',
      ],
    },
  }),
  ...table({
    rule: "declared",
    beside: { "package.json": MANIFEST },
    offences: {
      "nobody declared it": ["src/http/a.ts", 'import "left-pad";'],
      "node without its prefix": ["src/storage/a.ts", 'import "fs";'],
      "the product imports a development package": ["src/http/a.ts", 'import "fast-check";'],
      "even as a type": ["src/http/a.ts", 'import type { Random } from "fast-check";'],
    },
    innocents: {
      "a dependency": ["src/http/a.ts", 'import "hono/cors";\nimport "node:fs";\nimport "bun";'],
      "a test imports a development package": [
        "test/a.ts",
        'import fc from "fast-check";\nimport "bun:test";',
      ],
    },
  }),
  {
    rule: "cycles",
    what: "two files import each other, one of them a type",
    files: { "src/a.ts": 'import "./b.ts";', "src/b.ts": 'import type { A } from "./a.ts";' },
    finds: 1,
  },
  {
    rule: "cycles",
    what: "three files of AssemblyScript, without extensions",
    files: {
      "wasm/assembly/a.ts": 'import { b } from "./b";',
      "wasm/assembly/b.ts": 'export { c } from "./c";',
      "wasm/assembly/c.ts": 'import { a } from "./a";',
    },
    finds: 1,
  },
  {
    rule: "cycles",
    what: "a worker imports the file that starts it",
    files: {
      "wasm/pool.ts": 'new Worker(new URL("./worker.ts", import.meta.url));',
      "wasm/worker.ts": 'import type { Job } from "./pool.ts";',
    },
    finds: 1,
  },
  {
    rule: "cycles",
    what: "two ways to the same file",
    files: {
      "src/a.ts": 'import "./b.ts";\nimport "./c.ts";',
      "src/b.ts": 'import "./c.ts";',
      "src/c.ts": 'import "node:fs";',
    },
    finds: 0,
  },
];
