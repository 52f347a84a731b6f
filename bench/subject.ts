/**
 * A process of this program that is measured from inside: it takes orders as lines of JSON on its
 * input and answers each with a line on its output, so that several of them can take turns.
 */
import type { Subprocess } from "bun";
import { assert } from "../actors/assert.ts";
import { childEnvironment, commandOf } from "./child.ts";
import { residentBytesOf } from "./process-figures.ts";

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What a subject answers: a value, or why it could not; before that, what it says meanwhile. */
type Line = { readonly answer: unknown } | { readonly fault: string } | { readonly said: unknown };

export class Subject<Order extends object> {
  readonly #child: Subprocess<"pipe", "pipe", "inherit">;
  readonly #listening: Promise<void>;
  #waiting: Waiting | undefined;
  #isOver = false;

  /** Starts `seqr WORDS...`, which must call `takeOrders`; `hear` is what it says meanwhile. */
  constructor(
    private readonly name: string,
    words: readonly string[],
    private readonly hear: (said: unknown) => void = () => {},
  ) {
    this.#child = Bun.spawn(commandOf(words), {
      env: childEnvironment(),
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.#listening = this.#listen();
  }

  /** Gives an order and waits for its answer; one at a time. Throws what the subject could not. */
  ask<Answer>(order: Order): Promise<Answer> {
    assert(this.#waiting === undefined, "one order at a time");
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#isOver) this.#end();
      else {
        this.#child.stdin.write(`${JSON.stringify(order)}\n`);
        void this.#child.stdin.flush();
      }
    }) as Promise<Answer>;
  }

  residentBytes(): number | undefined {
    return residentBytesOf(this.#child.pid);
  }

  /** No more orders: it finishes and ends. */
  async end(): Promise<void> {
    await this.#child.stdin.end();
    await this.#child.exited;
  }

  /** Ends it at once. Whatever it has said by then is heard. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
    await this.#listening;
  }

  async #listen(): Promise<void> {
    for await (const line of linesOf(this.#child.stdout)) {
      const said = JSON.parse(line) as Line;
      if ("said" in said) {
        this.hear(said.said);
        continue;
      }
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if ("fault" in said) waiting?.reject(new Error(`${this.name}: ${said.fault}`));
      else waiting?.resolve(said.answer);
    }
    this.#isOver = true;
    this.#end();
  }

  #end(): void {
    this.#waiting?.reject(new Error(`${this.name} has ended`));
    this.#waiting = undefined;
  }
}

/** The other side: carries out order after order until there are no more. */
export async function takeOrders<Order extends object>(
  carryOut: (order: Order, say: (said: unknown) => void) => Promise<unknown>,
): Promise<void> {
  const write = (line: Line): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
  const say = (said: unknown): void => write({ said });
  for await (const line of linesOf(Bun.stdin.stream())) {
    let said: Line;
    try {
      said = { answer: (await carryOut(JSON.parse(line) as Order, say)) ?? null };
    } catch (error) {
      said = { fault: error instanceof Error ? error.message : String(error) };
    }
    write(said);
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
