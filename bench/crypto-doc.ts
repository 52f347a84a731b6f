/** The figures of `seqr bench crypto` as they stand in docs/crypto-core.md, between two marks. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "../actors/assert.ts";
import type { CryptoReport, Row } from "./crypto.ts";
import { rounded } from "./output.ts";
import { brief, machineLine, whole } from "./table.ts";

const DOC = join(import.meta.dir, "../docs/crypto-core.md");
const FROM = "<!-- written by seqr bench crypto --save -->\n";
const TO = "<!-- until here -->\n";

/** Columns, and who stands in each: a job has one or the other. */
const COLUMNS: readonly (readonly [head: string, who: readonly string[]])[] = [
  ["wide", ["wide"]],
  ["portable", ["portable"]],
  ["JavaScript", ["noble", "TypeScript"]],
  ["libsodium.js", ["libsodium.js"]],
  ["native", ["native"]],
];

/** Two tables: microseconds per item, and the targets. */
export function markdown({ version, date, machine, pace, rows, targets }: CryptoReport): string {
  const jobs = [...new Set(rows.map(({ job }) => job))];
  const figures = [
    ["microseconds per item", ...COLUMNS.map(([head]) => head)],
    ["---", ...COLUMNS.map(() => "---:")],
    ...jobs.map((job) => [job, ...COLUMNS.map(([, who]) => cellOf(rows, job, who))]),
  ];
  const judgements = [
    ["times as fast as", "target", "reached", ""],
    ["---", "---:", "---:", "---"],
    ...targets.map(({ what, target, reached, isReached }) => {
      const told = reached === undefined ? "not measured" : reached.toFixed(2);
      return [what, target, told, isReached ? "yes" : "**no**"];
    }),
  ];
  const source = `seqr ${version}, ${date}, ${pace.rounds} rounds; ${machineLine(machine)}`;
  return `${source}\n\n${linesOf(figures)}\n${linesOf(judgements)}`;
}

function cellOf(rows: readonly Row[], job: string, who: readonly string[]): string {
  const row = rows.find((one) => one.job === job && who.includes(one.who));
  if (row === undefined) return "";
  return row.micros >= 1_000 ? whole(row.micros) : brief(row.micros);
}

function linesOf(cells: readonly (readonly string[])[]): string {
  return cells.map((row) => `| ${row.join(" | ")} |\n`).join("");
}

/** `doc` with `figures` between the marks. */
export function withFigures(doc: string, figures: string): string {
  const from = doc.indexOf(FROM);
  const to = doc.indexOf(TO);
  assert(from !== -1 && to > from, "the document has both marks");
  return `${doc.slice(0, from + FROM.length)}\n${figures}\n${doc.slice(to)}`;
}

/** Puts the figures into the document, in the digits that are kept; from source only. */
export function document(report: CryptoReport): void {
  const kept = JSON.parse(JSON.stringify(report, rounded)) as CryptoReport;
  writeFileSync(DOC, withFigures(readFileSync(DOC, "utf8"), markdown(kept)));
}
