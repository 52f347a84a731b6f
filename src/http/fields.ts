/** Fields that several routes have: texts that people read, and whole numbers in queries. */
import { z } from "@hono/zod-openapi";
import { isRoutingNumber } from "../../actors/routing-number.ts";

/**
 * One line of text that shows as it is. Control and format letters are not in it (a name that runs
 * backwards shows another amount), nor halves of pairs, which other readers of JSON refuse, nor
 * letters that mean nothing.
 */
const SHOWN = /^[^\p{C}\p{Zl}\p{Zp}]*$/u;
/** The same, with line breaks and tabs. */
const SHOWN_LINES = /^(?:[^\p{C}\p{Zl}\p{Zp}]|[\n\t])*$/u;

/** A name that people read at a checkout; the middle dot parts names in the payee line. */
export const Label = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}·]+$/u);

export const PersonName = z.string().trim().min(1).max(100).regex(SHOWN);

/** What a till calls something by; may be empty. */
export function tillText(lengthMax: number) {
  return z.string().max(lengthMax).regex(SHOWN).default("");
}

/** A bank account as it is given; the routing number has a right check digit (ABA). */
export const BankAccountFields = {
  routing_number: z.string().refine(isRoutingNumber),
  account_number: z.string().regex(/^[A-Z0-9-]{1,17}$/),
  kind: z.enum(["checking", "savings"]),
};

/** Why it was done: asked of every act that changes what a customer may do. */
export const Note = z.string().trim().min(3).max(500).regex(SHOWN_LINES);

/** A whole number in a query: digits and nothing else. */
export function wholeIn(min: number, max: number) {
  return digits(min, max).optional().openapi({ type: "integer", minimum: min, maximum: max });
}

/** The same; `preset` where none is given. */
export function wholeOr(preset: number, min: number, max: number) {
  const described = { type: "integer" as const, minimum: min, maximum: max, default: preset };
  return digits(min, max).default(preset).openapi(described);
}

function digits(min: number, max: number) {
  return z
    .string()
    .regex(/^[0-9]{1,16}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max));
}
