/** The closed loop: so many clients, each sends its next request when its last one is answered. */
import { present } from "../actors/assert.ts";
import { type Answer, Connection } from "./connection.ts";

export interface Load {
  /** In the order of the requests. */
  readonly answers: readonly Answer[];
  /** Milliseconds from the last byte out to the last byte in, in the order of the requests. */
  readonly latenciesMs: Float64Array;
  /** From the first request out to the last answer in. */
  readonly elapsedMs: number;
}

/** What answers nothing for so long is cut off; its requests count as broken. */
const LOAD_MS_MAX = 120_000;

/** Sends every request once, `clients` at a time, over as many connections to `url`. */
export async function drive(
  url: string,
  requests: readonly Uint8Array[],
  clients: number,
): Promise<Load> {
  const opening = Array.from({ length: clients }, () => Connection.open(url));
  const connections = await Promise.all(opening);
  const deadline = setTimeout(() => {
    for (const connection of connections) connection.close();
  }, LOAD_MS_MAX);
  const answers: Answer[] = new Array(requests.length);
  const latenciesMs = new Float64Array(requests.length);
  let next = 0;
  const client = async (connection: Connection): Promise<void> => {
    while (next < requests.length) {
      const at = next++;
      const sentMs = performance.now();
      answers[at] = await connection.exchange(present(requests[at], "a request to send"));
      latenciesMs[at] = performance.now() - sentMs;
    }
  };
  const startedMs = performance.now();
  await Promise.all(connections.map(client));
  const elapsedMs = performance.now() - startedMs;
  clearTimeout(deadline);
  for (const connection of connections) connection.close();
  return { answers, latenciesMs, elapsedMs };
}

/** Runs `work` on every item, at most `max` at a time; gives the results in order. */
export async function eachOf<Item, Result>(
  items: readonly Item[],
  max: number,
  work: (item: Item, at: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = new Array(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(present(items[at], "an item to work on"), at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(max, items.length) }, worker));
  return results;
}
