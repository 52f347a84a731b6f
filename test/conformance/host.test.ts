/** What the host makes of any event log. */
import { alarms } from "./cases/alarms.ts";
import { bugs } from "./cases/bugs.ts";
import { deliveries } from "./cases/deliveries.ts";
import { drain } from "./cases/drain.ts";
import { evolution } from "./cases/evolution.ts";
import { order } from "./cases/order.ts";
import { projections } from "./cases/projections.ts";
import { provisional } from "./cases/provisional.ts";
import { refusals } from "./cases/refusals.ts";
import { repeats } from "./cases/repeats.ts";
import { saga } from "./cases/saga.ts";
import { size } from "./cases/size.ts";
import { unknownOutcome } from "./cases/unknown-outcome.ts";
import { runGroups } from "./run-groups.ts";

runGroups({
  repeats,
  refusals,
  provisional,
  "unknown outcome": unknownOutcome,
  bugs,
  deliveries,
  alarms,
  "order of commands": order,
  projections,
  evolution,
  size,
  drain,
  saga,
});
