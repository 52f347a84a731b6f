/**
 * A run of the collection that somebody at the desk asks for: first it is in the log with name and
 * reason, then it runs, then its end is in the log. The call under the same key joins it while it
 * runs, is answered with it when it is done, and goes on with it when it was cut short.
 */
import type { Context } from "hono";
import { present } from "../../actors/assert.ts";
import {
  COLLECTION_RUNS,
  type CollectionRun,
  type CollectionRunsCommand,
  type CollectionRunsReply,
  type RunOrder,
} from "../../actors/collection-runs.ts";
import type { AchFileId } from "../../actors/ids.ts";
import { BankUnreachable } from "../collection/bank-gateway.ts";
import { CollectionStopped } from "../collection/collections.ts";
import { DayFull } from "../collection/cut-off.ts";
import { PRINCIPAL } from "../collection/parts.ts";
import { FileRefused } from "../collection/write-file.ts";
import { Fault } from "../runtime/fault.ts";
import type { Env } from "./edge.ts";
import { type Calling, edgeProblem, onceIfKeyed } from "./once.ts";
import { Problem } from "./problem.ts";
import type { ProblemCode } from "./problem-table.ts";
import type { Services } from "./services.ts";

type Asked = Extract<CollectionRunsReply, { kind: "run_asked" | "import_proposed" }>;

export interface AskedRun {
  readonly order: RunOrder;
  readonly note: string;
  /** Not given: one. */
  readonly persons?: "one" | "two";
  /** Why it cannot be done, found before anything is in the log. */
  readonly refuse?: () => Promise<ProblemCode | undefined>;
  /** Does it; gives the file that it made or handed over. */
  readonly work: () => Promise<AchFileId | null>;
}

export class CollectionRuns {
  /** Runs that this process is at, or has yet to begin. */
  readonly #running = new Set<number>();

  constructor(private readonly services: Services) {}

  isRunning(number: number): boolean {
    return this.#running.has(number);
  }

  /** The newest last. */
  async list(): Promise<readonly CollectionRun[]> {
    const reply = await this.#ask({ kind: "DescribeRuns" });
    return reply.kind === "runs" ? reply.runs : [];
  }

  /** Runs it, once for a key; gives it with its end. Throws Problem. */
  async run(c: Context<Env>, calling: Calling, asked: AskedRun): Promise<CollectionRun> {
    return present(await this.runByTwo(c, calling, asked), "one person is enough for it");
  }

  /** The same; undefined where another person must ask for it, too. */
  async runByTwo(
    c: Context<Env>,
    calling: Calling,
    { order, note, persons = "one", refuse, work }: AskedRun,
  ): Promise<CollectionRun | undefined> {
    let isOurs = false;
    const command = { kind: "AskRun" as const, order, note, persons };
    const reply = await onceIfKeyed<Asked>(this.services, c, calling, async (askFirst) => {
      const refused = await refuse?.();
      if (refused !== undefined) return edgeProblem(refused);
      const told = (await askFirst(COLLECTION_RUNS, command)) as CollectionRunsReply;
      if (told.kind !== "run_asked") return told;
      isOurs = true;
      await this.#perform(told.number, work);
      return told;
    });
    if (reply.kind === "import_proposed") return undefined;
    const known = await this.#find(reply.number);
    if (isOurs || known.end?.fault === null || this.isRunning(known.number)) return known;
    // An earlier call of this key came no further.
    await this.#perform(reply.number, work);
    return await this.#find(reply.number);
  }

  async #perform(number: number, work: AskedRun["work"]): Promise<void> {
    this.#running.add(number);
    try {
      const fileId = await work();
      await this.#ask({ kind: "EndRun", number, fileId, fault: null });
    } catch (error) {
      const fault = nameOf(error);
      await this.#ask({ kind: "EndRun", number, fileId: null, fault }).catch(() => {
        // The log takes nothing more: what stopped the run says so.
      });
      throw problemOf(error);
    } finally {
      this.#running.delete(number);
    }
  }

  async #find(number: number): Promise<CollectionRun> {
    const run = (await this.list()).find((one) => one.number === number);
    // So many others came after it that it is in the log alone.
    if (run === undefined) throw new Problem("not_found");
    return run;
  }

  async #ask(command: CollectionRunsCommand): Promise<CollectionRunsReply> {
    const { host } = this.services;
    const reply = await host.ask(COLLECTION_RUNS, command, { principal: PRINCIPAL });
    return reply as CollectionRunsReply;
  }
}

/** Never a message: that may quote what was read. */
function nameOf(error: unknown): string {
  if (error instanceof Problem) return error.code;
  return error instanceof Error ? error.name : typeof error;
}

/** What went wrong at the bank or in a run, as callers are told. */
export function problemOf(error: unknown): unknown {
  if (error instanceof FileRefused) {
    return new Problem("file_refused", { more: { rules: error.rules } });
  }
  if (error instanceof DayFull) return new Problem("files_used_up");
  if (error instanceof BankUnreachable) return new Problem("fault_bank_unreachable");
  return error instanceof CollectionStopped ? new Fault("draining") : error;
}
