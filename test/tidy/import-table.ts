/**
 * Who may import whom, in one place (house-style rule 2, ARCHITECTURE.md). There are no exceptions:
 * a folder that needs more gets it here, in the commit that needs it, with its reason.
 */
import { type Import, importsOf, resolve, UNREADABLE } from "./imports.ts";
import {
  type Finding,
  isTypeScript,
  liesIn,
  liesInAny,
  type Rule,
  type SourceFile,
} from "./tree.ts";

interface Row {
  /** The longest folder that holds a file decides. */
  readonly folder: string;
  /** Folders and files of ours; a folder may always import itself. */
  readonly ours: readonly string[];
  /** Of these only types. */
  readonly types?: readonly string[];
  /** Never, whatever the folder that they lie in. */
  readonly never?: readonly string[];
  /** Packages; `@noble/*` is every package of that scope. `any` still must be in package.json. */
  readonly packages: readonly string[] | "any";
  /** Modules of the runtime. Browsers have none; `dynamic` is for code that asks where it runs. */
  readonly node: "none" | "dynamic" | "any";
}

const PRODUCT = ["actors", "bench", "src", "wasm"];
const COMPOSITION = { ours: [...PRODUCT, "package.json"], packages: "any", node: "any" } as const;
/** What an actor is, without any actor. */
const CONTRACT = ["actors/actor.ts", "actors/assert.ts"];
/** Pure helpers of money, numbers and dates. */
const ACH_HELPERS = [
  "assert",
  "banking-calendar",
  "file-scope",
  "money",
  "routing-number",
  "statement-name",
  "trace-number",
].map((name) => `actors/${name}.ts`);
const HTTP_PACKAGES = [
  ...["hono", "@hono/*", "zod", "libphonenumber-js", "prom-client"],
  // Settlement statements for spreadsheets: quoting, and texts that would be formulas.
  "csv-stringify",
];

/** Who may open bank accounts: collection, by what the composition root hands to it. */
const OPENERS = ["src/vault/bank-accounts.ts", "src/vault/sealed-rows.ts"];

// biome-ignore format: a table is read by its columns.
export const TABLE: readonly Row[] = [
  // Decisions know nothing but one another.
  { folder: "actors", ours: [], packages: [], node: "none" },
  // The core runs on the switch and in browsers.
  { folder: "wasm", ours: [], packages: ["@noble/*", "comlink"], node: "dynamic" },
  // What the core is compiled from, by a compiler of its own; and what compiles it.
  { folder: "wasm/assembly", ours: [], packages: [], node: "none" },
  { folder: "wasm/build.ts", ours: ["wasm"],
    packages: ["assemblyscript", "binaryen"], node: "any" },
  // Hosts any actor, knows none.
  { folder: "src/runtime", ours: CONTRACT, packages: [], node: "any" },
  { folder: "src/storage", ours: ["src/runtime", ...CONTRACT],
    types: ["src/vault"], packages: ["bun:sqlite", "comlink"], node: "any" },
  // Personal data and keys at rest: sealing, key provider.
  { folder: "src/vault", ours: ["actors/assert.ts", "actors/ids.ts", "wasm"],
    packages: [], node: "any" },
  // The books read again from the log: what they are compared with, others hand in as bytes.
  { folder: "src/books", ours: ["src/runtime", "src/rails/ach-check", "actors"],
    packages: [], node: "none" },
  // What a third person can check: events of the log, their proofs, and what they say.
  { folder: "src/evidence", ours: ["src/runtime", "actors", "wasm"], packages: ["zod"],
    node: "none" },
  { folder: "src/views", ours: ["src/runtime", "actors"], packages: [], node: "any" },
  { folder: "src/rails", ours: ["src/runtime", "src/vault", "actors"], never: OPENERS,
    packages: [], node: "any" },
  // The file format knows no actor: money, numbers and dates in, bytes out, and back. Nor does it
  // know its conformance checker, which is a second opinion only as long as they share nothing.
  { folder: "src/rails/ach", ours: [...ACH_HELPERS, "src/vault/secret.ts"],
    packages: [], node: "none" },
  // The second opinion on ACH files: what it shared with the writer it could not find wrong.
  { folder: "src/rails/ach-check", ours: [], packages: [], node: "none" },
  // The sandbox's bank: a third reading of the format, which shares it with neither of the two. Of
  // our actors it knows the calendar of the Federal Reserve and money, as any bank does.
  { folder: "src/rails/bank-twin",
    ours: ["assert", "banking-calendar", "money"].map((name) => `actors/${name}.ts`),
    types: ["src/collection/bank-gateway.ts", "src/runtime/clock.ts"],
    packages: [], node: "none" },
  // A real bank behind a folder: bytes and small documents; the format is not its business.
  { folder: "src/rails/bank-folder",
    ours: ["assert", "banking-calendar", "ids", "money"].map((name) => `actors/${name}.ts`),
    types: ["src/collection/bank-gateway.ts", "src/runtime/clock.ts"],
    packages: [], node: "any" },
  // How money is fetched and paid out; the bank behind a port.
  { folder: "src/collection",
    ours: ["src/runtime", "src/views", "src/vault", "src/rails/ach", "src/rails/ach-check",
      "actors", "wasm"], packages: [], node: "any" },
  // What is kept of persons, and for how long.
  { folder: "src/retention", ours: ["src/runtime", "src/views", "actors"], types: ["src/vault"],
    packages: [], node: "none" },
  // Neither storage nor rails: what HTTP wants done, an actor decides, or the collection does.
  { folder: "src/http", never: OPENERS,
    ours: ["src/runtime", "src/views", "src/vault", "src/books", "src/collection",
      "src/evidence", "src/retention", "actors", "wasm"],
    packages: [...HTTP_PACKAGES, "swagger-ui-dist"], node: "any" },
  // The client and the pages run in browsers.
  { folder: "src/client", ours: ["wasm", "actors/ids.ts", "actors/money.ts"],
    types: ["src/http"], packages: [], node: "none" },
  { folder: "src/web", ours: ["src/client", "wasm"], packages: [], node: "none" },
  // The command line and the composition root know everything.
  { folder: "src/commands", ...COMPOSITION },
  { folder: "src/switch.ts", ...COMPOSITION },
  { folder: "src/main.ts", ...COMPOSITION },
  { folder: "src/bank-line.ts", ...COMPOSITION },
  { folder: "src/config.ts", ...COMPOSITION },
  { folder: "src/odfi-config.ts", ...COMPOSITION },
  { folder: "src/sandbox.ts", ...COMPOSITION },
  { folder: "src/build.ts", ...COMPOSITION },
  { folder: "src/data-directory.ts", ...COMPOSITION },
  { folder: "src/mandate.ts", ...COMPOSITION },
  { folder: "src/vault-files.ts", ...COMPOSITION },
  { folder: "src/evidence-files.ts", ...COMPOSITION },
  { folder: "src/version.ts", ...COMPOSITION },
  { folder: "src/warm-up.ts", ...COMPOSITION },
  { folder: "src/view-following.ts", ...COMPOSITION },
  { folder: "src/view-thread.ts", ...COMPOSITION },
  { folder: "src/view-worker.ts", ...COMPOSITION },
  { folder: "bench", ours: [...PRODUCT, "test"], packages: "any", node: "any" },
  { folder: "test", ours: [...PRODUCT, "test", "package.json"], packages: "any", node: "any" },
];

/** Folders and files that may import development dependencies. */
const DEVELOPMENT = ["bench", "test", "wasm/build.ts"];
const RUNTIME_MODULE = /^(node:|bun:|bun$)/;

export const imports: Rule = {
  name: "imports",
  sentence: "each folder imports only what the import table allows",
  check: (files) =>
    files.flatMap((file) => {
      const found = isSource(file) ? importsOf(file) : [];
      const row = rowOf(file.path);
      return found.flatMap((one) => {
        const fault = row === undefined ? "has no row in the import table" : refuse(file, row, one);
        return fault === undefined ? [] : [{ path: file.path, line: one.line, fault }];
      });
    }),
};

/** Everything imported by name is a dependency of ours; the product lives without the others. */
export const declared: Rule = {
  name: "declared",
  sentence: "imported packages are in package.json; development packages serve test and bench only",
  check: (files) => {
    const { dependencies, devDependencies } = manifestOf(files);
    return files.filter(isSource).flatMap((file) =>
      importsOf(file).flatMap(({ specifier, line }): Finding[] => {
        if (resolve(file.path, specifier) !== undefined || specifier === UNREADABLE) return [];
        const name = packageOf(specifier);
        if (/^(node|bun):/.test(name) || name in dependencies) return [];
        if (!(name in devDependencies)) {
          return [{ path: file.path, line, fault: `${name} is no dependency in package.json` }];
        }
        if (liesInAny(file.path, DEVELOPMENT)) return [];
        return [{ path: file.path, line, fault: `${name} is a development dependency` }];
      }),
    );
  },
};

/** Why this import is not allowed; undefined when it is. */
function refuse(file: SourceFile, row: Row, one: Import): string | undefined {
  const { specifier, how } = one;
  if (specifier === UNREADABLE) {
    return row.folder === "test" ? undefined : "name the imported file by a plain string";
  }
  const target = resolve(file.path, specifier);
  if (target !== undefined && liesInAny(target, row.never ?? [])) {
    return `${row.folder} may never import ${target}`;
  }
  if (target !== undefined) {
    if (liesIn(target, row.folder) || liesInAny(target, row.ours)) return undefined;
    if (!liesInAny(target, row.types ?? [])) return `${row.folder} may not import ${target}`;
    return how === "type" ? undefined : `${row.folder} may import only types of ${target}`;
  }
  const name = packageOf(specifier);
  if (row.packages === "any" || row.packages.some((allowed) => matches(name, allowed))) {
    return undefined;
  }
  if (!RUNTIME_MODULE.test(name)) return `${row.folder} may not import ${name}`;
  if (!name.startsWith("node:") || row.node === "none")
    return `${row.folder} may not import ${name}`;
  if (row.node === "any" || how === "dynamic" || how === "type") return undefined;
  return `${row.folder} runs in browsers too: import ${name} dynamically, where it exists`;
}

function rowOf(path: string): Row | undefined {
  return TABLE.filter((row) => liesIn(path, row.folder)).sort(
    (a, b) => b.folder.length - a.folder.length,
  )[0];
}

function matches(name: string, allowed: string): boolean {
  return allowed.endsWith("/*") ? name.startsWith(allowed.slice(0, -1)) : name === allowed;
}

/** `@noble/curves/ed25519.js` is in the package `@noble/curves`. */
function packageOf(specifier: string): string {
  if (RUNTIME_MODULE.test(specifier)) return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function isSource({ path }: SourceFile): boolean {
  return isTypeScript(path) || path.endsWith(".html");
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export function manifestOf(files: readonly SourceFile[]): Manifest {
  const text = files.find(({ path }) => path === "package.json")?.text ?? "{}";
  const { dependencies = {}, devDependencies = {} } = JSON.parse(text) as Partial<Manifest>;
  return { dependencies, devDependencies };
}
