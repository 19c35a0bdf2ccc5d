/** The simple types of Protocol Buffers: how each is sent, and what JSON makes of it. */
import type { Budget } from "./budget.ts";
import { scalar, type Value } from "./value.ts";
import { readVarints, utf8Text, type WireValue } from "./wire.ts";

interface ScalarType {
  wire: WireValue["wire"];
  /** Undefined where the bytes are none. */
  read(value: WireValue): Value | undefined;
}

const varintOf = (read: (value: bigint) => Value): ScalarType => ({
  wire: "varint",
  read: (value) => (value.wire === "varint" ? read(value.value) : undefined),
});
const fixedOf = (wire: "fixed32" | "fixed64", read: (view: DataView) => Value): ScalarType => ({
  wire,
  read: (value) => (value.wire === wire ? read(viewOf(value.bytes)) : undefined),
});
const bytesOf = (read: (bytes: Uint8Array) => Value | undefined): ScalarType => ({
  wire: "delimited",
  read: (value) => (value.wire === "delimited" ? read(value.bytes) : undefined),
});

/** As JSON has them: those of 64 bits are texts, as a number there need not hold them. */
const scalarTypes: ReadonlyMap<string, ScalarType> = new Map([
  ["double", fixedOf("fixed64", (view) => float(view.getFloat64(0, true)))],
  ["float", fixedOf("fixed32", (view) => float(shortest(view.getFloat32(0, true))))],
  ["int32", varintOf((value) => scalar(Number(BigInt.asIntN(32, value))))],
  ["int64", varintOf((value) => scalar(String(BigInt.asIntN(64, value))))],
  ["uint32", varintOf((value) => scalar(Number(BigInt.asUintN(32, value))))],
  ["uint64", varintOf((value) => scalar(String(value)))],
  ["sint32", varintOf((value) => scalar(Number(BigInt.asIntN(32, zigzag(value)))))],
  ["sint64", varintOf((value) => scalar(String(zigzag(value))))],
  ["bool", varintOf((value) => scalar(value !== 0n))],
  ["fixed32", fixedOf("fixed32", (view) => scalar(view.getUint32(0, true)))],
  ["fixed64", fixedOf("fixed64", (view) => scalar(String(view.getBigUint64(0, true))))],
  ["sfixed32", fixedOf("fixed32", (view) => scalar(view.getInt32(0, true)))],
  ["sfixed64", fixedOf("fixed64", (view) => scalar(String(view.getBigInt64(0, true))))],
  ["bytes", bytesOf((bytes) => scalar(base64(bytes)))],
  [
    "string",
    bytesOf((bytes) => {
      const text = utf8Text(bytes);
      return text === undefined ? undefined : scalar(text);
    }),
  ],
]);

/** Undefined where the value was not sent as this type is, or there is no such type. */
export function readScalar(type: string, value: WireValue): Value | undefined {
  return scalarTypes.get(type)?.read(value);
}

/** What a field of this type is that was not sent. */
export function defaultOf(type: string): Value {
  const wire = scalarTypes.get(type)?.wire;
  const zero: WireValue =
    wire === "fixed32" || wire === "fixed64"
      ? { wire, bytes: new Uint8Array(8).subarray(wire === "fixed32" ? 4 : 0) }
      : wire === "varint"
        ? { wire, value: 0n }
        : { wire: "delimited", bytes: new Uint8Array(0) };
  return readScalar(type, zero) ?? scalar(null);
}

/** Of a repeated field: one, or several that are packed. Undefined as for one. */
export function readScalars(type: string, value: WireValue, budget: Budget): Value[] | undefined {
  const wire = scalarTypes.get(type)?.wire;
  const parts =
    value.wire === "delimited" && wire !== "delimited" ? unpacked(wire, value.bytes, budget) : [value];
  const read = parts?.map((part) => readScalar(type, part));
  return read?.every((each) => each !== undefined) ? read : undefined;
}

/** Several of the size that `wire` has. */
export function unpacked(
  wire: WireValue["wire"] | undefined,
  bytes: Uint8Array,
  budget: Budget,
): WireValue[] | undefined {
  if (wire === "varint") return readVarints(bytes, budget)?.map((value) => ({ wire, value }));
  if (wire !== "fixed32" && wire !== "fixed64") return undefined;
  const size = wire === "fixed32" ? 4 : 8;
  if (bytes.length % size !== 0) return undefined;
  budget.spend(bytes.length / size);
  return Array.from({ length: bytes.length / size }, (_, i) => ({
    wire,
    bytes: bytes.subarray(i * size, (i + 1) * size),
  }));
}

function zigzag(value: bigint): bigint {
  return (value >> 1n) ^ -(value & 1n);
}

function float(value: number): Value {
  return scalar(Number.isFinite(value) ? value : String(value));
}

/** The shortest number of decimal digits that is this one of 32 bits: 0.1 and not 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

function base64(bytes: Uint8Array): string {
  const characters = Array.from(bytes, (byte) => String.fromCharCode(byte));
  return btoa(characters.join(""));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
