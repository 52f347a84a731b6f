/** The inside of `seqr bench ach`: each order is carried out in a process of its own. */
import { type AchStep, checkStep, readStep, writeStep } from "./ach-file.ts";
import { collectOnce, type RunFigures, type RunScale } from "./ach-run.ts";
import { progress } from "./output.ts";
import { takeOrders } from "./subject.ts";

export type AchOrder =
  | { readonly kind: "write"; readonly path: string; readonly entries: number }
  | { readonly kind: "check" | "read"; readonly path: string }
  | ({ readonly kind: "collect" } & RunScale);

export async function serveAch(): Promise<void> {
  await takeOrders<AchOrder>(async (order): Promise<AchStep | RunFigures> => {
    switch (order.kind) {
      case "write":
        return await writeStep(order.path, order.entries);
      case "check":
        return await checkStep(order.path);
      case "read":
        return await readStep(order.path);
      case "collect":
        return await collectOnce(order, progress);
    }
  });
}
