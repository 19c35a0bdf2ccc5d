/** What one message of a call says, its compression off. */
import { prettyJson } from "../json.ts";
import { looksLikeText } from "../kind.ts";
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
  if (format !== "proto") {
    if (bytes.length > 0 && !looksLikeText(bytes)) return {};
    const text = new TextDecoder().decode(bytes);
    return { text: prettyJson(text) ?? text };
  }
  let fault: string | undefined;
  if (type !== undefined) {
    try {
      return { text: jsonText(decodeMessage(bytes, type.name, type.descriptors)), name: type.name };
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      fault = `no ${type.name}: ${error.message}; its fields by number`;
    }
  }
  const fields = parseProtobuf(bytes);
  if (fields === undefined) return { fault: "no Protocol Buffers" };
  return { text: protobufText(fields), ...(fault !== undefined && { fault }) };
}
