/**
 * The words of the command line. A command is loaded when it is said: most of them need a part of
 * the whole only, and to load all of it takes longer than they do.
 */
import type { Command } from "./command.ts";

export interface Word {
  readonly name: string;
  /** One line, for the list of words. */
  readonly summary: string;
  load(): Promise<Command>;
}

export const WORDS: readonly Word[] = [
  {
    name: "demo",
    summary: "run a sandbox and watch one payment",
    load: async () => (await import("./demo.ts")).demo,
  },
  {
    name: "serve",
    summary: "run the switch on a data directory",
    load: async () => (await import("./serve.ts")).serve,
  },
  {
    name: "init",
    summary: "make a data directory with its keys",
    load: async () => (await import("./init.ts")).init,
  },
  {
    name: "operator",
    summary: "give an operator a desk key",
    load: async () => (await import("./operator.ts")).operator,
  },
  {
    name: "keys",
    summary: "show, rotate and retire key-encryption keys",
    load: async () => (await import("./keys.ts")).keys,
  },
  {
    name: "clock",
    summary: "read a sandbox's clock, or move it ahead",
    load: async () => (await import("./clock.ts")).clock,
  },
  {
    name: "collect",
    summary: "make a file of everything that is due, and hand it to the bank",
    load: async () => (await import("./collect.ts")).collect,
  },
  {
    name: "files",
    summary: "files for the bank: stages, totals, and what the bank said on the phone",
    load: async () => (await import("./files.ts")).files,
  },
  {
    name: "inbound",
    summary: "what comes from the bank: list it, take it in now, import a file",
    load: async () => (await import("./inbound.ts")).inbound,
  },
  {
    name: "exceptions",
    summary: "what of the bank's words waits for a person, and how to clear it up",
    load: async () => (await import("./exceptions.ts")).exceptions,
  },
  {
    name: "debts",
    summary: "what is not collected: list it, record payments, decide",
    load: async () => (await import("./debts.ts")).debts,
  },
  {
    name: "proposals",
    summary: "what one person has proposed, and waits for a second one",
    load: async () => (await import("./proposals.ts")).proposals,
  },
  {
    name: "returns",
    summary: "return rates over sixty days, against what Nacha allows",
    load: async () => (await import("./returns.ts")).returns,
  },
  {
    name: "merchants",
    summary: "where merchants are paid out to: look, name a bank account",
    load: async () => (await import("./merchants.ts")).merchants,
  },
  {
    name: "doctor",
    summary: "check a data directory: hash chain, states, ledger, exposures",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  {
    name: "evidence",
    summary: "what proves one purchase: export it, or verify such a file",
    load: async () => (await import("./evidence.ts")).evidence,
  },
  {
    name: "ledger",
    summary: "trial balance, lines of an account, and the reconciliation with the bank",
    load: async () => (await import("./ledger.ts")).ledger,
  },
  {
    name: "ach",
    summary: "check ACH files that are to be sent, read own and foreign ones",
    load: async () => (await import("./ach.ts")).ach,
  },
  {
    name: "bench",
    summary: "measure this machine, against what people would pick instead",
    load: async () => (await import("./bench.ts")).bench,
  },
  {
    name: "version",
    summary: "version, schema and cryptographic core",
    load: async () => (await import("./version.ts")).version,
  },
];
