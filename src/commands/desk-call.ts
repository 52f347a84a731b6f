/** How commands reach a running switch: its address and an operator's key. */
import { ApiProblem, Caller } from "../client/call.ts";
import { Desk } from "../client/desk.ts";
import { MoneyDesk } from "../client/money-desk.ts";
import { type Command, textOf, UsageError, type Values } from "./command.ts";

export const DESK_OPTIONS: Command["options"] = { url: { type: "string" } };

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
  const caller = new Caller(url.origin);
  return { caller, key, desk: new Desk(caller, key), money: new MoneyDesk(caller, key) };
}

/** Runs a command's calls; what the switch refuses is said in its own words. Gives the code. */
export async function atTheDesk(run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    const { title = error.code, detail = "" } = error.body;
    const why = detail === "" ? "" : ` (${String(detail)})`;
    throw new Error(`${error.code}: ${String(title)}${why}${fieldsOf(error)}`);
  }
}

/** Which fields it is about: names and rules, never what was typed. */
function fieldsOf({ body }: ApiProblem): string {
  const errors = Array.isArray(body["errors"]) ? (body["errors"] as readonly FieldFault[]) : [];
  return errors.map(({ pointer, code }) => ` ${String(pointer)}: ${String(code)}.`).join("");
}

interface FieldFault {
  readonly pointer?: unknown;
  readonly code?: unknown;
}
