/** The application over a host that answers with faults only: what a sound host cannot show. */
import { type App, makeApp } from "../../src/http/app.ts";
import type { Services } from "../../src/http/services.ts";
import { Fault, type FaultKind } from "../../src/runtime/fault.ts";
import type { Host } from "../../src/runtime/host.ts";
import type { Reply, SwitchRig } from "../switch-rig.ts";

/** The switch, but that one command is done and its answer lost between log and caller. */
export function forgetfulSwitch(rig: SwitchRig, kind: string): App {
  const { services } = rig.running;
  const { host } = services;
  const ask: Host["ask"] = async (ref, command, options) => {
    const reply = await host.ask(ref, command, options);
    if (command.kind === kind) throw new Fault("storage_failed");
    return reply;
  };
  const forgetful = { feed: host.feed, isDraining: false, ask, once: host.once.bind(host) };
  return makeApp({ ...services, host: forgetful as unknown as Host });
}

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
