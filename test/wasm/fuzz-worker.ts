/** One thread of test/wasm/fuzz.ts. */
import { parentPort } from "node:worker_threads";
import { runShard, type Shard } from "./fuzz-shard.ts";

parentPort?.on("message", (shard: Shard) => parentPort?.postMessage(runShard(shard)));
