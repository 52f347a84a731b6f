/**
 * The bank's word on our files: taken or not, and what it moved for them. No word waits for another
 * one: a file keeps what it cannot make sense of yet (actors/ach-file-settling.ts), and a name that
 * we never used is kept for a person.
 */
import type { AchFileCommand, AchFileReply } from "../../actors/ach-file-messages.ts";
import { assert } from "../../actors/assert.ts";
import type { BankStatementReply, ChangedFile } from "../../actors/bank-statement.ts";
import type { InboundException, MovedMoney } from "../../actors/inbound-exception.ts";
import { type Cents, subtractCents, ZERO_CENTS } from "../../actors/money.ts";
import type { InboundItem } from "./bank-gateway.ts";
import { ExceptionKeeper } from "./exception-keeper.ts";
import { type CollectionParts, PRINCIPAL } from "./parts.ts";

type Of<Kind extends InboundItem["kind"]> = Extract<InboundItem, { kind: Kind }>;
type Unknown = Omit<InboundException, "number" | "sealed">;

export async function takeAcknowledgement(
  parts: CollectionParts,
  { fileName, outcome }: Of<"acknowledgement">,
): Promise<void> {
  const command = { kind: "AcknowledgeFile", outcome, note: "the bank", persons: "one" } as const;
  if (await tellFile(parts, fileName, command)) return;
  const unknown = { line: 1, reason: "unknown_file", received: null, money: null };
  await keepUnknown(parts, { kind: "acknowledgement", fileName, outcome }, [unknown]);
}

/**
 * The bank's own figures are on record before the files say what they make of them: one movement
 * for each file, and of a piece that is given again nothing that a newer one has corrected. Of a
 * file that we do not know, what a piece changes is money in suspense: all of the first word, and
 * of a correction what it says more or less.
 */
export async function takeStatement(
  parts: CollectionParts,
  { id: itemId, date, lines }: Of<"statement">,
): Promise<void> {
  const ref = { kind: "bank-statement", id: date };
  const command = { kind: "ReceiveStatement", itemId, lines } as const;
  const reply = await parts.host.ask(ref, command, { principal: PRINCIPAL });
  const received = reply as BankStatementReply;
  assert(received.kind === "received", "a statement is received");
  const unknown: Unknown[] = [];
  for (const [at, line] of received.lines.entries()) {
    const { fileName, debitCents, creditCents } = line;
    const command = { kind: "SettleFile", debitCents, creditCents, on: date } as const;
    if (!(await tellFile(parts, fileName, command))) unknown.push(...unknownMoney(line, at + 1));
  }
  const piece = { id: itemId, kind: "statement", date, lines };
  if (unknown.length > 0) await keepUnknown(parts, piece, unknown);
}

/** False where no file of that name was handed over. */
async function tellFile(
  { host }: CollectionParts,
  fileName: string,
  command: AchFileCommand,
): Promise<boolean> {
  const ref = { kind: "ach-file", id: fileName };
  const reply = (await host.ask(ref, command, { principal: PRINCIPAL })) as AchFileReply;
  return reply.kind !== "file_not_at_this_stage";
}

function unknownMoney({ changed }: ChangedFile, line: number): Unknown[] {
  const moved = (direction: "debit" | "credit", amountCents: Cents): MovedMoney[] => {
    // Less than was said before: that much went the other way.
    const opposite = direction === "debit" ? "credit" : "debit";
    if (amountCents < 0) return moved(opposite, subtractCents(ZERO_CENTS, amountCents));
    return amountCents === 0 ? [] : [{ of: "settlement", direction, amountCents }];
  };
  const all = [...moved("debit", changed.debitCents), ...moved("credit", changed.creditCents)];
  return all.map((money) => ({ line, reason: "unknown_file", received: null, money }));
}

/** The piece itself is sealed beside its first exception. */
async function keepUnknown(
  parts: CollectionParts,
  piece: object,
  unknown: readonly Unknown[],
): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(piece));
  const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  const keeper = new ExceptionKeeper(parts, hash, bytes.length);
  if ((await keeper.begin()) === "finished") return;
  for (const [at, exception] of unknown.entries()) {
    await keeper.keep(exception, at === 0 ? bytes : null);
  }
  await keeper.end(0, 0);
}
