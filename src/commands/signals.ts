/** Waiting for the operating system to ask us to stop. */

/** Resolves at the first SIGTERM or SIGINT; the second one ends the process at once. */
export function untilSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = false;
  const onSignal = (): void => {
    // The event log makes this safe: nothing that was acknowledged is lost.
    if (asked) process.exit(1);
    asked = true;
    resolve();
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  return promise;
}
