/** `seqr ach check FILE`: the conformance checker, told line by line or as one object. */
import { z } from "zod";
import { formatCents, isCents } from "../../actors/money.ts";
import { progress } from "../../bench/output.ts";
import { AchCheck, type AchVerdict } from "../rails/ach-check/check.ts";
import type { AchExpectations, AchExpectedEntry } from "../rails/ach-check/expectations.ts";
import type { AchFinding } from "../rails/ach-check/findings.ts";
import { isOwnRule } from "../rails/ach-check/rules.ts";
import type { AchWord } from "./ach-word.ts";
import { isSet, textOf, UsageError, type Values } from "./command.ts";
import { counted } from "./listing.ts";
import { unreadable } from "./named-file.ts";

/** Beyond it a file of expectations is refused before it is read. */
const EXPECT_BYTES_MAX = 256 << 20;

export const achCheck: AchWord = {
  usage:
    "seqr ach check FILE [--today YYYY-MM-DD] [--expect FILE] [--ours] [--json]\n\n" +
    "Says whether a file that is to be sent keeps the rules. Exit code 0: it does; 1: it does\n" +
    "not. Each finding is a line: line, columns, rule, what should hold. Of somebody else's\n" +
    "file, what only this switch does so is told and is no fault. The rules and what --expect\n" +
    "may hold are in docs/ach.md.\n\n" +
    "--ours  the file is to be ours, whatever it looks like; --expect says so too",
  options: {
    today: { type: "string" },
    expect: { type: "string" },
    ours: { type: "boolean" },
    json: { type: "boolean" },
  },
  async run(values, file) {
    const expectations = await expectationsOf(values);
    const isOwn = isSet(values, "ours") || textOf(values, "expect") !== undefined;
    const check = new AchCheck(expectations, isOwn ? "own" : "foreign");
    const read = await readThrough(file, check);
    process.stdout.write(isSet(values, "json") ? `${JSON.stringify(read)}\n` : tell(read));
    return read.ok ? 0 : 1;
  },
};

/** The file passes in pieces and is never whole in memory. */
async function readThrough(path: string, check: AchCheck): Promise<AchVerdict> {
  try {
    const file = Bun.file(path);
    const { size } = await file.stat();
    let done = 0;
    let said = -1;
    for await (const chunk of file.stream()) {
      check.push(chunk);
      done += chunk.length;
      const percent = Math.floor(done / (size / 100));
      // What has no size, such as a pipe, has no percentage either.
      if (percent !== said && size > 0) progress(`checking ${percent} %`);
      said = percent;
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    progress("");
  }
  return check.end();
}

function tell(verdict: AchVerdict): string {
  const { findings, unlisted, lines, batches, entries, debitCents, creditCents, isOwn } = verdict;
  const isFault = ({ rule }: AchFinding) => isOwn || !isOwnRule(rule);
  const faults = findings.filter(isFault);
  const differences = findings.filter((finding) => !isFault(finding));
  // A damaged file may add up to what is no amount any more.
  const [debits, credits] = [debitCents, creditCents].map((sum) =>
    isCents(sum) ? formatCents(sum) : "too much",
  );
  const more = unlisted === 0 ? "" : ` and ${unlisted} more`;
  const found = verdict.ok ? "good" : `${counted(faults.length, "finding", "findings")}${more}`;
  const differing = counted(differences.length, "difference", "differences");
  const notes = isOwn ? "" : `, ${differing} from files of ours`;
  const counts = `lines ${lines}, batches ${batches}, entries ${entries}`;
  return [
    ...faults.map((finding) => `${lineOf(finding)}\n`),
    ...differences.map((finding) => `not as ours: ${lineOf(finding)}\n`),
    `${found}${notes}: ${counts}, debits ${debits}, credits ${credits}\n`,
  ].join("");
}

function lineOf({ line, from, to, rule, message }: AchFinding): string {
  return `${line}:${from}-${to} ${rule} ${message}`;
}

const sec = z.enum(["POS", "WEB", "PPD", "CCD"]);
const channel = z.enum(["lane", "goods", "services", "friend"]);
const whole = z.int().nonnegative();

/** AchExpectations as JSON; unknown fields are refused, for a misspelt one would check nothing. */
const EXPECTATIONS = z.strictObject({
  today: z.iso.date().optional(),
  lineEnding: z.enum(["lf", "crlf"]).optional(),
  destination: z.string().optional(),
  origin: z.string().optional(),
  destinationName: z.string().optional(),
  originName: z.string().optional(),
  odfi: z.string().optional(),
  companyId: z.string().optional(),
  discretionaryData: z.string().optional(),
  sameDay: z.boolean().optional(),
  sameDayCentsMax: whole.optional(),
  bankingDaysAheadMax: whole.optional(),
  webPaymentTypes: z.array(z.string().length(2)).optional(),
  servicesDescription: z.string().optional(),
  prenoteDescription: z.string().optional(),
  channels: z.partialRecord(channel, z.strictObject({ sec, description: z.string() })).optional(),
  entries: z
    .record(
      z.string(),
      z.strictObject({
        statementName: z.string().optional(),
        channel: channel.optional(),
        original: z
          .strictObject({
            sec,
            companyName: z.string(),
            companyId: z.string(),
            amountCents: whole,
          })
          .optional(),
      }),
    )
    .optional(),
});

/** Throws UsageError for a date or a file that says nothing usable. */
async function expectationsOf(values: Values): Promise<AchExpectations> {
  const path = textOf(values, "expect");
  const today = textOf(values, "today");
  const given = EXPECTATIONS.safeParse(path === undefined ? {} : await readJson(path));
  if (!given.success) {
    const place = given.error.issues[0]?.path.join(".") ?? "";
    throw new UsageError(`--expect: not as docs/ach.md says${place === "" ? "" : `: ${place}`}`);
  }
  if (today !== undefined && !z.iso.date().safeParse(today).success) {
    throw new UsageError("today is a date: YYYY-MM-DD");
  }
  // JSON has no undefined: an optional field that is there has a value.
  const { entries, ...plain } = given.data as Omit<AchExpectations, "entries"> & {
    readonly entries?: Readonly<Record<string, AchExpectedEntry>>;
  };
  return {
    ...plain,
    ...(today === undefined ? {} : { today }),
    ...(entries === undefined ? {} : { entries: new Map(Object.entries(entries)) }),
  };
}

async function readJson(path: string): Promise<unknown> {
  const file = Bun.file(path);
  try {
    if ((await file.stat()).size > EXPECT_BYTES_MAX) throw new UsageError("--expect: too large");
    return (await file.json()) as unknown;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError("--expect: name a file of JSON");
  }
}
