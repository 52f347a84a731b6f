/**
 * `npm run build:wasm`: compiles wasm/assembly into the two artefacts, portable and wide, and
 * writes them with a manifest of their SHA-256. The same sources give the same bytes everywhere.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import asc from "assemblyscript/asc";
import binaryen from "binaryen";
import { wideMultiply, wideSquare } from "./wide-field.ts";

export type Form = "portable" | "wide";

const FOLDER = import.meta.dir;
const SOURCES = join(FOLDER, "assembly");
const ENTRY = "index.ts";
/** 64 KiB pages. */
const PAGES = 320;

const FLAGS = [
  "--runtime",
  "stub",
  "-O3",
  "--noAssert",
  "--use",
  "abort=",
  "--initialMemory",
  String(PAGES),
  "--maximumMemory",
  String(PAGES),
];

/** The text of the module; `./field-form` is the field of that form. */
async function compile(form: Form, entry: string | undefined): Promise<string> {
  let text = "";
  const { error, stderr } = await asc.main([ENTRY, ...FLAGS, "--textFile", "module.wat"], {
    readFile(name: string): string | null {
      if (name === ENTRY && entry !== undefined) return entry;
      const file = name.replace("field-form.ts", `field-${form}.ts`);
      try {
        return readFileSync(join(SOURCES, file), "utf8");
      } catch {
        return null;
      }
    },
    writeFile(_name: string, content: Uint8Array | string): void {
      text = String(content);
    },
    listFiles: () => [],
  });
  if (error !== null) throw new Error(`${form}: ${error.message}\n${stderr.toString()}`);
  return text;
}

/** Puts the wide functions in place of their imports. */
function splice(text: string): string {
  const names: Record<string, string> = {};
  const imports = /^ *\(import "wide" "(multiply|square)" \(func (\$\S+).*\)\)\n/gm;
  const rest = text.replace(imports, (_line, what: string, name: string) => {
    names[what] = name;
    return "";
  });
  const { multiply, square } = names;
  if (multiply === undefined || square === undefined)
    throw new Error("the wide imports are missing");
  const end = rest.lastIndexOf(")");
  return `${rest.slice(0, end)}${wideMultiply(multiply)}\n${wideSquare(square)}\n)`;
}

function assemble(text: string, form: Form): Uint8Array {
  const module = binaryen.parseText(text);
  const {
    MVP,
    MutableGlobals,
    SignExt,
    NontrappingFPToInt,
    BulkMemory,
    BulkMemoryOpt,
    Multivalue,
    WideArithmetic,
  } = binaryen.Features;
  const base = MVP | MutableGlobals | SignExt | NontrappingFPToInt | BulkMemory | BulkMemoryOpt;
  module.setFeatures(form === "wide" ? base | Multivalue | WideArithmetic : base);
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(0);
  module.optimize();
  if (module.validate() === 0) throw new Error(`${form}: the module is not valid`);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

/**
 * The module that exports what index.ts exports, or what `entry` does: a source text in its place,
 * with which a test reaches the parts inside.
 */
export async function buildCore(form: Form, entry?: string): Promise<Uint8Array> {
  const text = await compile(form, entry);
  return assemble(form === "wide" ? splice(text) : text, form);
}

if (import.meta.main) {
  const folder = process.argv[2] ?? FOLDER;
  mkdirSync(folder, { recursive: true });
  const manifest: Record<string, { sha256: string; bytes: number }> = {};
  for (const form of ["portable", "wide"] as const) {
    const bytes = await buildCore(form);
    const name = `core-${form}.wasm`;
    writeFileSync(join(folder, `${name}.txt`), inLines(bytes.toBase64()));
    const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
    manifest[name] = { sha256, bytes: bytes.length };
    process.stdout.write(`${name} ${bytes.length} bytes ${sha256}\n`);
  }
  writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

function inLines(text: string): string {
  return text.replace(/.{1,100}/g, "$&\n");
}
