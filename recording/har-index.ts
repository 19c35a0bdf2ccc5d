import { JsonBuilder } from "./json-builder.ts";
import type { JsonEvents } from "./json-scanner.ts";
import type { Json, JsonObject, LongString } from "./json.ts";

/** Characters of one entry, its long strings apart. */
export const maxEntry = 4 * 1024 * 1024;
const maxAbout = 64 * 1024;

/** Of `log`, what is told as it stands. */
const aboutNames = ["creator", "browser", "_tinytap"];

/** What an object or array is, as far as it matters here. */
type Container = "root" | "log" | "entries" | "other";

/** Finds the entries of a HAR in what a scanner tells of the file. */
export class HarIndex implements JsonEvents {
  /** `creator`, `browser` and `_tinytap` of the log: of those that were read so far. */
  readonly about: JsonObject = Object.create(null) as JsonObject;
  hasEntries = false;
  /** Between the entries stands something that is none. */
  hasStrange = false;
  readonly #onEntry: (entry: Json, offset: number, length: number) => void;
  readonly #containers: Container[] = [];
  #name = "";
  #builder: JsonBuilder | undefined;
  /** Of what is being built: where it begins; and in `about`, its name. */
  #begun = 0;
  #aboutName: string | undefined;

  /** `onEntry`: an entry, and where it stands. */
  constructor(onEntry: (entry: Json, offset: number, length: number) => void) {
    this.#onEntry = onEntry;
  }

  begin(kind: "object" | "array", offset: number): void {
    const inside = this.#containers.at(-1);
    if (this.#builder === undefined && kind === "object") {
      if (inside === "entries") this.#build(maxEntry, offset, undefined);
      else if (inside === "log" && aboutNames.includes(this.#name)) this.#build(maxAbout, offset, this.#name);
    }
    if (this.#builder !== undefined) this.#builder.begin(kind);
    else {
      const container = this.#containerOf(kind, inside);
      if (inside === "entries") this.hasStrange = true;
      if (container === "entries") this.hasEntries = true;
      this.#containers.push(container);
    }
  }

  end(offset: number): void {
    const builder = this.#builder;
    if (builder === undefined) {
      this.#containers.pop();
      return;
    }
    builder.end();
    if (!builder.isDone) return;
    this.#builder = undefined;
    if (this.#aboutName !== undefined) this.about[this.#aboutName] = builder.result;
    else this.#onEntry(builder.result, this.#begun, offset - this.#begun);
  }

  name(name: string): void {
    if (this.#builder) this.#builder.name(name);
    else this.#name = name;
  }

  value(value: null | boolean | number | string | LongString): void {
    if (this.#builder) this.#builder.value(value);
    else if (this.#containers.at(-1) === "entries") this.hasStrange = true;
  }

  #containerOf(kind: "object" | "array", inside: Container | undefined): Container {
    if (inside === undefined) return kind === "object" ? "root" : "other";
    if (inside === "root" && kind === "object" && this.#name === "log") return "log";
    if (inside === "log" && kind === "array" && this.#name === "entries") return "entries";
    return "other";
  }

  #build(most: number, offset: number, aboutName: string | undefined): void {
    this.#builder = new JsonBuilder(most);
    this.#begun = offset;
    this.#aboutName = aboutName;
  }
}
