/** People at the desk who find the way for refunds that cannot be sent. */
import type { AccountView } from "../../actors/account-messages.ts";
import type { Message } from "../../actors/actor.ts";
import type { RefundResolution } from "../../actors/stopped-refund-messages.ts";
import { demand } from "./demand.ts";
import type { MoneyTeller } from "./money-teller.ts";

const PROPOSED: ReadonlySet<string> = new Set([
  "refund_resolution_proposed",
  "refund_by_hand_proposed",
]);

export class MoneyResolving {
  constructor(private readonly teller: MoneyTeller) {}

  /** One of those that wait, by two people; the first one tries alone, too. */
  take(pick: number, way: RefundResolution | "by_hand"): void {
    const { customers, bank } = this.teller.auditor;
    const waiting = [...customers.keys()].flatMap((id) => {
      const ref = { kind: "account", id } as const;
      const describe = { kind: "DescribeAccount" } as Message;
      const { collection } = this.teller.tell(ref, describe) as unknown as AccountView;
      const { refunds, unclaimed = [] } = collection;
      const stopped = refunds.filter(({ stage }) => stage === "stopped");
      return [...stopped, ...unclaimed].map(({ refundId, amountCents }) => {
        return { ref, refundId, amountCents };
      });
    });
    const found = waiting[pick % Math.max(waiting.length, 1)];
    if (found === undefined) return;
    const { ref, refundId, amountCents } = found;
    const command =
      way === "by_hand"
        ? { kind: "PayRefund", refundId, evidence: "x" }
        : { kind: "ResolveRefund", refundId, resolution: way, note: "x" };
    const say = (name: string): string =>
      this.teller.tell(ref, command as Message, `desk:${name}`).kind;
    const first = say("alice");
    if (first === "account_blocked") return;
    if (first === "resolution_does_not_fit" || first === "refund_not_stuck") {
      this.teller.rare.reach(`no resolution: ${first}`);
      return;
    }
    demand(PROPOSED.has(first), "who resolves a refund", () => [first, found]);
    const alone = say("alice");
    demand(alone === "second_person_needed", "two people resolve a refund", () => [alone, found]);
    const agreed = say("bob");
    demand(agreed === "collection_changed", "two people resolve a refund", () => [agreed, found]);
    if (way === "by_hand") bank.held -= amountCents;
  }
}
