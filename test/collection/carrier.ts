/** Whoever brings files between a bank's folder and the sandbox's bank, and is not tidy. */
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InboundItem } from "../../src/collection/bank-gateway.ts";
import type { BankTwin } from "../../src/rails/bank-twin/bank-twin.ts";

export class Carrier {
  #pieces = 0;

  constructor(
    private readonly root: string,
    private readonly bank: BankTwin,
  ) {}

  /** Takes our files to the bank, some of them twice, and brings what it says, half of it late. */
  async go(time: number): Promise<void> {
    const outbound = join(this.root, "outbound");
    for (const name of readdirSync(outbound).filter((one) => one.endsWith(".ach"))) {
      const bytes = new Uint8Array(readFileSync(join(outbound, name)));
      for (let times = 0; times <= time % 2; times++) {
        await this.bank.handOver(name.slice(0, -".ach".length), [bytes]);
      }
    }
    const items = await this.bank.inbound();
    for (const item of time % 3 === 0 ? items.slice(1) : items) {
      this.#put(item);
      await this.bank.taken(item.id);
    }
  }

  #put(item: InboundItem): void {
    const end = item.kind === "returns" ? ".ach" : ".json";
    const path = join(this.root, "inbound", `piece-${++this.#pieces}${end}`);
    writeFileSync(`${path}.part`, item.kind === "returns" ? item.bytes : documentOf(item));
    renameSync(`${path}.part`, path);
  }
}

function documentOf(item: Exclude<InboundItem, { kind: "returns" }>): string {
  const { kind } = item;
  if (kind === "acknowledgement") {
    return JSON.stringify({ kind, file: `${item.fileName}.ach`, outcome: item.outcome });
  }
  const lines = item.lines.map(({ fileName, debitCents, creditCents }) => {
    return { file: `${fileName}.ach`, debit_cents: debitCents, credit_cents: creditCents };
  });
  return JSON.stringify({ kind, date: item.date, lines }, null, 2);
}
