/** `seqr operator add NAME`: a desk key for a person of customer service. */
import { loadConfig } from "../config.ts";
import { addOperator, readKeys } from "../data-directory.ts";
import { type Command, textOf, UsageError } from "./command.ts";

const NAME_FORM = /^[a-z][a-z0-9-]{1,31}$/;

export const operator: Command = {
  usage:
    "seqr operator add NAME --data DIR\n\n" +
    "Prints a new desk key once; an older key of the same name is void.",
  options: { data: { type: "string" } },
  wordsMax: 2,
  run(values, [action, name]) {
    const dataDir = textOf(values, "data");
    if (dataDir === undefined) throw new UsageError("say where: --data DIR");
    if (action !== "add" || name === undefined) throw new UsageError("say: add NAME");
    if (!NAME_FORM.test(name)) throw new UsageError("a name is 2 to 32 of a-z, 0-9 and -");
    const { mode } = loadConfig(dataDir, process.env);
    process.stdout.write(`${addOperator(dataDir, readKeys(dataDir), name, mode)}\n`);
    return Promise.resolve(0);
  },
};
