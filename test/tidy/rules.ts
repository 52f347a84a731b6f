/** Every rule of the house that a machine can keep. biome and the compiler keep the others. */
import { assertions } from "./assertions.ts";
import { cycles } from "./cycles.ts";
import { documents } from "./documents.ts";
import { declared, imports } from "./import-table.ts";
import { money } from "./money.ts";
import { addresses, versions } from "./packages.ts";
import { purity } from "./purity.ts";
import { ceilings, columns, focus, marks, names, paths, waits } from "./shape.ts";
import type { Rule } from "./tree.ts";
import { vocabulary } from "./vocabulary.ts";

export const RULES: readonly Rule[] = [
  imports,
  declared,
  cycles,
  purity,
  money,
  assertions,
  vocabulary,
  ceilings,
  columns,
  names,
  marks,
  focus,
  waits,
  paths,
  documents,
  addresses,
  versions,
];
