/**
 * Change codes of a notification of change (NOC), and where each puts its correction inside columns
 * 36-64 of the 798 addenda. Nacha Operating Rules, Appendix Five. Closed: any other code is kept as
 * data and given to people.
 */
import type { Columns } from "./fault.ts";

export type CorrectedPart = "account" | "routing" | "code" | "name" | "individualId";

export interface ChangeCode {
  readonly title: string;
  /** Columns of the record, counted from 1. */
  readonly parts: Partial<Readonly<Record<CorrectedPart, Columns>>>;
}

export const CHANGE_CODES: ReadonlyMap<string, ChangeCode> = new Map<string, ChangeCode>([
  ["C01", { title: "account number", parts: { account: [36, 52] } }],
  ["C02", { title: "routing number", parts: { routing: [36, 44] } }],
  [
    "C03",
    {
      title: "routing number and account number",
      parts: { routing: [36, 44], account: [48, 64] },
    },
  ],
  ["C04", { title: "name", parts: { name: [36, 57] } }],
  ["C05", { title: "transaction code", parts: { code: [36, 37] } }],
  [
    "C06",
    {
      title: "account number and transaction code",
      parts: { account: [36, 52], code: [56, 57] },
    },
  ],
  [
    "C07",
    {
      title: "routing number, account number and transaction code",
      parts: { routing: [36, 44], account: [45, 61], code: [62, 63] },
    },
  ],
  ["C09", { title: "individual id", parts: { individualId: [36, 57] } }],
  ["C13", { title: "addenda format", parts: {} }],
]);

/** C61-C69: our own NOC was refused. */
export function isRefusedChange(code: string): boolean {
  return /^C6[1-9]$/.test(code);
}
