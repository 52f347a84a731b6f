/** The way to the bank: the sandbox's own, a folder that somebody carries to and fro, or none. */
import type { BankGateway } from "./collection/bank-gateway.ts";
import type { Config } from "./config.ts";
import { BankFolder } from "./rails/bank-folder/bank-folder.ts";
import type { Clock } from "./runtime/clock.ts";

export interface BankLine {
  readonly gateway: BankGateway;
  /** Without a way nothing is handed over, by the clock or by hand. */
  readonly isThere: boolean;
  /** Something came that could not be read. */
  readonly hasRefused: () => boolean;
}

/** `own` is the sandbox's bank, or a test's. A folder that is configured comes before it. */
export function bankLine(config: Config, own: BankGateway | undefined, clock: Clock): BankLine {
  if (config.bankFolder !== undefined) {
    const folder = new BankFolder(config.bankFolder, clock);
    return { gateway: folder, isThere: true, hasRefused: () => folder.hasRefused };
  }
  const hasRefused = (): boolean => false;
  if (own !== undefined) return { gateway: own, isThere: true, hasRefused };
  return { gateway: new NoBank(), isThere: false, hasRefused };
}

class NoBank implements BankGateway {
  async handOver(): Promise<never> {
    throw new Error("no way to the bank is configured");
  }

  withdraw = async (): Promise<void> => {};
  inbound = async (): Promise<readonly []> => [];
  taken = async (): Promise<void> => {};
}
