/** Every problem of the table is produced by a call, has its form, and changes nothing else. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { assert } from "../../actors/assert.ts";
import { PROBLEM_CODES, type ProblemCode } from "../../src/http/problem-table.ts";
import { type Reply, SwitchRig } from "../switch-rig.ts";
import type { ProblemCase } from "./problem-case.ts";
import { PROBLEM_CASES, UNREACHABLE } from "./problem-cases.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

/** What every problem has, whatever its code (RFC 9457 and docs/api.md). */
function expectProblem({ status, headers, body }: Reply, code: string, expected: number): void {
  expect(body["code"]).toBe(code);
  expect(status).toBe(expected);
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect(body["type"]).toBe(`/problems/${code}`);
  expect(body["status"]).toBe(expected);
  expect(body["request_id"]).toBe(headers.get("x-request-id"));
  for (const field of ["title", "detail", "user_message"]) expect(body[field]).toBeString();
  expect(body["retryable"]).toBeBoolean();
  expect(["no", "unknown"]).toContain(String(body["money_taken"]));
  // What is said to people and what is said to programs agree.
  const saysNo = /\bno money\b/i.test(String(body["user_message"]));
  expect(saysNo).toBe(body["money_taken"] === "no");
}

async function produce(rig: SwitchRig, code: string, { status, prepare, isRecorded }: ProblemCase) {
  const call = await prepare(rig);
  const before = await rig.position();
  expectProblem(await call(), code, status);
  if (isRecorded !== true) expect(await rig.position()).toBe(before);
}

describe("a call is answered with", () => {
  for (const [code, given] of Object.entries(PROBLEM_CASES)) {
    test(`${code}, and nothing else happens`, async () => {
      if (given.policy === undefined) return await produce(rig, code, given);
      await using strict = await SwitchRig.start({ policy: given.policy });
      await produce(strict, code, given);
    });
  }
});

test("every problem of the table is produced above, or listed with the reason why not", () => {
  const produced = Object.keys(PROBLEM_CASES);
  const listed = Object.keys(UNREACHABLE);
  expect(produced.filter((code) => listed.includes(code))).toEqual([]);
  expect([...produced, ...listed].sort()).toEqual([...PROBLEM_CODES].sort());
});

test("the pages of the problems say what the answers say", async () => {
  const { text } = await rig.send("GET", "/problems");
  const pages = JSON.parse(text) as readonly { code: ProblemCode; status: number; say: string }[];
  expect(pages.map(({ code }) => code)).toEqual([...PROBLEM_CODES]);
  const reply = await rig.send("GET", "/v1/account");
  const page = await rig.send("GET", String(reply.body["type"]));
  assert(page.status === 200, "the type of a problem is the address of its page");
  expect(page.body).toMatchObject({ status: 401, say: reply.body["detail"] });
  expect((await rig.send("GET", "/problems/toString")).body["code"]).toBe("not_found");
});
