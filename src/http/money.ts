/** Money on the wire: whole cents and a currency. */
import { z } from "@hono/zod-openapi";
import { type Cents, CURRENCY_CODE, cents } from "../../actors/money.ts";

/** The greatest amount that is asked or set: one million dollars, far above any spending limit. */
const AMOUNT_CENTS_MAX = 100_000_000;

export interface Money {
  readonly amount: number;
  readonly currency: typeof CURRENCY_CODE;
}

export function toMoney(amountCents: Cents): Money {
  return { amount: amountCents, currency: CURRENCY_CODE };
}

const fields = {
  currency: z.literal(CURRENCY_CODE).openapi({ example: CURRENCY_CODE }),
};

/** What is asked for: at least one cent. */
export const AskedMoney = z
  .strictObject({
    amount: z.int().min(1).max(AMOUNT_CENTS_MAX).openapi({
      description: "Cents",
      example: 1299,
    }),
    ...fields,
  })
  .openapi("AskedMoney");

/** What is set: may be zero. */
export const SetMoney = z
  .strictObject({
    amount: z.int().min(0).max(AMOUNT_CENTS_MAX).openapi({
      description: "Cents",
      example: 10_000,
    }),
    ...fields,
  })
  .openapi("SetMoney");

/** What is told: may be zero. */
export const MoneyShape = z
  .object({ amount: z.int().openapi({ description: "Cents", example: 1299 }), ...fields })
  .openapi("Money");

export function fromMoney(money: { readonly amount: number }): Cents {
  return cents(money.amount);
}
