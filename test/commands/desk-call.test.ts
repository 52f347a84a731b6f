/** How commands of the desk tell that they did not reach a switch, or were not let in. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { freePort } from "../crash/process.ts";
import { seqr } from "./cli.ts";

setDefaultTimeout(40_000);
const KEY = { SEQR_DESK_KEY: "dk_test_nobody" };

const run = (url: string) => seqr(["debts", "--url", url], { environment: KEY });

describe("a command of the desk", () => {
  test("tells in one sentence that nobody answers", async () => {
    const { code, stdout, stderr } = await run(`http://127.0.0.1:${freePort()}`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^seqr debts: no switch answers \([A-Z]\w+\); say where it is with --url\n$/,
    );
  });

  test("tells that its key is none of the switch", async () => {
    const problem = { status: 401, code: "unauthenticated", title: "Unauthenticated" };
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () => Response.json(problem, { status: 401 }),
    });
    const { code, stderr } = await run(`http://127.0.0.1:${server.port}`);
    await server.stop(true);
    expect(code).toBe(1);
    expect(stderr).toContain("the switch does not know the key in SEQR_DESK_KEY");
  });

  test.each(["nonsense", "ftp://127.0.0.1", "http://127.0.0.1:8787/v1", "http://a:b@127.0.0.1"])(
    "takes no address that is none or says more than the host: %s",
    async (url) => {
      const { code, stdout, stderr } = await run(url);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toStartWith("seqr debts: --url ");
    },
  );
});
