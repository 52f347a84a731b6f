/**
 * The OpenAPI document held against what the switch really answers: status, problem code, media
 * type, and every field of the body. A field that the document does not name is a fault, too.
 */
import { assert } from "../../actors/assert.ts";

interface Shape {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  /** Fields that nobody named are a fault in any case. */
  readonly additionalProperties?: false;
}

interface Said {
  readonly content?: Readonly<Record<string, { readonly schema: Shape }>>;
  readonly "x-codes"?: readonly string[];
}

type Operation = { readonly responses: Readonly<Record<string, Said>> };

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Shape>> };
}

export interface Answer {
  readonly method: string;
  /** With or without a query. */
  readonly path: string;
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
}

const KNOWN = new Set([
  "$ref",
  "type",
  "properties",
  "required",
  "items",
  "enum",
  "anyOf",
  "pattern",
  "format",
  "minimum",
  "maximum",
  "maxItems",
  "additionalProperties",
  "description",
  "example",
]);

export class Contract {
  readonly #routes: readonly (readonly [RegExp, string])[];

  constructor(readonly document: OpenApi) {
    this.#routes = Object.keys(document.paths).map((path) => [
      new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`),
      path,
    ]);
  }

  /** What of the answer the document does not say; empty for an address that has no route. */
  faultsOf({ method, path, status, mediaType, text }: Answer): readonly string[] {
    const operation = this.#operation(method, path);
    // The server itself ends what is too large beyond all measure, without a word.
    if (operation === undefined || (status === 413 && text === "")) return [];
    const said = operation.responses[status];
    if (said === undefined) return [`${status} is not documented: ${text.slice(0, 200)}`];
    const types = Object.keys(said.content ?? {});
    if (types.length === 0) return text === "" ? [] : ["a body is not documented"];
    const type = types.find((each) => isOf(mediaType, each));
    if (type === undefined) return [`${mediaType} is not documented`];
    if (method === "HEAD" || !type.endsWith("json")) return [];
    const body: unknown = JSON.parse(text);
    const faults = this.#check(said.content?.[type]?.schema ?? {}, body, "");
    const code = (body as { code?: string }).code ?? "";
    const isKnown = said["x-codes"]?.includes(code) !== false;
    return isKnown ? faults : [...faults, `${status} ${code} is not documented`];
  }

  /** The more literal of two that match. */
  #operation(method: string, given: string): Operation | undefined {
    const path = given.split("?")[0] ?? "";
    const verb = method === "HEAD" ? "get" : method.toLowerCase();
    return this.#routes
      .filter(([form]) => form.test(path))
      .sort(([, one], [, two]) => one.split("{").length - two.split("{").length)
      .map(([, name]) => this.document.paths[name]?.[verb])
      .find((operation) => operation !== undefined);
  }

  #check(shape: Shape, value: unknown, at: string): readonly string[] {
    const unknown = Object.keys(shape).filter((word) => !KNOWN.has(word));
    assert(unknown.length === 0, "every word of a schema is looked at");
    if (shape.$ref !== undefined) {
      const named = this.document.components.schemas[shape.$ref.split("/").at(-1) ?? ""];
      assert(named !== undefined, "a schema that is referred to is there");
      return this.#check(named, value, at);
    }
    if (shape.anyOf !== undefined) {
      const tried = shape.anyOf.map((each) => this.#check(each, value, at));
      return tried.some((faults) => faults.length === 0) ? [] : (tried[0] ?? []);
    }
    const types = shape.type === undefined ? [] : [shape.type].flat();
    if (types.length > 0 && !types.some((type) => isType(type, value))) {
      return [`${at} is no ${types.join(" or ")}`];
    }
    if (shape.enum !== undefined && !shape.enum.includes(value)) return [`${at} is another word`];
    if (typeof value === "string") return textFaults(shape, value, at);
    if (typeof value === "number") return numberFaults(shape, value, at);
    if (Array.isArray(value)) {
      const { items } = shape;
      if (items === undefined) return [`${at} has items that are not documented`];
      if (value.length > (shape.maxItems ?? Infinity)) return [`${at} has too many items`];
      return value.flatMap((item, index) => this.#check(items, item, `${at}/${index}`));
    }
    return value === null || typeof value !== "object" ? [] : this.#object(shape, value, at);
  }

  #object(shape: Shape, value: object, at: string): readonly string[] {
    const fields = shape.properties ?? {};
    const missing = (shape.required ?? []).filter((name) => !Object.hasOwn(value, name));
    return [
      ...missing.map((name) => `${at}/${name} is missing`),
      ...Object.entries(value).flatMap(([name, field]) => {
        const inner = Object.hasOwn(fields, name) ? fields[name] : undefined;
        if (inner === undefined) return [`${at}/${name} is not documented`];
        return this.#check(inner, field, `${at}/${name}`);
      }),
    ];
  }
}

function isOf(mediaType: string, documented: string): boolean {
  const bare = mediaType.split(";")[0]?.trim();
  const isFamily = documented.endsWith("/*");
  return isFamily ? bare?.startsWith(documented.slice(0, -1)) === true : bare === documented;
}

function isType(type: string, value: unknown): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isSafeInteger(value);
  if (type === "object")
    return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function textFaults({ pattern, format }: Shape, value: string, at: string): readonly string[] {
  if (pattern !== undefined && !new RegExp(pattern, "u").test(value)) return [`${at} has no form`];
  const isTime = format !== "date-time" || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
  return isTime ? [] : [`${at} is no time`];
}

function numberFaults({ minimum, maximum }: Shape, value: number, at: string): readonly string[] {
  const isWithin = value >= (minimum ?? -Infinity) && value <= (maximum ?? Infinity);
  return isWithin ? [] : [`${at} is out of range`];
}
