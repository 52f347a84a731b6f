/**
 * Idempotency (docs/api.md): the key is scoped by caller, method and path, the fingerprint covers
 * the body, and both ride in the commit of the effect. A repeat gets the same answer, a call in
 * flight is joined, and the same key with another body is refused.
 */
import type { Context } from "hono";
import type { AccountCommand } from "../../actors/account-messages.ts";
import type { Message } from "../../actors/actor.ts";
import type { DirectoryCommand } from "../../actors/directory.ts";
import type { LaneCommand } from "../../actors/lane-messages.ts";
import type { MerchantCommand } from "../../actors/merchant.ts";
import type { NumbersCommand } from "../../actors/numbers.ts";
import { isRefusal } from "../../actors/refusals.ts";
import { sha256 } from "../../wasm/core.ts";
import type { AskFirst } from "../runtime/host.ts";
import type { Env } from "./edge.ts";
import { isProblemCode, Problem, type ProblemCode, refusalDetails } from "./problem.ts";
import type { Services } from "./services.ts";

const KEY_FORM = /^[\x21-\x7e]{1,255}$/;
const HASH_BYTES = 18;
const encoder = new TextEncoder();

/** Everything that can be said to an actor of the switch. */
export type SwitchCommand =
  | AccountCommand
  | DirectoryCommand
  | LaneCommand
  | MerchantCommand
  | NumbersCommand;

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
  readonly more?: Readonly<Record<string, unknown>>;
}

export function edgeProblem(
  code: ProblemCode,
  more?: Readonly<Record<string, unknown>>,
): EdgeReply {
  return more === undefined ? { kind: "edge_problem", code } : { kind: "edge_problem", code, more };
}

export function requireKey(c: Context<Env>): string {
  const key = c.req.header("idempotency-key");
  if (key === undefined) throw new Problem("idempotency_key_missing");
  if (!KEY_FORM.test(key)) throw new Problem("idempotency_key_malformed");
  return key;
}

/** Runs a money route once per key. Throws Problem for refusals, its own and the actor's. */
export async function once<Reply extends Message>(
  services: Services,
  c: Context<Env>,
  principal: string,
  run: (ask: AskFirst, commandId: string) => Promise<Message>,
): Promise<OnceReply<Reply>> {
  const key = requireKey(c);
  const body = await c.req.text();
  const route = `${principal}\n${c.req.method}\n${c.req.path}\n`;
  const commandId = shortHash(route + key);
  // A precondition is part of what is asked: under another one an old refusal would mislead.
  const match = c.req.header("if-match") ?? "";
  const options = {
    commandId,
    principal,
    fingerprint: shortHash(`${route}${match}\n${body}`),
    requestId: c.get("requestId"),
  };
  const answer = await services.host.once(options, (ask) => run(ask, commandId));
  if (answer.kind === "mismatch") throw new Problem("idempotency_mismatch");
  if (answer.replayed) c.header("idempotent-replayed", "true");
  const { reply, requestId } = answer;
  throwIfRefused(reply, requestId);
  return { reply: reply as Reply, requestId, commandId };
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
  const { code, more } = reply as EdgeReply;
  throw new Problem(isProblemCode(code) ? code : "internal_error", {
    ...(more === undefined ? {} : { more }),
  });
}

function shortHash(text: string): string {
  return Buffer.from(sha256(encoder.encode(text)).subarray(0, HASH_BYTES)).toString("base64url");
}
