import { describe, expect, test } from "bun:test";
import { ARTEFACTS } from "../../wasm/artefacts.ts";
import manifest from "../../wasm/manifest.json";
import { CORES } from "./cores.ts";

const BYTES_MAX = 40 * 1024;
const PAGE_BYTES = 65_536;

describe.each(["wide", "portable"] as const)("the %s artefact", (name) => {
  const bytes = ARTEFACTS[name]();

  test("is the one of the manifest, and small", () => {
    const listed = manifest[`core-${name}.wasm`];
    expect(new Bun.CryptoHasher("sha256").update(bytes).digest("hex")).toBe(listed.sha256);
    expect(bytes.length).toBe(listed.bytes);
    expect(bytes.length).toBeLessThanOrEqual(BYTES_MAX);
  });

  test.skipIf(!CORES.some((core) => core.name === name))(
    "imports nothing, and its memory cannot grow",
    () => {
      const module = new WebAssembly.Module(bytes);
      expect(WebAssembly.Module.imports(module)).toEqual([]);
      const { memory } = new WebAssembly.Instance(module).exports;
      if (!(memory instanceof WebAssembly.Memory)) throw new Error("it exports its memory");
      expect(memory.buffer.byteLength % PAGE_BYTES).toBe(0);
      expect(() => memory.grow(1)).toThrow();
    },
  );
});
