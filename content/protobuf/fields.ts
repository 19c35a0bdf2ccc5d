/** One message of a type that the program knows itself, read field by field. */
import { Budget } from "./budget.ts";
import { readFields, utf8Text, type WireField } from "./wire.ts";

export class Fields {
  readonly #fields: readonly WireField[];

  constructor(fields: readonly WireField[]) {
    this.#fields = fields;
  }

  /** Of bytes that are no message there are none. */
  static of(bytes: Uint8Array): Fields {
    return new Fields(readFields(bytes, new Budget(Infinity)) ?? []);
  }

  /** Of an integer; 0 where it wasn't sent. */
  integer(number: number): bigint {
    const field = this.#fields.findLast((each) => each.number === number);
    return field?.wire === "varint" ? BigInt.asIntN(64, field.value) : 0n;
  }

  text(number: number): string {
    return this.texts(number).at(-1) ?? "";
  }

  texts(number: number): string[] {
    return this.all(number).map((bytes) => utf8Text(bytes) ?? "");
  }

  /** Of bytes, or of a message: one after the other. */
  all(number: number): Uint8Array[] {
    return this.#fields.flatMap((each) =>
      each.number === number && each.wire === "delimited" ? [each.bytes] : [],
    );
  }

  messages(number: number): Fields[] {
    return this.all(number).map((bytes) => Fields.of(bytes));
  }

  has(number: number): boolean {
    return this.#fields.some((each) => each.number === number);
  }
}
