/** What every event log must do, without a host. */
import { batch } from "./cases/batch.ts";
import { chain } from "./cases/chain.ts";
import { dedupe } from "./cases/dedupe.ts";
import { feed } from "./cases/feed.ts";
import { outbox } from "./cases/outbox.ts";
import { sequence } from "./cases/sequence.ts";
import { snapshots } from "./cases/snapshots.ts";
import { timers } from "./cases/timers.ts";
import { runGroups } from "./run-groups.ts";

runGroups({ sequence, batch, dedupe, outbox, timers, feed, snapshots, "hash chain": chain });
