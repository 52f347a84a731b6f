/** Short forms for the cases of the host. */
import type { Message } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import { Fault, type FaultKind } from "../../src/runtime/fault.ts";
import type { OnceAnswer } from "../../src/runtime/host.ts";
import { callsUnderWay, type Rig } from "./rig.ts";
import { type CounterCommand, type CounterReply, counterOf } from "./toy-counter.ts";
import { type PurseCommand, purseOf, type TillCommand, tillOf } from "./toy-saga.ts";

export const add = (by: number): CounterCommand => ({ kind: "add", by });
export const READ: CounterCommand = { kind: "read" };

/** The counter's replies. */
export const total = (sum: number): Message => counterReply({ kind: "total", total: sum });
export const overLimit = (sum: number): Message =>
  counterReply({ kind: "limit_exceeded", total: sum });
export const kept = (key: string): Message => counterReply({ kind: "kept", key });
const counterReply = (reply: CounterReply): Message => reply;

export function totalOf(reply: Message): number {
  assert(reply.kind === "total", `a total, not ${reply.kind}`);
  return (reply as { readonly kind: string; readonly total: number }).total;
}

/** The counter's total, asked for now. */
export async function totalAt(rig: Rig, id: string): Promise<number> {
  return totalOf(await rig.ask(counterOf(id), READ));
}

export function replyOf(answer: OnceAnswer): Message {
  assert(answer.kind === "answered", "an answer, not a mismatch");
  return answer.reply;
}

/** The kind of fault that the promise ends in; undefined when it is answered. */
export async function faultOf(answer: Promise<unknown>): Promise<FaultKind | undefined> {
  try {
    await answer;
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.kind;
    throw error;
  }
}

/** Tells now and later whether the promise has ended. */
export function watch(answer: Promise<unknown>): { readonly ended: boolean } {
  const watched = { ended: false };
  const end = (): void => {
    watched.ended = true;
  };
  answer.then(end, end);
  return watched;
}

const QUIET_TURNS = 25;
const SETTLE_MS_MAX = 200;

/** Gives everything that could happen by itself the time to happen. */
export async function settleDown(): Promise<void> {
  // A gate that holds a call back on purpose is not waited for long.
  const deadlineMs = performance.now() + SETTLE_MS_MAX;
  for (let quiet = 0; quiet < QUIET_TURNS; ) {
    await new Promise((resolve) => setImmediate(resolve));
    const isQuiet = callsUnderWay.count === 0 || performance.now() >= deadlineMs;
    quiet = isQuiet ? quiet + 1 : 0;
  }
}

export const pay = (payment: string, request: string, cents: number, till = "t"): PurseCommand => ({
  kind: "pay",
  payment,
  till,
  request,
  cents,
});

export async function openRequest(rig: Rig, request: string, till = "t"): Promise<void> {
  const open: TillCommand = { kind: "open", request };
  await rig.ask(tillOf(till), open);
}

export function cancelRequest(rig: Rig, request: string, till = "t"): Promise<Message> {
  const cancel: TillCommand = { kind: "cancel", request };
  return rig.ask(tillOf(till), cancel);
}

export function payOnce(rig: Rig, purse: string, command: PurseCommand, id?: string) {
  return rig.once(purseOf(purse), command, id ?? `pay/${command.payment}`);
}
