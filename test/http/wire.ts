/** Bytes as they stand on the wire, for what `fetch` would never send. */
import { connect } from "node:net";
import type { SwitchRig } from "../switch-rig.ts";

/** Sends the text as it is; the answer up to the end of the connection. */
export function onTheWire(rig: SwitchRig, text: string): Promise<string> {
  const { hostname, port } = new URL(rig.running.url);
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on("data", (bytes) => {
      answer += bytes.toString("latin1");
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

/** Sends the text and hangs up once it is on its way; there is no answer to wait for. */
export function hangUpAfter(rig: SwitchRig, text: string): Promise<void> {
  const { hostname, port } = new URL(rig.running.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(text, () => setTimeout(() => socket.destroy(), HANG_UP_MS));
    });
    socket.on("close", () => resolve());
    socket.on("error", reject);
  });
}

const HANG_UP_MS = 30;

export function chunks(count: number, bytes: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < count; at++) controller.enqueue(new Uint8Array(bytes).fill(0x20));
      controller.close();
    },
  });
}
