/** Every view, each a fold of the feed into rows of its own. */

import type { View } from "../runtime/view.ts";
import { achEntries } from "./ach-entries.ts";
import { achExceptions } from "./ach-exceptions.ts";
import { achFiles } from "./ach-files.ts";
import { changedBankAccounts } from "./changed-bank-accounts.ts";
import { complianceQueue } from "./compliance-queue.ts";
import { debts } from "./debts.ts";
import { fileHistory } from "./file-history.ts";
import { identityQueue } from "./identity-queue.ts";
import { inboundFiles } from "./inbound-files.ts";
import { ledgerBalances } from "./ledger-balances.ts";
import { merchantEvents } from "./merchant-events.ts";
import { paymentRequests } from "./payment-requests.ts";
import { proposals } from "./proposals.ts";
import { refunds } from "./refunds.ts";
import { retention as retentionView } from "./retention.ts";
import { returnRates } from "./return-rates.ts";
import { reversals } from "./reversals.ts";
import { settlements } from "./settlements.ts";
import { sharedBankAccounts } from "./shared-bank-accounts.ts";

export const VIEWS: readonly View[] = [
  ledgerBalances,
  paymentRequests,
  merchantEvents,
  identityQueue,
  achEntries,
  achFiles,
  achExceptions,
  settlements,
  debts,
  complianceQueue,
  sharedBankAccounts,
  changedBankAccounts,
  retentionView,
  returnRates,
  fileHistory,
  inboundFiles,
  refunds,
  reversals,
  proposals,
];
