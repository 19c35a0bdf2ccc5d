import type { JsonEvents } from "./json-scanner.ts";
import type { Json, JsonObject, LongString } from "./json.ts";

/** Makes one value of what a scanner tells, from the value's first event to its last. */
export class JsonBuilder implements JsonEvents {
  /** When `isDone`. */
  result: Json = null;
  isDone = false;
  readonly #stack: (Json[] | JsonObject)[] = [];
  readonly #names: string[] = [];
  readonly #most: number;
  #size = 0;

  /** `most`: characters and values that it may have; beyond it throws `TooLarge`. */
  constructor(most: number) {
    this.#most = most;
  }

  begin(kind: "object" | "array"): void {
    const made = kind === "array" ? [] : (Object.create(null) as JsonObject);
    this.#put(made);
    this.#stack.push(made);
    this.isDone = false;
  }

  end(): void {
    this.#stack.pop();
    this.isDone = this.#stack.length === 0;
  }

  name(name: string): void {
    this.#count(name.length);
    this.#names[this.#stack.length] = name;
  }

  value(value: null | boolean | number | string | LongString): void {
    if (typeof value === "string") this.#count(value.length);
    this.#put(value);
  }

  #put(value: Json): void {
    this.#count(8);
    const inside = this.#stack.at(-1);
    if (inside === undefined) {
      this.result = value;
      this.isDone = true;
    } else if (Array.isArray(inside)) inside.push(value);
    else inside[this.#names[this.#stack.length]!] = value;
  }

  #count(size: number): void {
    this.#size += size;
    if (this.#size > this.#most) throw new TooLarge();
  }
}

export class TooLarge extends Error {}
