/** How commands reach a running switch: its address and an operator's key. */
import { ApiProblem, Caller } from "../client/call.ts";
import { Desk } from "../client/desk.ts";
import { MoneyDesk } from "../client/money-desk.ts";
import { type Command, textOf, UsageError, type Values } from "./command.ts";

export const DESK_OPTIONS: Command["options"] = { url: { type: "string" } };

/** Of a command that lists. */
export const DESK_LIST_OPTIONS: Command["options"] = {
  ...DESK_OPTIONS,
  after: { type: "string" },
  json: { type: "boolean" },
};

/** Of one that lists and acts. */
export const DESK_ACT_OPTIONS: Command["options"] = {
  ...DESK_LIST_OPTIONS,
  note: { type: "string" },
};

export const DESK_USAGE =
  "--url URL   where the switch is; default http://127.0.0.1:8787\n" +
  "The desk key comes from the variable SEQR_DESK_KEY, so that no list of processes shows it.";

export interface DeskCall {
  readonly caller: Caller;
  readonly key: string;
  readonly desk: Desk;
  readonly money: MoneyDesk;
}

/** Throws UsageError where there is no key, or the address is none. */
export function deskCall(values: Values): DeskCall {
  const key = process.env["SEQR_DESK_KEY"] ?? "";
  if (key === "") throw new UsageError("say who you are: SEQR_DESK_KEY=dk_... seqr ...");
  const url = URL.parse(textOf(values, "url") ?? "http://127.0.0.1:8787");
  if (url === null || !/^https?:$/.test(url.protocol)) throw new UsageError("--url is no address");
  // A path would be left out in silence, and another switch asked than the one that was meant.
  if (url.href !== `${url.origin}/`) throw new UsageError("--url ends with the host and its port");
  const caller = new Caller(url.origin);
  return { caller, key, desk: new Desk(caller, key), money: new MoneyDesk(caller, key) };
}

/** Runs a command's calls; what the switch refuses is said in its own words. Gives the code. */
export async function atTheDesk(run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof ApiProblem ? new Error(told(error)) : unanswered(error);
  }
}

function told(problem: ApiProblem): string {
  const { code, body } = problem;
  if (code === "unauthenticated") {
    return `${code}: the switch does not know the key in SEQR_DESK_KEY; seqr operator makes one`;
  }
  const fields = fieldsOf(problem);
  if (code === "invalid_request" && fields !== "") return `${code}: ${fields}`;
  const { title = code, detail = "" } = body;
  const why = detail === "" ? "" : ` (${String(detail)})`;
  return `${code}: ${String(title)}${why}${fields === "" ? "" : ` ${fields}`}`;
}

/** Nobody is there, or somebody who is no switch: errno(3), or what the runtime calls it. */
function unanswered(error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== "string" || error instanceof UsageError) return error;
  return new Error(`no switch answers (${code}); say where it is with --url`);
}

/** What is wrong with a field; other codes say it themselves. */
const FIELD_FAULTS: Readonly<Record<string, string>> = {
  too_small: "is too short or too small",
  too_big: "is too long or too large",
  invalid_format: "is not of its form",
  custom: "is not of its form",
  invalid_value: "is none of what is allowed",
  required: "must be said",
};

/** Which fields it is about: names and rules, never what was typed. */
function fieldsOf({ body }: ApiProblem): string {
  const errors = Array.isArray(body["errors"]) ? (body["errors"] as readonly FieldFault[]) : [];
  const words = errors.map(({ pointer, code }) => {
    const field = String(pointer).split("/").at(-1) ?? "";
    return `${field} ${FIELD_FAULTS[String(code)] ?? String(code)}`.trim();
  });
  return words.join("; ");
}

interface FieldFault {
  readonly pointer?: unknown;
  readonly code?: unknown;
}
