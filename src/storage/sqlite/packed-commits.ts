/**
 * A list of commits as one run of bytes, for the writer in its worker: one buffer that changes
 * hands costs a fraction of a list of objects that is copied. Texts stand one behind the other,
 * their lengths in front; absent ones have the length -1.
 */
import { assert, present } from "../../../actors/assert.ts";
import type { ActorCommit, TimerChange } from "../../runtime/event-log.ts";

/** Numbers beyond 32 bits are among them: times and positions. */
const NUMBER_BYTES = 8;
const ABSENT = -1;
const TIMER_KINDS = ["set", "cancel", "fired"] as const;

export function packCommits(list: readonly ActorCommit[]): Uint8Array {
  const pack = new Pack();
  pack.number(list.length);
  for (const commit of list) packOne(pack, commit);
  return pack.bytes();
}

function packOne(pack: Pack, commit: ActorCommit): void {
  const { ref, expectedSeq, unit, commandId, principal, atMs, state, stateVersion } = commit;
  pack.text(ref.kind);
  pack.text(ref.id);
  for (const number of [expectedSeq, unit, atMs, stateVersion]) pack.number(number);
  pack.text(commandId);
  pack.text(principal);
  pack.text(state);
  pack.number(commit.events.length);
  for (const { kind, version, data } of commit.events) {
    pack.text(kind);
    pack.number(version);
    pack.text(data);
  }
  pack.number(commit.outbox.length);
  for (const { id, to, command } of commit.outbox) {
    for (const text of [id, to.kind, to.id, command]) pack.text(text);
  }
  pack.number(commit.delivered.length);
  for (const id of commit.delivered) pack.text(id);
  pack.number(commit.timers.length);
  for (const timer of commit.timers) packTimer(pack, timer);
  pack.number(commit.remember.length);
  for (const { commandId: id, fingerprint, reply, requestId } of commit.remember) {
    for (const text of [id, fingerprint, reply, requestId]) pack.text(text);
  }
}

function packTimer(pack: Pack, timer: TimerChange): void {
  pack.number(TIMER_KINDS.indexOf(timer.kind));
  pack.text(timer.id);
  pack.number(timer.kind === "cancel" ? 0 : timer.atMs);
  pack.text(timer.kind === "set" ? timer.command : undefined);
}

/** What `packCommits` packed. */
export function unpackCommits(bytes: Uint8Array): readonly ActorCommit[] {
  const unpack = new Unpack(bytes);
  const list = unpack.many(() => unpackOne(unpack));
  assert(unpack.isAtEnd, "nothing is left of the bytes");
  return list;
}

function unpackOne(from: Unpack): ActorCommit {
  const ref = { kind: from.text(), id: from.text() };
  const [expectedSeq, unit, atMs, stateVersion] = from.numbers(4);
  return {
    ref,
    expectedSeq: present(expectedSeq, "a number"),
    unit: present(unit, "a number"),
    atMs: present(atMs, "a number"),
    stateVersion: present(stateVersion, "a number"),
    commandId: from.text(),
    principal: from.text(),
    state: from.maybeText(),
    events: from.many(() => ({
      kind: from.text(),
      version: from.number(),
      data: from.text(),
    })),
    outbox: from.many(() => {
      const id = from.text();
      return { id, to: { kind: from.text(), id: from.text() }, command: from.text() };
    }),
    delivered: from.many(() => from.text()),
    timers: from.many(() => unpackTimer(from)),
    remember: from.many(() => ({
      commandId: from.text(),
      fingerprint: from.text(),
      reply: from.text(),
      requestId: from.text(),
    })),
  };
}

function unpackTimer(from: Unpack): TimerChange {
  const kind = present(TIMER_KINDS[from.number()], "a kind of timer change");
  const id = from.text();
  const atMs = from.number();
  const command = from.maybeText();
  if (kind === "cancel") return { kind, id };
  if (kind === "fired") return { kind, id, atMs };
  return { kind, id, atMs, command: present(command, "the command of a timer") };
}

class Pack {
  readonly #numbers: number[] = [];
  readonly #texts: string[] = [];

  number(value: number): void {
    this.#numbers.push(value);
  }

  text(value: string | undefined): void {
    this.#numbers.push(value === undefined ? ABSENT : value.length);
    if (value !== undefined) this.#texts.push(value);
  }

  bytes(): Uint8Array {
    const text = this.#texts.join("");
    const head = (this.#numbers.length + 1) * NUMBER_BYTES;
    // Three bytes hold any UTF-16 unit in UTF-8.
    const bytes = new Uint8Array(head + text.length * 3);
    const numbers = new Float64Array(bytes.buffer, 0, this.#numbers.length + 1);
    numbers[0] = this.#numbers.length;
    numbers.set(this.#numbers, 1);
    const { written } = new TextEncoder().encodeInto(text, bytes.subarray(head));
    return bytes.subarray(0, head + written);
  }
}

class Unpack {
  readonly #numbers: Float64Array;
  readonly #text: string;
  #at = 1;
  #textAt = 0;

  constructor(bytes: Uint8Array) {
    assert(bytes.byteOffset === 0, "packed bytes begin with their buffer");
    const count = present(new Float64Array(bytes.buffer, 0, 1)[0], "the count of numbers");
    this.#numbers = new Float64Array(bytes.buffer, 0, count + 1);
    const head = (count + 1) * NUMBER_BYTES;
    this.#text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(head));
  }

  get isAtEnd(): boolean {
    return this.#at === this.#numbers.length && this.#textAt === this.#text.length;
  }

  number(): number {
    return present(this.#numbers[this.#at++], "a packed number");
  }

  numbers(count: number): readonly number[] {
    return Array.from({ length: count }, () => this.number());
  }

  text(): string {
    return present(this.maybeText(), "a packed text");
  }

  maybeText(): string | undefined {
    const length = this.number();
    if (length === ABSENT) return undefined;
    const from = this.#textAt;
    this.#textAt += length;
    assert(this.#textAt <= this.#text.length, "a packed text is there");
    return this.#text.slice(from, this.#textAt);
  }

  many<Item>(read: () => Item): readonly Item[] {
    return Array.from({ length: this.number() }, read);
  }
}
