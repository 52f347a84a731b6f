/** Every single fault that a JSON body can have, read off its schema in the OpenAPI document. */
import { assert } from "../../actors/assert.ts";

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly maximum?: number;
  readonly minimum?: number;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Operation {
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

export interface Fault {
  readonly name: string;
  readonly body: unknown;
  /** Of the error that the answer names. */
  readonly pointer: string;
}

type Json = Readonly<Record<string, unknown>>;

/** The faults of `good`, which fits `schema`; `canary` is planted wherever a text can be put. */
export function faultsOf(document: Document, schema: Schema, good: Json, canary: string): Fault[] {
  const whole = [[canary], canary, Number(canary), true, null, []].map((body) => ({
    name: `${JSON.stringify(body)} instead of the body`,
    body,
    pointer: "",
  }));
  return [...whole, ...objectFaults(document, schema, good, canary, "")];
}

function objectFaults(
  document: Document,
  given: Schema,
  good: Json,
  canary: string,
  at: string,
): Fault[] {
  const schema = resolved(document, given);
  assert(schema.properties !== undefined, "a body is an object with named fields");
  const faults: Fault[] = [
    { name: `an extra field in ${at}/`, body: { ...good, [`x${canary}`]: canary }, pointer: at },
    { name: `__proto__ in ${at}/`, body: withProto(good, canary), pointer: at },
  ];
  for (const [field, ofField] of Object.entries(schema.properties)) {
    const pointer = `${at}/${field}`;
    const { [field]: value, ...rest } = good;
    if (schema.required?.includes(field) === true) {
      faults.push({ name: `no ${pointer}`, body: rest, pointer });
    }
    for (const wrong of wrongValues(resolved(document, ofField), canary)) {
      const name = `${shorten(wrong)} as ${pointer}`;
      faults.push({ name, body: { ...good, [field]: wrong }, pointer });
    }
    if (resolved(document, ofField).type === "object") {
      const inner = objectFaults(document, ofField, value as Json, canary, pointer);
      faults.push(...inner.map((fault) => ({ ...fault, body: { ...good, [field]: fault.body } })));
    }
  }
  return faults;
}

function resolved(document: Document, schema: Schema): Schema {
  const name = schema.$ref?.split("/").at(-1);
  const found = name === undefined ? schema : document.components.schemas[name];
  assert(found !== undefined, "a schema that is referred to is there");
  return found;
}

/** Values that the schema of one field refuses. */
function wrongValues(schema: Schema, canary: string): readonly unknown[] {
  const others = [null, true, [canary], { [canary]: canary }];
  if (schema.type === "object") return [...others.slice(0, 3), canary, Number(canary)];
  if (schema.type === "string") return [...others, Number(canary), ...wrongTexts(schema, canary)];
  assert(schema.type === "integer", "a field is an object, a text or a whole number");
  const { minimum, maximum } = schema;
  return [
    ...others,
    canary,
    Number(`${canary}.5`),
    ...(minimum === undefined ? [] : [minimum - 1]),
    ...(maximum === undefined ? [] : [maximum + 1]),
    2 ** 53,
  ];
}

function wrongTexts(schema: Schema, canary: string): readonly string[] {
  const { pattern, maxLength, minLength } = schema;
  const controls = `${canary}\u0000`;
  return [
    ...(schema.enum === undefined ? [] : [canary]),
    ...(pattern === undefined || new RegExp(pattern, flagsOf(pattern)).test(controls)
      ? []
      : [controls]),
    ...(maxLength === undefined ? [] : [canary.repeat(Math.ceil(maxLength / canary.length) + 1)]),
    ...(minLength === undefined ? [] : [""]),
  ];
}

/** zod writes a pattern with flags as `^...$/u`. */
function flagsOf(pattern: string): string {
  return pattern.includes("\\p{") ? "u" : "";
}

function withProto(good: Json, canary: string): unknown {
  const text = JSON.stringify(good);
  return JSON.parse(`{"__proto__":"${canary}"${text === "{}" ? "" : ","}${text.slice(1)}`);
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
