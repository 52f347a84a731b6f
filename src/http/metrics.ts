/**
 * Prometheus metrics: requests, refusals and the figures of the host. No label holds an id. The
 * parts of the client are imported one by one: with its push gateway and its figures of the process
 * it would be an eighth of the time that a start takes.
 */
import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import Histogram from "prom-client/lib/histogram.js";
import Registry from "prom-client/lib/registry.js";
import { coreName } from "../../wasm/core.ts";
import type { Host } from "../runtime/host.ts";

export interface Metrics {
  request(route: string, status: number, elapsedMs: number): void;
  refusal(code: string): void;
  fault(kind: string): void;
  /** Ed25519 signatures of phones, verified one by one or in a batch. */
  signatures(how: "alone" | "together", count: number): void;
  /** A scanned code: known from before, found genuine, or not. */
  code(how: "kept" | "verified" | "refused"): void;
  /** Begins with memory, processor time and the like; a second call changes nothing. */
  watchProcess(): Promise<void>;
  /** The text of the exposition format. */
  text(): Promise<string>;
}

const BUCKETS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 30_000];

export function makeMetrics(host: Host): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  let isWatched = false;
  const watchProcess = async (): Promise<void> => {
    const { default: collectDefaultMetrics } = await import("prom-client/lib/defaultMetrics.js");
    if (!isWatched) collectDefaultMetrics({ register: registry });
    isWatched = true;
  };
  const requests = new Counter({
    name: "seqr_http_requests_total",
    help: "Requests answered, by route and status",
    labelNames: ["route", "status"],
    registers,
  });
  const times = new Histogram({
    name: "seqr_http_request_milliseconds",
    help: "Time from request to answer",
    labelNames: ["route"],
    buckets: BUCKETS_MS,
    registers,
  });
  const refusals = new Counter({
    name: "seqr_refusals_total",
    help: "Refusals, by code",
    labelNames: ["code"],
    registers,
  });
  const faults = new Counter({
    name: "seqr_faults_total",
    help: "Faults of the world and bugs, by kind",
    labelNames: ["kind"],
    registers,
  });
  const signatures = new Counter({
    name: "seqr_ed25519_signatures_total",
    help: "Ed25519 signatures of phones, verified alone or together with others",
    labelNames: ["how"],
    registers,
  });
  const codes = new Counter({
    name: "seqr_scanned_codes_total",
    help: "Scanned codes: kept from before, verified, or refused",
    labelNames: ["how"],
    registers,
  });
  addHostGauges(host, registers);
  addCoreGauge(registers);
  return {
    request(route, status, elapsedMs) {
      requests.inc({ route, status: String(status) });
      times.observe({ route }, elapsedMs);
    },
    refusal: (code) => refusals.inc({ code }),
    fault: (kind) => faults.inc({ kind }),
    signatures: (how, count) => signatures.inc({ how }, count),
    code: (how) => codes.inc({ how }),
    watchProcess,
    async text() {
      await watchProcess();
      return await registry.metrics();
    },
  };
}

/** 1 under the name of the cryptographic core that answers. */
function addCoreGauge(registers: Registry[]): void {
  new Gauge({
    name: "seqr_core_info",
    help: "The cryptographic core that answers",
    labelNames: ["core"],
    registers,
    collect() {
      this.reset();
      this.set({ core: coreName() }, 1);
    },
  });
}

function addHostGauges(host: Host, registers: Registry[]): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  gauge("seqr_actors_in_memory", "Actors in memory", () => host.figures().cells);
  gauge("seqr_commands_waiting", "Commands waiting for a group", () => host.figures().waiting);
  gauge("seqr_commands_running", "Commands under way", () => host.figures().running);
  gauge("seqr_outbox_troubled", "Outbox items being retried", () => host.outbox.troubled);
}
