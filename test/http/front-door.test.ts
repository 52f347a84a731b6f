/** What comes to the door and is no proper request: it gets a problem, and leaves no trace. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { SwitchRig } from "../switch-rig.ts";
import { leaks } from "./canary.ts";
import { hangUpAfter, onTheWire } from "./wire.ts";

const CANARY = "7731048695";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());
beforeEach(() => {
  rig.lines.length = 0;
});

/** Status line, headers in lower case, body. */
function partsOf(answer: string) {
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), head: head.toLowerCase(), body };
}

describe("a request whose address cannot be made out is refused", () => {
  const requests: Readonly<Record<string, string>> = {
    "a host that is none": `GET /v1/account?pin=${CANARY} HTTP/1.1\r\nhost: [\r\n`,
    "a host with blanks": `POST /v1/payments/${CANARY} HTTP/1.1\r\nhost: a ${CANARY}\r\n`,
    "no host, as HTTP/1.0 allows": `GET /healthz?${CANARY} HTTP/1.0\r\n`,
  };
  for (const [name, text] of Object.entries(requests)) {
    test(`${name}: with a problem, not with a page about our code`, async () => {
      const answer = await onTheWire(rig, `${text}connection: close\r\n\r\n`);
      const { status, head, body } = partsOf(answer);
      expect(status).toBe(400);
      expect(head).toContain("content-type: application/problem+json");
      expect(head).toContain("x-content-type-options: nosniff");
      expect(head).toContain("cache-control: no-store");
      expect(JSON.parse(body)).toMatchObject({ code: "malformed_request", money_taken: "no" });
      expect(leaks(answer, CANARY)).toEqual([]);
      expect(answer).not.toContain(".ts");
    });
  }
});

describe("a caller who hangs up in the middle of a body", () => {
  const json = "host: x\r\ncontent-type: application/json\r\n";
  const chunked = "transfer-encoding: chunked\r\n";
  const heads: Readonly<Record<string, string>> = {
    "of a known length": `POST /v1/registrations HTTP/1.1\r\n${json}content-length: 500\r\n\r\n`,
    "in chunks": `POST /v1/registrations HTTP/1.1\r\n${json}${chunked}\r\n1f4\r\n`,
  };
  for (const [name, head] of Object.entries(heads)) {
    test(`${name} is no bug of ours`, async () => {
      await hangUpAfter(rig, `${head}{"pin":"${CANARY}`);
      // The next answer comes after the broken one was seen.
      await Bun.sleep(50);
      const { text } = await rig.send("GET", "/metrics");
      expect(rig.lines).toEqual([]);
      expect(text).not.toContain("seqr_faults_total{");
    });
  }
});
