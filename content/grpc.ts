/** The messages of a gRPC body, or a gRPC-Web one: each behind a byte of flags and its length. */

export interface GrpcMessage {
  /** Of the body. */
  end: number;
  /** As far as it has come. */
  bytes: Uint8Array;
  length: number;
  /** By the coding that `grpc-encoding` names. */
  isCompressed: boolean;
  /** The trailers, as gRPC-Web sends them: header lines. */
  isTrailers: boolean;
}

const prefix = 5;

/** As many as there are; `brokenAt`: where what follows is none. */
export function parseGrpc(bytes: Uint8Array): { messages: GrpcMessage[]; brokenAt?: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const messages: GrpcMessage[] = [];
  for (let at = 0; at + prefix <= bytes.length;) {
    const flags = view.getUint8(at);
    if ((flags & ~0x81) !== 0) return { messages, brokenAt: at };
    const length = view.getUint32(at + 1);
    const end = at + prefix + length;
    messages.push({
      ...{ end, length, bytes: bytes.subarray(at + prefix, end) },
      isCompressed: (flags & 1) !== 0,
      isTrailers: (flags & 0x80) !== 0,
    });
    at = end;
  }
  return { messages };
}
