/**
 * Everything by which a process hears of time and chance, replaced by what a run decides: so that a
 * seed is a run, to the last byte of its log. It is put in place once in a process, before anything
 * of the product is loaded; between runs, what was there is there again.
 */
import { Database } from "bun:sqlite";
import { createRequire } from "node:module";
import type { Random } from "../crash/random.ts";
import type { Loop, Task } from "./loop.ts";
// Before anything is replaced.
import "./real-time.ts";

/** Who answers the questions that a process asks its machine. */
export interface Inside {
  readonly loop: Loop;
  /** Ids, keys, codes, nonces. */
  readonly random: Random;
  /** Unix milliseconds. */
  nowMs(): number;
  /** A process listens. */
  serve(listener: Listener): void;
  /** A process opened a database, and uses it. */
  opened(database: Database): void;
}

export type Listener = (request: Request, server: unknown) => Response | Promise<Response>;

/** As the product gets it when it is first imported. */
const load = createRequire(import.meta.url);

let inside: Inside | undefined;

/** From now on, until it is told undefined. */
export function enclose(next: Inside | undefined): void {
  inside = next;
}

function randomFill<Bytes extends Uint8Array>({ random }: Inside, bytes: Bytes): Bytes {
  for (let at = 0; at < bytes.length; at++) bytes[at] = random.between(0, 255);
  return bytes;
}

function uuid(current: Inside): `${string}-${string}-${string}-${string}-${string}` {
  const hex = randomFill(current, new Uint8Array(16)).toHex();
  const [a, b, c, d] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(13, 16), hex.slice(17, 20)];
  return `${a}-${b}-4${c}-8${d}-${hex.slice(20)}`;
}

/** Puts `replacement` in the place of a method, for as long as a run is under way. */
function replace<Holder extends object, Name extends keyof Holder>(
  holder: Holder,
  name: Name,
  replacement: (current: Inside, ...of: never[]) => unknown,
): void {
  const real = holder[name] as (...of: unknown[]) => unknown;
  const replaced = function (this: unknown, ...of: unknown[]): unknown {
    if (inside === undefined) return real.apply(this, of);
    return replacement(inside, ...(of as never[]));
  };
  const isFixed = Object.getOwnPropertyDescriptor(holder, name)?.configurable === false;
  if (isFixed) (holder as Record<Name, unknown>)[name] = replaced;
  else Object.defineProperty(holder, name, { value: replaced, writable: true });
}

/** A timer as code sees it. */
function handleOf(task: Task) {
  const handle = { task, unref: () => handle, ref: () => handle };
  return handle;
}

function replaceTime(): void {
  replace(Date, "now", (current) => current.nowMs());
  replace(performance, "now", ({ loop }) => loop.nowMs);
  replace(Bun, "sleep", ({ loop }, ms: number) => loop.wait(ms));
  type Run = (...of: unknown[]) => void;
  const add = ({ loop }: Inside, run: Run, delayMs: number, of: unknown[]) =>
    handleOf(loop.add(() => run(...of), delayMs));
  replace(globalThis, "setTimeout", (current, run: Run, delayMs?: number, ...of: unknown[]) =>
    add(current, run, delayMs ?? 0, of),
  );
  replace(globalThis, "setImmediate", (current, run: Run, ...of: unknown[]) =>
    add(current, run, 0, of),
  );
  for (const name of ["clearTimeout", "clearImmediate"] as const) {
    replace(globalThis, name, ({ loop }, handle?: { readonly task?: Task }) => {
      if (handle?.task !== undefined) loop.cancel(handle.task);
    });
  }
}

function replaceChance(): void {
  replace(Math, "random", ({ random }) => random.next());
  replace(crypto, "randomUUID", uuid);
  replace(crypto, "getRandomValues", (current, bytes: Uint8Array) => randomFill(current, bytes));
  replace(Bun, "randomUUIDv7", (current) => {
    return Buffer.from(randomFill(current, new Uint8Array(16))).toString("base64url");
  });
  // Its named exports are taken from this object when it is first imported as a module.
  const node = load("node:crypto") as typeof import("node:crypto");
  replace(node, "randomBytes", (current, count: number) => {
    return Buffer.from(randomFill(current, new Uint8Array(count)));
  });
  replace(node, "randomInt", ({ random }, max: number) => random.between(0, max - 1));
}

/** What a process says of its memory and its threads is of this machine, and takes its time. */
function leaveOutMachine(): void {
  const metrics = load("prom-client") as { collectDefaultMetrics: unknown };
  metrics.collectDefaultMetrics = () => {};
}

function replaceOutlets(): void {
  replace(Bun, "serve", (current, { fetch }: { readonly fetch: Listener }) => {
    current.serve(fetch);
    return { port: 1, stop: () => Promise.resolve(), timeout: () => {} };
  });
  const { run } = Database.prototype;
  // Whoever opens a database begins with a pragma.
  Database.prototype.run = function (this: Database, ...of: Parameters<typeof run>) {
    inside?.opened(this);
    return run.apply(this, of);
  } as typeof run;
}

let isInstalled = false;

/** Before the product is loaded. */
export function installEnclosure(): void {
  if (isInstalled) return;
  isInstalled = true;
  replaceTime();
  replaceChance();
  replaceOutlets();
  leaveOutMachine();
}
