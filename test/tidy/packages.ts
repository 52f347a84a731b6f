/** The lock file and the manifest: what is installed is what was reviewed. */
import { manifestOf } from "./import-table.ts";
import { linesOf } from "./shape.ts";
import type { Finding, Rule } from "./tree.ts";

const MANIFEST = "package.json";

/** With an address in the lock, an install from another registry fails or fetches elsewhere. */
export const addresses: Rule = {
  name: "addresses",
  sentence: "the lock file and .npmrc hold no address of a registry",
  check: (files) =>
    files
      .filter(({ path }) => path === "package-lock.json" || path === ".npmrc")
      .flatMap(({ path, text }) =>
        linesOf(text).flatMap((line, at): Finding[] =>
          /https?:\/\//i.test(line) ? [{ path, line: at + 1, fault: "an address" }] : [],
        ),
      ),
};

export const versions: Rule = {
  name: "versions",
  sentence:
    "package.json pins every version exactly, and bun is there without development packages",
  check: (files) => {
    if (!files.some(({ path }) => path === MANIFEST)) return [];
    const { dependencies, devDependencies } = manifestOf(files);
    const all = [...Object.entries(dependencies), ...Object.entries(devDependencies)];
    const faults = all
      .filter(([, version]) => !/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version))
      .map(([name, version]) => `${name} ${version}: pin one version`);
    // `npm ci --omit=dev && npm start` must have its runtime.
    if (!("bun" in dependencies)) faults.push("bun is no dependency");
    if ("bun" in devDependencies) faults.push("bun is a development dependency");
    return faults.map((fault) => ({ path: MANIFEST, line: 0, fault }));
  },
};
