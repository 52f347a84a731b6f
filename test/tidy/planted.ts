/**
 * Offences planted for each rule, beside innocent lines that look like one. A rule that misses its
 * offence or takes an innocent for one fails here, before it misleads anybody.
 */
import { CODE_SAMPLES } from "./planted-code.ts";
import { IMPORT_SAMPLES } from "./planted-imports.ts";
import { TEXT_SAMPLES } from "./planted-text.ts";
import type { Sample } from "./sample.ts";

export const PLANTED: readonly Sample[] = [...IMPORT_SAMPLES, ...CODE_SAMPLES, ...TEXT_SAMPLES];
