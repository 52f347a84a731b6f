/** Registers every case of every group as a test, for every subject. */
import { describe, test } from "bun:test";
import type { Group } from "./subject.ts";
import { SUBJECTS } from "./subjects.ts";

/** Long enough for a busy machine; cases wait for facts, not for time. */
export const CASE_MS_MAX = 30_000;

export function runGroups(groups: Readonly<Record<string, Group>>): void {
  for (const subject of SUBJECTS) {
    for (const [name, group] of Object.entries(groups)) {
      describe(`${subject.name}: ${name}`, () => {
        for (const [sentence, run] of Object.entries(group)) {
          test(sentence, () => run(subject), CASE_MS_MAX);
        }
      });
    }
  }
}
