/** With which code a call by gRPC ended: its trailers or its head tell, and of gRPC-Web the last frame of its body. */
import { grpcCodeOf } from "../../protocol/grpc.ts";
import type { BodyRecorder } from "./body.ts";
import type { Message, ResponseHead } from "./captured-exchange.ts";

/** Bytes from the body's end in which the last frame is sought: whole groups of base64. */
const mostRead = 16_384;
/** Of the frame that holds trailers. */
const trailersFlag = 0x80;
/** Before each frame: its flags, and four bytes of length. */
const prefix = 5;

/** Undefined: it is no call by gRPC, has not ended, or doesn't tell. */
export function grpcStatusOf(
  { head: { headers }, trailers, body }: Message<ResponseHead>,
  contentType: string,
): number | undefined {
  const code = grpcCodeOf({ headers, ...(trailers !== undefined && { trailers }) });
  const [isWeb, isText] = /^application\/grpc-web(-text)?\b/i.exec(contentType) ?? [];
  if (code !== undefined || isWeb === undefined || body.end !== "complete") return code;
  const bytes = endOf(body);
  return bytes && codeAtEnd(isText === undefined ? bytes : decoded(bytes));
}

/** Undefined where some of it is missing. */
function endOf(body: BodyRecorder): Buffer | undefined {
  const parts = body.read(Math.max(body.size - mostRead, 0), body.size);
  const bytes = parts.flatMap((part) => ("bytes" in part ? [part.bytes] : []));
  return bytes.length === parts.length ? Buffer.concat(bytes) : undefined;
}

/** Base64 of pieces, each of which may end in padding of its own. */
function decoded(text: Buffer): Buffer {
  const pieces = text.toString("latin1").split(/(?<==)(?!=)/);
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece, "base64")));
}

/** Where the last frame begins isn't known, but that it reaches to the end. */
function codeAtEnd(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(trailersFlag); at >= 0; at = bytes.indexOf(trailersFlag, at + 1)) {
    const start = at + prefix;
    if (start > bytes.length) return undefined;
    if (bytes.readUInt32BE(at + 1) !== bytes.length - start) continue;
    const [, code] = /^grpc-status:[ \t]*(\d{1,9})[ \t]*\r?$/im.exec(bytes.toString("latin1", start)) ?? [];
    if (code !== undefined) return Number(code);
  }
  return undefined;
}
