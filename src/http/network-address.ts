/**
 * Where a call comes from, for the evidence of a mandate (docs/money.md). Nothing is decided on it:
 * behind a proxy it is what the proxy says.
 */
import { isIP } from "node:net";
import type { Context } from "hono";
import type { Env } from "./edge.ts";

/** What the front door hands to the app with each request. */
export interface Bindings {
  /** Undefined where nobody knows. */
  readonly address?: string | undefined;
}

/** The nearest hop that is not ours: of a proxy's list the last one, which it wrote itself. */
export function callerAddress(
  direct: string | undefined,
  forwarded: string | null,
  isBehindProxy: boolean,
): string | undefined {
  const text = isBehindProxy ? forwarded?.split(",").at(-1)?.trim() : direct;
  return text !== undefined && isIP(text) !== 0 ? text : undefined;
}

/** Undefined too where the app is asked without a front door. */
export function addressOf(c: Context<Env>): string | undefined {
  const bindings = c.env as Bindings | undefined;
  return bindings?.address;
}
