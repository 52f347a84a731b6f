/**
 * What a sweep looks at, by the moment at which its period began: closed accounts, bank accounts
 * and mandates that were replaced, pictures that wait, files for the bank. Whether it may go its
 * actor says.
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { AchFileEvent } from "../../actors/ach-file-messages.ts";
import type { AchInboundEvent } from "../../actors/ach-inbound.ts";
import type { ActorRef } from "../../actors/actor.ts";
import type { DocumentSide } from "../../actors/identity.ts";
import type { SettlementEvent } from "../../actors/settlement-messages.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewRows, ViewTable } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";

/** One thing whose period has begun. */
export interface Kept {
  readonly fromMs: number;
  readonly ref: ActorRef;
  /** Of what is sealed; empty where it is the person. */
  readonly token: string;
}

export type KeptKind = "closed" | "replaced" | "picture" | "file";

/** The key of a row, by what it is of. */
const PLACE = "place/";
/** Sealed files that events name, until they say that they are destroyed. */
const DOCUMENT = "document/";
/** What owners have now. */
const CURRENT = "current/";

export const retention: View = {
  name: "retention",
  version: 2,
  apply(events, table) {
    for (const event of events) {
      switch (event.ref.kind) {
        case "account":
          ofAccount(event, table);
          break;
        case "merchant":
          ofMerchant(event, table);
          break;
        case "ach-file":
          ofFile(event, table);
          break;
        case "ach-inbound":
          ofInbound(event, table);
          break;
        case "sealed":
          forget(table, "file", event.ref.id);
          forget(table, "replaced", event.ref.id);
          table.remove(DOCUMENT + event.ref.id);
          break;
        default:
      }
    }
  },
};

type OfAccount<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;
type OfMerchant<Kind extends SettlementEvent["kind"]> = Extract<SettlementEvent, { kind: Kind }>;

function ofAccount(event: StoredEvent, table: ViewTable): void {
  const { ref, atMs } = event;
  switch (event.kind as AccountEvent["kind"]) {
    case "AccountOpened": {
      const { vault, mandate } = bodyOf<OfAccount<"AccountOpened">>(event);
      replaced(table, event, "bank-account", vault.bankAccount);
      replaced(table, event, "person", vault.person);
      replaced(table, event, "address", mandate.address);
      return;
    }
    case "BankAccountReplaced": {
      const { token, person, mandate } = bodyOf<OfAccount<"BankAccountReplaced">>(event);
      replaced(table, event, "bank-account", token);
      // Before version 5 it was the same person, under the same mandate.
      if (person) replaced(table, event, "person", person);
      if (mandate) replaced(table, event, "address", mandate.address);
      return;
    }
    case "BankAccountCorrected": {
      const { token } = bodyOf<OfAccount<"BankAccountCorrected">>(event);
      replaced(table, event, "bank-account", token);
      return;
    }
    case "IdentityDocumentSubmitted":
      submitted(table, ref.id, bodyOf<OfAccount<"IdentityDocumentSubmitted">>(event));
      keep(table, "picture", ref.id, { fromMs: atMs, ref, token: "" });
      return;
    case "IdentityVerified":
    case "IdentityRejected":
    case "IdentityDocumentsExpired":
      noPictures(table, ref.id);
      return;
    case "AccountClosed":
      noPictures(table, ref.id);
      keep(table, "closed", ref.id, { fromMs: atMs, ref, token: "" });
      return;
    case "PersonForgotten":
      forget(table, "closed", ref.id);
      return;
    default:
  }
}

const SIDES: readonly DocumentSide[] = ["front", "rear"];

/** It takes the place of the one of its side, and of those of another kind of document. */
function submitted(
  table: ViewTable,
  account: string,
  { documentKind, side, token }: OfAccount<"IdentityDocumentSubmitted">,
): void {
  const isKept = (old: Picture): boolean => old.documentKind === documentKind && old.side !== side;
  removePictures(table, account, isKept);
  const picture: Picture = { documentKind, side, token };
  table.put(`${CURRENT}picture/${account}/${side}`, JSON.stringify(picture));
  table.put(DOCUMENT + token, "1");
}

type Picture = Pick<OfAccount<"IdentityDocumentSubmitted">, "documentKind" | "side" | "token">;

/** The account has said so: what is left in the folder by then, nothing names. */
function noPictures(table: ViewTable, account: string): void {
  forget(table, "picture", account);
  removePictures(table, account, () => false);
}

function removePictures(
  table: ViewTable,
  account: string,
  isKept: (old: Picture) => boolean,
): void {
  for (const side of SIDES) {
    const key = `${CURRENT}picture/${account}/${side}`;
    const row = table.get(key);
    if (row === undefined) continue;
    const old = JSON.parse(row) as Picture;
    if (isKept(old)) continue;
    table.remove(key);
    table.remove(DOCUMENT + old.token);
  }
}

function ofMerchant(event: StoredEvent, table: ViewTable): void {
  if (event.kind === "BankAccountSet" || event.kind === "BankAccountCorrected") {
    const { token, ending } = bodyOf<OfMerchant<"BankAccountSet">>(event);
    replaced(table, event, "bank-account", token);
    replaced(table, event, "ending", ending);
  }
}

/** The one before begins its period. */
function replaced(
  table: ViewTable,
  { ref, atMs }: StoredEvent,
  what: "bank-account" | "ending" | "person" | "address",
  token: string | null | undefined,
): void {
  const current = `${CURRENT}${what}/${ref.kind}/${ref.id}`;
  const before = table.get(current);
  if (before === token) return;
  if (before !== undefined) keep(table, "replaced", before, { fromMs: atMs, ref, token: before });
  if (token) table.put(current, token);
  else table.remove(current);
}

function ofFile(event: StoredEvent, table: ViewTable): void {
  const { ref, atMs } = event;
  const sealed = `${CURRENT}ach-file/${ref.id}`;
  switch (event.kind as AchFileEvent["kind"]) {
    case "FileBuilt": {
      const { sealed: token } = bodyOf<Extract<AchFileEvent, { kind: "FileBuilt" }>>(event);
      table.put(sealed, token);
      table.put(DOCUMENT + token, "1");
      return;
    }
    case "FileSettled":
    case "FileRejected":
    case "FileAbandoned": {
      const token = table.get(sealed);
      if (token !== undefined) keep(table, "file", token, { fromMs: atMs, ref, token });
      return;
    }
    default:
  }
}

/** Pieces of the bank's own files wait for a person, and then for their time. */
function ofInbound(event: StoredEvent, table: ViewTable): void {
  const { ref, atMs } = event;
  if (event.kind === "ExceptionKept") {
    const { exception } = bodyOf<Extract<AchInboundEvent, { kind: "ExceptionKept" }>>(event);
    if (exception.sealed === null) return;
    table.put(`${CURRENT}${ref.id}/${exception.number}`, exception.sealed);
    table.put(DOCUMENT + exception.sealed, "1");
  } else if (event.kind === "ExceptionResolved" || event.kind === "ExceptionApplied") {
    // What has bytes has no money of a return: applied, nothing of it is left open.
    const { number } = bodyOf<Extract<AchInboundEvent, { kind: "ExceptionResolved" }>>(event);
    const token = table.get(`${CURRENT}${ref.id}/${number}`);
    if (token !== undefined) keep(table, "file", token, { fromMs: atMs, ref, token });
  }
}

function keep(table: ViewTable, kind: KeptKind, name: string, row: Kept): void {
  forget(table, kind, name);
  const key = `${kind}/${sortable(row.fromMs)}/${name}`;
  table.put(key, JSON.stringify(row));
  table.put(`${PLACE}${kind}/${name}`, key);
}

function forget(table: ViewTable, kind: KeptKind, name: string): void {
  const place = `${PLACE}${kind}/${name}`;
  const key = table.get(place);
  if (key === undefined) return;
  table.remove(key);
  table.remove(place);
}

const PAGE_MAX = 500;

/** Everything of a kind whose period began by then, oldest first. */
export function* keptSince(table: ViewRows, kind: KeptKind, untilMs: number): Generator<Kept> {
  const prefix = `${kind}/`;
  for (let after = prefix; ; ) {
    const page = table.range({ prefix, max: PAGE_MAX, after });
    for (const { value } of page) {
      const kept = JSON.parse(value) as Kept;
      if (kept.fromMs > untilMs) return;
      yield kept;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_MAX) return;
    after = last.key;
  }
}

/** Whether an event names the sealed file, and it is to be there. */
export function isNamedDocument(table: ViewRows, token: string): boolean {
  return table.get(DOCUMENT + token) !== undefined;
}
