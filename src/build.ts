/**
 * `bun run build`: the whole switch as one file, `dist/seqr`, that needs neither Node nor npm.
 *
 *     bun run src/build.ts                              for this machine
 *     bun run src/build.ts --target bun-linux-arm64     for another: dist/seqr-linux-arm64
 */
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const ROOT = join(import.meta.dir, "../");
const ENTRY = "src/main.ts";
/**
 * Files that run as workers: a forgotten one is missing from the binary. There it is started by its
 * path in the project, `./wasm/worker.ts`, because all files have become one.
 */
const WORKERS: readonly string[] = ["wasm/worker.ts", "src/view-worker.ts"];
const FLAGS = [
  "--compile",
  "--minify",
  // Start-up in half the time. Bytecode defaults to CommonJS, which has no top-level await.
  "--bytecode",
  "--format=esm",
  "--sourcemap",
  // A binary must not read configuration from whatever folder it happens to be started in.
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
  // A rival in `bench crypto` and a development package: no part of the product.
  "--external=libsodium-wrappers-sumo",
] as const;

/** Builds for `target`, or for this machine; returns the exit code of the bundler. */
function build(target: string | undefined): number {
  const outfile = target === undefined ? "dist/seqr" : `dist/${target.replace(/^bun-/, "seqr-")}`;
  const aim = target === undefined ? [] : [`--target=${target}`];
  const command = ["build", ...FLAGS, ...aim, `--outfile=${outfile}`, ENTRY, ...WORKERS];
  rmSync(`${ROOT}${outfile}`, { force: true }); // a failed build leaves no older binary behind
  const { exitCode } = Bun.spawnSync([process.execPath, ...command], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
  });
  // The binary holds its source maps; the copies beside it would make one file look like three.
  for (const map of new Bun.Glob("dist/*.map").scanSync({ cwd: ROOT })) rmSync(`${ROOT}${map}`);
  if (exitCode === 0) console.log(`${outfile} ${sizeOf(outfile)}`);
  return exitCode;
}

function sizeOf(outfile: string): string {
  const file = statSync(`${ROOT}${outfile}`, { throwIfNoEntry: false });
  // The Windows binary gets the ending .exe from the bundler.
  const { size } = file ?? statSync(`${ROOT}${outfile}.exe`);
  return `${Math.round(size / 1_000_000)} MB`;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { target: { type: "string" } } });
  process.exit(build(values.target));
}
