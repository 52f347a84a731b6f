/** How a reconciliation reads when there is little to tell. */
import { expect, test } from "bun:test";
import { reconcileText } from "../../src/commands/reconcile-text.ts";
import { Story } from "../books/story.ts";

const textOf = (story: Story): string => reconcileText(story.report(), undefined);

test("where no file had anything in it there is no table, and once is one time", () => {
  const empty = textOf(new Story().opened().file("FileLeftEmpty"));
  expect(empty).toStartWith("no file has been made: 1 time there was nothing to send\n");
  expect(textOf(new Story())).toStartWith("no file has been made\n");
});

test("where a file had something it stands in the table", () => {
  expect(textOf(new Story().opened().filed().built())).toMatch(/^file +stage +of +built .*\nach_/);
});
