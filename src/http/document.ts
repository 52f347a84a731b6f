/**
 * The OpenAPI document. A route names the refusals that are its own; those that follow from its
 * form (a key, a body, a credential) and those of the switch itself are added here, so that every
 * status of every route stands in the document. Tests hold it against all that they are answered.
 */
import { type Api, type RefusedAnswer, refusedWith } from "./api.ts";
import { statusOf } from "./problem.ts";
import { PROBLEM_CODES, type ProblemCode } from "./problem-table.ts";

/** What every route may be answered, whatever it does. */
const OF_ALL = PROBLEM_CODES.filter((code) => statusOf(code) >= 500);
const OF_BODIES: readonly ProblemCode[] = ["malformed_request", "body_too_large"];
const OF_TYPED: readonly ProblemCode[] = [
  ...OF_BODIES,
  "unsupported_media_type",
  "invalid_request",
];
const OF_JSON: readonly ProblemCode[] = [...OF_TYPED, "malformed_json"];

export function addDocument(api: Api, version: string): void {
  api.openAPIRegistry.registerComponent("securitySchemes", "key", {
    type: "http",
    scheme: "bearer",
    description: "API key of a merchant (sk_), lane (lk_) or operator (dk_)",
  });
  api.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "http",
    scheme: "bearer",
    description: "Session token of a phone (st_)",
  });
  let document: unknown;
  api.get("/openapi.json", (c) => {
    document ??= withRefusals(
      api.getOpenAPI31Document({
        openapi: "3.1.0",
        info: { title: "seqr", version, license: { name: "Apache-2.0" } },
        tags: [
          { name: "wallet", description: "Phones" },
          { name: "lanes", description: "Merchants and their tills" },
          { name: "desk", description: "Customer service and operators" },
          { name: "sandbox", description: "What only a sandbox can do" },
          { name: "system", description: "Health, figures, keys and problems" },
        ],
      }),
    );
    return c.json(document);
  });
}

type OpenApi = ReturnType<Api["getOpenAPI31Document"]>;
type Operation = NonNullable<NonNullable<OpenApi["paths"]>[string]["get"]>;
type Parameter = { readonly name: string; readonly in: string; readonly required?: boolean };

function withRefusals(document: OpenApi): OpenApi {
  for (const operations of Object.values(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(operations)) {
      addRefusals(operation as Operation, method);
    }
  }
  return document;
}

function addRefusals(operation: Operation, method: string): void {
  const responses = operation.responses as Record<string, RefusedAnswer>;
  for (const code of codesOf(operation, method)) {
    const status = String(statusOf(code));
    const known = responses[status]?.["x-codes"] ?? [];
    // An answer of this status that is no problem: the route says more than we know.
    if (responses[status] !== undefined && known.length === 0) continue;
    const codes = known.includes(code) ? known : [...known, code];
    responses[status] = { ...refusedWith(codes), content: PROBLEM_CONTENT };
  }
}

const PROBLEM_CONTENT = {
  "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
} as unknown as RefusedAnswer["content"];

/** The refusals that follow from the form of a route. */
function codesOf(operation: Operation, method: string): readonly ProblemCode[] {
  const parameters = (operation.parameters ?? []) as readonly Parameter[];
  const key = parameters.find(({ name }) => name === "idempotency-key");
  const isGuarded = operation.security !== undefined;
  const isByKey = operation.security?.some((scheme) => "key" in scheme) === true;
  return [
    ...(isGuarded ? (["unauthenticated"] as const) : []),
    ...(isByKey ? (["forbidden"] as const) : []),
    ...ofBody(operation, method),
    ...(parameters.some((each) => each.in === "query") ? (["invalid_request"] as const) : []),
    ...(key?.required === true ? (["idempotency_key_missing"] as const) : []),
    ...(key === undefined ? [] : (["idempotency_key_malformed", "idempotency_mismatch"] as const)),
    ...OF_ALL,
  ];
}

function ofBody({ requestBody }: Operation, method: string): readonly ProblemCode[] {
  if (requestBody === undefined) return method === "get" ? [] : OF_BODIES;
  const { content } = requestBody as { readonly content: Readonly<Record<string, unknown>> };
  return "application/json" in content ? OF_JSON : OF_TYPED;
}
