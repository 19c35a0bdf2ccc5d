/** Protocol Buffers without their description: fields by their numbers, with what their bytes may be. */
import { Budget } from "./budget.ts";
import { scalar, type Value } from "./value.ts";
import { readFields, utf8Text, type WireValue } from "./wire.ts";

export interface ProtobufField {
  number: number;
  value: ProtobufValue;
}

export type ProtobufValue =
  /** An integer as it was sent. */
  | { kind: "varint"; value: bigint }
  | { kind: "fixed32" | "fixed64"; bytes: Uint8Array }
  | { kind: "text"; text: string }
  /** Its bytes read as fields to the last. */
  | { kind: "message"; fields: ProtobufField[] }
  | { kind: "bytes"; bytes: Uint8Array };

const maxDepth = 20;

/** Undefined where the bytes are no message. Throws as `budget` does. */
export function parseProtobuf(
  bytes: Uint8Array,
  budget = new Budget(),
  depth = 0,
): ProtobufField[] | undefined {
  const fields = readFields(bytes, budget);
  return fields?.map((field) => ({ number: field.number, value: guess(field, budget, depth) }));
}

/** What most of such bytes are: text, if they are any; a message, if they read as one. */
function guess(value: WireValue, budget: Budget, depth: number): ProtobufValue {
  if (value.wire === "varint") return { kind: "varint", value: value.value };
  const { bytes } = value;
  if (value.wire === "fixed32" || value.wire === "fixed64") return { kind: value.wire, bytes };
  const text = value.wire === "delimited" ? plainText(bytes) : undefined;
  if (text !== undefined) return { kind: "text", text };
  const fields = depth < maxDepth ? parseProtobuf(bytes, budget, depth + 1) : undefined;
  return fields === undefined ? { kind: "bytes", bytes } : { kind: "message", fields };
}

/** Without control characters: the tags of a message's first fields are such. */
function plainText(bytes: Uint8Array): string | undefined {
  const text = utf8Text(bytes);
  return text !== undefined && /^[^\0-\x08\x0b\x0c\x0e-\x1f\x7f]*$/.test(text) ? text : undefined;
}

/** A message as lines, e.g. `1: 150` and `2: "testing"`; those of a message in it are indented. */
export function protobufText(fields: readonly ProtobufField[], indent = ""): string {
  return fields
    .map(({ number, value }) =>
      value.kind === "message"
        ? `${indent}${number}: {\n${protobufText(value.fields, `${indent}  `)}\n${indent}}`
        : `${indent}${number}: ${valueText(value)}`,
    )
    .join("\n");
}

/** One that the description of its message doesn't know. */
export function unknownValue(value: WireValue, budget: Budget): Value {
  return jsonValue(guess(value, budget, 0));
}

/** A message of which there is no description; undefined where the bytes are none. */
export function unknownMessage(bytes: Uint8Array, budget: Budget): Value | undefined {
  const fields = parseProtobuf(bytes, budget);
  return fields && jsonValue({ kind: "message", fields });
}

function jsonValue(value: ProtobufValue): Value {
  switch (value.kind) {
    case "message":
      return { kind: "object", entries: jsonEntries(value.fields) };
    case "varint":
      return scalar(signed(value.value));
    case "text":
      return scalar(value.text);
    default:
      return scalar(valueText(value));
  }
}

function jsonEntries(fields: readonly ProtobufField[]): [string, Value][] {
  const byNumber = new Map<number, Value[]>();
  for (const { number, value } of fields) {
    const items = byNumber.get(number);
    if (items === undefined) byNumber.set(number, [jsonValue(value)]);
    else items.push(jsonValue(value));
  }
  return [...byNumber].map(([number, items]) => [String(number), oneOrList(items)]);
}

/** Nothing tells whether a field may be repeated. */
export function oneOrList(items: Value[]): Value {
  return items.length === 1 ? items[0]! : { kind: "list", items };
}

function valueText(value: Exclude<ProtobufValue, { kind: "message" }>): string {
  switch (value.kind) {
    case "varint":
      return String(signed(value.value));
    case "text":
      return JSON.stringify(value.text);
    case "bytes":
      return `bytes ${hexOf(value.bytes)}`;
    case "fixed32":
    case "fixed64": {
      const { bytes } = value;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const [integer, float] =
        value.kind === "fixed32"
          ? [String(view.getUint32(0, true)), view.getFloat32(0, true)]
          : [String(view.getBigUint64(0, true)), view.getFloat64(0, true)];
      return `${integer} or ${float}`;
    }
  }
}

/** A negative number takes all 64 bits. */
function signed(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

function hexOf(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, 64), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return bytes.length > 64 ? `${shown} … (${bytes.length} in all)` : shown;
}
