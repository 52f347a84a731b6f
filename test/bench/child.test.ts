import { expect, test } from "bun:test";
import { commandOf, startChild } from "../../bench/child.ts";
import { settled } from "../failure.ts";

test("from source a child runs the same program with other words", () => {
  const [program, run, main, ...words] = commandOf(["bench", "echo-server"]);
  expect([program, run, words]).toEqual([process.execPath, "run", ["bench", "echo-server"]]);
  expect(main).toEndWith("/src/main.ts");
});

test.each([
  ["echo-server", 400],
  ["bun-echo-server", 200],
])(
  "the %s gives back an approval, and another shape with %p, and ends",
  async (word, odd) => {
    const child = await startChild("the echo server", ["bench", word]);
    try {
      const post = (body: unknown): Promise<Response> =>
        fetch(`${child.url}/v1/payments`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
      const approval = { approval: "a", proof: "b", signature: "c" };
      const echoed = await post(approval);
      expect([echoed.status, await echoed.json()]).toEqual([200, approval]);
      expect((await post({ ...approval, more: 1 })).status).toBe(odd);
      if (process.platform === "linux") expect(child.cpuMicros()).toBeGreaterThan(0);
    } finally {
      await child.kill();
    }
    expect(await settled(fetch(child.url))).toThrow();
  },
  30_000,
);

test("a child that does not serve is told by its name", async () => {
  const starting = startChild("the impossible", ["version"]);
  expect(await settled(starting)).toThrow("the impossible did not start: exit code 0");
}, 30_000);
