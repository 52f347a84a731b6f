/** Answers at once, never, or not at all any more. */
import { expose } from "comlink";
import { READY } from "../../../src/storage/sqlite/supervised-worker.ts";

const api = {
  same: (value: number): number => value,
  never: (): Promise<number> => new Promise(() => {}),
  refuse: (): never => {
    throw new RangeError("refused");
  },
  fall: (): void => process.exit(1),
};

export type AnsweringApi = typeof api;

expose(api);
postMessage(READY);
