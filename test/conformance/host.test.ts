/** What the host makes of any event log (docs/cluster.md section 7). */
import { deliveries } from "./cases/deliveries.ts";
import { runGroups } from "./run-groups.ts";

runGroups({ deliveries });
