/** Pieces that came from the bank, or were imported: when, how long, and what became of them. */
import type { AchInboundEvent } from "../../actors/ach-inbound.ts";
import type { View, ViewRows } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";

export interface InboundFile {
  /** Hex, SHA-256 of the bytes. */
  readonly hash: string;
  readonly receivedAtMs: number;
  readonly bytes: number;
  readonly stage: "reading" | "finished";
  /** Returns and corrections that were acted on, and those that had been known. */
  readonly applied: number;
  readonly known: number;
  /** Kept for a person. */
  readonly exceptions: number;
}

const FILE = "file/";
const ORDER = "order/";
const PLACE = "place/";

export const inboundFiles: View = {
  name: "inbound-files",
  version: 1,
  apply(events, table) {
    for (const event of events) {
      if (event.ref.kind !== "ach-inbound") continue;
      // What is beyond one actor goes to another: the same piece, another page.
      const [hash = "", page] = event.ref.id.split("/");
      const body = bodyOf<AchInboundEvent>(event);
      if (body.kind === "InboundReceived" && page === undefined) {
        const place = ORDER + sortable(event.position);
        table.put(place, JSON.stringify(hash));
        table.put(PLACE + hash, JSON.stringify(place));
        const fresh = { stage: "reading", applied: 0, known: 0, exceptions: 0 };
        const came = { hash, receivedAtMs: event.atMs, bytes: body.bytes };
        table.put(FILE + hash, JSON.stringify({ ...came, ...fresh }));
      }
      const file = findInbound(table, hash);
      const changes = file && changesBy(body, file, page !== undefined);
      if (changes !== undefined) table.put(FILE + hash, JSON.stringify({ ...file, ...changes }));
    }
  },
};

function changesBy(
  event: AchInboundEvent,
  { exceptions }: InboundFile,
  isFurtherPage: boolean,
): Partial<InboundFile> | undefined {
  if (event.kind === "ExceptionKept") return { exceptions: exceptions + 1 };
  if (event.kind !== "InboundFinished" || isFurtherPage) return undefined;
  const { applied, known } = event;
  return { stage: "finished", applied, known };
}

export function findInbound(table: ViewRows, hash: string): InboundFile | undefined {
  const row = table.get(FILE + hash);
  return row === undefined ? undefined : (JSON.parse(row) as InboundFile);
}

/** The newest first; undefined where `after` is none of them. */
export function inboundNewestFirst(
  table: ViewRows,
  max: number,
  after?: string,
): readonly InboundFile[] | undefined {
  const place = after === undefined ? undefined : table.get(PLACE + after);
  if (after !== undefined && place === undefined) return undefined;
  const rows = table.range({
    ...{ prefix: ORDER, max, newestFirst: true },
    ...(place === undefined ? {} : { after: JSON.parse(place) as string }),
  });
  return rows.flatMap(({ value }) => findInbound(table, JSON.parse(value) as string) ?? []);
}
