/** `seqr init`: a data directory with keys of its own. */
import { initialise } from "../data-directory.ts";
import { type Command, textOf, UsageError } from "./command.ts";

export const init: Command = {
  usage: "seqr init --data DIR\n\nMakes DIR (readable by its owner only) and new keys in it.",
  options: { data: { type: "string" } },
  run(values) {
    const dataDir = textOf(values, "data");
    if (dataDir === undefined) throw new UsageError("say where: --data DIR");
    initialise(dataDir);
    process.stdout.write(
      `${dataDir} is ready. Its keys are in keys.json: copy them to a safe place of their own;\n` +
        "without them nothing that is sealed can be opened again.\n" +
        `Next: seqr operator add NAME --data ${dataDir}\n`,
    );
    return Promise.resolve(0);
  },
};
