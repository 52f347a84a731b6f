/**
 * Reads evidence as somebody does who trusts nobody: every claim is computed again from the bytes.
 * What is left to believe is the public key, or a hash of the log that was kept elsewhere; both are
 * told, for the reader to compare.
 */
import { AssertionFailed } from "../../actors/assert.ts";
import { type AccountId, type DeviceId, idBytes, parseId } from "../../actors/ids.ts";
import { concatBytes } from "../../wasm/bytes.ts";
import { ed25519Verify, parseApproval, sha256 } from "../../wasm/core.ts";
import { importP256PublicKey, verifyP256 } from "../../wasm/p256.ts";
import { mandateStatement } from "../../wasm/statements.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import { chainHash } from "../runtime/hash-chain.ts";
import { Evidence, type EvidenceSummary, type ProvedEvent } from "./evidence.ts";
import { isIncluded, leafHash } from "./merkle.ts";
import { paymentIdOf } from "./payment-id.ts";
import { summaryOf } from "./summary.ts";
import { treeHeadStatement } from "./tree-head.ts";

export interface Check {
  readonly name: string;
  /** Undefined where there is nothing to check. */
  readonly isGood: boolean | undefined;
}

export interface Verdict {
  readonly evidence: Evidence | undefined;
  readonly checks: readonly Check[];
  readonly isGood: boolean;
}

/** Never throws for what the file says. */
export async function verifyEvidence(text: string): Promise<Verdict> {
  const evidence = parsed(text);
  if (evidence === undefined) return verdict(undefined, [{ name: "form", isGood: false }]);
  const { mandate, approval } = evidence.summary;
  return verdict(evidence, [
    { name: "form", isGood: true },
    { name: "events", isGood: evidence.events.every(isUnchanged) },
    { name: "inclusion", isGood: isEveryEventIncluded(evidence) },
    { name: "log signature", isGood: isLogSigned(evidence) },
    { name: "summary", isGood: isSummaryTheirs(evidence) },
    { name: "approval", isGood: approval && isApprovalOf(evidence, approval) },
    { name: "approval signature", isGood: approval && (await isApproved(mandate, approval)) },
    { name: "mandate text", isGood: mandate.text === null ? undefined : isTextOf(mandate) },
    { name: "mandate signature", isGood: await isMandateSigned(evidence.summary) },
  ]);
}

type Given = boolean | null | undefined;

function verdict(
  evidence: Evidence | undefined,
  given: readonly { readonly name: string; readonly isGood: Given }[],
): Verdict {
  const checks = given.map(({ name, isGood }) => ({ name, isGood: isGood ?? undefined }));
  return { evidence, checks, isGood: checks.every(({ isGood }) => isGood !== false) };
}

function parsed(text: string): Evidence | undefined {
  try {
    const result = Evidence.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

function hex(text: string): Uint8Array {
  return Uint8Array.fromHex(text);
}

/** Of the one spelling that bytes have; nothing else is anything. */
function bytes64(text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? new Uint8Array(bytes) : new Uint8Array();
}

function storedOf(event: ProvedEvent): StoredEvent {
  const { position, seq, previous, kind, version, principal, data } = event;
  const ref = { kind: event.actor_kind, id: event.actor_id };
  const rest = { atMs: event.at_ms, commandId: event.command_id };
  return { position, ref, seq, previous, kind, version, principal, data, ...rest };
}

/** Its hash is of its own fields and of the hash before it. */
function isUnchanged(event: ProvedEvent): boolean {
  return chainHash(hex(event.previous_hash), storedOf(event)).toHex() === event.hash;
}

function isEveryEventIncluded({ events, log }: Evidence): boolean {
  const { size, head } = log;
  const root = hex(log.root);
  const positions = events.map(({ position }) => position);
  const isOrdered = positions.every((position, at) => position > (positions[at - 1] ?? 0));
  const isIn = (hash: string, position: number, path: readonly string[]): boolean =>
    isIncluded(leafHash(hex(hash)), position - 1, size, path.map(hex), root);
  const areIn = events.every(({ hash, position, path }) => isIn(hash, position, path));
  return isOrdered && areIn && isIn(head, size, log.head_path);
}

function isLogSigned({ log, odfi }: Evidence): boolean {
  const { kid, size, at_ms: atMs, public_key: key, signature } = log;
  const treeHead = { kid, odfi, size, root: hex(log.root), headHash: hex(log.head), atMs };
  return ed25519Verify(bytes64(signature), treeHeadStatement(treeHead), bytes64(key));
}

/** Nothing is said above that the events do not say. */
function isSummaryTheirs({ events, payment, summary }: Evidence): boolean {
  try {
    const said = JSON.parse(JSON.stringify(summaryOf(events.map(storedOf), payment))) as unknown;
    return Bun.deepEquals(said, summary);
  } catch (error) {
    if (error instanceof AssertionFailed || error instanceof SyntaxError) return false;
    if (error instanceof TypeError) return false;
    throw error;
  }
}

type Approval = NonNullable<EvidenceSummary["approval"]>;

/** The payment is named by the hash of these very bytes. */
function isApprovalOf({ payment }: Evidence, { approval }: Approval): boolean {
  const bytes = bytes64(approval);
  return parseApproval(bytes).kind === "parsed" && paymentIdOf(bytes) === payment;
}

function isApproved(
  mandate: EvidenceSummary["mandate"],
  { approval, proof, signature }: Approval,
): Promise<boolean> {
  const signed = concatBytes(bytes64(approval), bytes64(proof));
  return isSignedBy(mandate, signed, bytes64(signature));
}

function isTextOf({ text, text_hash: hash }: EvidenceSummary["mandate"]): boolean {
  return sha256(new TextEncoder().encode(text ?? "")).toHex() === hash;
}

async function isMandateSigned({ account, mandate }: EvidenceSummary): Promise<Given> {
  if (mandate.signature === null) return undefined;
  const accountId: AccountId | undefined = parseId("account", account);
  const deviceId: DeviceId | undefined = parseId("device", mandate.device);
  const isHash = /^[0-9a-f]{64}$/.test(mandate.text_hash);
  if (accountId === undefined || deviceId === undefined || !isHash) return false;
  const statement = mandateStatement(idBytes(accountId), idBytes(deviceId), hex(mandate.text_hash));
  return await isSignedBy(mandate, statement, bytes64(mandate.signature));
}

async function isSignedBy(
  { device_algorithm: algorithm, device_key: text }: EvidenceSummary["mandate"],
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (algorithm === "ed25519") return ed25519Verify(signature, message, bytes64(text));
  const key = await importP256PublicKey(bytes64(text));
  return key !== undefined && (await verifyP256(key, message, signature));
}
