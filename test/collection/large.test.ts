/** The script that measures a file of a million entries does what it says, at a smaller size. */
import { expect, test } from "bun:test";
import { join } from "node:path";

test("a file through the real switch: every entry once, handed over as it was built", async () => {
  const program = join(import.meta.dir, "million.ts");
  const child = Bun.spawn([process.execPath, program, "800"], { stdout: "pipe" });
  const said = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  expect(JSON.parse(said)).toMatchObject({
    stage: "acknowledged",
    totals: { entries: 800, debitCents: 80_000, creditCents: 0 },
    isSame: true,
  });
}, 180_000);
