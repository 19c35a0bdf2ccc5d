/** JSON as the scanner gives it: long strings are places in the file, and objects have no prototype. */
export type Json = null | boolean | number | string | LongString | Json[] | JsonObject;

export interface JsonObject {
  [name: string]: Json;
}

/** What stands between a string's quotation marks, escapes and all: `length` bytes from `offset`. */
export class LongString {
  readonly offset: number;
  readonly length: number;
  /** Bytes that it stands for: as a text, and as base64. */
  readonly sizes: { readonly utf8: number; readonly base64: number };

  constructor(offset: number, length: number, sizes: LongString["sizes"]) {
    this.offset = offset;
    this.length = length;
    this.sizes = sizes;
  }
}

/** What stands at a path of names; undefined where nothing does, or something else than objects on the way. */
export function at(json: Json | undefined, ...path: string[]): Json | undefined {
  let here = json;
  for (const name of path) here = isObject(here) ? here[name] : undefined;
  return here;
}

export function stringAt(json: Json | undefined, ...path: string[]): string | undefined {
  const found = at(json, ...path);
  return typeof found === "string" ? found : undefined;
}

export function numberAt(json: Json | undefined, ...path: string[]): number | undefined {
  const found = at(json, ...path);
  return typeof found === "number" && Number.isFinite(found) ? found : undefined;
}

/** Of something that isn't a list: none. */
export function itemsAt(json: Json | undefined, ...path: string[]): Json[] {
  const found = at(json, ...path);
  return Array.isArray(found) ? found : [];
}

export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json) && !(json instanceof LongString);
}
