import { expect, test } from "bun:test";
import { join } from "node:path";
import { ACH_RULES, type AchRule, isOwnRule } from "../../../src/rails/ach-check/rules.ts";

test("docs/ach.md lists exactly these rules", async () => {
  const page = await Bun.file(join(import.meta.dir, "../../../docs/ach.md")).text();
  const rows = page
    .split("\n")
    .filter((line) => /^\| `[a-z_]+` \| .* \| .* \| [0-9, ]+ \|$/.test(line));
  expect(rows).toEqual(
    Object.entries(ACH_RULES).map(
      ([name, { where, says, section }]) => `| \`${name}\` | ${where} | ${says} | ${section} |`,
    ),
  );
});

test("docs/ach.md lists exactly the rules in which somebody else's file may differ", async () => {
  const page = await Bun.file(join(import.meta.dir, "../../../docs/ach.md")).text();
  const [, listed = ""] = /Rules of ours, in which .*?:\n([^|]*?)\.\n/s.exec(page) ?? [];
  const rules = Object.keys(ACH_RULES) as AchRule[];
  expect(listed.split(/,\s+/)).toEqual(rules.filter(isOwnRule).map((rule) => `\`${rule}\``));
});
