/** `seqr ach read`: a file as it is read, item after item, in memory that does not grow with it. */
import { createReadStream } from "node:fs";
import type { AchItem, AchSummary } from "../rails/ach/items.ts";
import { readInbound, scanAch } from "../rails/ach/reader.ts";
import { AchText } from "./ach-text.ts";
import type { AchWord } from "./ach-word.ts";
import { isSet } from "./command.ts";
import { statNamed } from "./named-file.ts";
import { Output } from "./output.ts";
import { ProgressBar } from "./progress-bar.ts";

const CHUNK_BYTES = 256 * 1024;

export const achRead: AchWord = {
  usage:
    "seqr ach read FILE [--inbound] [--json]\n\n" +
    "Prints batches, entries, returns, corrections, and everything that is wrong, with its\n" +
    "line and columns. Bank accounts are shown by their last four, names not at all. Exit code\n" +
    "0: the file is whole; 1: something in it is for people to look at.\n\n" +
    "--inbound  the file comes from the bank: an entry without a return below it is wrong\n" +
    "--json     one object on standard output",
  options: { inbound: { type: "boolean" }, json: { type: "boolean" } },
  async run(values, file) {
    const { size } = statNamed(file);
    const bar = new ProgressBar(size);
    const out = new Output();
    const source = withProgress(createReadStream(file, { highWaterMark: CHUNK_BYTES }), bar);
    const stream = isSet(values, "inbound") ? readInbound(source) : scanAch(source);
    const text = new AchText(isSet(values, "json"));
    out.add(text.head(file));
    const summary = await copy(stream, text, out);
    bar.end();
    if (summary === undefined) return 1;
    out.add(text.tail(summary));
    await out.flush();
    return summary.faults + summary.exceptions === 0 ? 0 : 1;
  },
};

/** Undefined when nobody reads what is printed any more. */
async function copy(
  stream: AsyncGenerator<AchItem, AchSummary, undefined>,
  text: AchText,
  out: Output,
): Promise<AchSummary | undefined> {
  for (;;) {
    const { done, value } = await stream.next();
    if (done) return value;
    out.add(text.item(value));
    if (out.isFull && !(await out.flush())) return undefined;
  }
}

async function* withProgress(
  source: AsyncIterable<Uint8Array>,
  bar: ProgressBar,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    yield chunk;
    bar.add(chunk.length);
  }
}
