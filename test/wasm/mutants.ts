/**
 * `npm run mutants:crypto`: shows that the tests of the core can fail. Each planted fault of
 * test/wasm/mutants is put into a copy of the sources, the copy is built, and the tests that should
 * find it are run against that build; the product itself has no hook for it. A fault that no test
 * finds is printed as survived, and the end is 1.
 *
 *     npm run mutants:crypto -- --only argon2id --workers 2
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { MUTANTS } from "./mutants/all.ts";
import type { Mutant } from "./mutants/mutant.ts";

const ROOT = join(import.meta.dir, "../..");
/** What the tests of the core need to run. */
const COPIED = ["wasm", "test/wasm", "test/vectors", "test/crash/random.ts", "package.json"].concat(
  ["tsconfig.json", "bunfig.toml"],
);
const TEST_MS_MAX = 180_000;

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly isLate: boolean;
}

class Copy {
  readonly #folder = mkdtempSync(join(tmpdir(), "core-mutant-"));

  constructor() {
    for (const path of COPIED) {
      mkdirSync(dirname(join(this.#folder, path)), { recursive: true });
      cpSync(join(ROOT, path), join(this.#folder, path), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(this.#folder, "node_modules"));
  }

  /** What the tests said: undefined when they found nothing. */
  async find({ file, from, to, tests }: Mutant): Promise<string | undefined> {
    const path = join(this.#folder, "wasm", file);
    const original = readFileSync(path, "utf8");
    if (original.split(from).length !== 2) throw new Error(`${file}: not exactly once: ${from}`);
    try {
      writeFileSync(
        path,
        original.replace(from, () => to),
      );
      if (file !== "module.ts") await this.build();
      return await this.test(tests);
    } finally {
      writeFileSync(path, original);
    }
  }

  /** A copy that does not build shows nothing about tests. */
  async build(): Promise<void> {
    const { code, output } = await this.#run(["run", "wasm/build.ts"]);
    if (code !== 0) throw new Error(`does not build:\n${output}`);
  }

  async test(names: readonly string[]): Promise<string | undefined> {
    const files = names.map((name) => `./test/wasm/${name}.test.ts`);
    const { code, output, isLate } = await this.#run(["test", "--bail", ...files]);
    if (isLate) return "does not end";
    if (code === 0) return undefined;
    // A test that was only slow says nothing about the fault.
    if (/timed out after/.test(output)) throw new Error("a test took too long");
    return /^\(fail\) (.*?)( \[[0-9.]+m?s\])?$/m.exec(output)?.[1] ?? `ended with ${code}`;
  }

  async #run(given: readonly string[]): Promise<Ended> {
    const child = Bun.spawn([process.execPath, ...given], {
      cwd: this.#folder,
      stdout: "pipe",
      stderr: "pipe",
    });
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill("SIGKILL");
    }, TEST_MS_MAX);
    const texts = [new Response(child.stdout).text(), new Response(child.stderr).text()];
    const [code, ...outputs] = await Promise.all([child.exited, ...texts]);
    clearTimeout(timer);
    return { code, output: outputs.join("\n"), isLate };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    workers: { type: "string", default: `${availableParallelism()}` },
  },
});
const chosen = MUTANTS.filter(({ file, what }) => `${file}: ${what}`.includes(values.only));
const survived: string[] = [];
const queue = [...chosen];

/** The sources as they are must build to what is committed, and pass. */
async function control(copy: Copy): Promise<void> {
  await copy.build();
  const tests = new Set(["artefacts", ...chosen.flatMap((mutant) => mutant.tests)]);
  const said = await copy.test([...tests]);
  if (said !== undefined) throw new Error(`red without a fault: ${said}`);
}

async function work(copy: Copy): Promise<void> {
  let isBuilt = true;
  for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
    const { file, what } = mutant;
    // What is tested without a build must not be the build of the fault before.
    if (file === "module.ts" && !isBuilt) await copy.build();
    isBuilt = file === "module.ts";
    const said = await copy.find(mutant).catch((error: Error) => error);
    if (typeof said === "string") {
      process.stdout.write(`killed   ${file}: ${what} <- ${said}\n`);
      continue;
    }
    survived.push(what);
    process.stdout.write(`SURVIVED ${file}: ${what} ${said?.message ?? ""}\n`);
  }
}

const copies = Array.from({ length: Math.min(Number(values.workers), chosen.length) }, () => {
  return new Copy();
});
try {
  const [first] = copies;
  if (first === undefined) throw new Error("no fault is called that");
  await control(first);
  await Promise.all(copies.map(work));
} finally {
  for (const copy of copies) copy.remove();
}
const minutes = (performance.now() / 60_000).toFixed(1);
const killed = chosen.length - survived.length;
process.stdout.write(`${killed} killed, ${survived.length} survived, in ${minutes} minutes\n`);
process.exitCode = survived.length === 0 ? 0 : 1;
