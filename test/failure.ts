/**
 * What a promise came to, waited for as everything else is. `expect(promise).rejects` waits in an
 * event loop of its own, inside the present step: what was due in this step already (an immediate
 * of the views) runs only after it, and a promise that needs it is waited for for ever (Bun 1.4).
 */

/** Gives or throws what the promise came to: `expect(await settled(promise)).toThrow("...")`. */
export async function settled<Value>(promise: PromiseLike<Value>): Promise<() => Value> {
  try {
    const value = await promise;
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** What it was refused with. Throws when it was not. */
export async function failureOf(promise: PromiseLike<unknown>): Promise<unknown> {
  const [outcome] = await Promise.allSettled([promise]);
  if (outcome.status === "rejected") return outcome.reason;
  throw new Error("the promise was kept");
}
