/** The types of `google.protobuf` that JSON has a form of its own for. They need no descriptor. */
import type { Budget } from "./budget.ts";
import { jsonName } from "./descriptors.ts";
import { Fields } from "./fields.ts";
import { defaultOf, readScalar } from "./scalars.ts";
import { scalar, type Value } from "./value.ts";
import { readFields, type WireField, type WireValue } from "./wire.ts";

/** Reads a message that is in this one, by its type. */
type ReadMessage = (bytes: Uint8Array, type: string) => Value;

interface WellKnownType {
  /** How its fields are sent, by their numbers. */
  fields: Record<number, WireValue["wire"]>;
  /** Undefined where JSON has no form for what it says. */
  read(fields: Fields, read: ReadMessage, sent: readonly WireField[]): Value | undefined;
}

const prefix = "google.protobuf.";

const types: ReadonlyMap<string, WellKnownType> = new Map<string, WellKnownType>([
  ["Timestamp", { fields: { 1: "varint", 2: "varint" }, read: timestamp }],
  ["Duration", { fields: { 1: "varint", 2: "varint" }, read: duration }],
  ["FieldMask", { fields: { 1: "delimited" }, read: fieldMask }],
  ["Struct", { fields: { 1: "delimited" }, read: struct }],
  ["ListValue", { fields: { 1: "delimited" }, read: listValue }],
  [
    "Value",
    {
      fields: { 1: "varint", 2: "fixed64", 3: "delimited", 4: "varint", 5: "delimited", 6: "delimited" },
      read: anyValue,
    },
  ],
  ["Any", { fields: { 1: "delimited", 2: "delimited" }, read: any }],
  ["DoubleValue", wrapper("double", "fixed64")],
  ["FloatValue", wrapper("float", "fixed32")],
  ["Int64Value", wrapper("int64", "varint")],
  ["UInt64Value", wrapper("uint64", "varint")],
  ["Int32Value", wrapper("int32", "varint")],
  ["UInt32Value", wrapper("uint32", "varint")],
  ["BoolValue", wrapper("bool", "varint")],
  ["StringValue", wrapper("string", "delimited")],
  ["BytesValue", wrapper("bytes", "delimited")],
]);

/** Undefined where `type` is none of them, or the bytes are not as it has them. */
export function wellKnown(
  type: string,
  bytes: Uint8Array,
  budget: Budget,
  read: ReadMessage,
): Value | undefined {
  const known = type.startsWith(prefix) ? types.get(type.slice(prefix.length)) : undefined;
  const sent = known && readFields(bytes, budget);
  if (!sent?.every(({ number, wire }) => known?.fields[number] === wire)) return undefined;
  return known?.read(new Fields(sent), read, sent);
}

/** From the year 1 to 9999. */
const [earliest, latest] = [-62_135_596_800n, 253_402_300_799n];
/** As `duration.proto` has it: 10,000 years. */
const longest = 315_576_000_000n;
const nanosPerSecond = 1_000_000_000n;

function timestamp(fields: Fields): Value | undefined {
  const [seconds, nanos] = [fields.integer(1), fields.integer(2)];
  if (seconds < earliest || seconds > latest || nanos < 0 || nanos >= nanosPerSecond) return undefined;
  const [whole] = new Date(Number(seconds) * 1000).toISOString().split(".");
  return scalar(`${whole}${fraction(nanos)}Z`);
}

function duration(fields: Fields): Value | undefined {
  const [seconds, nanos] = [fields.integer(1), fields.integer(2)];
  const isNegative = seconds < 0 || nanos < 0;
  const [wholes, rest] = isNegative ? [-seconds, -nanos] : [seconds, nanos];
  if (wholes < 0 || rest < 0 || wholes > longest || rest >= nanosPerSecond) return undefined;
  return scalar(`${isNegative ? "-" : ""}${wholes}${fraction(rest)}s`);
}

/** In thousandths, millionths or billionths of a second. */
function fraction(nanos: bigint): string {
  const digits = String(nanos)
    .padStart(9, "0")
    .replace(/(?:000){1,3}$/, "");
  return digits === "" ? "" : `.${digits}`;
}

function fieldMask(fields: Fields): Value {
  const paths = fields.texts(1).map((path) => path.split(".").map(jsonName).join("."));
  return scalar(paths.join());
}

function struct(fields: Fields, read: ReadMessage): Value {
  const entries = fields.messages(1).map((entry): [string, Value] => {
    const [value = new Uint8Array(0)] = entry.all(2);
    return [entry.text(1), read(value, `${prefix}Value`)];
  });
  return { kind: "object", entries: [...new Map(entries)] };
}

function listValue(fields: Fields, read: ReadMessage): Value {
  return { kind: "list", items: fields.all(1).map((bytes) => read(bytes, `${prefix}Value`)) };
}

function anyValue(_: Fields, read: ReadMessage, sent: readonly WireField[]): Value | undefined {
  const last = sent.at(-1);
  if (last === undefined || last.number === 1) return scalar(null);
  if (last.number === 2) return readScalar("double", last);
  if (last.number === 4) return readScalar("bool", last);
  if (last.wire !== "delimited") return undefined;
  if (last.number === 3) return readScalar("string", last);
  return read(last.bytes, last.number === 5 ? `${prefix}Struct` : `${prefix}ListValue`);
}

function any(fields: Fields, read: ReadMessage): Value {
  const url = fields.text(1);
  const value = read(fields.all(2).at(-1) ?? new Uint8Array(0), url.slice(url.lastIndexOf("/") + 1));
  const type: [string, Value] = ["@type", scalar(url)];
  return {
    kind: "object",
    entries: value.kind === "object" ? [type, ...value.entries] : [type, ["value", value]],
  };
}

function wrapper(type: string, wire: WireValue["wire"]): WellKnownType {
  const read = (_: Fields, __: ReadMessage, sent: readonly WireField[]) => {
    const last = sent.at(-1);
    return last === undefined ? defaultOf(type) : readScalar(type, last);
  };
  return { fields: { 1: wire }, read };
}
