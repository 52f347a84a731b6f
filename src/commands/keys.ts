/**
 * `seqr keys`: the key-encryption keys of a data directory. A rotation makes a new one and rewraps
 * the data keys with it, which are 32 bytes a person: what they seal is not touched.
 */
import { dataFiles, readKeyFile, readKeys, writeKeyFile } from "../data-directory.ts";
import { type OwnerLock, takeOwnerLock } from "../storage/sqlite/owner-lock.ts";
import { filesSealedBy } from "../vault/documents.ts";
import { type KeyRing, withNewKek, withoutKek } from "../vault/key-ring.ts";
import { type OpenVault, openVault } from "../vault-files.ts";
import { type Command, textOf, UsageError } from "./command.ts";

/** Keys, and rows, in one durable step: after a crash the rotation goes on behind the last one. */
const STEP = 1_000;

export const keys: Command = {
  usage:
    "seqr keys --data DIR             each key-encryption key, and what it wraps or seals\n" +
    "seqr keys rotate --data DIR      makes a new one and rewraps all data keys with it\n" +
    "seqr keys retire ID --data DIR   takes one out of keys.json that nothing needs any more\n\n" +
    "The switch must be stopped. A rotation that was broken off is finished by the next one,\n" +
    "which then makes no new key. Copy keys.json to its safe place after each.",
  options: { data: { type: "string" } },
  wordsMax: 2,
  run(values, [action = "show", id]) {
    const dataDir = textOf(values, "data");
    if (dataDir === undefined) throw new UsageError("say where: --data DIR");
    if ((action === "retire") !== (id !== undefined)) throw new UsageError("say: retire ID");
    const act = ACTIONS[action];
    if (act === undefined) throw new UsageError("say: rotate, or retire ID");
    const before = readKeys(dataDir);
    const lock: OwnerLock = takeOwnerLock(dataFiles(dataDir).lock);
    try {
      process.stdout.write(act(dataDir, before, id ?? ""));
    } finally {
      lock.release();
    }
    return Promise.resolve(0);
  },
};

type Action = (dataDir: string, ring: KeyRing, id: string) => string;

const ACTIONS: Readonly<Record<string, Action>> = { show, rotate, retire };

function withVault<Result>(
  dataDir: string,
  ring: KeyRing,
  use: (open: OpenVault) => Result,
): Result {
  const open = openVault(dataFiles(dataDir), ring);
  try {
    return use(open);
  } finally {
    open.close();
  }
}

/** Data keys, old rows and files by the key-encryption key that they name. */
function usesOf(dataDir: string, { dataKeys, rows }: OpenVault, id: string): Uses {
  const { documents, ach } = dataFiles(dataDir);
  return {
    dataKeys: dataKeys.counts().get(id) ?? 0,
    rows: rows.countsOfVersion1().get(id) ?? 0,
    files: [documents, ach].reduce((sum, folder) => sum + filesSealedBy(folder, id), 0),
  };
}

interface Uses {
  readonly dataKeys: number;
  readonly rows: number;
  readonly files: number;
}

function show(dataDir: string, ring: KeyRing): string {
  return withVault(dataDir, ring, (open) => {
    const lines = ring.kekIds.map((id) => {
      const { dataKeys, rows, files } = usesOf(dataDir, open, id);
      const is = id === ring.currentKekId ? "wraps what is new" : "old";
      return `${id}  ${is}  ${dataKeys} data keys, ${rows} old rows, ${files} files`;
    });
    return `${lines.join("\n")}\n`;
  });
}

function rotate(dataDir: string, ring: KeyRing): string {
  const isBrokenOff = withVault(dataDir, ring, ({ dataKeys, rows }) => {
    const left = [...dataKeys.counts().keys()].some((id) => id !== ring.currentKekId);
    return ring.kekIds.length > 1 && (left || rows.countsOfVersion1().size > 0);
  });
  // The new key is on disk before anything is wrapped with it.
  if (!isBrokenOff) writeKeyFile(dataDir, withNewKek(readKeyFile(dataDir)));
  const next = isBrokenOff ? ring : readKeys(dataDir);
  const { rewrapped, moved } = withVault(dataDir, next, rewrapAll);
  const what = isBrokenOff ? "the rotation that was broken off is finished" : "rotated";
  return (
    `${what}: ${next.currentKekId} wraps; ${rewrapped} data keys rewrapped, ${moved} rows moved\n` +
    "Copy keys.json to its safe place now.\n"
  );
}

function rewrapAll({ dataKeys, rows }: OpenVault) {
  const total = (step: (max: number) => number): number => {
    let sum = 0;
    for (let done = step(STEP); done > 0; done = step(STEP)) sum += done;
    return sum;
  };
  return {
    rewrapped: total((max) => dataKeys.rewrap(max)),
    moved: total((max) => rows.renew(max)),
  };
}

/** What a lost copy of the data keys was wrapped with is of no use to anybody from then on. */
function retire(dataDir: string, ring: KeyRing, id: string): string {
  if (!ring.kekIds.includes(id)) throw new Error(`there is no key ${id.slice(0, 40)}`);
  if (id === ring.currentKekId) throw new Error(`${id} wraps what is new: rotate first`);
  const { dataKeys, rows, files } = withVault(dataDir, ring, (open) => usesOf(dataDir, open, id));
  if (dataKeys + rows + files > 0) {
    throw new Error(`${id} is needed: ${dataKeys} data keys, ${rows} old rows, ${files} files`);
  }
  writeKeyFile(dataDir, withoutKek(readKeyFile(dataDir), id));
  return `${id} is gone. Remove it from every copy of keys.json.\n`;
}
