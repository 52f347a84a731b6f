/**
 * One phone number, one account: any number of people register the same
 * number at the same time, with right and wrong codes, and nobody guesses without end.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import type { ActorDefinition } from "../../actors/actor.ts";
import {
  type DirectoryCommand,
  type DirectoryEvent,
  type DirectoryReply,
  type DirectoryState,
  directoryActor,
} from "../../actors/directory.ts";
import { type AccountId, encodeId } from "../../actors/ids.ts";
import { BrokenInvariant, demand } from "./demand.ts";
import { parameters, plantedParameters } from "./seeds.ts";
import { accountOf, deviceOf, POLICY, START_MS } from "./town.ts";

type Directory = ActorDefinition<DirectoryState, DirectoryCommand, DirectoryEvent, DirectoryReply>;

type Step =
  | { readonly kind: "code" | "right" | "wrong" | "open"; readonly person: number }
  /** Someone asks for code after code and guesses at each. */
  | { readonly kind: "attack"; readonly person: number; readonly codes: number }
  | { readonly kind: "pass"; readonly hours: number };

const person = fc.nat(3);
const KINDS = ["code", "code", "right", "right", "wrong", "open"] as const;
const attack = fc.record({
  kind: fc.constant("attack"),
  person,
  codes: fc.integer({ min: 1, max: 5 }),
});
const pass = fc.record({ kind: fc.constant("pass"), hours: fc.constantFrom(0.1, 0.5, 25) });
const steps = fc.array(
  fc.oneof(
    { weight: 16, arbitrary: fc.record({ kind: fc.constantFrom(...KINDS), person }) },
    { weight: 1, arbitrary: attack },
    { weight: 4, arbitrary: pass },
  ) as fc.Arbitrary<Step>,
  { minLength: 50, maxLength: 300, size: "max" },
);
const HOUR_MS = 3_600_000;
/** Wrong codes between two times that the number was free or activated. */
const GUESSES_MAX = POLICY.codesMax * POLICY.codeTriesMax;

/** A number, its timer, and what the account's opening asks before it binds. */
class Phone {
  #state: DirectoryState;
  #nowMs = START_MS;
  #claimAtMs: number | undefined;
  #guesses = 0;
  #activated: AccountId | undefined;
  #owner: AccountId | undefined;
  bound = 0;

  constructor(private readonly actor: Directory) {
    this.#state = actor.init("phone");
  }

  take(step: Step): void {
    if (step.kind === "pass") this.#pass(step.hours * HOUR_MS);
    else if (step.kind === "attack") this.#attack(step.person, step.codes);
    else this.#tell(step.kind, step.person);
  }

  #pass(ms: number): void {
    this.#nowMs += ms;
    if (this.#claimAtMs === undefined || this.#claimAtMs > this.#nowMs) return;
    this.#claimAtMs = undefined;
    this.#decide({ kind: "ClaimOverdue" });
  }

  #attack(person: number, codes: number): void {
    for (let code = 0; code < codes; code++) {
      this.#tell("code", person);
      for (let guess = 0; guess <= POLICY.codeTriesMax; guess++) this.#tell("wrong", person);
    }
  }

  #tell(kind: "code" | "right" | "wrong" | "open", person: number): void {
    const accountId = accountOf(person);
    const registrationId = encodeId("registration", new Uint8Array(16).fill(person));
    const codeTag = kind === "wrong" ? "wrong" : `code-${person}`;
    if (kind === "code") {
      const candidate = { registrationId, accountId, deviceId: deviceOf(person) };
      this.#decide({ kind: "SendCode", codeTag, messageToken: "token", ...candidate });
    } else if (kind === "open") {
      const mayOpen = accountId === (this.#owner ?? this.#activated);
      const { kind: answer } = this.#decide({ kind: "CheckActivated", accountId });
      const law = "who was activated may register until somebody else is, or the claim ends";
      demand((answer === "noted") === mayOpen, law, () => ({ accountId, answer }));
      if (answer === "noted") this.#decide({ kind: "BindPhone", accountId });
    } else {
      this.#decide({ kind: "ActivatePhone", registrationId, codeTag });
    }
  }

  #decide(command: DirectoryCommand) {
    const actor = { kind: "directory", id: "phone" };
    const meta = { actor, commandId: "c", nowMs: this.#nowMs, principal: "test" };
    const { events, reply, effects } = this.actor.decide(this.#state, command, meta);
    for (const event of events) {
      this.#hear(event);
      this.#state = this.actor.apply(this.#state, event);
    }
    for (const effect of effects) {
      if (effect.kind === "timer") this.#claimAtMs = effect.atMs;
      if (effect.kind === "cancel") this.#claimAtMs = undefined;
    }
    return reply;
  }

  #hear(event: DirectoryEvent): void {
    if (event.kind === "WrongCodeEntered") this.#guesses++;
    if (event.kind === "PhoneFreed" || event.kind === "PhoneActivated") this.#guesses = 0;
    if (event.kind === "PhoneActivated") this.#activated = event.accountId;
    if (event.kind === "PhoneFreed") this.#activated = undefined;
    demand(this.#guesses <= GUESSES_MAX, "R4", () => `${this.#guesses} guesses`);
    demand(this.#owner === undefined, "a number is bound once, for good", () => event);
    if (event.kind !== "PhoneBound") return;
    this.#owner = event.accountId;
    this.bound++;
  }
}

const property = (actor: Directory, seen: { bound: number }) =>
  fc.property(steps, (list) => {
    const phone = new Phone(actor);
    for (const step of list) phone.take(step);
    seen.bound += phone.bound;
  });
const REAL = directoryActor(POLICY);

test("a phone number is one account's, and its code is guessed a few times only", () => {
  const seen = { bound: 0 };
  fc.assert(property(REAL, seen), parameters(300));
  expect(seen.bound).toBeGreaterThan(0);
});

test.each<readonly [bug: string, as: RegExp, actor: Directory]>([
  ["a wrong code costs no try", /^R4/, directoryActor({ ...POLICY, codeTriesMax: 1_000 })],
  ["codes are sent without end", /^R4/, directoryActor({ ...POLICY, codesMax: 1_000 })],
  [
    "a code to a stranger takes the number from who was activated",
    /^who was activated/,
    {
      ...REAL,
      apply: (state, event) => {
        const next = REAL.apply(state, event);
        if (event.kind !== "CodeSent" || next.kind !== "claimed") return next;
        return { ...next, activated: undefined };
      },
    },
  ],
  [
    "a bound number is given away",
    /^a number is bound once/,
    {
      ...REAL,
      decide: (state, command, meta) =>
        REAL.decide(state.kind === "bound" ? { kind: "free" } : state, command, meta),
    },
  ],
])("found: %s", (_, as, actor) => {
  const { errorInstance } = fc.check(property(actor, { bound: 0 }), plantedParameters(100));
  expect(errorInstance).toBeInstanceOf(BrokenInvariant);
  expect(String((errorInstance as Error | undefined)?.message)).toMatch(as);
});
