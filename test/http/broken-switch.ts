/** The application over a host that answers with faults only: what a sound host cannot show. */
import { makeApp } from "../../src/http/app.ts";
import type { Services } from "../../src/http/services.ts";
import { Fault, type FaultKind } from "../../src/runtime/fault.ts";
import type { Host } from "../../src/runtime/host.ts";
import type { Reply, SwitchRig } from "../switch-rig.ts";

/** One call of the till to a switch whose every actor fails in this way. */
export async function brokenSwitch(rig: SwitchRig, fault: FaultKind | Error): Promise<Reply> {
  const { services } = rig.running;
  const fail = (): Promise<never> =>
    Promise.reject(typeof fault === "string" ? new Fault(fault) : fault);
  const host = { feed: services.host.feed, isDraining: false, ask: fail, once: fail };
  const broken: Services = { ...services, host: host as unknown as Host };
  const response = await makeApp(broken).api.request("/v1/lanes/lane_1/current", {
    headers: { authorization: `Bearer ${rig.till.key}` },
  });
  const text = await response.text();
  const body = JSON.parse(text) as Reply["body"];
  return { status: response.status, headers: response.headers, text, body };
}
