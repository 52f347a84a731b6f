/** Clients who say a thing again: under its id, under another id, or another thing under its id. */
import type { ApprovePayment } from "../../actors/account-messages.ts";
import type { Message } from "../../actors/actor.ts";
import type { Answers } from "./answers.ts";
import type { Auditor } from "./auditor.ts";
import type { Told } from "./commands.ts";
import { demand } from "./demand.ts";
import type { Call } from "./engine.ts";
import type { Rare } from "./rare.ts";
import type { SimpleStep } from "./steps.ts";

type RepeatStep = Extract<SimpleStep, { kind: "repeat" }>;
/** More than ever happens in one moment. */
const MARGIN = 10;

export class Repeats {
  /** Commands of clients, oldest first. */
  readonly #history: Call[] = [];
  readonly #ids = new Set<string>();
  readonly #unlike = new Set<Call>();

  constructor(
    private readonly auditor: Auditor,
    private readonly answers: Answers,
    private readonly rare: Rare,
  ) {}

  /** New commands, which may be repeated from now on. */
  note(calls: readonly Call[]): void {
    for (const call of calls) {
      if (this.#ids.has(call.commandId)) continue;
      this.#ids.add(call.commandId);
      this.#history.push(call);
    }
    const approvals = calls.filter(({ command }) => command.kind === "ApprovePayment");
    const payers = new Set(approvals.map(({ ref }) => ref.id));
    if (payers.size < approvals.length) this.rare.reach("two phones of one account at once");
    const requests = approvals.map(({ command }) => (command as ApprovePayment).requestId);
    if (payers.size > 1 && new Set(requests).size === 1) {
      this.rare.reach("one request raced for by many");
    }
  }

  of(step: RepeatStep, isAlone: boolean, anew: (told: Told) => Call): Call | undefined {
    const first = this.#history.at(-1 - (step.back % Math.max(this.#history.length, 1)));
    if (first === undefined) return undefined;
    if (step.as === "under another id") {
      return this.#mayComeAgain(first, isAlone) ? anew(first) : undefined;
    }
    const again = { ...first, reply: undefined, mismatch: false, fault: undefined };
    // Where nobody heard an answer the id may be free still; and at the same moment as a true
    // repeat, the host tells only one of the two fingerprints from the other.
    if (step.as === "same" || !isAlone || !this.answers.has(first.commandId)) return again;
    const unlike = { ...again, fingerprint: `${first.fingerprint} and more` };
    this.#unlike.add(unlike);
    return unlike;
  }

  /** A repeat that was answered before, whichever way it comes. */
  changesNothing(call: Call): boolean {
    if (this.answers.has(call.commandId)) return true;
    if (call.command.kind !== "ApprovePayment") return false;
    const { paymentId } = call.command as ApprovePayment;
    return this.auditor.account(call.ref.id).knows(paymentId);
  }

  /** I6: the same key with another body is refused. */
  demandMismatch(call: Call): void {
    const isUnlike = this.#unlike.delete(call);
    demand(call.mismatch === isUnlike, "I6", () => ({ call, isUnlike }));
    if (isUnlike) this.rare.reach("other command under a used id");
  }

  /** Under another id only what its actor still knows: it forgets what ended long ago. */
  #mayComeAgain({ ref, command }: Call, isAlone: boolean): boolean {
    if (command.kind === "OpenPaymentRequest") {
      const { requestId } = command as Message & { requestId: string };
      const lane = this.auditor.lane(ref.id);
      return isAlone && (lane.find(requestId) === undefined || lane.knows(requestId));
    }
    if (command.kind !== "ApprovePayment") return true;
    const { paymentId } = command as ApprovePayment;
    const account = this.auditor.account(ref.id);
    const status = this.auditor.payments.get(paymentId)?.status;
    if (status === "held") this.rare.reach("repeated approval while pending");
    if (status === "captured") this.rare.reach("repeated approval after capture");
    if (status === "released") this.rare.reach("repeated approval after release");
    return account.knows(paymentId, MARGIN) || !account.knew(paymentId);
  }
}
