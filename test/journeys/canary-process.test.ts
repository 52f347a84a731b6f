/** The real process: whatever is thrown at it, its output holds nothing of what it was sent. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { join } from "node:path";
import { type Folder, makeDataDir, spawnSeqr, temporaryFolder } from "../commands/cli.ts";
import { leaks } from "../http/canary.ts";

const CANARY = "7731048695";
const JSON_TYPE = { "content-type": "application/json" };
const TEST_MS_MAX = 30_000;

let folder: Folder;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

async function startProcess(dataDir: string) {
  const child = spawnSeqr(["serve", "--data", dataDir, "--port", "0"]);
  const decoder = new TextDecoder();
  const reader = child.stdout.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error("the process ended before it served");
    text += decoder.decode(value);
  }
  const { url } = JSON.parse(text.split("\n")[0] ?? "") as { url: string };
  const end = async (): Promise<string> => {
    child.kill("SIGTERM");
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value);
    }
    return text + (await new Response(child.stderr).text());
  };
  return { url, end };
}

/** Sends the start of a request and hangs up in the middle of its body. */
function hangUp(url: string, head: string): Promise<void> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(head, () => setTimeout(() => socket.destroy(), 20));
    });
    socket.on("close", () => resolve());
    socket.on("error", () => resolve());
  });
}

test(
  "bad bodies, broken lines and nonsense leave no trace of themselves in the output",
  async () => {
    const dataDir = join(folder.path, "data");
    const deskKey = await makeDataDir(dataDir);
    const { url, end } = await startProcess(dataDir);
    const post = async (path: string, body: string, more: Record<string, string> = {}) =>
      await (
        await fetch(url + path, { method: "POST", body, headers: { ...JSON_TYPE, ...more } })
      ).text();
    const said: string[] = [];
    const desk = { authorization: `Bearer ${deskKey}`, "idempotency-key": CANARY };
    said.push(await post("/v1/registrations", `{"phone":"${CANARY}`));
    said.push(await post("/v1/registrations", JSON.stringify({ pin: CANARY })));
    said.push(await post("/v1/desk/merchants", JSON.stringify({ name: CANARY }), desk));
    said.push(await post(`/v1/${CANARY}`, CANARY, { authorization: CANARY }));
    said.push(await post("/v1/registrations", CANARY.repeat(10_000)));
    const head = "POST /v1/registrations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    await hangUp(url, `${head}content-length: 500\r\n\r\n{"pin":"${CANARY}`);
    await hangUp(url, `${head}transfer-encoding: chunked\r\n\r\n1f4\r\n{"pin":"${CANARY}`);
    await hangUp(url, `PUT /v1/account/identity/front HTTP/1.1\r\nhost: x\r\n\r\n${CANARY}`);
    await hangUp(url, `GET /v1/account?pin=${CANARY} HTTP/1.1\r\nhost: [${CANARY}\r\n\r\n`);
    await hangUp(url, `GET /v1/account?pin=${CANARY} HTTP/1.0\r\n\r\n`);
    await hangUp(url, `${CANARY} ${CANARY} HTTP/9\r\n${CANARY}\r\n\r\n`);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const output = await end();
    expect(output).toContain("serving");
    for (const text of [...said, metrics, output]) expect(leaks(text, CANARY)).toEqual([]);
  },
  TEST_MS_MAX,
);
