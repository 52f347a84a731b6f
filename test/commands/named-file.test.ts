/** Files and folders that are named wrongly: one sentence, the path, and why. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { unwritable } from "../../src/commands/named-file.ts";
import { type Folder, seqr, temporaryFolder } from "./cli.ts";

setDefaultTimeout(40_000);
let folder: Folder;
beforeAll(() => {
  folder = temporaryFolder();
  writeFileSync(join(folder.path, "file"), "x");
});
afterAll(() => folder.remove());

const at = (name: string): string => join(folder.path, name);

async function refusal(words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await seqr(words);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  return stderr.replaceAll(folder.path, "DIR");
}

describe("a file to be read", () => {
  test.each([
    [["evidence", "verify"], "absent", "there is no such file"],
    [["evidence", "verify"], "file/below", "there is no such file"],
    [["evidence", "verify"], ".", "it is a folder"],
    [["ach", "check"], "absent", "there is no such file"],
    [["ach", "read"], "absent", "there is no such file"],
  ])("%p %s", async (words, name, why) => {
    const path = `${folder.path}/${name}`;
    expect(await refusal([...words, path])).toBe(
      `seqr ${words[0]}: DIR/${name} cannot be read: ${why}\n`,
    );
  });
});

describe("a data directory to be made", () => {
  test.each([
    ["init", "file", "a file is in its place"],
    ["init", "file/below", "a file is in its way"],
    ["demo", "file", "a file is in its place"],
  ])("%s on %s", async (command, name, why) => {
    const said = await refusal([command, "--data", at(name)]);
    expect(said).toBe(`seqr ${command}: DIR/${name} cannot be made: ${why}\n`);
  });
});

test("a file to be written that is there, or has no folder", () => {
  const why = (code: string): string => unwritable("out.json", { code }).message;
  expect(why("EEXIST")).toBe("out.json is there already: nothing was written");
  expect(why("ENOENT")).toBe("out.json cannot be written: there is no such folder");
  expect(why("EACCES")).toBe("out.json cannot be written: permission denied");
});
