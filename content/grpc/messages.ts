/** The messages of a body of gRPC, gRPC-Web or Connect: each behind a byte of flags and its length. */

export interface GrpcMessage {
  /** Of the body: of its first byte, that of the flags, and behind its last. */
  start: number;
  end: number;
  /** As far as it has come. */
  bytes: Uint8Array;
  length: number;
  isCompressed: boolean;
  /** What ends the stream: trailers as header lines of gRPC-Web, JSON of Connect. */
  isEnd: boolean;
  /** All its bytes are there. */
  isWhole: boolean;
}

export interface GrpcMessages {
  messages: GrpcMessage[];
  /** Where what follows is none. */
  brokenAt?: number;
  /** Where the next would begin, of which it isn't known how long it is. */
  lostAt?: number;
}

const prefix = 5;
const compressed = 1;

/** `endFlag`: of the message that ends the stream. `missing`: of the body, where `bytes` stand for none. */
export function parseGrpc(
  bytes: Uint8Array,
  endFlag: number,
  missing: readonly { start: number; end: number }[] = [],
): GrpcMessages {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isMissing = (from: number, to: number) => missing.some(({ start, end }) => start < to && end > from);
  const messages: GrpcMessage[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = at + prefix;
    if (isMissing(at, Math.min(start, bytes.length))) return { messages, lostAt: at };
    const flags = view.getUint8(at);
    if ((flags & ~(compressed | endFlag)) !== 0) return { messages, brokenAt: at };
    if (start > bytes.length) break;
    const length = view.getUint32(at + 1);
    const end = start + length;
    messages.push({
      ...{ start: at, end, length, bytes: bytes.subarray(start, end) },
      isCompressed: (flags & compressed) !== 0,
      isEnd: (flags & endFlag) !== 0,
      isWhole: end <= bytes.length && !isMissing(start, end),
    });
    at = end;
  }
  return { messages };
}
