/** Puts the evidence of one purchase together: its events, their proofs, and what they say. */
import { assert } from "../../actors/assert.ts";
import type { HashedEvent, ProofLog } from "../runtime/proof-log.ts";
import { EVIDENCE_FORMAT, type Evidence, type LogProof, type ProvedEvent } from "./evidence.ts";
import { gatherEvents, paymentIdIn } from "./gather.ts";
import type { LogTree } from "./log-tree.ts";
import { summaryOf } from "./summary.ts";
import { treeHeadStatement } from "./tree-head.ts";

/** Who signs for the log: the key that phones and tills know already. */
export interface LogSigner {
  readonly kid: number;
  qrPublicKey(kid: number): Uint8Array | undefined;
  signQr(message: Uint8Array): Uint8Array;
}

export interface ExportParts {
  readonly log: ProofLog;
  readonly tree: LogTree;
  readonly signer: LogSigner;
  readonly odfi: string | null;
  readonly nowMs: number;
  /** Under the root over so many events, at least as many as the evidence has. Default: all. */
  readonly size?: number;
}

/** Of the purchase that was captured at this position. */
export async function exportEvidence(parts: ExportParts, capturedAt: number): Promise<Evidence> {
  const { log, tree, odfi } = parts;
  const gathered = gatherEvents(log, capturedAt);
  const size = parts.size ?? log.head().position;
  const events = gathered.filter(({ event }) => event.position <= size);
  const captured = log.at(capturedAt);
  assert(captured !== undefined && capturedAt <= size, "the root is over the capture");
  const payment = paymentIdIn(captured.event);
  const proved: ProvedEvent[] = [];
  for (const one of events) {
    proved.push(provedEvent(one, await tree.path(one.event.position, size)));
  }
  const stored = events.map(({ event }) => event);
  return {
    ...{ format: EVIDENCE_FORMAT, payment, odfi },
    summary: summaryOf(stored, payment),
    events: proved,
    log: await proofOf(parts, size),
  };
}

function provedEvent(
  { event, hash, previousHash }: HashedEvent,
  path: readonly Uint8Array[],
): ProvedEvent {
  const { position, ref, seq, previous, kind, version, atMs, principal, commandId, data } = event;
  return {
    ...{ position, actor_kind: ref.kind, actor_id: ref.id, seq, previous, kind, version },
    ...{ at_ms: atMs, principal, command_id: commandId, data },
    previous_hash: previousHash.toHex(),
    hash: hash.toHex(),
    path: path.map((step) => step.toHex()),
  };
}

async function proofOf(parts: ExportParts, size: number): Promise<LogProof> {
  const { log, tree, signer, odfi, nowMs } = parts;
  const root = await tree.root(size);
  const [headHash] = log.hashes(size, size);
  assert(headHash !== undefined, "the last event has a hash");
  const { kid } = signer;
  const publicKey = signer.qrPublicKey(kid);
  assert(publicKey !== undefined, "the key that signs is known");
  const statement = treeHeadStatement({ kid, odfi, size, root, headHash, atMs: nowMs });
  const signature = signer.signQr(statement);
  const path = await tree.path(size, size);
  return {
    ...{ size, root: root.toHex(), head: headHash.toHex() },
    head_path: path.map((step) => step.toHex()),
    ...{ at_ms: nowMs, kid },
    public_key: Buffer.from(publicKey).toString("base64url"),
    signature: Buffer.from(signature).toString("base64url"),
  };
}
