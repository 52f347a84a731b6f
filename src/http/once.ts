/**
 * Idempotency (docs/api.md): the key is scoped by caller, method and path, the fingerprint covers
 * the body, and both ride in the commit of the effect. A repeat gets the same answer, a call in
 * flight is joined, and the same key with another body is refused.
 */
import type { Context } from "hono";
import type { AccountCommand } from "../../actors/account-messages.ts";
import type { AchEntryCommand } from "../../actors/ach-entry.ts";
import type { AchFileCommand } from "../../actors/ach-file-messages.ts";
import type { AchInboundCommand } from "../../actors/ach-inbound.ts";
import type { Message } from "../../actors/actor.ts";
import type { CollectionRunsCommand } from "../../actors/collection-runs.ts";
import type { DirectoryCommand } from "../../actors/directory.ts";
import type { LaneCommand } from "../../actors/lane-messages.ts";
import type { MandateTextCommand } from "../../actors/mandate-text.ts";
import type { MerchantCommand } from "../../actors/merchant.ts";
import type { NumbersCommand } from "../../actors/numbers.ts";
import type { PurchaseCommand } from "../../actors/purchase.ts";
import { isRefusal } from "../../actors/refusals.ts";
import type { AskFirst } from "../runtime/host.ts";
import type { Env } from "./edge.ts";
import { isKnownNo, Problem, refusalDetails } from "./problem.ts";
import { isProblemCode, type ProblemCode } from "./problem-table.ts";
import type { Services } from "./services.ts";

const KEY_FORM = /^[\x21-\x7e]{1,255}$/;
const HASH_BYTES = 18;

/** Everything that can be said to an actor of the switch. */
export type SwitchCommand =
  | AccountCommand
  | AchEntryCommand
  | AchFileCommand
  | AchInboundCommand
  | CollectionRunsCommand
  | DirectoryCommand
  | LaneCommand
  | MandateTextCommand
  | MerchantCommand
  | NumbersCommand
  | PurchaseCommand;

export interface OnceReply<Reply extends Message> {
  readonly reply: Reply;
  /** The request that first produced the reply. */
  readonly requestId: string;
  /** The command's id: what must be the same on a repeat is derived from it. */
  readonly commandId: string;
}

/** An edge problem as a reply of `run`: it is answered, and nothing is remembered. */
export interface EdgeReply {
  readonly kind: "edge_problem";
  readonly code: ProblemCode;
}

export function edgeProblem(code: ProblemCode): EdgeReply {
  return { kind: "edge_problem", code };
}

export function hasKey(c: Context<Env>): boolean {
  return c.req.header("idempotency-key") !== undefined;
}

export function requireKey(c: Context<Env>): string {
  const key = c.req.header("idempotency-key");
  if (key === undefined) throw new Problem("idempotency_key_missing");
  if (!KEY_FORM.test(key)) throw new Problem("idempotency_key_malformed");
  return key;
}

/** Who calls, where that is more than a name, and what was sent, where that is no text. */
export interface Calling {
  readonly principal: string;
  /** Whose keys these are, for those who have no name yet. Default: the principal's. */
  readonly keysOf?: string;
  readonly body?: Uint8Array;
}

/** What names a call, and what tells its repeat from another call under the same key. */
export interface CallKey {
  readonly commandId: string;
  readonly fingerprint: string;
}

export async function callKey(c: Context<Env>, keysOf: string, body?: Uint8Array) {
  const key = requireKey(c);
  const route = `${keysOf}\n${c.req.method}\n${c.req.path}\n`;
  // Preconditions and query are part of what is asked: under others an old answer would mislead.
  const asked = `${c.req.header("if-match") ?? ""}\n${queryOf(c)}`;
  const sent = body ?? (await c.req.text());
  const callKey: CallKey = {
    commandId: shortHash(route + key),
    fingerprint: shortHash(route + asked, sent),
  };
  return callKey;
}

/** Runs a money route once per key. Throws Problem for refusals, its own and the actor's. */
export async function once<Reply extends Message>(
  services: Services,
  c: Context<Env>,
  { principal, keysOf = principal, body }: Calling,
  run: (ask: AskFirst, commandId: string, fingerprint: string) => Promise<Message>,
): Promise<OnceReply<Reply>> {
  const { commandId, fingerprint } = await callKey(c, keysOf, body);
  const options = { commandId, principal, fingerprint, requestId: c.get("requestId") };
  const answer = await services.host.once(options, (ask) => {
    return run(ask, commandId, fingerprint);
  });
  if (answer.kind === "mismatch") throw new Problem("idempotency_mismatch");
  if (answer.replayed) c.header("idempotent-replayed", "true");
  const { reply, requestId } = answer;
  throwIfRefused(reply, requestId);
  return { reply: reply as Reply, requestId, commandId };
}

/** The same where a key is welcome and not wanted: without one, every call is one of its own. */
export async function onceIfKeyed<Reply extends Message>(
  services: Services,
  c: Context<Env>,
  calling: Calling,
  run: (ask: AskFirst) => Promise<Message>,
): Promise<Reply> {
  if (hasKey(c)) return (await once<Reply>(services, c, calling, run)).reply;
  const requestId = c.get("requestId");
  const { principal } = calling;
  const reply = await run((ref, command) =>
    services.host.ask(ref, command, { principal, requestId }),
  );
  throwIfRefused(reply, requestId);
  return reply as Reply;
}

/** Runs a command that rests on something stored for it; `undo` destroys it if nothing is done. */
export async function orUndo(run: Promise<Message>, undo: () => void): Promise<Message> {
  try {
    const reply = await run;
    if (isRefusal(reply)) undo();
    return reply;
  } catch (error) {
    if (isKnownNo(error)) undo();
    throw error;
  }
}

/** A plain question or command whose repeats need no recognition. Throws Problem for refusals. */
export async function ask<Reply extends Message>(
  services: Services,
  c: Context<Env>,
  principal: string,
  ref: { readonly kind: string; readonly id: string },
  command: SwitchCommand,
): Promise<Reply> {
  const requestId = c.get("requestId");
  const reply = await services.host.ask(ref, command, { principal, requestId });
  throwIfRefused(reply, requestId);
  return reply as Reply;
}

/** What `run` gives; undefined where it is refused with this code. */
export async function unless<Given>(
  code: ProblemCode,
  run: () => Promise<Given>,
): Promise<Given | undefined> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Problem && error.code === code) return undefined;
    throw error;
  }
}

function throwIfRefused(reply: Message, requestId: string): void {
  if (isRefusal(reply)) throw new Problem(reply.kind, { more: refusalDetails(reply), requestId });
  if (reply.kind !== "edge_problem") return;
  const { code } = reply as EdgeReply;
  throw new Problem(isProblemCode(code) ? code : "internal_error");
}

/** With its question mark; empty where there is none. */
function queryOf(c: Context<Env>): string {
  const { url } = c.req;
  const at = url.indexOf("?");
  return at < 0 ? "" : url.slice(at);
}

function shortHash(...parts: readonly (string | Uint8Array)[]): string {
  const hasher = new Bun.CryptoHasher("sha256");
  for (const part of parts) hasher.update(part);
  return hasher.digest().subarray(0, HASH_BYTES).toString("base64url");
}
