/** What one message of a call says, its compression off. */
import { prettyJson } from "../json.ts";
import { looksLikeText } from "../kind.ts";
import { TooManyValues } from "../protobuf/budget.ts";
import { parseProtobuf, protobufText } from "../protobuf/by-number.ts";
import { decodeMessage, Misfit } from "../protobuf/decode.ts";
import type { Descriptors } from "../protobuf/descriptors.ts";
import { jsonText } from "../protobuf/value.ts";

export interface MessageType {
  /** Full, e.g. `shop.v1.Order`. */
  name: string;
  descriptors: Descriptors;
}

export interface MessageContent {
  /** Absent where the bytes are no text, and none can be made of them. */
  text?: string;
  /** Of its type, where it was read by that. */
  name?: string;
  fault?: string;
}

/** `format`: as `Dialect` has it. `type`: where it is known. */
export function readContent(
  bytes: Uint8Array,
  format: string,
  type: MessageType | undefined,
): MessageContent {
  if (format === "proto") return readMessage(bytes, type);
  if (bytes.length > 0 && !looksLikeText(bytes)) return {};
  const text = new TextDecoder().decode(bytes);
  return { text: prettyJson(text) ?? text };
}

function readMessage(bytes: Uint8Array, type: MessageType | undefined): MessageContent {
  try {
    return type === undefined ? byNumber(bytes) : byType(bytes, type);
  } catch (error) {
    if (error instanceof TooManyValues) return { fault: `${error.message}: shown as bytes` };
    throw error;
  }
}

function byType(bytes: Uint8Array, { name, descriptors }: MessageType): MessageContent {
  try {
    return { text: jsonText(decodeMessage(bytes, name, descriptors)), name };
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    return { fault: `no ${name}: ${error.message}; its fields by number`, ...byNumber(bytes) };
  }
}

function byNumber(bytes: Uint8Array): MessageContent {
  const fields = parseProtobuf(bytes);
  return fields === undefined ? { fault: "no Protocol Buffers" } : { text: protobufText(fields) };
}
