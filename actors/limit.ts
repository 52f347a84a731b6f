/**
 * The spending limit. Each payment lowers what is available, each collected payment raises it by
 * its amount, and it never leaves [0, cap] (FAQ; docs/money.md, I3 to I5):
 *
 *   available = clamp(cap - exposure - holds, 0, cap)
 */
import { assert } from "./assert.ts";
import { type Cents, clampCents, subtractCents, sumCents, ZERO_CENTS } from "./money.ts";

/** What the customer owes, by where the collection stands. Each part is never negative. */
export interface Exposure {
  readonly dueCents: Cents;
  readonly inFlightCents: Cents;
  readonly returnedCents: Cents;
  readonly disputedCents: Cents;
}

export const NO_EXPOSURE: Exposure = {
  dueCents: ZERO_CENTS,
  inFlightCents: ZERO_CENTS,
  returnedCents: ZERO_CENTS,
  disputedCents: ZERO_CENTS,
};

export interface LimitView {
  readonly capCents: Cents;
  readonly availableCents: Cents;
  readonly exposureCents: Cents;
  readonly holdsCents: Cents;
}

export function exposureTotal(exposure: Exposure): Cents {
  const { dueCents, inFlightCents, returnedCents, disputedCents } = exposure;
  return sumCents([dueCents, inFlightCents, returnedCents, disputedCents]);
}

/** What an approval may still take; negative when a return has reopened a collected payment. */
export function roomCents(capCents: Cents, exposureCents: Cents, holdsCents: Cents): Cents {
  return subtractCents(subtractCents(capCents, exposureCents), holdsCents);
}

export function limitView(capCents: Cents, exposure: Exposure, holdsCents: Cents): LimitView {
  assert(holdsCents >= 0, "holds are never negative");
  const exposureCents = exposureTotal(exposure);
  const room = roomCents(capCents, exposureCents, holdsCents);
  const availableCents = clampCents(room, ZERO_CENTS, capCents);
  return { capCents, availableCents, exposureCents, holdsCents };
}
