/**
 * What comes in, checked by the schemas of its route, in one step: a stack of validators, each with
 * promises of its own, costs more than the payment behind it. The order is always the same: the
 * form of the text, query, path, then the body's type, syntax and schema.
 */
import type { RouteConfig } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { z } from "zod";
import type { Env } from "./edge.ts";
import { type FieldError, Problem } from "./problem.ts";
import { strictText } from "./strict-json.ts";

/** A validation error names the field and the rule, never the value. */
const ERRORS_MAX = 20;
const JSON_TYPE = "application/json";

type Check = (c: Context<Env>) => Promise<void>;
type Part = "query" | "param" | "json";

/** Throws Problem for what the schemas refuse; what they make of the rest is `c.req.valid`. */
export function checkOf(route: RouteConfig): Check {
  const { query, params, body } = route.request ?? {};
  const content = body?.content[JSON_TYPE];
  const json = content !== undefined && "schema" in content ? content.schema : undefined;
  return async (c) => {
    const type = json === undefined ? undefined : mediaTypeOf(c);
    const text = type === JSON_TYPE ? await textOf(c) : undefined;
    if (query !== undefined) check(c, "query", query as z.ZodType, queryOf(c));
    if (params !== undefined) check(c, "param", params as z.ZodType, c.req.param());
    if (json === undefined) return;
    if (type !== JSON_TYPE && (type !== undefined || hasBody(c))) {
      throw new Problem("unsupported_media_type");
    }
    check(c, "json", json as z.ZodType, text === undefined ? {} : parsed(text));
  };
}

/** In lower case, without parameters. */
function mediaTypeOf(c: Context<Env>): string | undefined {
  const type = c.req.header("content-type");
  if (type === undefined || type === JSON_TYPE) return type;
  const end = type.indexOf(";");
  return (end < 0 ? type : type.slice(0, end)).trim().toLowerCase();
}

async function textOf(c: Context<Env>): Promise<string> {
  const text = strictText(await c.req.arrayBuffer());
  if (text === undefined) throw new Problem("malformed_json");
  // Hono keeps the promise of the text, whatever its type says.
  c.req.bodyCache.text = Promise.resolve(text) as unknown as string;
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem("malformed_json");
  }
}

function hasBody(c: Context<Env>): boolean {
  const length = c.req.header("content-length");
  return length === undefined ? c.req.raw.body !== null : length !== "0";
}

/** One value as it is, several as a list. */
function queryOf(c: Context<Env>): Record<string, string | string[]> {
  if (!c.req.url.includes("?")) return {};
  const all = Object.entries(c.req.queries());
  return Object.fromEntries(all.map(([name, values]) => [name, oneOrAll(values)]));
}

function oneOrAll(values: string[]): string | string[] {
  const [first] = values;
  return values.length === 1 && first !== undefined ? first : values;
}

function check(c: Context<Env>, part: Part, schema: z.ZodType, given: unknown): void {
  const result = schema.safeParse(given);
  if (!result.success) throw new Problem("invalid_request", { errors: errorsOf(part, result) });
  c.req.addValidatedData(part, result.data as object);
}

function errorsOf(part: Part, { error }: z.ZodSafeParseError<unknown>): FieldError[] {
  return error.issues.slice(0, ERRORS_MAX).map(({ path, code }) => ({
    pointer: part === "json" ? pointerOf(path) : `${part}/${path.join("/")}`,
    code,
  }));
}

/** RFC 6901. Field names that nobody defined are input too, and are left out. */
function pointerOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}
