/** A switch under measurement: a process of its own, with people of its own, and what it told. */
import { assert, present } from "../actors/assert.ts";
import type { Payment } from "../src/client/shapes.ts";
import { dataFiles } from "../src/data-directory.ts";
import type { DeviceAlgorithm } from "../wasm/device-key.ts";
import { type Child, startChild } from "./child.ts";
import { type Answer, postBytes } from "./connection.ts";
import { Crowd, type People, type Ready, settle } from "./crowd.ts";
import type { OnceVerdict, Told } from "./exactly-once.ts";
import { Histogram } from "./histogram.ts";
import { drive, eachOf, type Load } from "./load.ts";
import type { Turn } from "./rounds.ts";
import { chargedTo } from "./settling.ts";
import { verdictOn } from "./verdict.ts";

export const PAYMENTS_PATH = "/v1/payments";
/** The code of who is turned away because others are being served. */
export const BUSY = "fault_busy";
/** Tries to learn what became of a payment whose answer did not say. */
const LEARN_MAX = 100;
const LEARN_MS = 100;

/** A stretch of time, in Unix microseconds. */
export interface Window {
  readonly from: number;
  readonly until: number;
}

/** One kind of switch. */
export interface Entry {
  readonly name: string;
  readonly algorithm: DeviceAlgorithm;
  /** `SEQR_*` variables that it is started with. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly profile?: Profile;
}

/** The runtime samples the switch so often, and writes its profile there when it is stopped. */
interface Profile {
  readonly dir: string;
  readonly everyMicros: number;
}

export class MeasuredSwitch {
  readonly #told: Told[] = [];
  #crowd: Crowd;

  private constructor(
    readonly entry: Entry,
    private readonly dataDir: string,
    private child: Child,
    crowd: Crowd,
  ) {
    this.#crowd = crowd;
  }

  get crowd(): Crowd {
    return this.#crowd;
  }

  /** Registers `customers` in a new directory and starts the switch on it. */
  static async open(
    entry: Entry,
    dataDir: string,
    customers: number,
    tell: (text: string) => void,
  ): Promise<MeasuredSwitch> {
    const people: People = await settle(dataDir, customers, entry.algorithm, (done) =>
      tell(`${entry.name}: customers ${done} of ${customers}`),
    );
    const child = await startSwitch(entry, dataDir, "0");
    return new MeasuredSwitch(entry, dataDir, child, new Crowd(people, child.url));
  }

  get url(): string {
    return this.child.url;
  }

  /** Processor time of the process so far, in microseconds; undefined where not told. */
  cpuMicros(): number | undefined {
    return this.child.cpuMicros();
  }

  residentBytes(): number | undefined {
    return this.child.residentBytes();
  }

  /** Asks the process to end, and waits until it has. */
  stop(): Promise<void> {
    return this.child.stop();
  }

  /** Ends the process at once. */
  kill(): Promise<void> {
    return this.child.kill();
  }

  /** Starts it again on the same directory and port. */
  async restart(): Promise<void> {
    this.child = await startSwitch(this.entry, this.dataDir, new URL(this.url).port);
  }

  /** Bytes to be sent to it. */
  requestsOf(list: readonly Ready[]): readonly Uint8Array[] {
    return list.map(({ body, idempotencyKey }) =>
      postBytes(this.url, PAYMENTS_PATH, { "idempotency-key": idempotencyKey }, body),
    );
  }

  /** Prepares `count` approvals and sends them, `clients` at a time, in a closed loop. */
  async closedTurn(count: number, clients: number): Promise<Turn & Timed> {
    const list = await this.crowd.prepare(count);
    const requests = this.requestsOf(list);
    const turn = await takeTurn(this.child, requests, clients);
    this.note(list, turn.load.answers);
    return turn;
  }

  /** One whole visit: a till asks, a phone scans, signs and pays. Throws where it is refused. */
  async visit(): Promise<void> {
    const { ready, payment } = await this.#crowd.visit();
    this.#told.push(paidTold(ready, payment));
  }

  /** Whole visits in a closed loop; tells how long they took. */
  async visits(count: number, clients: number): Promise<{ readonly elapsedMs: number }> {
    const startedMs = performance.now();
    const numbers = Array.from({ length: count }, (_, at) => at);
    await eachOf(numbers, clients, () => this.visit());
    return { elapsedMs: performance.now() - startedMs };
  }

  /** Stops the switch, registers `more` customers, and goes on with them alone. */
  async settleMore(more: number, tell: (text: string) => void): Promise<void> {
    await this.child.stop();
    const { algorithm } = this.entry;
    const people = await settle(
      this.dataDir,
      more,
      algorithm,
      (done) => tell(`${this.entry.name}: customers ${done} of ${more}`),
      this.#crowd.end,
    );
    await this.restart();
    this.#crowd = new Crowd(people, this.url);
  }

  /** Keeps what was told, for the verdict. */
  note(list: readonly Ready[], answers: readonly Answer[]): void {
    assert(list.length === answers.length, "an answer or none for each approval");
    for (const [at, one] of list.entries()) this.#told.push(toldOf(one, answers[at]));
  }

  /**
   * Asks again, under the same keys, about payments whose answers do not say whether they were
   * made; gives the answers with what was learnt. Who was turned away says so only of a request
   * that was sent once: `again` tells how often each was sent beyond that. Default: never.
   */
  async learn(
    list: readonly Ready[],
    answers: readonly Answer[],
    again?: Uint32Array,
  ): Promise<readonly Answer[]> {
    const learnt = [...answers];
    const isSaid = (at: number): boolean => (again?.[at] ?? 0) === 0 && isTurnedAway(learnt[at]);
    let open = [...learnt.keys()].filter((at) => isUnknown(learnt[at]) && !isSaid(at));
    for (let tries = 0; open.length > 0 && tries < LEARN_MAX; tries++) {
      await Bun.sleep(LEARN_MS);
      const again = open.map((at) => present(list[at], "an approval"));
      const { answers: more } = await drive(this.url, this.requestsOf(again), 1);
      for (const [n, at] of open.entries()) learnt[at] = present(more[n], "an answer");
      open = open.filter((at) => isUnknown(learnt[at]));
    }
    return learnt;
  }

  /** Ends the switch and reads its event log. */
  async verdict(): Promise<OnceVerdict> {
    await this.kill();
    return verdictOn(this.#told, dataFiles(this.dataDir).events);
  }
}

function startSwitch({ settings, profile }: Entry, dataDir: string, port: string): Promise<Child> {
  const words = ["serve", "--data", dataDir, "--port", port, "--host", "127.0.0.1"];
  const flags = profile === undefined ? [] : samplingFlags(profile);
  // No cut-off of a banking day falls into a measurement.
  return startChild("the switch", words, { SEQR_COLLECTION: "by_hand", ...settings }, flags);
}

function samplingFlags({ dir, everyMicros }: Profile): readonly string[] {
  return ["--cpu-prof", `--cpu-prof-dir=${dir}`, `--cpu-prof-interval=${everyMicros}`];
}

/** When requests were under way, in Unix microseconds. */
interface Timed {
  readonly window: Window;
}

/** One turn of any server: requests in a closed loop. Only what succeeded counts. */
export async function takeTurn(
  child: Child,
  requests: readonly Uint8Array[],
  clients: number,
): Promise<Turn & Timed & { readonly load: Load }> {
  const { result, cpuMicros } = await chargedTo(child, async () => {
    const own = process.cpuUsage();
    const from = unixMicros();
    const load = await drive(child.url, requests, clients);
    const window = { from, until: unixMicros() };
    const { user, system } = process.cpuUsage(own);
    return { load, window, driverMicros: user + system };
  });
  const { load } = result;
  return {
    ...result,
    operations: successes(load),
    elapsedMs: load.elapsedMs,
    cpuMicros,
    ...Histogram.of(load.latenciesMs).middleAndTail,
  };
}

function unixMicros(): number {
  return (performance.timeOrigin + performance.now()) * 1_000;
}

export function successes({ answers }: Pick<Load, "answers">): number {
  return answers.filter(({ status }) => status === 200).length;
}

/** What was answered, if anything; a payment that is told as `unanswered` is a fault. */
export function toldOf({ requestId, amountCents }: Ready, answer: Answer | undefined): Told {
  const { status, body } = present(answer, "an answer per approval");
  if (status === 0) return { requestId, amountCents, outcome: { kind: "unanswered" } };
  if (status !== 200) {
    return { requestId, amountCents, outcome: { kind: "refused", code: codeOf(body) } };
  }
  return paidTold({ requestId, amountCents }, JSON.parse(body) as Payment);
}

function paidTold(
  { requestId, amountCents }: Pick<Ready, "requestId" | "amountCents">,
  { id: paymentId, receipt }: Payment,
): Told {
  const approved = { requestId: receipt.payment_request, amountCents: receipt.amount.amount };
  return { requestId, amountCents, outcome: { kind: "acknowledged", paymentId, ...approved } };
}

export function codeOf(body: string): string {
  return (JSON.parse(body) as { code: string }).code;
}

/** The answer does not say whether the payment was made. */
function isUnknown(answer: Answer | undefined): boolean {
  if (answer === undefined || answer.status === 0) return true;
  if (answer.status === 200) return false;
  return (JSON.parse(answer.body) as { money_taken?: string }).money_taken === "unknown";
}

/** Refused before anything was looked at: a request that was sent once has done nothing. */
export function isTurnedAway(answer: Answer | undefined): boolean {
  return answer !== undefined && answer.status === 503 && codeOf(answer.body) === BUSY;
}
