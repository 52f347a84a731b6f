/** Every planted fault. */
import { FIELD_MUTANTS } from "./field.ts";
import { FORM_MUTANTS } from "./form.ts";
import { HASH_MUTANTS } from "./hash.ts";
import type { Mutant } from "./mutant.ts";
import { SIGNATURE_MUTANTS } from "./signature.ts";
import { WIPE_MUTANTS } from "./wipe.ts";

export const MUTANTS: readonly Mutant[] = [
  ...FIELD_MUTANTS,
  ...SIGNATURE_MUTANTS,
  ...FORM_MUTANTS,
  ...HASH_MUTANTS,
  ...WIPE_MUTANTS,
];
