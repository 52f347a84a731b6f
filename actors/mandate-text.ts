/**
 * The text of a mandate, kept once under the hash that every acceptance names: a copy of what was
 * accepted is to be had when the text is long another (docs/money.md).
 */
import { type ActorDefinition, answerOnly, decided, type StoredBody } from "./actor.ts";
import { assert, unreachable } from "./assert.ts";
import type { Refusal } from "./refusals.ts";

export type MandateTextCommand =
  /** The caller has hashed it: the actor's name is the hash. The same again changes nothing. */
  | { readonly kind: "KeepMandateText"; readonly version: string; readonly text: string }
  | { readonly kind: "DescribeMandateText" };

export interface MandateTextKept {
  readonly kind: "MandateTextKept";
  readonly version: string;
  readonly text: string;
}

export type MandateTextState =
  | { readonly kind: "vacant" }
  | { readonly kind: "kept"; readonly version: string; readonly text: string };

export type MandateTextReply =
  | Refusal
  | { readonly kind: "noted" }
  | { readonly kind: "mandate_text"; readonly version: string; readonly text: string };

const NOTED = { kind: "noted" } as const;

export const mandateTextActor: ActorDefinition<
  MandateTextState,
  MandateTextCommand,
  MandateTextKept,
  MandateTextReply
> = {
  kind: "mandate-text",
  schemaVersion: 1,
  eventKinds: ["MandateTextKept"],
  init: () => ({ kind: "vacant" }),
  decide(state, command, meta) {
    switch (command.kind) {
      case "DescribeMandateText": {
        if (state.kind === "vacant") return answerOnly({ kind: "mandate_text_not_found" });
        return answerOnly({ kind: "mandate_text", version: state.version, text: state.text });
      }
      case "KeepMandateText": {
        const { version, text } = command;
        assert(/^[0-9a-f]{64}$/.test(meta.actor.id), "a text is known by its SHA-256");
        if (state.kind === "vacant") {
          return decided([{ kind: "MandateTextKept", version, text }], NOTED);
        }
        assert(state.text === text, "one hash is of one text");
        return answerOnly(NOTED);
      }
      default:
        return unreachable(command);
    }
  },
  apply(state, { version, text }) {
    assert(state.kind === "vacant", "a text is kept once");
    return { kind: "kept", version, text };
  },
  upcast(stored: StoredBody) {
    assert(stored.version === 1, "texts of mandates have events of version 1");
    return stored.body as MandateTextKept;
  },
};
