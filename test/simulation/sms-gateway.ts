/** The gateway for SMS: now and then it takes no messages. */
import { SandboxSms } from "../../src/rails/sms.ts";

let isUp = (): boolean => true;

/** Asked at every message of the run that is under way. */
export function useGateway(next: () => boolean): void {
  isUp = next;
}

export function installGateway(): void {
  const { send } = SandboxSms.prototype;
  SandboxSms.prototype.send = function (...of: Parameters<typeof send>) {
    if (!isUp()) return Promise.reject(new Error("the gateway takes no messages"));
    return send.apply(this, of);
  };
}
