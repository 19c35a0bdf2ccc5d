/** The wire format of Protocol Buffers: fields by number, each with as much of its type as the bytes tell. */
import type { Budget } from "./budget.ts";

export type WireValue =
  /** An integer, as 64 bits without a sign; what it means (signed, zigzag, an enum, a bool) only the description tells. */
  | { wire: "varint"; value: bigint }
  | { wire: "fixed32" | "fixed64"; bytes: Uint8Array }
  /** A text, bytes, a message, or numbers that are packed. */
  | { wire: "delimited"; bytes: Uint8Array }
  /** A message between two tags, as proto2 has it: what is between them. */
  | { wire: "group"; bytes: Uint8Array };

export type WireField = WireValue & { number: number };

/** The largest number that a field can have. */
const maxNumber = 2 ** 29 - 1;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Undefined where the bytes are no message. Throws as `budget` does. */
export function readFields(bytes: Uint8Array, budget: Budget): WireField[] | undefined {
  const fields: WireField[] = [];
  for (let at = 0; at < bytes.length;) {
    const field = readField(bytes, at);
    if (field === undefined) return undefined;
    budget.spend(1);
    fields.push(field.field);
    at = field.end;
  }
  return fields;
}

interface Found {
  value: WireValue;
  /** Behind it. */
  end: number;
}

function readField(bytes: Uint8Array, at: number): { field: WireField; end: number } | undefined {
  const tag = readTag(bytes, at);
  if (tag === undefined) return undefined;
  const found =
    tag.wireType === 3 ? groupAt(bytes, tag.end, tag.number) : valueAt(bytes, tag.end, tag.wireType);
  return found && { field: { number: tag.number, ...found.value }, end: found.end };
}

function readTag(
  bytes: Uint8Array,
  at: number,
): { number: number; wireType: number; end: number } | undefined {
  const tag = varint(bytes, at);
  if (tag === undefined || tag.value > 0xffff_ffffn) return undefined;
  const number = Number(tag.value >> 3n);
  if (number === 0 || number > maxNumber) return undefined;
  return { number, wireType: Number(tag.value & 7n), end: tag.end };
}

function valueAt(bytes: Uint8Array, at: number, wireType: number): Found | undefined {
  switch (wireType) {
    case 0: {
      const found = varint(bytes, at);
      return found && { value: { wire: "varint", value: found.value }, end: found.end };
    }
    case 1:
      return bytesAt("fixed64", bytes, at, 8);
    case 2: {
      const length = varint(bytes, at);
      return length && bytesAt("delimited", bytes, length.end, Number(length.value));
    }
    case 5:
      return bytesAt("fixed32", bytes, at, 4);
    default:
      return undefined;
  }
}

function bytesAt(
  wire: "fixed32" | "fixed64" | "delimited",
  bytes: Uint8Array,
  start: number,
  length: number,
): Found | undefined {
  const end = start + length;
  return end > bytes.length ? undefined : { value: { wire, bytes: bytes.subarray(start, end) }, end };
}

/** Up to the tag that ends it; groups in it are gone through without recursion, as nothing limits their depth. */
function groupAt(bytes: Uint8Array, start: number, number: number): Found | undefined {
  const open = [number];
  for (let at = start; at < bytes.length;) {
    const tag = readTag(bytes, at);
    if (tag === undefined) return undefined;
    if (tag.wireType === 3) open.push(tag.number);
    else if (tag.wireType === 4) {
      if (open.pop() !== tag.number) return undefined;
      if (open.length === 0)
        return { value: { wire: "group", bytes: bytes.subarray(start, at) }, end: tag.end };
    }
    const isTagOnly = tag.wireType === 3 || tag.wireType === 4;
    const end = isTagOnly ? tag.end : valueAt(bytes, tag.end, tag.wireType)?.end;
    if (end === undefined) return undefined;
    at = end;
  }
  return undefined;
}

/** Integers that are packed; undefined where the bytes don't end with one. Throws as `budget` does. */
export function readVarints(bytes: Uint8Array, budget: Budget): bigint[] | undefined {
  const values: bigint[] = [];
  for (let at = 0; at < bytes.length;) {
    const found = varint(bytes, at);
    if (found === undefined) return undefined;
    budget.spend(1);
    values.push(found.value);
    at = found.end;
  }
  return values;
}

function varint(bytes: Uint8Array, from: number): { value: bigint; end: number } | undefined {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: from + i + 1 };
  }
  return undefined;
}

/** Undefined where the bytes are no UTF-8. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
