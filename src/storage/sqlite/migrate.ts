/**
 * Schema migrations: numbered, in order, each in one transaction, with a checksum of every step
 * that was taken, so that an edited migration is noticed instead of skipped. An older program
 * refuses a newer schema.
 */
import type { Database } from "bun:sqlite";

export interface Migration {
  /** 1, 2, 3 ... */
  readonly version: number;
  readonly sql: string;
}

export class SchemaRefused extends Error {
  override readonly name = "SchemaRefused";
}

/** Brings the schema up to the last of `migrations`. Throws SchemaRefused when it must not. */
export function migrate(database: Database, migrations: readonly Migration[]): void {
  database.run(
    `CREATE TABLE IF NOT EXISTS schema_steps (
       version INTEGER PRIMARY KEY, checksum TEXT NOT NULL
     ) STRICT`,
  );
  const taken = database
    .query<{ version: bigint; checksum: string }, []>(
      "SELECT version, checksum FROM schema_steps ORDER BY version",
    )
    .all();
  const newest = Number(taken.at(-1)?.version ?? 0);
  if (newest > migrations.length) {
    throw new SchemaRefused(
      `the data directory has schema ${newest}, this program knows ${migrations.length}`,
    );
  }
  for (const [at, step] of taken.entries()) {
    if (checksum(migrations[at]?.sql ?? "") !== step.checksum) {
      throw new SchemaRefused(`schema step ${step.version} is not the one that was taken`);
    }
  }
  for (const { version, sql } of migrations.slice(newest)) {
    database.transaction(() => {
      database.run(sql);
      database.run("INSERT INTO schema_steps (version, checksum) VALUES (?, ?)", [
        version,
        checksum(sql),
      ]);
    })();
  }
}

function checksum(sql: string): string {
  return new Bun.CryptoHasher("sha256").update(sql).digest("hex");
}
