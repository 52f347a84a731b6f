/** A real switch with a bank that the test moves by hand. */

import type { AchFileReply, AchFileState } from "../../actors/ach-file-messages.ts";
import type { Message } from "../../actors/actor.ts";
import { instantOf, parseBankDate } from "../../actors/banking-calendar.ts";
import type { AchFileId } from "../../actors/ids.ts";
import type {
  BankGateway,
  FileContent,
  HandOverOutcome,
  InboundItem,
} from "../../src/collection/bank-gateway.ts";
import { takeItem } from "../../src/collection/inbound.ts";
import type { CollectionParts } from "../../src/collection/parts.ts";
import { Codes } from "../../src/http/codes.ts";
import { SANDBOX_ODFI } from "../../src/odfi-config.ts";
import type { Host } from "../../src/runtime/host.ts";
import { SealedFiles } from "../../src/vault/documents.ts";
import type { SwitchRig } from "../switch-rig.ts";

export const PROFILE = SANDBOX_ODFI;

/** Keeps what it was handed, and says what it is told to say. */
export class HandBank implements BankGateway {
  readonly handed: { readonly fileId: AchFileId; readonly bytes: Uint8Array }[] = [];
  readonly items: InboundItem[] = [];
  outcome: HandOverOutcome | "crash" = "accepted";
  /** Items that are given at once. */
  itemsMax = 100;

  async handOver(fileId: AchFileId, content: FileContent): Promise<HandOverOutcome> {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    this.handed.push({ fileId, bytes: new Uint8Array(Buffer.concat(pieces)) });
    if (this.outcome === "crash") throw new Error("the line broke");
    return this.outcome;
  }

  withdraw = () => Promise.resolve();
  inbound = (skip = 0) => Promise.resolve(this.items.slice(skip, skip + this.itemsMax));

  taken(id: string): Promise<void> {
    const at = this.items.findIndex((item) => item.id === id);
    if (at !== -1) this.items.splice(at, 1);
    return Promise.resolve();
  }
}

export function partsOf(rig: SwitchRig, gateway: BankGateway): CollectionParts {
  const { services, bankAccounts } = rig.running;
  const { host, views, viewRunner, vault, keys, policy, publicHost } = services;
  const codes = new Codes(keys, publicHost, policy.requestMsMax);
  return {
    ...{ host, views, viewRunner, vault, bankAccounts, gateway, policy },
    ...{ clock: rig.clock, profile: PROFILE },
    files: new SealedFiles(keys, `${rig.dataDir}/ach`),
    alarm: (kind) => services.alarms.raise(kind),
    receiptNumber: (lane, number) => codes.reference(lane, number),
  };
}

/** Moves the clock to a time of day in New York. */
export function goTo(rig: SwitchRig, date: string, hour = 15): void {
  const day = parseBankDate(date);
  if (day === undefined) throw new Error(`${date} is a date`);
  rig.clock.advanceTo(instantOf(day, hour));
}

export async function stateOf(rig: SwitchRig, fileId: AchFileId): Promise<AchFileState> {
  const ref = { kind: "ach-file", id: fileId };
  const { host } = rig.running.services;
  const reply = await host.ask(ref, { kind: "DescribeFile" }, { principal: "test" });
  return (reply as Extract<AchFileReply, { kind: "file" }>).state;
}

/** The bank's statement: the file as we built it, less what came back before. */
export async function settle(
  parts: CollectionParts,
  fileId: AchFileId,
  debitCents: number,
  creditCents = 0,
): Promise<void> {
  const line = { fileName: fileId, debitCents, creditCents };
  await takeItem(parts, {
    id: `statement/${fileId}`,
    kind: "statement",
    date: "2026-01-01",
    lines: [line],
  } as unknown as InboundItem);
}

/** The process ends before a command of this kind is said to anybody, once. */
export function breakBefore(rig: SwitchRig, kind: string): void {
  const host = rig.running.services.host as { ask: Host["ask"] };
  const { ask: whole } = host;
  host.ask = async (ref, command: Message, options) => {
    if (command.kind !== kind) return await whole.call(host, ref, command, options);
    host.ask = whole;
    throw new RangeError("the process ended");
  };
}
