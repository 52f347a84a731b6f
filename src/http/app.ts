/** The HTTP application: one fused edge, then the routes of each audience. */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { AssertionFailed } from "../../actors/assert.ts";
import { Fault } from "../runtime/fault.ts";
import { addAccounts } from "./accounts.ts";
import { type Api, makeApi } from "./api.ts";
import { addBankAccount } from "./bank-account.ts";
import { Codes } from "./codes.ts";
import { CollectionRuns } from "./collection-run.ts";
import { addDeregistrations } from "./deregistrations.ts";
import { addDesk } from "./desk.ts";
import { addAlarms } from "./desk-alarms.ts";
import { addDeskDebts } from "./desk-debts.ts";
import { addDeskEvidence } from "./desk-evidence.ts";
import { addDeskExceptions } from "./desk-exceptions.ts";
import { addDeskFiles } from "./desk-files.ts";
import { addDeskInbound } from "./desk-inbound.ts";
import { addDeskLedger } from "./desk-ledger.ts";
import { addDeskMerchants } from "./desk-merchants.ts";
import { addDeskProposals } from "./desk-proposals.ts";
import { addDeskRetention } from "./desk-retention.ts";
import { addDeskReturns } from "./desk-returns.ts";
import { addDeskReversals } from "./desk-reversals.ts";
import { addDeskStoppedRefunds } from "./desk-stopped-refunds.ts";
import { addDocument } from "./document.ts";
import { edge } from "./edge.ts";
import { addEvents, Streams } from "./events.ts";
import { LaneWatch } from "./lane-watch.ts";
import { addLanes } from "./lanes.ts";
import { addMandates } from "./mandates.ts";
import { addMerchantBankAccounts } from "./merchant-bank-accounts.ts";
import { addPaymentRequests } from "./payment-requests.ts";
import { addPayments } from "./payments.ts";
import { Problem, type ProblemDetails, problemResponse } from "./problem.ts";
import type { ProblemCode } from "./problem-table.ts";
import { addRefunds } from "./refunds.ts";
import { addRegistrations } from "./registrations.ts";
import { addScans } from "./scans.ts";
import type { Services } from "./services.ts";
import { addSessions } from "./sessions.ts";
import { addSettlements } from "./settlements.ts";
import { addSharedBankAccounts } from "./shared-bank-accounts.ts";
import { addSystem } from "./system.ts";
import { addTestHelpers } from "./test-helpers.ts";
import { turnedAway } from "./turned-away.ts";

export interface App {
  readonly api: Api;
  /** Answers held requests and ends streams, so that the server can stop. */
  release(): void;
  /** Notes that a request was asked to come again before it was looked at. */
  turnedAway(): void;
}

export function makeApp(services: Services): App {
  const api = makeApi();
  const codes = new Codes(services.keys, services.publicHost, services.policy.requestMsMax);
  const watch = new LaneWatch(services.host.feed, services.places);
  const streams = new Streams((fault) => noteBug(services, fault));
  const turnAway = turnedAway(services);
  const runs = new CollectionRuns(services);
  api.use(edge(services, turnAway));
  addRegistrations(api, services);
  addMandates(api, services);
  addBankAccount(api, services);
  addDeregistrations(api, services);
  addSessions(api, services);
  addAccounts(api, services, codes);
  addScans(api, services, codes);
  addPayments(api, services, codes);
  addLanes(api, services, codes);
  addPaymentRequests(api, services, codes, watch);
  addRefunds(api, services, codes);
  addMerchantBankAccounts(api, services);
  addSettlements(api, services, codes);
  addEvents(api, services, streams);
  addDesk(api, services);
  addDeskMerchants(api, services);
  addSharedBankAccounts(api, services);
  addDeskDebts(api, services);
  addDeskReturns(api, services);
  addDeskRetention(api, services);
  addDeskLedger(api, services);
  addDeskEvidence(api, services);
  addDeskFiles(api, services, runs);
  addDeskReversals(api, services);
  addDeskProposals(api, services);
  addDeskStoppedRefunds(api, services);
  addDeskInbound(api, services, runs);
  addDeskExceptions(api, services);
  addAlarms(api, services);
  addSystem(api, services);
  addTestHelpers(api, services);
  addDocument(api, services.version);
  api.notFound((c) => unrouted(api, c));
  api.onError((error, c) => {
    const { code, details } = problemOf(error);
    if (code === "internal_error") noteBug(services, error);
    return problemResponse(c, code, details);
  });
  return {
    api,
    release() {
      watch.close();
      streams.close();
    },
    turnedAway: turnAway,
  };
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
/** What stands before every route: the edge. */
const FUSED = 1;

/** RFC 9110 section 15.5.6: an address that is there says which methods it has. */
function unrouted(api: Api, c: Context): Response {
  const isRouted = (method: string): boolean =>
    api.router.match(method, c.req.path)[0].length > FUSED;
  const methods = METHODS.filter(isRouted);
  if (methods.length === 0) return problemResponse(c, "not_found");
  c.header(
    "allow",
    methods.flatMap((name) => (name === "GET" ? ["GET", "HEAD"] : [name])).join(", "),
  );
  return problemResponse(c, "method_not_allowed");
}

/** A message may quote input: only the name of an unexpected error is told. */
function noteBug({ metrics, log }: Services, bug: unknown): void {
  const error = bug instanceof Error ? bug : new Error("what was thrown is no error");
  metrics.fault(error.name);
  log({ event: "bug", name: error.name, place: placeOf(error) });
}

/** Where in our code it came from. The message stands before that, and may have any form. */
function placeOf({ stack = "", message }: Error): string {
  const frames = stack.slice(stack.indexOf(message) + message.length).split("\n");
  return frames.find((line) => /^\s+at .*\.ts:\d/.test(line))?.trim() ?? "";
}

const FULL: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "SQLITE_FULL"]);

function problemOf(error: Error): { code: ProblemCode; details?: ProblemDetails } {
  if (error instanceof Problem) return { code: error.code, details: error.details };
  if (error instanceof Fault) return { code: `fault_${error.kind}` };
  // The caller went away in the middle of the body.
  if (error.name === "AbortError") return { code: "malformed_request" };
  // Of the vault or a picture: nothing was decided on what could not be stored.
  if (FULL.has((error as { code?: unknown }).code)) return { code: "fault_storage_full" };
  if (error instanceof AssertionFailed) return { code: "internal_error" };
  if (error instanceof HTTPException) {
    if (error.status === 400) return { code: "malformed_json" };
    if (error.status === 413) return { code: "body_too_large" };
    if (error.status === 415) return { code: "unsupported_media_type" };
  }
  return { code: "internal_error" };
}
