/**
 * Where a call comes from, for the evidence of a mandate (docs/money.md). Nothing is decided on it:
 * behind a proxy it is what the proxy says.
 */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Env } from "./edge.ts";

/** What the front door hands to the app with each request. */
export interface Bindings {
  /** Undefined where nobody knows. */
  readonly address?: string | undefined;
}

/** The module of sockets could say so, too, and would be loaded for nothing else at every start. */
const Address = z.union([z.ipv4(), z.ipv6()]);

/** The nearest hop that is not ours: of a proxy's list the last one, which it wrote itself. */
export function callerAddress(
  direct: string | undefined,
  forwarded: string | null,
  isBehindProxy: boolean,
): string | undefined {
  // What the server itself says of a line is an address, or nothing.
  if (!isBehindProxy) return direct === "" ? undefined : direct;
  return Address.safeParse(forwarded?.split(",").at(-1)?.trim()).data;
}

/** Undefined too where the app is asked without a front door. */
export function addressOf(c: Context<Env>): string | undefined {
  const bindings = c.env as Bindings | undefined;
  return bindings?.address;
}
