/** The table of docs/privacy.md is the table of the program. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { RETENTION } from "../../actors/retention.ts";

test("docs/privacy.md tells every class of retention as it is, and no other", async () => {
  const text = await Bun.file(join(import.meta.dir, "../../docs/privacy.md")).text();
  const [, table = ""] = text.split(
    "| class | what | kept | from | why |\n|---|---|---|---|---|\n",
  );
  const rows = table.split("\n\n")[0]?.split("\n");
  expect(rows).toEqual(
    Object.entries(RETENTION).map(([name, { what, from, keep, why }]) => {
      const kept = Object.entries(keep).map(([unit, count]) => `${count} ${unit}`);
      return `| \`${name}\` | ${what} | ${kept.join(" ")} | ${from} | ${why} |`;
    }),
  );
});
