/** Protocol Buffers without their description: fields by their numbers, with what their bytes may be. */

export interface ProtobufField {
  number: number;
  value: ProtobufValue;
}

export type ProtobufValue =
  /** An integer as it was sent; what it means (signed, zigzag, an enum, a bool) only the description tells. */
  | { kind: "varint"; value: bigint }
  | { kind: "fixed32" | "fixed64"; bytes: Uint8Array }
  | { kind: "text"; text: string }
  /** Its bytes read as fields to the last. */
  | { kind: "message"; fields: ProtobufField[] }
  | { kind: "bytes"; bytes: Uint8Array };

const maxDepth = 20;
/** The largest number that a field can have. */
const maxNumber = 2 ** 29 - 1;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Undefined where the bytes are no message. */
export function parseProtobuf(bytes: Uint8Array, depth = 0): ProtobufField[] | undefined {
  const fields: ProtobufField[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length;) {
    const tag = varint(bytes, at);
    if (tag === undefined || tag.value > 0xffff_ffffn) return undefined;
    const number = Number(tag.value >> 3n);
    if (number === 0 || number > maxNumber) return undefined;
    const wireType = Number(tag.value & 7n);
    at = tag.end;
    if (wireType === 0) {
      const found = varint(bytes, at);
      if (found === undefined) return undefined;
      fields.push({ number, value: { kind: "varint", value: found.value } });
      at = found.end;
    } else if (wireType === 1 || wireType === 5) {
      const end = at + (wireType === 1 ? 8 : 4);
      if (end > view.byteLength) return undefined;
      const kind = wireType === 1 ? "fixed64" : "fixed32";
      fields.push({ number, value: { kind, bytes: bytes.subarray(at, end) } });
      at = end;
    } else if (wireType === 2) {
      const length = varint(bytes, at);
      if (length === undefined || length.value > BigInt(bytes.length - length.end)) return undefined;
      const end = length.end + Number(length.value);
      fields.push({ number, value: delimited(bytes.subarray(length.end, end), depth) });
      at = end;
    } else return undefined; // groups are of another age
  }
  return fields;
}

/** What most of such bytes are: text, if they are any; a message, if they read as one. */
function delimited(bytes: Uint8Array, depth: number): ProtobufValue {
  const text = textOf(bytes);
  if (text !== undefined) return { kind: "text", text };
  const fields = depth < maxDepth ? parseProtobuf(bytes, depth + 1) : undefined;
  return fields === undefined ? { kind: "bytes", bytes } : { kind: "message", fields };
}

/** Without control characters: the tags of a message's first fields are such. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(bytes);
    return /^[^\0-\x08\x0b\x0c\x0e-\x1f\x7f]*$/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
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

function valueText(value: Exclude<ProtobufValue, { kind: "message" }>): string {
  switch (value.kind) {
    case "varint":
      return value.value >> 63n ? `${BigInt.asIntN(64, value.value)}` : `${value.value}`;
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

function hexOf(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, 64), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return bytes.length > 64 ? `${shown} … (${bytes.length} in all)` : shown;
}
