/** A message by the descriptor of its type, as JSON. */
import { joined } from "../bytes.ts";
import { Budget } from "./budget.ts";
import { oneOrList, unknownMessage, unknownValue } from "./by-number.ts";
import type { Descriptors, FieldDescriptor, MessageDescriptor } from "./descriptors.ts";
import { defaultOf, readScalar, readScalars, unpacked } from "./scalars.ts";
import { scalar, type Value } from "./value.ts";
import { wellKnown } from "./well-known.ts";
import { readFields, type WireField, type WireValue } from "./wire.ts";

/** Why a message is none of its type: words that follow its name. */
export class Misfit extends Error {}

/** As every implementation of Protocol Buffers has it. */
const maxDepth = 100;

/**
 * `type`: its full name. Throws Misfit where the bytes are no such message, as of an older or a newer descriptor; and
 * TooManyValues.
 */
export function decodeMessage(bytes: Uint8Array, type: string, descriptors: Descriptors): Value {
  return new Decoder(descriptors).message(bytes, type, 0);
}

class Decoder {
  readonly #descriptors: Descriptors;
  readonly #budget = new Budget();

  constructor(descriptors: Descriptors) {
    this.#descriptors = descriptors;
  }

  /** Of a type of which nothing is known the fields are by number. */
  message(bytes: Uint8Array, type: string, depth: number): Value {
    if (depth > maxDepth) throw new Misfit(`its messages are nested more than ${maxDepth} deep`);
    const known = wellKnown(type, bytes, this.#budget, (of, name) => this.message(of, name, depth + 1));
    if (known !== undefined) return known;
    const descriptor = this.#descriptors.messages.get(type);
    if (descriptor === undefined) {
      const value = unknownMessage(bytes, this.#budget);
      if (value === undefined) throw new Misfit("its bytes are no message");
      return value;
    }
    return { kind: "object", entries: this.#entries(bytes, descriptor, depth) };
  }

  #entries(bytes: Uint8Array, descriptor: MessageDescriptor, depth: number): [string, Value][] {
    const fields = readFields(bytes, this.#budget);
    if (fields === undefined) throw new Misfit("its bytes are no message");
    return [...byNumber(fields, descriptor)].map(([number, values]) => {
      const field = descriptor.fields.get(number);
      if (field === undefined)
        return [String(number), oneOrList(values.map((value) => unknownValue(value, this.#budget)))];
      const value = this.#field(field, values, depth);
      if (value === undefined)
        throw new Misfit(`field ${number} (${field.name}) is no ${field.typeName || field.type}`);
      return [field.name, value];
    });
  }

  /** Undefined where it was not sent as its type is. */
  #field(field: FieldDescriptor, values: WireValue[], depth: number): Value | undefined {
    if (field.type === "message" || field.type === "group") return this.#messages(field, values, depth);
    const read = (value: WireValue) => this.#scalars(field, value);
    const all = values.map(read);
    if (!all.every((each) => each !== undefined)) return undefined;
    const items = all.flat();
    return field.isRepeated ? { kind: "list", items } : items.at(-1);
  }

  #scalars(field: FieldDescriptor, value: WireValue): Value[] | undefined {
    if (field.type === "enum") return this.#enums(field, value);
    if (field.isRepeated) return readScalars(field.type, value, this.#budget);
    const one = readScalar(field.type, value);
    return one && [one];
  }

  #enums(field: FieldDescriptor, value: WireValue): Value[] | undefined {
    const isPacked = field.isRepeated && value.wire === "delimited";
    const parts = isPacked ? unpacked("varint", value.bytes, this.#budget) : [value];
    const names = this.#descriptors.enums.get(field.typeName);
    return parts?.every((part) => part.wire === "varint")
      ? parts.map((part) => {
          const number = Number(BigInt.asIntN(32, part.value));
          return scalar(names?.get(number) ?? number);
        })
      : undefined;
  }

  #messages(field: FieldDescriptor, values: WireValue[], depth: number): Value | undefined {
    const all: Uint8Array[] = [];
    for (const value of values) {
      if (value.wire !== "delimited" && value.wire !== "group") return undefined;
      all.push(value.bytes);
    }
    const read = (bytes: Uint8Array) => this.message(bytes, field.typeName, depth + 1);
    const descriptor = this.#descriptors.messages.get(field.typeName);
    if (descriptor?.isMapEntry) return this.#map(all, descriptor, depth);
    // Of one that isn't repeated the parts are merged, which is what their bytes, one behind the other, mean.
    return field.isRepeated ? { kind: "list", items: all.map(read) } : read(joined(all));
  }

  #map(all: Uint8Array[], descriptor: MessageDescriptor, depth: number): Value {
    const byKey = new Map<string, Value>();
    for (const bytes of all) {
      const entry = new Map(this.#entries(bytes, descriptor, depth + 1));
      const [key, value] = [1, 2].map((number) => {
        const field = descriptor.fields.get(number);
        return field && (entry.get(field.name) ?? this.#absent(field, depth + 1));
      });
      byKey.set(key?.kind === "scalar" ? String(key.value) : "", value ?? scalar(null));
    }
    return { kind: "object", entries: [...byKey] };
  }

  /** What a field of a map's entry is that was not sent. */
  #absent(field: FieldDescriptor, depth: number): Value {
    if (field.type === "message") return this.message(new Uint8Array(0), field.typeName, depth);
    if (field.type === "enum") return scalar(this.#descriptors.enums.get(field.typeName)?.get(0) ?? 0);
    return defaultOf(field.type);
  }
}

/** In the order in which they first came; of a oneof the last that was sent. */
function byNumber(fields: readonly WireField[], descriptor: MessageDescriptor): Map<number, WireValue[]> {
  const all = new Map<number, WireValue[]>();
  /** By the oneof's name. */
  const set = new Map<string, number>();
  for (const field of fields) {
    const { number } = field;
    const oneof = descriptor.fields.get(number)?.oneof;
    if (oneof !== undefined) {
      const before = set.get(oneof);
      if (before !== undefined && before !== number) all.delete(before);
      set.set(oneof, number);
    }
    const values = all.get(number);
    if (values === undefined) all.set(number, [field]);
    else values.push(field);
  }
  return all;
}
