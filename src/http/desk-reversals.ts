/**
 * The desk undoes our own mistake: a debit that should not have been sent so, or all debits of a
 * file, given back by entries of the same amount and class (docs/ach.md). Two people say so.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { type AchEntryReply, achEntryRef } from "../../actors/ach-entry.ts";
import type { AchFileReply } from "../../actors/ach-file-messages.ts";
import { assert } from "../../actors/assert.ts";
import { encodeId, ID_BYTES, parseId, type RefundId } from "../../actors/ids.ts";
import { isRefusal, type RefusalKind } from "../../actors/refusals.ts";
import { REVERSAL_REASONS, type ReversalReason } from "../../actors/reversal-messages.ts";
import type { ReverseEntry } from "../../actors/reversed-entry.ts";
import { forEach } from "../collection/parts.ts";
import { achEntries, entriesIn, entriesOfTrace, type FiledEntry } from "../views/ach-entries.ts";
import {
  REVERSAL_STATUSES,
  type ReversalRow,
  reversals,
  reversalsNewestFirst,
} from "../views/reversals.ts";
import { type Api, answers, body, KeyHeader, MayKeyHeader, on, refusals } from "./api.ts";
import { operatorCaller } from "./auth.ts";
import { fileOf } from "./desk-files.ts";
import { Note, wholeOr } from "./fields.ts";
import { MoneyShape, toMoney } from "./money.ts";
import { ask, callKey, onceIfKeyed } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { listOf, toList, toTime } from "./shapes.ts";

/** Entries that are told at the same time: they share a commit. */
const TOLD_AT_ONCE = 256;
const TRACE_MAX = 9_999_999;

const Said = body(
  z.strictObject({
    reason: z.enum(REVERSAL_REASONS).openapi({
      description:
        "What was wrong with it. After `duplicate` the purchase is not owed again; after " +
        "`wrong_receiver` the customer names another bank account first",
    }),
    note: Note.openapi({ description: "The customer reads it beside the receipt" }),
  }),
);
const FileParam = z.object({ file: z.string() });
const EntryParam = FileParam.extend({
  trace: z.coerce.number().int().min(1).max(TRACE_MAX).openapi({
    type: "integer",
    description: "The last seven digits of its trace number",
  }),
});
const Status = z.enum(["on_record", "proposed"]);
const REFUSED = [
  ...(["not_found", "entry_not_reversible", "entry_came_back"] as const),
  ...(["entry_already_reversed", "file_not_at_this_stage", "reversal_too_late"] as const),
  "second_person_needed",
] as const;

const entryRoute = createRoute({
  ...{ method: "post", path: "/v1/desk/files/{file}/entries/{trace}/reversal" },
  ...{ tags: ["desk"], security: [{ key: [] }], summary: "Reverse a debit that was our mistake" },
  description:
    "The first call proposes it, the same call by another person puts it on record: the next " +
    "file takes the amount back to where it came from, under REVERSAL. It must be settled by the " +
    "fifth banking day after the debit.",
  request: { params: EntryParam, headers: MayKeyHeader, body: Said },
  responses: {
    200: answers("On record, or proposed", z.object({ file: z.string(), status: Status })),
    ...refusals(...REFUSED),
  },
});

const FileReversal = z
  .object({
    file: z.string(),
    status: Status,
    reversed: z.int(),
    proposed: z.int(),
    refused: z.array(z.object({ code: z.string(), entries: z.int() })).openapi({
      description: "Of how many entries nothing was done, and why",
    }),
  })
  .openapi("FileReversal");

const fileRoute = createRoute({
  ...{ method: "post", path: "/v1/desk/files/{file}/reversal" },
  ...{ tags: ["desk"], security: [{ key: [] }], summary: "Reverse all debits of a file" },
  description:
    "Each debit as if it were named alone; what has come back, or was reversed, is counted and " +
    "left out. Credits are not taken back.",
  request: { params: FileParam, headers: KeyHeader, body: Said },
  responses: { 200: answers("What became of it", FileReversal), ...refusals(...REFUSED) },
});

const DeskReversal = z
  .object({
    object: z.literal("reversal"),
    refund: z.string(),
    account: z.string(),
    payment: z.string(),
    amount: MoneyShape,
    reason: z.enum(REVERSAL_REASONS),
    note: z.string(),
    status: z.enum(REVERSAL_STATUSES).openapi({
      description:
        "`returned` by the bank, and `not_sent` where no file took it in time: the wrong debit " +
        "stands, and pays what is due",
    }),
    decided_at: z.iso.datetime(),
  })
  .openapi("DeskReversal");

const listRoute = createRoute({
  ...{ method: "get", path: "/v1/desk/reversals", tags: ["desk"], security: [{ key: [] }] },
  summary: "Debits that were our mistake, and how far the money is",
  request: {
    query: z.object({
      limit: wholeOr(50, 1, 100),
      starting_after: z.string().optional().openapi({ description: "A refund of the list" }),
    }),
  },
  responses: { 200: answers("The newest first", listOf(DeskReversal)), ...refusals("not_found") },
});

function toReversal({ refundId, accountId, paymentId, amountCents, atMs, ...row }: ReversalRow) {
  const ids = { refund: refundId, account: accountId, payment: paymentId };
  const amount = toMoney(amountCents);
  return { object: "reversal" as const, ...ids, amount, ...row, decided_at: toTime(atMs) };
}

interface Wrong {
  readonly reason: ReversalReason;
  readonly note: string;
}

interface Told {
  readonly reversed: number;
  readonly proposed: number;
  /** The most first. */
  readonly refused: { readonly code: RefusalKind; readonly entries: number }[];
}

export function addDeskReversals(api: Api, services: Services): void {
  const table = services.views.table(achEntries.name);
  on(api, listRoute, async (c) => {
    operatorCaller(services, c);
    await services.viewRunner.catchUp();
    const { limit, starting_after: after } = c.req.valid("query");
    const from = after === undefined ? undefined : parseId("refund", after);
    if (after !== undefined && from === undefined) throw new Problem("not_found");
    const found = reversalsNewestFirst(services.views.table(reversals.name), limit + 1, from);
    if (found === undefined) throw new Problem("not_found");
    return c.json(toList(found.slice(0, limit).map(toReversal), found.length > limit));
  });
  on(api, entryRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const { file, trace } = c.req.valid("param");
    const { fileId } = await fileOf(services, file);
    const entry = entriesOfTrace(table, trace).find((one) => one.fileId === fileId);
    if (entry === undefined) throw new Problem("not_found");
    const sent = await sentFile(services, c, principal, fileId);
    const { kind } = await onceIfKeyed<AchEntryReply>(services, c, { principal }, (askFirst) =>
      askFirst(achEntryRef(entry), commandFor(entry, sent, c.req.valid("json"))),
    );
    return c.json({
      file: fileId,
      status: kind === "reversal_proposed" ? "proposed" : "on_record",
    });
  });
  on(api, fileRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const { fileId } = await fileOf(services, c.req.valid("param").file);
    const sent = await sentFile(services, c, principal, fileId);
    const { commandId, fingerprint } = await callKey(c, principal);
    const tally = new Tally();
    await forEach(entriesIn(table, fileId), TOLD_AT_ONCE, async ({ entry }) => {
      const command = commandFor(entry, sent, c.req.valid("json"));
      // Under the key of the call, each once: a call that was cut short goes on where it was.
      const once = { commandId: `${commandId}/${entry.trace}`, fingerprint };
      const options = { ...once, principal, requestId: c.get("requestId") };
      const answer = await services.host.askOnce(achEntryRef(entry), command, options);
      if (answer.kind === "mismatch") throw new Problem("idempotency_mismatch");
      // What was refused is not remembered, and refused again.
      if (answer.replayed) c.header("idempotent-replayed", "true");
      tally.add(answer.reply as AchEntryReply);
    });
    const { reversed, proposed, refused } = tally.told();
    const status = reversed > 0 ? "on_record" : "proposed";
    return c.json({ file: fileId, status, reversed, proposed, refused });
  });
}

/** What became of the entries of a file. */
class Tally {
  readonly #refused = new Map<RefusalKind, number>();
  #reversed = 0;
  #proposed = 0;

  add(reply: AchEntryReply): void {
    if (isRefusal(reply)) {
      this.#refused.set(reply.kind, (this.#refused.get(reply.kind) ?? 0) + 1);
    } else if (reply.kind === "reversal_recorded") this.#reversed++;
    else this.#proposed++;
  }

  /** Throws the refusal of most of its debits where nothing was done. */
  told(): Told {
    const refused = [...this.#refused]
      .map(([code, entries]) => ({ code, entries }))
      .toSorted((one, other) => other.entries - one.entries);
    const [reversed, proposed] = [this.#reversed, this.#proposed];
    if (reversed + proposed === 0) {
      const ofDebits = refused.find(({ code }) => code !== "entry_not_reversible");
      throw new Problem(ofDebits?.code ?? "entry_not_reversible");
    }
    return { reversed, proposed, refused };
  }
}

type DeskContext = Parameters<typeof operatorCaller>[1];

async function sentFile(
  services: Services,
  c: DeskContext,
  principal: string,
  id: string,
): Promise<ReverseEntry["file"]> {
  const ref = { kind: "ach-file", id };
  const described = { kind: "DescribeFile" } as const;
  const reply = await ask<AchFileReply>(services, c, principal, ref, described);
  assert(reply.kind === "file" && "file" in reply.state, "a file of the list was opened");
  const { kind, file } = reply.state;
  const isOver = kind === "settled" || kind === "closed";
  return { effectiveOn: file.effectiveOn, isSettled: isOver && !file.isRejected };
}

function commandFor(entry: FiledEntry, file: ReverseEntry["file"], said: Wrong): ReverseEntry {
  const { fileId, trace, owner, subject, direction, amountCents, merchantNumber } = entry;
  return {
    ...{ kind: "ReverseEntry", file, ...said, bankAccount: entry.bankAccount },
    sent: { fileId, trace, owner, subject, direction, amountCents, merchantNumber },
    refundId: reversalId(entry),
  };
}

/** An entry is reversed once: its reversal is named by it. */
function reversalId({ fileId, trace }: FiledEntry): RefundId {
  const hash = new Bun.CryptoHasher("sha256").update(`reversal ${fileId}/${trace}`).digest();
  return encodeId("refund", hash.subarray(0, ID_BYTES));
}
