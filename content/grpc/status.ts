/** How a call ended: the status that gRPC sends behind the messages. */
import type { Header, Response } from "../../protocol/exchange.ts";
import { codeName } from "../../protocol/grpc.ts";
import { joined } from "../bytes.ts";
import { headerOf } from "../headers.ts";
import { TooManyValues } from "../protobuf/budget.ts";
import { decodeMessage, Misfit } from "../protobuf/decode.ts";
import type { Descriptors } from "../protobuf/descriptors.ts";
import { Fields } from "../protobuf/fields.ts";
import { jsonText } from "../protobuf/value.ts";

export { codeName };

export interface GrpcStatus {
  code: number;
  /** Empty where it says no more. */
  message: string;
  /** A `google.rpc.Status`, where the server sent one. */
  details?: Uint8Array;
}

/** What is said of it: its message, and its details as JSON. */
export function statusText({ code, message, details }: GrpcStatus, descriptors: Descriptors): string {
  const all = details === undefined ? [] : Fields.of(details).all(3);
  const texts = all.map((detail) => detailText(detail, descriptors));
  // Some say OK twice.
  return [message === codeName(code) ? "" : message, ...texts].filter((text) => text !== "").join("\n");
}

function detailText(detail: Uint8Array, descriptors: Descriptors): string {
  try {
    return jsonText(decodeMessage(detail, "google.protobuf.Any", descriptors));
  } catch (error) {
    if (error instanceof Misfit || error instanceof TooManyValues)
      return `a detail that can't be read: ${error.message}`;
    throw error;
  }
}

/** From the trailers, or the headers of a response that is nothing but a status. */
export function statusOf({
  headers,
  trailers = [],
}: Pick<Response, "headers" | "trailers">): GrpcStatus | undefined {
  return statusIn(trailers) ?? statusIn(headers);
}

export function statusIn(lines: readonly Header[]): GrpcStatus | undefined {
  const code = headerOf(lines, "grpc-status");
  if (code === undefined || !/^\d+$/.test(code)) return undefined;
  const details = headerOf(lines, "grpc-status-details-bin");
  return {
    code: Number(code),
    message: percentDecoded(headerOf(lines, "grpc-message") ?? ""),
    ...(details !== undefined && { details: binaryValue(details) }),
  };
}

/** The trailers of gRPC-Web: lines as HTTP/1 has them. */
export function trailerLines(bytes: Uint8Array): Header[] {
  const text = new TextDecoder().decode(bytes);
  return text.split(/\r?\n/).flatMap((line): Header[] => {
    const colon = line.indexOf(":");
    return colon < 0 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]];
  });
}

function percentDecoded(text: string): string {
  const parts = Array.from(text.matchAll(/%([0-9a-f]{2})|[^%]+|%/gi), ([part, hex]) =>
    hex === undefined ? new TextEncoder().encode(part) : Uint8Array.of(Number.parseInt(hex, 16)),
  );
  return parts.length === 0 ? "" : new TextDecoder().decode(joined(parts));
}

/** Of a header whose name ends on `-bin`; nothing where it is no base64. */
function binaryValue(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array(0);
  }
}
