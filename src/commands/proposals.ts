/** `seqr proposals`: what one person has proposed, and waits for a second one. */
import type { Proposal } from "../client/money-desk.ts";
import { type Command, isSet } from "./command.ts";
import { atTheDesk, DESK_LIST_OPTIONS, DESK_USAGE, deskCall } from "./desk-call.ts";
import { columns, counted, dollars, minute, more, pageOf, printJson } from "./listing.ts";

export const proposals: Command = {
  usage:
    "seqr proposals [--json]\n\n" +
    "The oldest first. Somebody else than who proposed it agrees by typing the command that is\n" +
    "told, with a note of their own; whoever types other figures proposes anew.\n\n" +
    "--after ID  goes on with the list behind that one\n" +
    "--json      one object on standard output, amounts in cents\n" +
    DESK_USAGE,
  options: DESK_LIST_OPTIONS,
  run(values) {
    return atTheDesk(async () => {
      const found = await deskCall(values).money.proposals(pageOf(values));
      if (isSet(values, "json")) printJson(found);
      else process.stdout.write(tell(found.data) + more(found.has_more, found.data.at(-1)?.id));
      return 0;
    });
  },
};

function tell(data: readonly Proposal[]): string {
  if (data.length === 0) return "nothing waits for a second person\n";
  const rows = data.map((one) => {
    const { id, proposed_at: at, proposed_by: by, amount } = one;
    return [id, minute(at), by, amount === null ? "" : dollars(amount), commandOf(one)];
  });
  const head = ["proposal", "since (UTC)", "by", "amount", "agree with"];
  return columns([head, ...rows], new Set([3]));
}

/** How a second person says the same. */
function commandOf({ act, about, entries }: Proposal): string {
  const [first = "", second = "", third = "", fourth = ""] = about;
  switch (act) {
    case "bank_account":
      return `seqr merchants bank-account ${first} ...`;
    case "exception_apply":
      return `seqr exceptions apply ${first} ${second} ${third} --code ${fourth}`;
    case "exception_give_up":
      return `seqr exceptions give-up ${first}`;
    case "fee_waiver":
      return `seqr debts waive-fee ${first} ${second}`;
    case "file_rejection":
      return `seqr files acknowledge (or contradiction) ${first} rejected`;
    case "file_settlement":
      return `seqr files settle ${first} ...`;
    case "import":
      return `seqr inbound import FILE, of SHA-256 ${first}`;
    case "payment":
      return `seqr debts pay ${first} ...`;
    case "refund":
      return `a refund of ${first} at the desk's route`;
    case "refund_by_hand":
      return `seqr debts pay-back ${first} ${second}`;
    case "refund_resolution":
      return `seqr debts refund ${first} ${second} ${third}`;
    case "reversal": {
      const one = third === "" ? "" : ` --trace ${third}`;
      const many = counted(entries ?? 0, "entry", "entries");
      return `seqr files reverse ${first} ${second}${one} (${many})`;
    }
    case "write_off":
      return `seqr debts write-off ${first} ${second}`;
    default:
      return [act, ...about].join(" ");
  }
}
