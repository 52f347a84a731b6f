/** What the routes need of the switch; `src/switch.ts` supplies it. */
import type { Policy } from "../../actors/policy.ts";
import type { Collections } from "../collection/collections.ts";
import type { Evidence } from "../evidence/evidence.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Host } from "../runtime/host.ts";
import type { ViewProgress, ViewReader } from "../runtime/view.ts";
import type { DocumentStore } from "../vault/documents.ts";
import type { KeyRing } from "../vault/key-ring.ts";
import type { Vault } from "../vault/vault.ts";
import type { Alarms } from "./alarms.ts";
import type { DeviceKeys } from "./device-keys.ts";
import type { Metrics } from "./metrics.ts";
import type { Places } from "./places.ts";

export interface SentSms {
  readonly atMs: number;
  readonly to: string;
  readonly text: string;
}

export interface Operator {
  readonly name: string;
  /** Keyed hash of the desk key. */
  readonly keyTag: string;
}

/** The electronic mandate as it is shown (FAQ). */
export interface MandateText {
  readonly version: string;
  readonly text: string;
  /** Hex SHA-256 of the UTF-8 text. */
  readonly hash: string;
}

/** What only a sandbox can do. */
export interface Sandbox {
  /** What would have been sent. */
  sentSms(): readonly SentSms[];
  /** Moves time ahead, through everything that falls due; gives the time there is then. */
  advanceTo(toMs: number): Promise<number>;
}

export interface EvidenceSource {
  /** Of the purchase captured at this position; undefined where the log is not so long. */
  of(capturedAt: number, size?: number): Promise<Evidence | undefined>;
}

export interface Services {
  readonly host: Host;
  readonly clock: Clock;
  readonly views: ViewReader;
  readonly viewRunner: ViewProgress;
  readonly keys: KeyRing;
  readonly vault: Vault;
  readonly documents: DocumentStore;
  readonly policy: Policy;
  readonly metrics: Metrics;
  readonly places: Places;
  readonly alarms: Alarms;
  readonly devices: DeviceKeys;
  readonly mode: "live" | "sandbox";
  /** Host name in QR codes, upper or lower case, with a port where one is needed. */
  readonly publicHost: string;
  readonly mandate: MandateText;
  readonly operators: () => readonly Operator[];
  readonly collections: Collections;
  /** Files can go to it and come back: by a folder, or in a sandbox. */
  readonly hasBank: boolean;
  readonly evidence: EvidenceSource;
  /** Live mode has none. */
  readonly sandbox: Sandbox | undefined;
  /** Where the log of requests goes; one line of named fields, nothing personal. */
  readonly log: (fields: Readonly<Record<string, string | number | boolean>>) => void;
  readonly version: string;
}
